//! Finishing: only under the lease it was claimed with. The races of a worker that was thought dead.

use crate::world::*;
use balado_domain::DepositId;
use balado_domain::job::{ClaimedJob, JobState, Lane, NewJob, Setback};
use balado_store::{Db, Error, jobs};

fn retry() -> Setback {
    Setback::Retry { code: "relay-away".to_owned() }
}

fn permanent() -> Setback {
    Setback::Permanent { code: "media-damaged".to_owned() }
}

fn claim(db: &Db) -> ClaimedJob {
    let lease = fresh!(LeaseId);
    let claimed = db.write_blocking::<_, Error>(|tx| jobs::claim(tx, Lane::Media, None, lease, 60, at(NOW)));
    claimed.unwrap().expect("a job is waiting")
}

/// One job, claimed by a worker that then stood still for twice its lease, and claimed again by another.
fn zombie_and_heir(world: &World) -> (ClaimedJob, ClaimedJob) {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let zombie = claim(&world.db);
    let heir = claim(&world.later(120));
    assert_eq!(zombie.job.id, heir.job.id);
    (zombie, heir)
}

both_engines!(a_worker_that_lost_its_lease_changes_nothing, |world| {
    let (zombie, heir) = zombie_and_heir(world);
    let id = zombie.job.id;
    let before = world.read(|conn| jobs::get(conn, id));
    world.write(|tx| {
        assert!(!jobs::holds(tx, id, zombie.lease)?);
        assert!(!jobs::renew(tx, id, zombie.lease, 600)?);
        assert!(!jobs::progress(tx, id, zombie.lease, 999, None)?);
        assert!(!jobs::complete(tx, id, zombie.lease, at(1))?);
        assert_eq!(jobs::fail(tx, id, zombie.lease, &retry(), at(9), at(1))?, None);
        assert_eq!(jobs::fail(tx, id, zombie.lease, &permanent(), at(9), at(1))?, None);
        assert!(!jobs::release(tx, id, zombie.lease)?);
        Ok(())
    });
    assert_eq!(world.read(|conn| jobs::get(conn, id)), before);
    world.write(|tx| {
        assert!(jobs::holds(tx, id, heir.lease)?);
        assert!(jobs::progress(tx, id, heir.lease, 420, Some(9_000))?);
        assert!(jobs::complete(tx, id, heir.lease, at(2))?);
        assert!(!jobs::complete(tx, id, heir.lease, at(3))?, "an end is final");
        assert!(!jobs::holds(tx, id, heir.lease)?);
        Ok(())
    });
    let done = world.read(|conn| jobs::get(conn, id));
    assert_eq!((done.state, done.finished_at, done.progress_permille), (JobState::Done, Some(at(2)), 1000));
});

both_engines!(a_late_worker_whose_job_nobody_took_may_still_finish_it, |world| {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let slow = claim(&world.db);
    let finished =
        world.later(3600).write_blocking::<_, Error>(|tx| jobs::complete(tx, slow.job.id, slow.lease, at(1)));
    assert!(finished.unwrap());
});

both_engines!(an_attempt_that_failed_is_tried_again_until_none_is_left, |world| {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    for attempt in 1..=3 {
        let claimed = claim(&world.db);
        let id = claimed.job.id;
        let state = world.write(|tx| jobs::fail(tx, id, claimed.lease, &retry(), at(0), at(5)));
        let stored = world.read(|conn| jobs::get(conn, id));
        assert_eq!(stored.last_error.as_deref(), Some("relay-away"));
        assert_eq!(stored.attempts, attempt);
        let expected = if attempt < 3 { JobState::Queued } else { JobState::Dead };
        assert_eq!((state, stored.state), (Some(expected), expected));
        assert_eq!(stored.finished_at.is_some(), attempt == 3);
    }
});

both_engines!(a_retry_waits_for_its_instant, |world| {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let claimed = claim(&world.db);
    world.write(|tx| jobs::fail(tx, claimed.job.id, claimed.lease, &retry(), at(30), at(5)));
    let claim_at = |now| {
        let lease = fresh!(LeaseId);
        world.write(|tx| jobs::claim(tx, Lane::Media, None, lease, 60, at(now)))
    };
    assert!(claim_at(29).is_none());
    assert!(claim_at(30).is_some());
});

both_engines!(a_permanent_failure_is_not_tried_again, |world| {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let claimed = claim(&world.db);
    let id = claimed.job.id;
    let state = world.write(|tx| jobs::fail(tx, id, claimed.lease, &permanent(), at(0), at(5)));
    assert_eq!(state, Some(JobState::Dead));
    let dead = world.read(|conn| jobs::get(conn, id));
    assert_eq!((dead.attempts, dead.last_error.as_deref()), (1, Some("media-damaged")));
});

both_engines!(a_job_given_back_is_free_at_once_and_counts_no_attempt, |world| {
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    for _ in 0..5 {
        let claimed = claim(&world.db);
        assert_eq!(claimed.job.attempts, 1);
        assert!(world.write(|tx| jobs::release(tx, claimed.job.id, claimed.lease)));
    }
});

fn job_of(world: &World, deposit: DepositId, recipe: &str) -> NewJob {
    let work = balado_domain::job::Work::Transcode { deposit, recipe: recipe.to_owned() };
    NewJob { deposit_id: Some(deposit), work, ..world.job(recipe) }
}

both_engines!(calling_off_a_deposits_jobs_takes_their_fences, |world| {
    let deposit = fresh!(DepositId);
    world.write(|tx| {
        jobs::enqueue(tx, &job_of(world, deposit, "standard-1"), at(0))?;
        jobs::enqueue(tx, &job_of(world, fresh!(DepositId), "standard-1"), at(0))
    });
    let claimed = [claim(&world.db), claim(&world.db)];
    let mine = claimed.iter().find(|claimed| claimed.job.deposit_id == Some(deposit)).unwrap();
    assert_eq!(world.write(|tx| jobs::cancel_for_deposit(tx, deposit, at(4))), 1);
    assert!(!world.write(|tx| jobs::complete(tx, mine.job.id, mine.lease, at(5))));
    let listed = world.read(|conn| jobs::list_for_deposit(conn, deposit));
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].state, listed[0].finished_at), (JobState::Cancelled, Some(at(4))));
    assert_eq!(world.write(|tx| jobs::cancel_for_deposit(tx, deposit, at(6))), 0);
});

both_engines!(a_dead_job_tried_again_has_all_its_attempts, |world| {
    let deposit = fresh!(DepositId);
    let kill = || {
        let claimed = claim(&world.db);
        world.write(|tx| jobs::fail(tx, claimed.job.id, claimed.lease, &permanent(), at(0), at(5)));
        claimed.job.id
    };
    assert!(!world.write(|tx| jobs::retry_dead(tx, deposit, at(6))), "nothing to try again");
    world.write(|tx| jobs::enqueue(tx, &job_of(world, deposit, "standard-1"), at(0)));
    kill();
    world.write(|tx| jobs::enqueue(tx, &job_of(world, deposit, "standard-1"), at(1)));
    let latest = kill();
    assert!(world.write(|tx| jobs::retry_dead(tx, deposit, at(6))));
    let listed = world.read(|conn| jobs::list_for_deposit(conn, deposit));
    let queued: Vec<_> = listed.iter().filter(|job| job.state == JobState::Queued).collect();
    assert_eq!(queued.len(), 1, "one of a key");
    assert_eq!((queued[0].id, queued[0].attempts, queued[0].run_at), (latest, 0, at(6)));
    assert!(!world.write(|tx| jobs::retry_dead(tx, deposit, at(7))), "not while it is queued");
});

both_engines!(old_jobs_are_dropped_but_dead_ones_stay, |world| {
    let deposit = fresh!(DepositId);
    for recipe in ["done-1", "dead-1", "waiting-1"] {
        world.write(|tx| jobs::enqueue(tx, &job_of(world, deposit, recipe), at(0)));
    }
    let (first, second) = (claim(&world.db), claim(&world.db));
    world.write(|tx| jobs::complete(tx, first.job.id, first.lease, at(5)));
    world.write(|tx| jobs::fail(tx, second.job.id, second.lease, &permanent(), at(0), at(5)));
    assert_eq!(world.write(|tx| jobs::delete_finished_before(tx, at(5))), 0);
    assert_eq!(world.write(|tx| jobs::delete_finished_before(tx, at(6))), 1);
    let mut states: Vec<JobState> =
        world.read(|conn| jobs::list_for_deposit(conn, deposit)).iter().map(|job| job.state).collect();
    states.sort();
    assert_eq!(states, [JobState::Queued, JobState::Dead]);
});

both_engines!(what_is_recorded_under_a_fence_cannot_be_overtaken, |world| {
    // A worker asks whether it holds its job and records its output; meanwhile its lease ends and another worker
    // looks for work. On PostgreSQL the second must pass over the job, on SQLite it must wait; never both win.
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let mine = claim(&world.db);
    let id = mine.job.id;
    let (ready, other) = (std::sync::Barrier::new(2), world.later(120));
    let (done, taken) = std::thread::scope(|scope| {
        let recorder = scope.spawn(|| {
            world.write(|tx| {
                assert!(jobs::holds(tx, id, mine.lease)?);
                ready.wait();
                jobs::complete(tx, id, mine.lease, at(1))
            })
        });
        let thief = scope.spawn(|| {
            ready.wait();
            let lease = fresh!(LeaseId);
            other
                .write_blocking::<_, Error>(|tx| jobs::claim(tx, Lane::Media, None, lease, 60, at(NOW)))
                .unwrap()
        });
        (recorder.join().unwrap(), thief.join().unwrap())
    });
    assert!(done);
    assert_eq!(taken, None);
});

#[test]
fn on_postgres_asking_for_the_fence_keeps_it_until_the_commit() {
    let world = World::on_postgres();
    world.write(|tx| jobs::enqueue(tx, &world.job("standard-1"), at(0)));
    let mine = claim(&world.db);
    let other = world.later(120);
    let done = world.write(|tx| {
        assert!(jobs::holds(tx, mine.job.id, mine.lease)?);
        let lease = fresh!(LeaseId);
        let stolen =
            other.write_blocking::<_, Error>(|tx| jobs::claim(tx, Lane::Media, None, lease, 60, at(NOW)))?;
        assert_eq!(stolen, None, "its lease has ended, and still nobody takes it under our hands");
        jobs::complete(tx, mine.job.id, mine.lease, at(1))
    });
    assert!(done);
}
