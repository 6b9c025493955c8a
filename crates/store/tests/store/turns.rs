//! The order of claims: short work never waits behind long, schools take turns, and nothing waits for ever.

use crate::world::*;
use balado_domain::JobId;
use balado_domain::job::{ClaimedJob, Lane, NewJob, Work};
use balado_store::{Error, jobs};

fn claim(world: &World, lane: Lane, now: i64) -> Option<ClaimedJob> {
    let lease = fresh!(LeaseId);
    world.db.write_blocking::<_, Error>(|tx| jobs::claim(tx, lane, None, lease, 3600, at(now))).unwrap()
}

fn enqueue(world: &World, job: &NewJob) {
    assert!(world.write(|tx| jobs::enqueue(tx, job, at(0))));
}

fn film(world: &World, priority: i32) -> NewJob {
    let work = Work::Pictures { deposit: fresh!(DepositId), recipe: "standard-1".to_owned() };
    NewJob { work, priority, ..world.job("standard-1") }
}

both_engines!(a_memo_is_claimed_at_once_while_a_long_film_runs_and_twenty_wait, |world| {
    let (other, _) = world.another_school();
    let long = film(world, 60);
    enqueue(world, &long);
    assert_eq!(claim(world, Lane::Film, 0).map(|claimed| claimed.job.id), Some(long.id));
    for _ in 0..20 {
        enqueue(world, &film(world, 50));
        enqueue(world, &NewJob { priority: 30, ..world.job("standard-1") });
    }
    let own = NewJob { priority: 10, run_at: at(5), ..world.job("standard-1") };
    let theirs = NewJob { priority: 10, run_at: at(5), ..a_job(Some(other.id), "standard-1") };
    enqueue(world, &own);
    enqueue(world, &theirs);
    let next: Vec<JobId> = (0..2).map(|_| claim(world, Lane::Media, 5).unwrap().job.id).collect();
    assert!(next.contains(&own.id) && next.contains(&theirs.id), "both go before what came earlier");
});

both_engines!(schools_take_turns_even_where_one_job_runs_at_a_time, |world| {
    let (other, _) = world.another_school();
    let many: Vec<NewJob> = (0..3).map(|n| NewJob { run_at: at(n), ..film(world, 50) }).collect();
    let late = NewJob { school_id: Some(other.id), run_at: at(9), ..film(world, 50) };
    for job in many.iter().chain([&late]) {
        enqueue(world, job);
    }
    let mut order = Vec::new();
    while let Some(claimed) = claim(world, Lane::Film, 10) {
        assert!(world.write(|tx| jobs::complete(tx, claimed.job.id, claimed.lease, at(10))));
        order.push(claimed.job.id);
    }
    assert_eq!(order, [many[0].id, late.id, many[1].id, many[2].id]);
});

both_engines!(a_long_film_of_one_school_does_not_wait_for_every_short_one_of_another, |world| {
    let (other, _) = world.another_school();
    let many: Vec<NewJob> = (0..3).map(|n| NewJob { run_at: at(n), ..film(world, 50) }).collect();
    let long = NewJob { school_id: Some(other.id), run_at: at(9), ..film(world, 60) };
    let light = Work::LightVideo { deposit: fresh!(DepositId), recipe: "standard-1".to_owned() };
    let light = NewJob { work: light, school_id: Some(other.id), priority: 90, ..world.job("standard-1") };
    for job in many.iter().chain([&long, &light]) {
        enqueue(world, job);
    }
    let mut order = Vec::new();
    while let Some(claimed) = claim(world, Lane::Film, 10) {
        assert!(world.write(|tx| jobs::complete(tx, claimed.job.id, claimed.lease, at(10))));
        order.push(claimed.job.id);
    }
    assert_eq!(order, [many[0].id, long.id, many[1].id, many[2].id, light.id], "a light one waits for all");
});

both_engines!(a_slot_for_short_sound_leaves_everything_else_alone, |world| {
    enqueue(world, &NewJob { priority: 30, ..world.job("standard-1") });
    let memo = NewJob { priority: 10, run_at: at(5), ..world.job("standard-1") };
    enqueue(world, &memo);
    let quick = || {
        let lease = fresh!(LeaseId);
        world.db.write_blocking::<_, Error>(|tx| jobs::claim(tx, Lane::Media, Some(10), lease, 3600, at(5)))
    };
    assert_eq!(quick().unwrap().map(|claimed| claimed.job.id), Some(memo.id));
    assert!(quick().unwrap().is_none());
});

both_engines!(whatever_keeps_arriving_nothing_waits_for_ever, |world| {
    const HOUR: i64 = 3600;
    let light = Work::LightVideo { deposit: fresh!(DepositId), recipe: "standard-1".to_owned() };
    let light = NewJob { work: light, priority: 90, run_at: at(0), ..world.job("standard-1") };
    enqueue(world, &light);
    for hour in [1, 2, 5] {
        let fresh = NewJob { run_at: at(hour * HOUR), ..film(world, 50) };
        enqueue(world, &fresh);
        assert_eq!(claim(world, Lane::Film, hour * HOUR).unwrap().job.id, fresh.id, "after {hour} h");
    }
    enqueue(world, &NewJob { run_at: at(7 * HOUR), ..film(world, 50) });
    assert_eq!(claim(world, Lane::Film, 7 * HOUR).unwrap().job.id, light.id);
});
