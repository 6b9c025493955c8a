//! Events, the journal, module choices and notices.

use crate::world::*;
use balado_domain::audit::AuditEntry;
use balado_domain::deposit::RenditionKind;
use balado_domain::event::{Event, EventEnvelope};
use balado_domain::notice::{Channel, Notice, NoticeTopic};
use balado_domain::people::Role;
use balado_domain::{EventId, PersonId, Viewer};
use balado_store::portal::ModuleChoice;
use balado_store::{Error, audit, events, notices, portal};
use serde_json::json;

fn append(world: &World, event: Event) -> EventEnvelope {
    let envelope =
        EventEnvelope { id: fresh!(EventId), school_id: world.school.id, actor_id: None, at: at(1), event };
    world.write(|tx| events::append(tx, &envelope));
    envelope
}

both_engines!(an_event_comes_back_as_it_was_appended, |world| {
    let output = Event::RenditionReady {
        deposit: fresh!(DepositId),
        rendition: fresh!(RenditionId),
        output: RenditionKind::Waveform,
    };
    let received =
        Event::SubmissionReceived { submission: fresh!(SubmissionId), assignment: fresh!(AssignmentId) };
    for event in [output, received] {
        let envelope = append(world, event);
        assert_eq!(world.read(|conn| events::get(conn, envelope.id)), envelope);
    }
    let unknown = world.try_read(|conn| events::get(conn, fresh!(EventId)));
    assert!(matches!(unknown, Err(Error::NotFound("event"))));
});

both_engines!(the_journal_is_read_by_administrators_of_its_school, |world| {
    let entry = |seconds| AuditEntry {
        id: fresh!(AuditId),
        at: at(seconds),
        actor_id: Some(fresh!(PersonId)),
        on_behalf_of: Some(fresh!(PersonId)),
        verb: "publication.withdraw".to_owned(),
        object_kind: "publication".to_owned(),
        object_id: "the one".to_owned(),
        school_id: Some(world.school.id),
    };
    let (later, earlier) = (entry(2), entry(1));
    let schoolless = AuditEntry { school_id: None, actor_id: None, on_behalf_of: None, ..entry(3) };
    for line in [&later, &earlier, &schoolless] {
        world.write(|tx| audit::append(tx, line));
    }
    let list =
        |viewer: &Viewer| world.read(|conn| audit::list_for_object(conn, viewer, "publication", "the one"));
    let administrator = world.as_person(world.member_named("adm", Role::Administrator, None));
    assert_eq!(list(&administrator), [earlier.clone(), later.clone()]);
    assert_eq!(list(&Viewer::System), [earlier, later, schoolless]);
    let (other, _) = world.another_school();
    let far = world.person("far");
    world.member(far, other.id, Role::Administrator, None);
    let principal = world.as_person(world.member_named("principal", Role::Principal, None));
    for viewer in [world.as_person(far), principal, Viewer::Anonymous] {
        assert_eq!(list(&viewer), []);
    }
    let unrelated = world.read(|conn| audit::list_for_object(conn, &Viewer::System, "deposit", "the one"));
    assert_eq!(unrelated, []);
});

both_engines!(a_school_chooses_its_modules_and_changes_its_mind, |world| {
    let choice = |enabled, settings| ModuleChoice {
        school_id: world.school.id,
        module: "messaging".to_owned(),
        enabled,
        settings,
    };
    let enabled = || world.read(|conn| portal::module_enabled(conn, world.school.id, "messaging"));
    let settings = || world.read(|conn| portal::get_settings(conn, world.school.id, "messaging"));
    assert_eq!((enabled(), settings()), (None, None), "never chosen");
    let first = choice(true, json!({"signature": "L'équipe", "hour": 18}));
    world.write(|tx| portal::set_module(tx, &first));
    assert_eq!((enabled(), settings()), (Some(true), Some(first)));
    let second = choice(false, json!({}));
    world.write(|tx| portal::set_module(tx, &second));
    assert_eq!((enabled(), settings()), (Some(false), Some(second)));
    let (other, _) = world.another_school();
    assert_eq!(world.read(|conn| portal::module_enabled(conn, other.id, "messaging")), None);
});

fn notice(world: &World, event: EventId, recipient: PersonId, channel: Channel, due: i64) -> Notice {
    Notice {
        id: fresh!(NoticeId),
        school_id: world.school.id,
        module: "messaging".to_owned(),
        event_id: event,
        recipient_id: recipient,
        channel,
        topic: NoticeTopic::PublicationOffered,
        subject_id: "the publication".to_owned(),
        created_at: at(0),
        due_at: at(due),
        sent_at: None,
        read_at: None,
    }
}

both_engines!(an_event_delivered_twice_tells_each_recipient_once, |world| {
    let event = append(world, Event::PublicationOffered { publication: fresh!(PublicationId) }).id;
    let (lou, max) = (world.person("lou"), world.person("max"));
    let first = notice(world, event, lou, Channel::Inbox, 0);
    assert!(world.write(|tx| notices::insert(tx, &first)));
    let again = notice(world, event, lou, Channel::Inbox, 9);
    assert!(!world.write(|tx| notices::insert(tx, &again)));
    let different = [
        notice(world, event, lou, Channel::Email, 0),
        notice(world, event, max, Channel::Inbox, 0),
        Notice { module: "logbook".to_owned(), ..notice(world, event, lou, Channel::Inbox, 0) },
    ];
    for other in &different {
        assert!(world.write(|tx| notices::insert(tx, other)));
        assert_eq!(&world.read(|conn| notices::get(conn, other.id)), other);
    }
    let unknown = world.try_read(|conn| notices::get(conn, again.id));
    assert!(matches!(unknown, Err(Error::NotFound("notice"))));
});

both_engines!(an_inbox_shows_what_is_due_and_forgets_what_was_read, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let add = |recipient, channel, due| {
        let event = append(world, Event::PublicationOffered { publication: fresh!(PublicationId) }).id;
        let notice = notice(world, event, recipient, channel, due);
        world.write(|tx| notices::insert(tx, &notice));
        notice.id
    };
    let (a, b, c) = (add(lou, Channel::Inbox, 1), add(lou, Channel::Inbox, 2), add(lou, Channel::Inbox, 50));
    let mail = add(lou, Channel::Email, 1);
    let foreign = add(max, Channel::Inbox, 1);
    let inbox = |now, limit| {
        let list = world.read(|conn| notices::list_inbox(conn, lou, at(now), limit));
        list.iter().map(|notice| notice.id).collect::<Vec<_>>()
    };
    let unread = |now| world.read(|conn| notices::count_unread(conn, lou, at(now)));
    assert_eq!((inbox(0, 9), unread(0)), (vec![], 0));
    assert_eq!((inbox(10, 9), unread(10)), (vec![b, a], 2));
    assert_eq!(inbox(50, 2), [c, b]);
    assert_eq!(world.write(|tx| notices::mark_read(tx, lou, &[a, foreign], at(11))), 1);
    assert_eq!(world.write(|tx| notices::mark_read(tx, lou, &[a], at(12))), 0);
    assert_eq!(world.read(|conn| notices::get(conn, a)).read_at, Some(at(11)));
    assert_eq!(world.read(|conn| notices::get(conn, foreign)).read_at, None);
    assert_eq!((inbox(10, 9), unread(10)), (vec![b, a], 1));
    assert_eq!(world.write(|tx| notices::mark_all_read(tx, lou, at(20))), 1, "not what is not due yet");
    assert_eq!((unread(20), unread(50)), (0, 1));
    assert!(world.write(|tx| notices::set_sent(tx, mail, at(30))));
    assert!(!world.write(|tx| notices::set_sent(tx, mail, at(31))));
    assert_eq!(world.read(|conn| notices::get(conn, mail)).sent_at, Some(at(30)));
    let unknown = world.try_write(|tx| notices::set_sent(tx, fresh!(NoticeId), at(1)));
    assert!(matches!(unknown, Err(Error::NotFound("notice"))));
});
