//! Publications as they are stored, changed, listed and withdrawn.

use crate::world::*;
use balado_domain::deposit::{DepositState, RenditionKind};
use balado_domain::publication::{Link, Publication, PublicationState, Stage};
use balado_domain::{Audience, AudienceTarget, PublicationId, Timestamp, Viewer};
use balado_store::publications::{self, PublicationFilter, SetEnclosure};
use balado_store::{Error, renditions};

fn get(world: &World, id: PublicationId) -> Publication {
    world.read(|conn| publications::get_for(conn, &Viewer::System, id, at(NOW)))
}

fn ids(list: &[Publication]) -> Vec<PublicationId> {
    list.iter().map(|publication| publication.id).collect()
}

both_engines!(a_publication_comes_back_as_it_was_stored, |world| {
    let lou = world.person("lou");
    let (fifth, sixth) = (world.group("5eB"), world.group("6eA"));
    let companions = [world.deposit(lou, DepositState::Ready), world.deposit(lou, DepositState::Ready)];
    let stored = world.publication(lou, Audience::groups([fifth, sixth]), |publication| {
        publication.audience.add(AudienceTarget::Person(lou));
        publication.audience.add(AudienceTarget::School(world.school.id));
        publication.audience.add(AudienceTarget::Public);
        publication.tags = vec!["géologie".to_owned(), "svt".to_owned()];
        publication.links = vec![
            Link { url: "https://b.example".to_owned(), label: String::new() },
            Link { url: "https://a.example".to_owned(), label: "A".to_owned() },
        ];
        publication.companions = vec![companions[1], companions[0]];
        publication.hold_reason = Some("consent-missing".to_owned());
        publication.until = Some(at(1000));
        publication.withdrawn_at = Some(at(2000));
    });
    let mut read = get(world, stored.id);
    // Audiences have no order; everything else does.
    let mut expected = stored.clone();
    let key = |target: &AudienceTarget| format!("{target:?}");
    read.audience.targets.sort_by_key(key);
    expected.audience.targets.sort_by_key(key);
    assert_eq!(read, expected);
    assert_eq!(get(world, stored.id), get(world, stored.id), "and in the same order every time");
});

both_engines!(an_edit_replaces_what_an_author_may_change_and_nothing_else, |world| {
    let lou = world.person("lou");
    let group = world.group("5eB");
    let stored = world.publication(lou, Audience::groups([group]), |publication| {
        publication.tags = vec!["vieux".to_owned()];
    });
    let edit = Publication {
        title: "Les séismes".to_owned(),
        description: String::new(),
        tags: vec!["neuf".to_owned()],
        links: vec![Link { url: "https://a.example".to_owned(), label: "A".to_owned() }],
        audience: Audience { targets: vec![AudienceTarget::Public] },
        until: Some(at(50)),
        updated_at: at(1),
        // What must not move:
        file_name: Some("moved.mp3".to_owned()),
        enclosure: None,
        created_at: at(77),
        ..stored.clone()
    };
    assert_eq!(world.write(|tx| publications::update(tx, &edit)), 2);
    let expected = Publication {
        revision: 2,
        file_name: stored.file_name.clone(),
        enclosure: stored.enclosure.clone(),
        created_at: stored.created_at,
        ..edit.clone()
    };
    assert_eq!(get(world, stored.id), expected);
    let stale = world.try_write(|tx| publications::update(tx, &edit)).unwrap_err();
    assert!(stale.is_conflict_on("publications(revision)"), "an edit of what was changed meanwhile");
    let unknown = Publication { id: fresh!(PublicationId), ..edit };
    let unknown = world.try_write(|tx| publications::update(tx, &unknown));
    assert!(matches!(unknown, Err(Error::NotFound("publication"))));
});

both_engines!(edits_at_once_never_lose_one_another, |world| {
    let stored = world.publication(world.person("lou"), Audience::default(), |_| {});
    let kept: i64 = std::thread::scope(|scope| {
        let edits: Vec<_> = (0..6)
            .map(|n| {
                let edit = Publication { title: format!("titre {n}"), ..stored.clone() };
                scope.spawn(move || i64::from(world.try_write(|tx| publications::update(tx, &edit)).is_ok()))
            })
            .collect();
        edits.into_iter().map(|edit| edit.join().unwrap()).sum()
    });
    assert_eq!(kept, 1);
    assert_eq!(get(world, stored.id).revision, 2);
});

both_engines!(an_enclosure_is_chosen_once_and_for_ever, |world| {
    let lou = world.person("lou");
    let deposit = world.deposit(lou, DepositState::Received);
    let awaiting = Publication {
        stage: Stage::AwaitingMedia,
        pub_date: None,
        file_name: None,
        ..a_publication(world, deposit, lou, Audience::default())
    };
    world.write(|tx| publications::insert(tx, &awaiting));
    assert_eq!(world.read(|conn| publications::list_awaiting(conn, deposit)), [awaiting.id]);
    let rendition = world.rendition(deposit, RenditionKind::Mp3);
    let chosen = SetEnclosure {
        rendition_id: rendition.id,
        pub_date: at(3),
        file_name: "les-volcans.mp3",
        stage: Stage::Offered,
        at: at(3),
    };
    world.write(|tx| publications::set_enclosure(tx, awaiting.id, &chosen));
    assert!(world.read(|conn| publications::list_awaiting(conn, deposit)).is_empty());
    let offered = get(world, awaiting.id);
    assert_eq!(offered.enclosure, Some(enclosure(&rendition)));
    assert_eq!((offered.stage, offered.pub_date, offered.revision), (Stage::Offered, Some(at(3)), 2));
    let again = world.try_write(|tx| publications::set_enclosure(tx, awaiting.id, &chosen)).unwrap_err();
    assert!(again.is_conflict_on("publications(enclosure_id)"));
    let unknown = world.try_write(|tx| publications::set_enclosure(tx, fresh!(PublicationId), &chosen));
    assert!(matches!(unknown, Err(Error::NotFound("publication"))));
});

both_engines!(a_file_name_is_unique_in_its_school_year, |world| {
    let lou = world.person("lou");
    let taken = |year, name: &str| world.read(|conn| publications::file_name_taken(conn, year, name));
    world.publication(lou, Audience::default(), |p| p.file_name = Some("volcans.mp3".to_owned()));
    assert!(taken(world.year.id, "volcans.mp3"));
    assert!(!taken(world.year.id, "volcans-2.mp3"));
    assert!(!taken(world.another_school().1.id, "volcans.mp3"));
    let deposit = world.deposit(lou, DepositState::Ready);
    let twin = Publication {
        file_name: Some("volcans.mp3".to_owned()),
        ..a_publication(world, deposit, lou, Audience::default())
    };
    let collision = world.try_write(|tx| publications::insert(tx, &twin)).unwrap_err();
    assert!(collision.is_conflict_on("publications(school_year_id,file_name)"), "{collision:?}");
    for _ in 0..2 {
        let nameless = Publication { id: fresh!(PublicationId), file_name: None, ..twin.clone() };
        world.write(|tx| publications::insert(tx, &nameless));
    }
});

both_engines!(a_withdrawal_keeps_its_first_date_and_the_source, |world| {
    let lou = world.person("lou");
    let stored = world.publication(lou, Audience::default(), |_| {});
    world.write(|tx| publications::set_withdrawn(tx, stored.id, at(5)));
    world.write(|tx| publications::set_withdrawn(tx, stored.id, at(9)));
    let withdrawn = get(world, stored.id);
    assert_eq!(
        (withdrawn.stage, withdrawn.withdrawn_at, withdrawn.revision),
        (Stage::Withdrawn, Some(at(5)), 2)
    );
    assert_eq!(withdrawn.deposit_id, stored.deposit_id);
    let unknown = world.try_write(|tx| publications::set_withdrawn(tx, fresh!(PublicationId), at(5)));
    assert!(matches!(unknown, Err(Error::NotFound("publication"))));
});

both_engines!(an_author_lists_their_own_at_every_stage_page_by_page, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    for (minute, stage) in [Stage::Draft, Stage::Held, Stage::Offered, Stage::Withdrawn].iter().enumerate() {
        world.publication(lou, Audience::default(), |publication| {
            publication.stage = *stage;
            publication.created_at = at(60 * i64::try_from(minute).unwrap());
        });
    }
    world.publication(max, Audience::default(), |_| {});
    let viewer = world.as_person(lou);
    let page = |before| world.read(|conn| publications::list_for_author(conn, &viewer, 3, before));
    let first = page(None);
    assert_eq!(
        first.iter().map(|p| p.stage).collect::<Vec<_>>(),
        [Stage::Withdrawn, Stage::Offered, Stage::Held]
    );
    let second = page(first.last().map(|p| (p.created_at, p.id)));
    assert_eq!(second.iter().map(|p| p.stage).collect::<Vec<_>>(), [Stage::Draft]);
    for nobody in [Viewer::Anonymous, Viewer::System, world.as_guardian(max, lou)] {
        let list = world.read(|conn| publications::list_for_author(conn, &nobody, 9, None));
        assert!(list.is_empty());
    }
});

both_engines!(the_publications_of_a_deposit_are_told_to_their_author, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let shown = world.publication(lou, Audience::default(), |_| {});
    let again = Publication {
        stage: Stage::Draft,
        ..a_publication(world, shown.deposit_id, lou, Audience { targets: vec![AudienceTarget::Public] })
    };
    world.write(|tx| publications::insert(tx, &again));
    let mut both = [shown.id, again.id];
    both.sort();
    let list =
        |viewer: &Viewer| world.read(|conn| publications::list_of_deposit(conn, viewer, shown.deposit_id));
    assert_eq!(list(&world.as_person(lou)), both);
    assert_eq!(list(&Viewer::System), both);
    for other in [world.as_person(max), world.as_guardian(max, lou), Viewer::Anonymous] {
        assert_eq!(list(&other), []);
    }
});

both_engines!(what_is_new_is_listed_newest_first_within_its_filters, |world| {
    let (fifth, sixth) = (world.group("5eB"), world.group("6eA"));
    let lou = world.teacher("lou", fifth);
    let pupil = world.pupil("zoe", fifth);
    world.member(pupil, world.school.id, balado_domain::people::Role::Pupil, Some(sixth));
    let publish = |group, seconds| {
        let audience = Audience::groups([group]);
        world.publication(lou, audience, |publication| publication.pub_date = Some(at(seconds))).id
    };
    let (a, b, c, d) = (publish(fifth, -30), publish(sixth, -20), publish(fifth, -20), publish(fifth, -10));
    let viewer = world.as_person(pupil);
    let list = |filter: PublicationFilter, limit, before: Option<(Timestamp, PublicationId)>| {
        world.read(|conn| publications::list_visible(conn, &viewer, &filter, limit, before, at(NOW)))
    };
    let all = list(PublicationFilter::default(), 10, None);
    let mut tied = [b, c];
    tied.sort();
    assert_eq!(ids(&all), [d, tied[1], tied[0], a]);
    let mut paged = Vec::new();
    while let [publication] = &list(
        PublicationFilter::default(),
        1,
        paged.last().map(|p: &Publication| (p.pub_date.unwrap(), p.id)),
    )[..]
    {
        paged.push(publication.clone());
    }
    assert_eq!(paged, all, "one by one is the same list");
    let fifths = PublicationFilter { group: Some(fifth), ..PublicationFilter::default() };
    assert_eq!(ids(&list(fifths, 10, None)), [d, c, a]);
    let since =
        PublicationFilter { since: Some(at(-20)), group: Some(fifth), ..PublicationFilter::default() };
    assert_eq!(ids(&list(since, 10, None)), [d, c]);
    let elsewhere =
        PublicationFilter { school: Some(world.another_school().0.id), ..PublicationFilter::default() };
    assert!(list(elsewhere, 10, None).is_empty());
    let feed = world.read(|conn| publications::list_of_feed(conn, &viewer, fifth, at(NOW)));
    assert_eq!(ids(&feed), [d, c, a]);
});

both_engines!(a_feeds_boundaries_are_the_dates_around_an_instant, |world| {
    let group = world.group("5eB");
    let lou = world.teacher("lou", group);
    let publish = |from, until: Option<i64>, stage| {
        world.publication(lou, Audience::groups([group]), |publication| {
            publication.publish_at = at(from);
            publication.until = until.map(at);
            publication.stage = stage;
        });
    };
    let around = |group, now| world.read(|conn| publications::boundaries(conn, group, at(now)));
    assert_eq!(around(group, 0), (None, None));
    publish(10, Some(40), Stage::Offered);
    publish(20, None, Stage::Offered);
    publish(15, Some(18), Stage::Draft);
    publish(16, Some(17), Stage::Withdrawn);
    assert_eq!(around(group, 9), (None, Some(at(10))));
    assert_eq!(around(group, 10), (Some(at(10)), Some(at(20))), "an instant has begun once it is reached");
    assert_eq!(around(group, 19), (Some(at(10)), Some(at(20))));
    assert_eq!(around(group, 20), (Some(at(20)), Some(at(40))));
    assert_eq!(around(group, 40), (Some(at(40)), None));
    assert_eq!(around(world.group("6eA"), 20), (None, None));
});

both_engines!(the_statements_say_of_every_stage_and_date_what_the_domain_says, |world| {
    let group = world.group("5eB");
    let lou = world.teacher("lou", group);
    let pupil = world.as_person(world.pupil("zoe", group));
    let mut all = Vec::new();
    for &stage in Stage::ALL {
        for publish_at in [-10, 0, 10] {
            for until in [None, Some(-5), Some(0), Some(1), Some(20)] {
                all.push(world.publication(lou, Audience::groups([group]), |publication| {
                    publication.stage = stage;
                    publication.publish_at = at(publish_at);
                    publication.until = until.map(at);
                }));
            }
        }
    }
    for now in [-11, -10, -5, -1, 0, 1, 9, 10, 20] {
        let now = at(now);
        let wanted: Vec<PublicationId> = ids(&all);
        let mut shown = ids(&world.read(|conn| publications::get_many_for(conn, &pupil, &wanted, now)));
        let mut expected: Vec<PublicationId> = all
            .iter()
            .filter(|publication| publication.state_at(now) == PublicationState::Published)
            .map(|publication| publication.id)
            .collect();
        shown.sort();
        expected.sort();
        assert_eq!(shown, expected, "at {now}");
        let mut fed = ids(&world.read(|conn| publications::list_of_feed(conn, &pupil, group, now)));
        fed.sort();
        assert_eq!(fed, expected, "in the feed at {now}");
    }
});

both_engines!(outputs_are_seen_through_a_publication_while_it_is_visible, |world| {
    let group = world.group("5eB");
    let lou = world.teacher("lou", group);
    let companion = world.deposit(lou, DepositState::Ready);
    world.rendition(companion, RenditionKind::Pdf);
    let stranger = world.deposit(lou, DepositState::Ready);
    world.rendition(stranger, RenditionKind::Mp3);
    let shown = world.publication(lou, Audience::groups([group]), |publication| {
        publication.publish_at = at(0);
        publication.until = Some(at(10));
        publication.companions = vec![companion];
    });
    let pupil = world.as_person(world.pupil("zoe", group));
    let other = world.as_person(world.pupil("far", world.group("6eA")));
    let sees = |viewer: &Viewer, deposit, kind, now| {
        let one = world.try_read(|conn| renditions::get_for(conn, viewer, deposit, kind, at(now))).is_ok();
        let listed = world.read(|conn| renditions::list_of_deposit(conn, viewer, deposit, at(now)));
        assert_eq!(one, !listed.is_empty());
        one
    };
    for (deposit, kind) in [(shown.deposit_id, RenditionKind::Mp3), (companion, RenditionKind::Pdf)] {
        let at_instants = |viewer: &Viewer| [-1, 0, 9, 10].map(|now| sees(viewer, deposit, kind, now));
        assert_eq!(at_instants(&pupil), [false, true, true, false]);
        assert_eq!(at_instants(&other), [false; 4]);
        assert_eq!(at_instants(&Viewer::Anonymous), [false; 4]);
        assert_eq!(at_instants(&world.as_person(lou)), [true; 4], "the owner always");
    }
    assert!(!sees(&pupil, stranger, RenditionKind::Mp3, 5));
});
