//! Feeds, subscriptions, their tokens, and counted downloads.

use crate::world::*;
use balado_domain::deposit::RenditionKind;
use balado_domain::feed::{Feed, FeedScope, Fetch, Subscription, TokenPurpose};
use balado_domain::{Audience, GroupId, PersonId, Viewer};
use balado_store::{Error, calendars, feeds, fetches, subscriptions};
use std::sync::Barrier;
use uuid::Uuid;

fn feed_of(world: &World, group: GroupId) -> Feed {
    let scope = FeedScope::Group(group);
    world.write(|tx| feeds::ensure(tx, scope, world.school.id, Uuid::from_u128(7), at(0)))
}

fn subscribe(world: &World, feed: &Feed, holder: PersonId, beneficiary: PersonId) -> Subscription {
    let subscription = Subscription {
        id: fresh!(SubscriptionId),
        school_id: world.school.id,
        holder_id: holder,
        beneficiary_id: beneficiary,
        feed_id: feed.id,
        label: "Téléphone".to_owned(),
        generation: 1,
        created_at: at(0),
        revoked_at: None,
        last_polled_at: None,
    };
    world.write(|tx| subscriptions::insert(tx, &subscription));
    subscription
}

both_engines!(a_feed_is_made_once_and_keeps_its_guid, |world| {
    let group = world.group("5eB");
    let feed = feed_of(world, group);
    assert_eq!((feed.revision, feed.scope, feed.guid), (1, FeedScope::Group(group), Uuid::from_u128(7)));
    let again = world
        .write(|tx| feeds::ensure(tx, FeedScope::Group(group), world.school.id, Uuid::from_u128(8), at(9)));
    assert_eq!(again, feed);
    let made: Vec<Feed> = std::thread::scope(|scope| {
        let other = world.group("6eA");
        let tries: Vec<_> = (0..6).map(|_| scope.spawn(move || feed_of(world, other))).collect();
        tries.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    assert!(made.iter().all(|feed| feed == &made[0]), "also when many make it at once");
});

both_engines!(a_feeds_revision_grows_with_each_change, |world| {
    let (fifth, sixth, none) = (world.group("5eB"), world.group("6eA"), world.group("4eC"));
    let feed = feed_of(world, fifth);
    feed_of(world, sixth);
    let scopes = [fifth, sixth, none, fifth].map(FeedScope::Group);
    world.write(|tx| feeds::bump(tx, &scopes, at(5)));
    let now = world.read(|conn| feeds::get_for(conn, &Viewer::System, feed.id));
    assert_eq!((now.revision, now.revised_at), (2, at(5)), "once, even when named twice");
    std::thread::scope(|scope| {
        for turn in 0..4 {
            let mut scopes = scopes.to_vec();
            scopes.rotate_left(turn);
            scope.spawn(move || {
                for _ in 0..10 {
                    world.write(|tx| feeds::bump(tx, &scopes, at(6)));
                }
            });
        }
    });
    let revision = world.read(|conn| feeds::get_for(conn, &Viewer::System, feed.id)).revision;
    assert_eq!(revision, 42, "no change is lost, and none waits for ever");
});

both_engines!(an_old_address_is_told_from_an_unknown_one, |world| {
    let lou = world.pupil("lou", world.group("5eB"));
    let feed = feed_of(world, world.group("6eA"));
    let subscription = subscribe(world, &feed, lou, lou);
    let id = subscription.id;
    for (hash, purpose) in [("feed 1", TokenPurpose::Feed), ("media 1", TokenPurpose::Media)] {
        world.write(|tx| subscriptions::insert_token(tx, hash, purpose, id, 1));
    }
    let find = |hash: &str| world.read(|conn| subscriptions::find_by_token(conn, hash));
    let known = find("feed 1").unwrap();
    assert_eq!((&known.subscription, known.generation, &known.feed), (&subscription, 1, &feed));
    assert_eq!(known.purpose, TokenPurpose::Feed);
    assert_eq!(find("media 1").unwrap().purpose, TokenPurpose::Media);
    assert!(known.is_current());
    assert_eq!(find("feed 2"), None);

    assert_eq!(world.write(|tx| subscriptions::rotate(tx, id)), 2);
    world.write(|tx| subscriptions::insert_token(tx, "feed 2", TokenPurpose::Feed, id, 2));
    assert!(!find("feed 1").unwrap().is_current());
    assert!(!find("media 1").unwrap().is_current(), "media addresses rotate along");
    assert!(find("feed 2").unwrap().is_current());
    let collision = world
        .try_write(|tx| subscriptions::insert_token(tx, "feed 2", TokenPurpose::Feed, id, 2))
        .unwrap_err();
    assert!(collision.is_conflict_on("subscription_tokens(token_hash)"));

    world.write(|tx| subscriptions::revoke(tx, id, at(10)));
    world.write(|tx| subscriptions::revoke(tx, id, at(20)));
    let revoked = find("feed 2").unwrap();
    assert!(!revoked.is_current());
    assert_eq!(revoked.subscription.revoked_at, Some(at(10)));
    let late = world.try_write(|tx| subscriptions::rotate(tx, id)).unwrap_err();
    assert!(late.is_conflict_on("subscriptions(revoked_at)"), "what was revoked stays so");
    let unknown = world.try_write(|tx| subscriptions::revoke(tx, fresh!(SubscriptionId), at(10)));
    assert!(matches!(unknown, Err(Error::NotFound("subscription"))));
    let unknown = world.try_write(|tx| subscriptions::rotate(tx, fresh!(SubscriptionId)));
    assert!(matches!(unknown, Err(Error::NotFound("subscription"))));
});

both_engines!(a_subscription_is_seen_by_its_holder_beneficiary_and_guardians, |world| {
    let group = world.group("5eB");
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let teacher = world.teacher("max", group);
    let (ines, paul) = (world.guardian_of("ines", lou), world.guardian_of("paul", lou));
    let stranger = world.guardian_of("stranger", zoe);
    let feed = feed_of(world, group);
    let held = subscribe(world, &feed, ines, lou);
    let sees = |viewer: &Viewer| {
        let one = world.try_read(|conn| subscriptions::get_for(conn, viewer, held.id)).is_ok();
        let lists = [
            world.read(|conn| subscriptions::list_for_viewer(conn, viewer)),
            world.read(|conn| subscriptions::list_of_beneficiary(conn, viewer, lou)),
            world.read(|conn| subscriptions::list_of_feed(conn, viewer, feed.id)),
        ];
        assert!(lists.iter().all(|list| (list == std::slice::from_ref(&held)) == one));
        one
    };
    for viewer in [lou, ines, paul].map(|person| world.as_person(person)) {
        assert!(sees(&viewer));
    }
    assert!(sees(&world.as_guardian(paul, lou)));
    assert!(sees(&Viewer::System));
    for viewer in [zoe, teacher, stranger].map(|person| world.as_person(person)) {
        assert!(!sees(&viewer));
    }
    assert!(!sees(&world.as_guardian(stranger, zoe)));
    assert!(!sees(&Viewer::Anonymous));
    assert!(!sees(&Viewer::FeedToken(world.grant(feed.id, lou))));
});

both_engines!(the_last_poll_is_the_latest_one, |world| {
    let lou = world.person("lou");
    let feed = feed_of(world, world.group("5eB"));
    let (a, b) = (subscribe(world, &feed, lou, lou), subscribe(world, &feed, lou, lou));
    world.write(|tx| subscriptions::touch_polled(tx, &[(b.id, at(5)), (a.id, at(9)), (a.id, at(7))]));
    world.write(|tx| subscriptions::touch_polled(tx, &[(a.id, at(8))]));
    let polled = |id| world.read(|conn| subscriptions::get_for(conn, &Viewer::System, id)).last_polled_at;
    assert_eq!((polled(a.id), polled(b.id)), (Some(at(9)), Some(at(5))));
});

both_engines!(batches_of_polls_noted_at_once_never_block_each_other, |world| {
    const THREADS: usize = 6;
    const ROUNDS: i64 = 10;
    let lou = world.person("lou");
    let feed = feed_of(world, world.group("5eB"));
    let ids: Vec<_> = (0..12).map(|_| subscribe(world, &feed, lou, lou).id).collect();
    let together = Barrier::new(THREADS);
    let failures: Vec<Error> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let mut ids = ids.clone();
                ids.rotate_left(thread * 2);
                let together = &together;
                scope.spawn(move || {
                    let mut failures = Vec::new();
                    for round in 1..=ROUNDS {
                        let polls: Vec<_> = ids.iter().map(|&id| (id, at(round))).collect();
                        together.wait();
                        failures.extend(world.try_write(|tx| subscriptions::touch_polled(tx, &polls)).err());
                    }
                    failures
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{failures:?}");
    let listed = world.read(|conn| subscriptions::list_of_feed(conn, &Viewer::System, feed.id));
    assert!(listed.iter().all(|subscription| subscription.last_polled_at == Some(at(ROUNDS))));
});

both_engines!(downloads_are_told_to_the_person_their_guardians_and_as_numbers_to_the_author, |world| {
    let group = world.group("5eB");
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let ines = world.guardian_of("ines", lou);
    let author = world.teacher("max", group);
    let colleague = world.teacher("ann", group);
    let shown = world.publication(author, Audience::groups([group]), |_| {});
    let unheard = world.publication(author, Audience::groups([group]), |_| {});
    let subscription = subscribe(world, &feed_of(world, group), lou, lou);
    let fetch = |person, through, seconds| Fetch {
        id: fresh!(FetchId),
        school_id: world.school.id,
        subscription_id: through,
        beneficiary_id: person,
        publication_id: shown.id,
        kind: RenditionKind::Mp3,
        fetched_at: at(seconds),
    };
    let all = [fetch(lou, Some(subscription.id), 1), fetch(lou, None, 2), fetch(zoe, None, 3)];
    world.write(|tx| fetches::insert_many(tx, &all));
    let told = |viewer: &Viewer, since| {
        world.try_read(|conn| fetches::list_of_beneficiary(conn, viewer, lou, at(since), 10)).ok()
    };
    let expected = Some(vec![all[1].clone(), all[0].clone()]);
    let friends = [world.as_person(lou), world.as_person(ines), world.as_guardian(ines, lou), Viewer::System];
    for viewer in friends {
        assert_eq!(told(&viewer, 0), expected);
    }
    assert_eq!(told(&world.as_person(lou), 2), Some(vec![all[1].clone()]));
    let others = [world.as_person(zoe), world.as_person(author), Viewer::Anonymous];
    for viewer in others {
        assert_eq!(told(&viewer, 0), None);
    }
    let count = |viewer: &Viewer| {
        let ids = [shown.id, unheard.id];
        let counts = world.read(|conn| fetches::count_of_publications(conn, viewer, &ids));
        (counts.get(&shown.id).copied(), counts.get(&unheard.id).copied())
    };
    assert_eq!(count(&world.as_person(author)), (Some(2), None), "people, not downloads");
    assert_eq!(count(&Viewer::System), (Some(2), None));
    assert_eq!(count(&world.as_person(colleague)), (None, None));
    assert_eq!(count(&Viewer::Anonymous), (None, None));
});

both_engines!(a_calendar_address_is_made_once_and_rotates, |world| {
    let lou = world.person("lou");
    assert_eq!(world.read(|conn| calendars::find_for(conn, lou)), None);
    let address = world.write(|tx| calendars::ensure_for(tx, lou, at(0)));
    assert_eq!((address.person_id, address.generation, address.revoked_at), (lou, 1, None));
    assert_eq!(world.write(|tx| calendars::ensure_for(tx, lou, at(5))), address);
    assert_eq!(world.read(|conn| calendars::find_for(conn, lou)), Some(address.clone()));
    world.write(|tx| calendars::insert_calendar_token(tx, "agenda 1", address.id, 1));
    world.write(|tx| calendars::insert_calendar_token(tx, "agenda 1", address.id, 1));
    let find = |hash: &str| world.read(|conn| calendars::find_by_calendar_token(conn, hash));
    assert_eq!(find("agenda 1"), Some((address.clone(), 1)));
    assert_eq!(find("agenda 2"), None);
    assert_eq!(world.write(|tx| calendars::rotate(tx, address.id)), 2);
    let (now, generation) = find("agenda 1").unwrap();
    assert_eq!((now.generation, generation), (2, 1), "an old address is told from an unknown one");
    let unknown = world.try_write(|tx| calendars::rotate(tx, fresh!(CalendarId)));
    assert!(matches!(unknown, Err(Error::NotFound("calendar"))));
});
