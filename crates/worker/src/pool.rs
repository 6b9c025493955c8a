//! The pool: claims jobs lane by lane, keeps their leases alive, runs them, and stops in good order.
//!
//! One claimer per lane asks the database, so that an idle process costs one look every second and a busy one claims as
//! fast as its slots become free. Work that somebody waits for has slots of its own and never waits behind the pictures
//! of films; short sound has one more that nothing else takes, so that it waits behind no document and no long film's sound
//! either; publication, mail and housekeeping never wait behind any child.

mod cuts;
mod follow;
mod heartbeat;
mod light;
mod load;
mod media;
mod recorder;
mod scratch;
mod trial;

use crate::Error;
use balado_app::App;
use balado_domain::job::{ClaimedJob, Lane, Setback, Work};
use heartbeat::Heartbeat;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long an idle claimer waits before it asks again, unless this process queued something.
const IDLE: Duration = Duration::from_secs(1);
/// How long running jobs may take to give themselves back when the process stops.
const GRACE: Duration = Duration::from_secs(8);
/// How often housekeeping is queued.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Slots that only short sound takes.
const QUICK_SLOTS: usize = 1;

/// What the slots of a lane take.
#[derive(Clone, Copy)]
enum Takes {
    /// Every job of the lane.
    All,
    /// Short sound.
    Quick,
}

/// How one attempt ended.
pub(crate) enum Attempt {
    /// The job is done and recorded as such.
    Finished,
    /// It failed; the queue decides what happens next.
    Failed(Setback),
    /// The lease was lost: another worker has the job, whatever was made is forgotten.
    LostLease,
    /// The process is stopping: the job goes back without counting the attempt.
    Interrupted,
}

/// Works until `stop` is cancelled, then gives running jobs back.
///
/// # Errors
/// When the transcoder cannot be found.
pub async fn run(app: App, stop: CancellationToken) -> Result<(), Error> {
    let settings = &app.configuration().worker;
    let media = media::MediaRunner::new(&app)?;
    let lanes = [
        (Lane::Media, settings.media_slots, Takes::All),
        (Lane::Media, QUICK_SLOTS, Takes::Quick),
        (Lane::Film, settings.film_slots, Takes::All),
        (Lane::Follow, follow::slots(settings.followers), Takes::All),
        (Lane::Light, settings.light_slots, Takes::All),
    ];
    let mut tasks = JoinSet::new();
    for (lane, slots, takes) in lanes {
        tasks.spawn(work_on(app.clone(), (lane, takes), slots, media.clone(), stop.clone()));
    }
    tasks.spawn(queue_sweeps(app.clone(), stop.clone()));
    while tasks.join_next().await.is_some() {}
    Ok(())
}

async fn work_on(
    app: App,
    (lane, takes): (Lane, Takes),
    slots: usize,
    media: media::MediaRunner,
    stop: CancellationToken,
) {
    if lane != Lane::Light && !media.passes_trial(&stop).await {
        return;
    }
    let free = Arc::new(Semaphore::new(slots));
    let mut running = JoinSet::new();
    loop {
        let slot = tokio::select! {
            () = stop.cancelled() => break,
            slot = Arc::clone(&free).acquire_owned() => slot,
        };
        let Ok(slot) = slot else { break };
        while running.try_join_next().is_some() {}
        let claimed = match takes {
            Takes::All => app.claim_job(lane).await,
            Takes::Quick => app.claim_quick_job(lane).await,
        };
        match claimed {
            Ok(Some(claim)) => {
                let (app, media, stop) = (app.clone(), media.clone(), stop.clone());
                running.spawn(async move {
                    attend(app, claim, media, stop).await;
                    drop(slot);
                });
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, %lane, "cannot claim jobs"),
        }
        drop(slot);
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.wait_for_jobs(IDLE) => {}
        }
    }
    let drained = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, drained).await.is_err() {
        tracing::warn!(%lane, "jobs did not end in time; their leases will run out");
    }
}

/// Runs one claimed job under a heartbeat and tells the queue how it ended.
async fn attend(app: App, claim: ClaimedJob, media: media::MediaRunner, stop: CancellationToken) {
    let started = std::time::Instant::now();
    let heartbeat = Heartbeat::start(app.clone(), claim.clone());
    let attempt = match &claim.job.work {
        None => Attempt::Failed(Setback::Permanent { code: "payload-unreadable".to_owned() }),
        Some(work @ (Work::Transcode { .. } | Work::Pictures { .. } | Work::LightVideo { .. })) => {
            media.run(&app, &claim, work, &heartbeat, &stop).await
        }
        Some(Work::Cut { cut, family }) => {
            let lane = Work::Cut { cut: *cut, family: *family }.lane();
            media.cut(&app, &claim, (*cut, lane), &heartbeat, &stop).await
        }
        Some(work @ Work::Follow { .. }) => media.follow(&app, &claim, work, &heartbeat, &stop).await,
        Some(work) => light::run(&app, &claim, work, &heartbeat).await,
    };
    let lost = heartbeat.lost().is_cancelled();
    heartbeat.end().await;
    let told = match attempt {
        _ if lost => Ok("lease lost"),
        Attempt::Finished => Ok("done"),
        Attempt::LostLease => Ok("lease lost"),
        Attempt::Interrupted => app.release_job(&claim).await.map(|_| "given back"),
        Attempt::Failed(setback) => app.fail_job(&claim, setback).await.map(|_| "failed"),
    };
    let duration_ms = started.elapsed().as_millis();
    match told {
        Ok(end) => tracing::info!(job = %claim.job.id, attempt = claim.job.attempts, end, duration_ms, "job"),
        Err(error) => tracing::warn!(job = %claim.job.id, %error, "the end of a job could not be recorded"),
    }
}

async fn queue_sweeps(app: App, stop: CancellationToken) {
    loop {
        if let Err(error) = app.enqueue_sweep(app.now()).await {
            tracing::warn!(%error, "housekeeping could not be queued");
        }
        if tokio::time::timeout(SWEEP_EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}
