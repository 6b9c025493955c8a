//! Who sees what: every kind of viewer, before, during and after, for every kind of audience.

use crate::world::*;
use balado_domain::feed::FeedScope;
use balado_domain::people::Role;
use balado_domain::publication::{Publication, Stage};
use balado_domain::{Audience, AudienceTarget, GroupId, Timestamp, Viewer};
use balado_store::publications::{self, PublicationFilter};
use balado_store::{Error, feeds};
use uuid::Uuid;

/// A school with two classes, another school, and one of each kind of viewer.
struct Cast {
    fifth: GroupId,
    author: balado_domain::PersonId,
    viewers: Vec<(&'static str, Viewer)>,
}

fn cast(world: &World) -> Cast {
    let (fifth, sixth) = (world.group("5eB"), world.group("6eA"));
    let (other_school, other_year) = world.another_school();
    let other_fifth = world.group_of(&other_year, "5eB");
    let elsewhere = |name: &str, role, group| {
        let person = world.person(name);
        world.member(person, other_school.id, role, group);
        person
    };
    let author = world.teacher("author", fifth);
    let pupil = world.pupil("pupil", fifth);
    let pupil_of_sixth = world.pupil("sixth", sixth);
    let both = world.pupil("both", fifth);
    world.member(both, world.school.id, Role::Pupil, Some(sixth));
    let feed = |group| {
        world.write(|tx| feeds::ensure(tx, FeedScope::Group(group), world.school.id, Uuid::nil(), at(0)))
    };
    let (feed, feed_of_sixth) = (feed(fifth).id, feed(sixth).id);
    let guardian = world.guardian_of("guardian", pupil);
    let guardian_of_sixth = world.guardian_of("guardian of sixth", pupil_of_sixth);
    let school_wide = |name, role| world.as_person(world.member_named(name, role, None));
    let person = |person| world.as_person(person);
    let token = fresh!(ApiTokenId);
    let former = world.person("former");
    let mut ended = a_membership(former, world.school.id, Role::Pupil, Some(fifth));
    ended.valid_until = Some(at(NOW));
    world.write(|tx| balado_store::people::insert_membership(tx, &ended));
    let viewers = vec![
        ("author", person(author)),
        ("author by API token", Viewer::ApiToken { token, person: world.with_memberships(author) }),
        ("system", Viewer::System),
        ("pupil of the class", person(pupil)),
        ("guardian looking as the pupil", world.as_guardian(guardian, pupil)),
        ("teacher of the class", person(world.teacher("colleague", fifth))),
        ("assistant", school_wide("assistant", Role::Assistant)),
        ("librarian", school_wide("librarian", Role::Librarian)),
        ("principal", school_wide("principal", Role::Principal)),
        ("inspector", school_wide("inspector", Role::Inspector)),
        ("feed token of the class", Viewer::FeedToken(world.grant(feed, pupil))),
        ("media key of the class", Viewer::MediaKey(world.grant(feed, pupil))),
        ("feed token of the author", Viewer::FeedToken(world.grant(feed, author))),
        ("guardian in their own name", person(guardian)),
        ("pupil of another class", person(pupil_of_sixth)),
        ("guardian looking as another pupil", world.as_guardian(guardian_of_sixth, pupil_of_sixth)),
        ("teacher of another class", person(world.teacher("other class", sixth))),
        ("administrator", school_wide("administrator", Role::Administrator)),
        ("pupil who left", person(former)),
        ("assistant of that class only", person(world.member_named("aed", Role::Assistant, Some(sixth)))),
        ("pupil of another school", person(elsewhere("far", Role::Pupil, Some(other_fifth)))),
        ("teacher of another school", person(elsewhere("far teacher", Role::Teacher, Some(other_fifth)))),
        ("principal of another school", person(elsewhere("far principal", Role::Principal, None))),
        ("somebody without any membership", person(world.person("nobody"))),
        ("anonymous", Viewer::Anonymous),
        ("feed token of another class", Viewer::FeedToken(world.grant(feed_of_sixth, both))),
        ("media key of another class", Viewer::MediaKey(world.grant(feed_of_sixth, both))),
        ("feed token of a pupil who left", Viewer::FeedToken(world.grant(feed, former))),
        ("feed token of the class held for a stranger", Viewer::FeedToken(world.grant(feed, pupil_of_sixth))),
        ("feed token of no feed", Viewer::FeedToken(world.grant(fresh!(FeedId), pupil))),
    ];
    Cast { fifth, author, viewers }
}

/// Whether the viewer can open it; all the ways to read must agree.
fn opens(world: &World, viewer: &Viewer, publication: &Publication, now: Timestamp) -> bool {
    let one = world.try_read(|conn| publications::get_for(conn, viewer, publication.id, now));
    let many = world.read(|conn| publications::get_many_for(conn, viewer, &[publication.id], now));
    match &one {
        Ok(found) => assert_eq!(std::slice::from_ref(found), many),
        Err(Error::NotFound("publication")) => assert!(many.is_empty()),
        Err(other) => panic!("{other:?}"),
    }
    one.is_ok()
}

/// Whether it is in what the viewer is shown as published.
fn is_shown(world: &World, viewer: &Viewer, publication: &Publication, now: Timestamp) -> bool {
    let filter = PublicationFilter::default();
    let list = world.read(|conn| publications::list_visible(conn, viewer, &filter, 100, None, now));
    list.iter().any(|listed| listed.id == publication.id)
}

/// Those who open it at any time; everybody else only while it is published.
const ALWAYS: &[&str] = &["author", "author by API token", "system"];

fn expect(world: &World, cast: &Cast, publication: &Publication, readers: &[&str]) {
    // Before, at its instant, during, one second before its end, at its end.
    let instants = [-1, 0, 50, 99, 100].map(at);
    for name in readers {
        assert!(cast.viewers.iter().any(|(known, _)| known == name), "no viewer is called {name}");
    }
    for (name, viewer) in &cast.viewers {
        let always = ALWAYS.contains(name);
        let reads = always || readers.contains(name);
        let while_published = [false, reads, reads, reads, false];
        let shown = instants.map(|now| is_shown(world, viewer, publication, now));
        assert_eq!(shown, while_published, "{name} is shown it");
        let opened = instants.map(|now| opens(world, viewer, publication, now));
        assert_eq!(opened, if always { [true; 5] } else { while_published }, "{name} opens it");
    }
}

fn publish(world: &World, cast: &Cast, targets: &[AudienceTarget]) -> Publication {
    let audience = Audience { targets: targets.to_vec() };
    world.publication(cast.author, audience, |publication| {
        publication.publish_at = at(0);
        publication.until = Some(at(100));
    })
}

/// Roles that read everything published in their school.
const SCHOOL_READERS: &[&str] = &["assistant", "librarian", "principal", "inspector"];

fn with_school_readers(others: &[&'static str]) -> Vec<&'static str> {
    SCHOOL_READERS.iter().chain(others).copied().collect()
}

/// Who reads what is addressed to the class.
const CLASS: &[&str] = &[
    "pupil of the class",
    "guardian looking as the pupil",
    "teacher of the class",
    "feed token of the class",
    "media key of the class",
    "feed token of the author",
];

both_engines!(what_is_addressed_to_a_class_reaches_that_class, |world| {
    let cast = cast(world);
    let publication = publish(world, &cast, &[AudienceTarget::Group(cast.fifth)]);
    expect(world, &cast, &publication, &with_school_readers(CLASS));
});

both_engines!(what_is_addressed_to_nobody_is_for_its_author_and_the_schools_readers, |world| {
    let cast = cast(world);
    let publication = publish(world, &cast, &[]);
    expect(world, &cast, &publication, SCHOOL_READERS);
});

both_engines!(what_is_addressed_to_one_person_reaches_that_person, |world| {
    let cast = cast(world);
    let named = cast.viewers.iter().find(|(name, _)| *name == "pupil of another class").unwrap();
    let id = named.1.reader().unwrap().id;
    let publication = publish(world, &cast, &[AudienceTarget::Person(id)]);
    // Not through the class's address: it is not in the class's feed.
    let readers = with_school_readers(&["pupil of another class", "guardian looking as another pupil"]);
    expect(world, &cast, &publication, &readers);
});

both_engines!(what_is_addressed_to_a_school_reaches_its_members_and_no_other_school, |world| {
    let cast = cast(world);
    let publication = publish(world, &cast, &[AudienceTarget::School(world.school.id)]);
    let readers = with_school_readers(&[
        "pupil of the class",
        "guardian looking as the pupil",
        "teacher of the class",
        "pupil of another class",
        "guardian looking as another pupil",
        "teacher of another class",
        "administrator",
        "assistant of that class only",
    ]);
    expect(world, &cast, &publication, &readers);
});

both_engines!(what_is_public_reaches_everybody_but_no_classs_feed, |world| {
    let cast = cast(world);
    let publication = publish(world, &cast, &[AudienceTarget::Public]);
    let everybody: Vec<&str> = cast
        .viewers
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.contains("token of") && !name.contains("key of"))
        .collect();
    expect(world, &cast, &publication, &everybody);
});

both_engines!(what_is_public_and_addressed_to_a_class_is_in_the_classs_feed_too, |world| {
    let cast = cast(world);
    let targets = [AudienceTarget::Public, AudienceTarget::Group(cast.fifth)];
    let publication = publish(world, &cast, &targets);
    // A token opens its feed for whoever may hear what is in it: what is public, everybody may.
    let everybody: Vec<&str> = cast
        .viewers
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| {
            !name.contains("of another class") || name.starts_with("pupil") || name.starts_with("teacher")
        })
        .filter(|name| *name != "feed token of no feed")
        .collect();
    expect(world, &cast, &publication, &everybody);
});

both_engines!(what_is_not_offered_is_opened_by_nobody_but_its_author, |world| {
    let cast = cast(world);
    let targets = vec![AudienceTarget::Public, AudienceTarget::Group(cast.fifth)];
    for stage in [Stage::Draft, Stage::Held, Stage::AwaitingMedia, Stage::Withdrawn] {
        let audience = Audience { targets: targets.clone() };
        let publication = world.publication(cast.author, audience, |publication| publication.stage = stage);
        for (name, viewer) in &cast.viewers {
            let opened = opens(world, viewer, &publication, at(10));
            assert_eq!(opened, ALWAYS.contains(name), "{name} opens a {stage} one");
            assert!(!is_shown(world, viewer, &publication, at(10)), "{name} is shown a {stage} one");
        }
    }
});

both_engines!(a_feed_is_read_by_its_class_and_its_own_address, |world| {
    let cast = cast(world);
    let scope = FeedScope::Group(cast.fifth);
    let feed = world.read(|conn| feeds::find_for_scope(conn, &Viewer::System, scope)).unwrap();
    let readers: Vec<&str> = with_school_readers(CLASS).into_iter().chain(ALWAYS.iter().copied()).collect();
    for (name, viewer) in &cast.viewers {
        let expected = readers.contains(name);
        let got = world.try_read(|conn| feeds::get_for(conn, viewer, feed.id));
        assert_eq!(got.is_ok(), expected, "{name} gets the feed");
        let found = world.read(|conn| feeds::find_for_scope(conn, viewer, scope));
        assert_eq!(found.is_some(), expected, "{name} finds the feed");
        let listed = world.read(|conn| feeds::list_for_viewer(conn, viewer));
        assert_eq!(listed.iter().any(|listed| listed.id == feed.id), expected, "{name} lists the feed");
    }
});
