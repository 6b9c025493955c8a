//! The sign of life of one claimed job. It runs beside the work and does not share its fate.
//!
//! When the lease is lost, the job was called off, or the database stays silent so long that it may be, the work is told to stop: time is
//! counted from before each renewal was sent, on the monotonic clock, so a slow answer never lengthens the trust.

use balado_app::App;
use balado_domain::job::ClaimedJob;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Renewals per lease: a lease of 60 s is renewed every 10 s (DESIGN §4.4).
const RENEWALS_PER_LEASE: u32 = 6;
/// The part of a lease that may pass without an answer before the work is stopped.
const TRUST: f64 = 0.8;

/// How often the claim is looked at between renewals, so that work that was called off stops soon.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A running heartbeat.
pub(crate) struct Heartbeat {
    lost: CancellationToken,
    done: CancellationToken,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// Starts renewing the lease of a claim.
    pub(crate) fn start(app: App, claim: ClaimedJob) -> Self {
        let (lost, done) = (CancellationToken::new(), CancellationToken::new());
        let task = tokio::spawn(beat(app, claim, lost.clone(), done.clone()));
        Self { lost, done, task }
    }

    /// Cancelled once the lease is lost.
    pub(crate) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Stops renewing.
    pub(crate) async fn end(mut self) {
        self.done.cancel();
        if let Err(error) = (&mut self.task).await {
            tracing::warn!(%error, "a heartbeat ended badly");
        }
    }
}

impl Drop for Heartbeat {
    /// Work that panics must not keep its lease for ever.
    fn drop(&mut self) {
        self.done.cancel();
    }
}

async fn beat(app: App, claim: ClaimedJob, lost: CancellationToken, done: CancellationToken) {
    let lease = Duration::from_secs(u64::from(app.configuration().worker.lease_seconds));
    let pause = lease / RENEWALS_PER_LEASE;
    let mut trusted_from = Instant::now();
    let mut asked = Instant::now();
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(pause.min(LOOK_EVERY)) => {}
        }
        if asked.elapsed() < pause {
            // An answer that does not come is the renewal's business.
            match tokio::time::timeout(LOOK_EVERY, app.holds_job(&claim)).await {
                Ok(Ok(false)) => break,
                _ => continue,
            }
        }
        let sent = Instant::now();
        asked = sent;
        let answer = tokio::time::timeout(pause, app.renew_job(&claim)).await;
        match answer {
            Ok(Ok(true)) => trusted_from = sent,
            Ok(Ok(false)) => break,
            Ok(Err(error)) => tracing::warn!(job = %claim.job.id, %error, "a lease could not be renewed"),
            Err(_) => tracing::warn!(job = %claim.job.id, "the database does not answer a renewal"),
        }
        if trusted_from.elapsed() > lease.mul_f64(TRUST) {
            break;
        }
    }
    tracing::warn!(job = %claim.job.id, "lease lost");
    lost.cancel();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lease_is_renewed_no_longer_once_its_work_has_panicked() {
        let (lost, done) = (CancellationToken::new(), CancellationToken::new());
        let until = done.clone();
        let task = tokio::spawn(async move { until.cancelled().await });
        let watched = done.clone();
        let work = tokio::spawn(async move {
            let _heartbeat = Heartbeat { lost, done, task };
            panic!("a handler has a defect");
        });
        assert!(work.await.is_err());
        assert!(watched.is_cancelled());
    }
}
