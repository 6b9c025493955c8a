//! The queue as workers use it: claim, keep, report, end. Every write names the lease it was claimed under.

use crate::deposits::SHORT_SOUND_PRIORITY;
use crate::error::Result;
use crate::start::App;
use balado_domain::event::Event;
use balado_domain::job::{ClaimedJob, Job, JobState, Lane, Setback, Work};
use balado_domain::{LeaseId, Timestamp, Viewer};
use balado_store::{Tx, cuts, deposits, jobs};
use chrono::TimeDelta;
use rand::RngExt as _;

/// The first pause before a retry, in milliseconds; doubles with each attempt.
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause before a retry, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 15 * 60 * 1_000;

impl App {
    /// Claims the next due job of a lane, or one whose worker died. Jobs that died with their last worker are buried first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_job(&self, lane: Lane) -> Result<Option<ClaimedJob>> {
        self.claim_up_to(lane, None).await
    }

    /// The same, but for short sound alone, which never waits for other work of its lane to end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_quick_job(&self, lane: Lane) -> Result<Option<ClaimedJob>> {
        self.claim_up_to(lane, Some(SHORT_SOUND_PRIORITY)).await
    }

    async fn claim_up_to(&self, lane: Lane, up_to: Option<i32>) -> Result<Option<ClaimedJob>> {
        let lease = LeaseId::generate(self.clock().as_ref());
        let seconds = self.configuration().worker.lease_seconds;
        let (app, now) = (self.clone(), self.now());
        self.database()
            .write(move |tx| {
                for job in jobs::bury_exhausted(tx, now)? {
                    app.mourn(tx, &job, "worker-died")?;
                }
                Ok(jobs::claim(tx, lane, up_to, lease, seconds, now)?)
            })
            .await
    }

    /// Renews the lease; false when it was lost, and the worker must stop and discard what it has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_job(&self, claim: &ClaimedJob) -> Result<bool> {
        let (id, lease, seconds) = (claim.job.id, claim.lease, self.configuration().worker.lease_seconds);
        self.database().write(move |tx| Ok(jobs::renew(tx, id, lease, seconds)?)).await
    }

    /// Whether the lease still holds: false once it ran out and another worker has the job, or the job was called off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holds_job(&self, claim: &ClaimedJob) -> Result<bool> {
        let (id, lease) = (claim.job.id, claim.lease);
        self.database().read(move |c| Ok(jobs::is_held(c, id, lease)?)).await
    }

    /// Records progress in thousandths and the time left, in milliseconds, where that can be told; false when the lease
    /// was lost.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn report_progress(
        &self,
        claim: &ClaimedJob,
        permille: i32,
        remaining_ms: Option<i64>,
    ) -> Result<bool> {
        let (id, lease) = (claim.job.id, claim.lease);
        self.database().write(move |tx| Ok(jobs::progress(tx, id, lease, permille, remaining_ms)?)).await
    }

    /// Ends a job well; false when the lease was lost.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn complete_job(&self, claim: &ClaimedJob) -> Result<bool> {
        let (id, lease, now) = (claim.job.id, claim.lease, self.now());
        self.database().write(move |tx| Ok(jobs::complete(tx, id, lease, now)?)).await
    }

    /// Ends an attempt badly: queued again after a growing pause, or dead and told to its owner. `None` when the lease was
    /// lost.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fail_job(&self, claim: &ClaimedJob, setback: Setback) -> Result<Option<JobState>> {
        let claim = claim.clone();
        let app = self.clone();
        let now = self.now();
        let retry_at = now + pause_after(claim.job.attempts);
        self.database()
            .write(move |tx| {
                let state = jobs::fail(tx, claim.job.id, claim.lease, &setback, retry_at, now)?;
                if state == Some(JobState::Dead) {
                    let (Setback::Permanent { code } | Setback::Retry { code }) = &setback;
                    app.mourn(tx, &claim.job, code)?;
                }
                Ok(state)
            })
            .await
    }

    /// Gives a job back without counting the attempt: the worker is stopping.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_job(&self, claim: &ClaimedJob) -> Result<bool> {
        let (id, lease) = (claim.job.id, claim.lease);
        self.database().write(move |tx| Ok(jobs::release(tx, id, lease)?)).await
    }

    /// How many jobs are in each state: for the administrator and for tests that wait for quiet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_jobs(&self) -> Result<Vec<(Lane, JobState, i64)>> {
        self.database().read(|c| Ok(jobs::count_by_state(c)?)).await
    }

    /// A job is dead. When outputs are missing for good that its deposit needs, the deposit has failed and its owner must
    /// see it; without its light video a deposit stays as ready as it was, and so does one that somebody else made ready.
    fn mourn(&self, tx: &mut Tx<'_>, job: &Job, code: &str) -> Result<()> {
        tracing::warn!(job = %job.id, code, "a job is dead");
        if let Some(Work::Cut { cut, .. }) = &job.work {
            cuts::set_failed(tx, *cut, code, self.now())?;
        }
        if let Some(Work::Transcode { deposit, .. } | Work::Pictures { deposit, .. }) = &job.work {
            let found = deposits::get_for(tx, &Viewer::System, *deposit)?;
            match deposits::set_failed(tx, *deposit, code) {
                // It has come to another end: that stands, and no claim may fail because of it.
                Err(error) if error.is_conflict_on(deposits::STATE_CONFLICT) => return Ok(()),
                other => other?,
            }
            let scribe = self.scribe(&Viewer::System, found.school_id);
            scribe.tell(tx, Event::DepositFailed { deposit: *deposit })?;
        }
        Ok(())
    }

    /// Queues the periodic sweep unless one is queued.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue_sweep(&self, run_at: Timestamp) -> Result<bool> {
        let job = balado_domain::job::NewJob {
            id: balado_domain::JobId::generate(self.clock().as_ref()),
            school_id: None,
            deposit_id: None,
            work: Work::Sweep,
            priority: 90,
            run_at,
        };
        let now = self.now();
        self.database().write(move |tx| Ok(jobs::enqueue(tx, &job, now)?)).await
    }
}

/// Exponential pause with jitter, so that many jobs that failed together do not come back together.
fn pause_after(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let ceiling = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_MS);
    TimeDelta::milliseconds(rand::rng().random_range(ceiling / 2..=ceiling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_below_a_quarter_of_an_hour() {
        assert!(pause_after(1) <= TimeDelta::seconds(2));
        assert!(pause_after(4) >= TimeDelta::seconds(8));
        assert!(pause_after(1_000) <= TimeDelta::minutes(15));
    }
}
