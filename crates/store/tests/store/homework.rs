//! Assignments, the answers handed in, and who may hear them.

use crate::world::*;
use balado_domain::deposit::{DepositState, Family, RenditionKind};
use balado_domain::feed::FeedScope;
use balado_domain::homework::{Assignment, Submission};
use balado_domain::people::Role;
use balado_domain::{Audience, AudienceTarget, GroupId, PersonId, Viewer};
use balado_store::{Error, deposits, feeds, homework, renditions};
use uuid::Uuid;

fn an_assignment(world: &World, author: PersonId, group: GroupId) -> Assignment {
    Assignment {
        id: fresh!(AssignmentId),
        school_id: world.school.id,
        school_year_id: world.year.id,
        author_id: author,
        title: "Lire le poème".to_owned(),
        instructions: "À voix haute".to_owned(),
        model_id: None,
        opens_at: at(0),
        due_at: at(100),
        closes_at: Some(at(200)),
        accepts: vec![Family::Audio, Family::Video],
        audience: Audience::groups([group]),
        created_at: at(-10),
        withdrawn_at: None,
    }
}

fn set(world: &World, author: PersonId, group: GroupId) -> Assignment {
    let assignment = an_assignment(world, author, group);
    world.write(|tx| homework::insert_assignment(tx, &assignment));
    assignment
}

fn hand_in(world: &World, assignment: &Assignment, pupil: PersonId, seconds: i64) -> Submission {
    let submission = Submission {
        id: fresh!(SubmissionId),
        assignment_id: assignment.id,
        school_id: world.school.id,
        pupil_id: pupil,
        deposit_id: world.deposit(pupil, DepositState::Ready),
        submitted_by: pupil,
        submitted_at: at(seconds),
        replaced_at: None,
        heard_at: None,
    };
    world.write(|tx| homework::insert_submission(tx, &submission));
    submission
}

both_engines!(an_assignment_comes_back_as_it_was_stored_and_edited, |world| {
    let group = world.group("5eB");
    let max = world.teacher("max", group);
    let viewer = world.as_person(max);
    let mut assignment = set(world, max, group);
    let get = || world.read(|conn| homework::get_assignment_for(conn, &viewer, assignment.id, at(NOW)));
    assert_eq!(get(), assignment);
    let model = world.publication(max, Audience::default(), |_| {});
    let edit = Assignment {
        title: "Réciter".to_owned(),
        model_id: Some(model.id),
        closes_at: None,
        accepts: Vec::new(),
        audience: Audience { targets: vec![AudienceTarget::School(world.school.id)] },
        ..assignment.clone()
    };
    world.write(|tx| homework::update_assignment(tx, &edit));
    assignment = edit;
    let get = || world.read(|conn| homework::get_assignment_for(conn, &viewer, assignment.id, at(NOW)));
    assert_eq!(get(), assignment);
    world.write(|tx| homework::set_assignment_withdrawn(tx, assignment.id, at(5)));
    world.write(|tx| homework::set_assignment_withdrawn(tx, assignment.id, at(6)));
    assert_eq!(get().withdrawn_at, Some(at(5)));
    let unknown = Assignment { id: fresh!(AssignmentId), ..assignment.clone() };
    let unknown = world.try_write(|tx| homework::update_assignment(tx, &unknown));
    assert!(matches!(unknown, Err(Error::NotFound("assignment"))));
});

both_engines!(an_assignment_is_for_its_author_always_and_its_pupils_once_opened, |world| {
    let (fifth, sixth) = (world.group("5eB"), world.group("6eA"));
    let max = world.teacher("max", fifth);
    let lou = world.pupil("lou", fifth);
    let ines = world.guardian_of("ines", lou);
    let assignment = set(world, max, fifth);
    let sees = |viewer: &Viewer| {
        [-1, 0, 300].map(|now| {
            let one = world
                .try_read(|conn| homework::get_assignment_for(conn, viewer, assignment.id, at(now)))
                .is_ok();
            let list = world.read(|conn| homework::list_assignments_for(conn, viewer, at(now)));
            assert_eq!(one, list.iter().any(|listed| listed.id == assignment.id));
            one
        })
    };
    let pupil = world.as_person(lou);
    assert_eq!(sees(&world.as_person(max)), [true; 3]);
    assert_eq!(sees(&Viewer::System), [true; 3]);
    assert_eq!(sees(&pupil), [false, true, true]);
    assert_eq!(sees(&world.as_guardian(ines, lou)), [false, true, true]);
    let strangers = [
        world.as_person(world.pupil("zoe", sixth)),
        world.as_person(world.teacher("ann", fifth)),
        world.as_person(ines),
        world.as_person(world.member_named("principal", Role::Principal, None)),
        Viewer::Anonymous,
    ];
    for viewer in &strangers {
        assert_eq!(sees(viewer), [false; 3]);
    }
    world.write(|tx| homework::set_assignment_withdrawn(tx, assignment.id, at(5)));
    assert_eq!(sees(&pupil), [false; 3]);
    assert_eq!(sees(&world.as_person(max)), [true; 3]);
});

both_engines!(homework_for_a_person_or_a_school_reaches_pupils_only, |world| {
    let group = world.group("5eB");
    let max = world.teacher("max", group);
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let reach = |target| {
        let mut assignment = an_assignment(world, max, group);
        assignment.audience = Audience { targets: vec![target] };
        world.write(|tx| homework::insert_assignment(tx, &assignment));
        [lou, zoe, world.teacher("ann", group)].map(|person| {
            let viewer = world.as_person(person);
            world.try_read(|conn| homework::get_assignment_for(conn, &viewer, assignment.id, at(NOW))).is_ok()
        })
    };
    assert_eq!(reach(AudienceTarget::Person(lou)), [true, false, false]);
    assert_eq!(reach(AudienceTarget::School(world.school.id)), [true, true, false]);
    assert_eq!(reach(AudienceTarget::Public), [false; 3]);
});

both_engines!(handing_in_again_replaces_the_earlier_answer, |world| {
    let group = world.group("5eB");
    let max = world.teacher("max", group);
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let assignment = set(world, max, group);
    let first = hand_in(world, &assignment, lou, 10);
    let second = hand_in(world, &assignment, lou, 20);
    let other = hand_in(world, &assignment, zoe, 30);
    let list = |viewer: &Viewer| {
        let list = world.read(|conn| homework::list_submissions_for(conn, viewer, assignment.id));
        list.iter().map(|submission| submission.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&world.as_person(max)), [other.id, second.id], "one of each pupil");
    assert_eq!(list(&Viewer::System), [other.id, second.id]);
    assert_eq!(list(&world.as_person(lou)), [second.id, first.id], "all of their own");
    assert_eq!(list(&world.as_person(world.teacher("ann", group))), []);
    assert_eq!(list(&Viewer::Anonymous), []);
    let get = |id| world.read(|conn| homework::get_submission_for(conn, &Viewer::System, id));
    assert_eq!(get(first.id), Submission { replaced_at: Some(at(20)), ..first.clone() });
    assert_eq!(get(second.id), second);
    world.write(|tx| homework::set_heard(tx, second.id, at(40)));
    world.write(|tx| homework::set_heard(tx, second.id, at(50)));
    assert_eq!(get(second.id).heard_at, Some(at(40)));
    let again = Submission { id: fresh!(SubmissionId), submitted_at: at(60), ..second };
    let collision = world.try_write(|tx| homework::insert_submission(tx, &again)).unwrap_err();
    assert!(collision.is_conflict_on("submissions(deposit_id)"), "{collision:?}");
});

both_engines!(an_answer_is_heard_by_its_pupil_and_the_author_of_the_assignment, |world| {
    let group = world.group("5eB");
    let max = world.teacher("max", group);
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let ines = world.guardian_of("ines", lou);
    let assignment = set(world, max, group);
    let another = set(world, max, group);
    let answer = hand_in(world, &assignment, lou, 10);
    world.rendition(answer.deposit_id, RenditionKind::Mp3);
    let feed_of = |assignment: &Assignment| {
        let scope = FeedScope::Assignment(assignment.id);
        world.write(|tx| feeds::ensure(tx, scope, world.school.id, Uuid::nil(), at(0))).id
    };
    let (feed, other_feed) = (feed_of(&assignment), feed_of(&another));
    let reads = |viewer: &Viewer| {
        let one = world.try_read(|conn| homework::get_submission_for(conn, viewer, answer.id)).is_ok();
        let by_deposit = world
            .read(|conn| homework::find_submission_by_deposit(conn, viewer, answer.deposit_id))
            .is_some();
        assert_eq!(one, by_deposit);
        let listed = world.read(|conn| homework::list_submissions_for(conn, viewer, assignment.id));
        assert_eq!(one, !listed.is_empty());
        one
    };
    let hears = |viewer: &Viewer| {
        let deposit = world.try_read(|conn| deposits::get_for(conn, viewer, answer.deposit_id)).is_ok();
        let output = world
            .try_read(|conn| {
                renditions::get_for(conn, viewer, answer.deposit_id, RenditionKind::Mp3, at(NOW))
            })
            .is_ok();
        assert_eq!(deposit, output);
        output
    };
    for viewer in [
        world.as_person(lou),
        world.as_person(max),
        Viewer::System,
        Viewer::FeedToken(world.grant(feed, max)),
        Viewer::MediaKey(world.grant(feed, max)),
    ] {
        assert!(reads(&viewer) && hears(&viewer), "{viewer:?}");
    }
    let guardian = world.as_guardian(ines, lou);
    assert!(reads(&guardian) && !hears(&guardian), "a guardian knows it was handed in");
    for viewer in [
        world.as_person(zoe),
        world.as_person(ines),
        world.as_person(world.teacher("ann", group)),
        world.as_person(world.member_named("principal", Role::Principal, None)),
        Viewer::Anonymous,
        Viewer::FeedToken(world.grant(other_feed, max)),
        Viewer::MediaKey(world.grant(feed, zoe)),
        Viewer::FeedToken(world.grant(feed, world.teacher("eva", group))),
    ] {
        assert!(!reads(&viewer) && !hears(&viewer), "{viewer:?}");
    }
    let own_feed = world.read(|conn| feeds::list_for_viewer(conn, &world.as_person(max)));
    assert_eq!(own_feed.len(), 2, "the feed of an assignment is its author's");
    assert!(world.read(|conn| feeds::list_for_viewer(conn, &world.as_person(lou))).is_empty());
});

both_engines!(two_answers_handed_in_at_once_leave_one_current, |world| {
    let group = world.group("5eB");
    let assignment = set(world, world.teacher("max", group), group);
    let lou = world.pupil("lou", group);
    let kept: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|n| {
                let submission = Submission {
                    id: fresh!(SubmissionId),
                    assignment_id: assignment.id,
                    school_id: world.school.id,
                    pupil_id: lou,
                    deposit_id: world.deposit(lou, DepositState::Ready),
                    submitted_by: lou,
                    submitted_at: at(10 + n),
                    replaced_at: None,
                    heard_at: None,
                };
                scope.spawn(move || {
                    match world.try_write(|tx| homework::insert_submission(tx, &submission)) {
                        Ok(()) => 1,
                        Err(error) if error.is_conflict_on("submissions(assignment_id,pupil_id)") => 0,
                        Err(error) => panic!("{error:?}"),
                    }
                })
            })
            .collect();
        tries.into_iter().map(|attempt| attempt.join().unwrap()).sum()
    });
    assert!(kept >= 1);
    let current = world.read(|conn| homework::list_submissions_for(conn, &Viewer::System, assignment.id));
    assert_eq!(current.len(), 1);
});
