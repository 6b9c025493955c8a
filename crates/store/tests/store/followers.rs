//! Followers: what one works on is left to it while it lives, and ended with it; without it the queue goes on.

use crate::world::*;
use balado_domain::DepositId;
use balado_domain::job::{ClaimedJob, JobState, Lane, NewJob, Work};
use balado_store::{Db, Error, jobs};

const RECIPE: &str = "standard-1";

fn queued(world: &World, work: Work) -> NewJob {
    let job = NewJob { id: fresh!(JobId), deposit_id: deposit_of(&work), work, ..world.job(RECIPE) };
    assert!(world.write(|tx| jobs::enqueue(tx, &job, at(-10))));
    job
}

fn deposit_of(work: &Work) -> Option<DepositId> {
    match work {
        Work::Follow { deposit, .. } | Work::Transcode { deposit, .. } => Some(*deposit),
        _ => None,
    }
}

/// A follower and the job that would do its work.
fn pair(world: &World) -> (NewJob, NewJob) {
    let deposit = fresh!(DepositId);
    let follow = queued(world, Work::Follow { deposit, recipe: RECIPE.to_owned() });
    (follow, queued(world, Work::Transcode { deposit, recipe: RECIPE.to_owned() }))
}

fn claim_on(db: &Db, lane: Lane) -> Option<ClaimedJob> {
    let lease = fresh!(LeaseId);
    db.write_blocking::<_, Error>(|tx| jobs::claim(tx, lane, None, lease, 60, at(NOW))).unwrap()
}

both_engines!(what_a_living_follower_works_on_is_left_to_it, |world| {
    let (_, waiting) = pair(world);
    let other = queued(world, Work::Transcode { deposit: fresh!(DepositId), recipe: RECIPE.to_owned() });
    let follower = claim_on(&world.db, Lane::Follow).unwrap();
    assert_eq!(claim_on(&world.db, Lane::Media).map(|claim| claim.job.id), Some(other.id));
    assert!(claim_on(&world.db, Lane::Media).is_none());
    // It gives no sign of life for a third of its lease.
    assert!(claim_on(&world.later(10), Lane::Media).is_none());
    assert!(world.write(|tx| jobs::renew(tx, follower.job.id, follower.lease, 60)));
    let after = claim_on(&world.later(40), Lane::Media);
    assert_eq!(after.map(|claim| claim.job.id), Some(waiting.id));
});

both_engines!(what_a_follower_leaves_is_there_to_be_claimed_at_once, |world| {
    let (_, waiting) = pair(world);
    let follower = claim_on(&world.db, Lane::Follow).unwrap();
    assert!(world.write(|tx| jobs::release(tx, follower.job.id, follower.lease)));
    assert_eq!(claim_on(&world.db, Lane::Media).map(|claim| claim.job.id), Some(waiting.id));
});

both_engines!(a_settled_job_is_done_and_whoever_runs_it_loses_its_fence, |world| {
    let (_, waiting) = pair(world);
    let runner = claim_on(&world.db, Lane::Media).unwrap();
    let key = waiting.work.unique_key();
    assert!(world.write(|tx| jobs::settle(tx, &key, at(1))));
    assert!(!world.write(|tx| jobs::holds(tx, runner.job.id, runner.lease)));
    assert_eq!(world.read(|c| jobs::get(c, waiting.id)).state, JobState::Done);
    assert!(!world.write(|tx| jobs::settle(tx, &key, at(1))), "there is nothing left to settle");
});

both_engines!(a_follower_that_has_not_begun_is_called_off_and_one_that_has_is_not, |world| {
    let (first, _) = pair(world);
    let key = first.work.unique_key();
    assert!(world.write(|tx| jobs::cancel_queued(tx, &key, at(1))));
    assert!(claim_on(&world.db, Lane::Follow).is_none());
    let (second, _) = pair(world);
    assert!(claim_on(&world.db, Lane::Follow).is_some());
    let key = second.work.unique_key();
    assert!(!world.write(|tx| jobs::cancel_queued(tx, &key, at(1))));
});

both_engines!(a_lane_is_crowded_while_a_due_job_waits_in_it, |world| {
    let is_crowded = |before| world.read(|c| jobs::is_waiting(c, Lane::Follow, at(before)));
    assert!(!is_crowded(NOW));
    let (job, _) = pair(world);
    assert!(is_crowded(NOW));
    let due = (job.run_at - at(0)).num_seconds();
    assert!(!is_crowded(due - 1));
    claim_on(&world.db, Lane::Follow).unwrap();
    assert!(!is_crowded(NOW));
});
