//! Claiming: each job once, in a fair order, again when a worker died, and not for ever.

use crate::world::*;
use balado_domain::job::{ClaimedJob, JobState, Lane, NewJob, Work};
use balado_domain::{JobId, LeaseId};
use balado_store::{Conn, Db, Error, jobs};
use diesel::connection::SimpleConnection;
use std::collections::HashMap;
use std::sync::Mutex;

fn claim_on(db: &Db, lane: Lane, now: i64) -> Option<ClaimedJob> {
    let lease = fresh!(LeaseId);
    db.write_blocking::<_, Error>(|tx| jobs::claim(tx, lane, None, lease, 60, at(now))).unwrap()
}

fn claim_media(world: &World) -> Option<JobId> {
    claim_on(&world.db, Lane::Media, NOW).map(|claimed| claimed.job.id)
}

fn enqueue(world: &World, job: &NewJob) -> bool {
    world.write(|tx| jobs::enqueue(tx, job, at(-10)))
}

both_engines!(eight_workers_claim_five_hundred_jobs_each_exactly_once, |world| {
    const JOBS: usize = 500;
    const WORKERS: usize = 8;
    world.write(|tx| {
        for _ in 0..JOBS {
            assert!(jobs::enqueue(tx, &world.job("standard-1"), at(0))?);
        }
        Ok(())
    });
    // Half of the workers are another process, as far as the database can tell.
    let handles = [world.db.clone(), world.reopen()];
    let claims: Mutex<HashMap<JobId, Vec<LeaseId>>> = Mutex::default();
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let db = handles[worker % handles.len()].clone();
            let claims = &claims;
            scope.spawn(move || {
                while let Some(claimed) = claim_on(&db, Lane::Media, NOW) {
                    claims.lock().unwrap().entry(claimed.job.id).or_default().push(claimed.lease);
                    let done = db
                        .write_blocking::<_, Error>(|tx| {
                            jobs::complete(tx, claimed.job.id, claimed.lease, at(1))
                        })
                        .unwrap();
                    assert!(done, "nobody else had it");
                }
            });
        }
    });
    let claims = claims.into_inner().unwrap();
    assert_eq!(claims.len(), JOBS);
    assert!(claims.values().all(|leases| leases.len() == 1));
    assert_eq!(world.read(jobs::count_by_state), [(Lane::Media, JobState::Done, 500)]);
});

both_engines!(a_job_comes_back_as_it_was_queued, |world| {
    let job = NewJob { deposit_id: Some(fresh!(DepositId)), priority: -3, ..world.job("standard-1") };
    assert!(enqueue(world, &job));
    let stored = world.read(|conn| jobs::get(conn, job.id));
    assert_eq!(stored.work.as_ref(), Some(&job.work));
    assert_eq!((stored.school_id, stored.deposit_id), (job.school_id, job.deposit_id));
    assert_eq!((stored.state, stored.attempts, stored.max_attempts), (JobState::Queued, 0, 3));
    assert_eq!((stored.created_at, stored.run_at, stored.finished_at), (at(-10), at(0), None));
    let claimed = claim_on(&world.db, Lane::Media, NOW).unwrap();
    assert_eq!((claimed.job.state, claimed.job.attempts), (JobState::Running, 1));
    assert!(matches!(world.try_read(|conn| jobs::get(conn, fresh!(JobId))), Err(Error::NotFound("job"))));
});

both_engines!(a_job_is_claimed_from_its_instant_on_and_only_in_its_lane, |world| {
    let job = NewJob { run_at: at(10), ..world.job("standard-1") };
    enqueue(world, &job);
    assert!(claim_on(&world.db, Lane::Media, 9).is_none());
    assert!(claim_on(&world.db, Lane::Light, 10).is_none());
    assert_eq!(claim_on(&world.db, Lane::Media, 10).unwrap().job.id, job.id);
    let sweep = NewJob { work: Work::Sweep, ..world.job("") };
    enqueue(world, &sweep);
    assert!(claim_media(world).is_none());
    assert_eq!(claim_on(&world.db, Lane::Light, 10).unwrap().job.id, sweep.id);
});

both_engines!(small_priorities_go_first_then_what_was_due_first, |world| {
    let queue = [(5, 0), (1, -5), (1, -9), (5, -20)].map(|(priority, run_at)| NewJob {
        priority,
        run_at: at(run_at),
        ..world.job("standard-1")
    });
    for job in &queue {
        enqueue(world, job);
    }
    let order: Vec<JobId> = std::iter::from_fn(|| claim_media(world)).collect();
    assert_eq!(order, [queue[2].id, queue[1].id, queue[3].id, queue[0].id]);
});

both_engines!(one_schools_backlog_does_not_hold_up_another_school, |world| {
    let (other, _) = world.another_school();
    let backlog: Vec<NewJob> =
        (0..4).map(|n| NewJob { run_at: at(-100 + n), ..world.job("standard-1") }).collect();
    let late: Vec<NewJob> =
        (0..2).map(|n| NewJob { run_at: at(-10 + n), ..a_job(Some(other.id), "standard-1") }).collect();
    let nobodys = NewJob { run_at: at(-5), ..a_job(None, "standard-1") };
    for job in backlog.iter().chain(&late).chain([&nobodys]) {
        enqueue(world, job);
    }
    let order: Vec<JobId> = std::iter::from_fn(|| claim_media(world)).collect();
    // A job of no school counts as running for nobody, so it only waits for its turn in time.
    let expected = [backlog[0].id, late[0].id, nobodys.id, backlog[1].id, late[1].id, backlog[2].id];
    assert_eq!(order[..6], expected);
    assert_eq!(order.len(), 7);
});

both_engines!(a_job_whose_worker_died_is_claimed_again_once_its_lease_ended, |world| {
    enqueue(world, &world.job("standard-1"));
    let first = claim_on(&world.db, Lane::Media, NOW).unwrap();
    assert!(claim_on(&world.later(30), Lane::Media, NOW).is_none(), "the lease holds for 60 s");
    let second = claim_on(&world.later(90), Lane::Media, NOW).unwrap();
    assert_eq!(second.job.id, first.job.id);
    assert_eq!(second.job.attempts, 2, "a death counts as an attempt");
    assert_ne!(second.lease, first.lease);
});

both_engines!(a_renewed_lease_holds, |world| {
    enqueue(world, &world.job("standard-1"));
    let claimed = claim_on(&world.db, Lane::Media, NOW).unwrap();
    let renewed = world
        .later(50)
        .write_blocking::<_, Error>(|tx| jobs::renew(tx, claimed.job.id, claimed.lease, 60))
        .unwrap();
    assert!(renewed);
    assert!(claim_on(&world.later(80), Lane::Media, NOW).is_none());
    assert!(claim_on(&world.later(140), Lane::Media, NOW).is_some());
});

both_engines!(a_job_that_kills_its_workers_is_dead_after_its_last_attempt, |world| {
    enqueue(world, &world.job("standard-1"));
    enqueue(world, &NewJob { run_at: at(500), ..world.job("standard-1") });
    let bury = |seconds| {
        let db = world.later(seconds);
        db.write_blocking::<_, Error>(|tx| jobs::bury_exhausted(tx, at(7))).unwrap()
    };
    for round in 0..3 {
        assert!(bury(round * 100).is_empty(), "while an attempt is left, nothing is buried");
        assert!(claim_on(&world.later(round * 100), Lane::Media, NOW).is_some());
    }
    assert!(claim_on(&world.later(300), Lane::Media, NOW).is_none(), "it is not claimed a fourth time");
    assert!(bury(205).is_empty(), "the last worker may still be alive");
    let buried = bury(300);
    assert_eq!(buried.len(), 1);
    assert_eq!((buried[0].state, buried[0].last_error.as_deref()), (JobState::Dead, Some("worker-died")));
    assert_eq!(buried[0].finished_at, Some(at(7)));
    assert!(bury(300).is_empty(), "each is reported once");
    assert!(claim_on(&world.later(300), Lane::Media, 500).is_some(), "the queue keeps moving");
});

both_engines!(at_most_one_job_of_a_key_is_active, |world| {
    let job = world.job("standard-1");
    let twin = NewJob { id: fresh!(JobId), ..job.clone() };
    assert!(enqueue(world, &job));
    assert!(!enqueue(world, &twin), "while one is queued");
    let claimed = claim_on(&world.db, Lane::Media, NOW).unwrap();
    assert!(!enqueue(world, &twin), "while one is running");
    assert!(world.write(|tx| jobs::complete(tx, claimed.job.id, claimed.lease, at(1))));
    assert!(enqueue(world, &twin), "once it is done");
    assert!(enqueue(world, &world.job("standard-1")), "another deposit is another key");
});

both_engines!(a_job_queued_by_many_at_once_is_queued_once, |world| {
    let job = world.job("standard-1");
    let queued: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let job = NewJob { id: fresh!(JobId), ..job.clone() };
                scope.spawn(move || usize::from(enqueue(world, &job)))
            })
            .collect();
        tries.into_iter().map(|attempt| attempt.join().unwrap()).sum()
    });
    assert_eq!(queued, 1);
});

both_engines!(a_payload_of_another_version_is_claimed_without_work, |world| {
    let job = world.job("standard-1");
    enqueue(world, &job);
    world.write(|tx| {
        let statement = "UPDATE jobs SET task = '{\"task\":\"of-the-future\"}'";
        match &mut **tx {
            Conn::Sqlite(conn) => conn.batch_execute(statement)?,
            Conn::Pg(conn) => conn.batch_execute(statement)?,
        }
        Ok(())
    });
    let claimed = claim_on(&world.db, Lane::Media, NOW).unwrap();
    assert_eq!((claimed.job.id, claimed.job.work), (job.id, None));
});
