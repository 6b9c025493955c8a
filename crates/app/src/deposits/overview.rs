//! Looking at deposits: their state, what was made of them, how far the work is, and trying again.

use super::enqueue_transcode;
use super::opening::quota_of;
use crate::error::{Result, conflict, forbidden};
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Family, Rendition};
use balado_domain::job::{Job, JobState, Work};
use balado_domain::{DepositId, PublicationId, SchoolId, Timestamp, Viewer};
use balado_store::{Conn, deposits, jobs, publications, renditions};

/// A deposit as its owner sees it.
#[derive(Debug, Clone)]
pub struct DepositView {
    /// The deposit.
    pub deposit: Deposit,
    /// What was made of it so far.
    pub renditions: Vec<Rendition>,
    /// The work under way or given up, latest first.
    pub job: Option<JobView>,
    /// Where it is published.
    pub publications: Vec<PublicationId>,
}

/// What the owner of a deposit sees of a job that works on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// Where it stands.
    pub state: JobState,
    /// Thousandths done of all the work there is.
    pub progress_permille: i32,
    /// What is left by the pace so far, in milliseconds, while it runs and once that can be told.
    pub remaining_ms: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// Stable code of the last failure.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// The share that the sound has in the work on a film, in thousandths: it is a job of its own, before the pictures.
const SOUND_OF_FILM: i32 = 100;

impl JobView {
    /// A job, as a part of all the work on a deposit of that family.
    pub(crate) fn of(job: Job, family: Option<Family>) -> Self {
        let is_running = job.state == JobState::Running;
        let (done, remaining_ms) =
            if is_running { (job.progress_permille, job.remaining_ms) } else { (0, None) };
        let (progress_permille, remaining_ms) = match job.work {
            // The pace of the sound tells nothing of the pictures.
            Some(Work::Transcode { .. }) if family == Some(Family::Video) => {
                (done * SOUND_OF_FILM / 1000, None)
            }
            Some(Work::Pictures { .. }) => {
                (SOUND_OF_FILM + done * (1000 - SOUND_OF_FILM) / 1000, remaining_ms)
            }
            _ => (done, remaining_ms),
        };
        Self {
            state: job.state,
            progress_permille,
            remaining_ms,
            attempts: job.attempts,
            last_error: job.last_error,
            created_at: job.created_at,
        }
    }
}

/// Which deposits to list.
#[derive(Debug, Clone, Default)]
pub struct DepositFilter {
    /// Only those in this state; without one, all but the abandoned.
    pub state: Option<DepositState>,
    /// Only those made before this one (paging).
    pub before: Option<(Timestamp, DepositId)>,
    /// At most this many.
    pub limit: i64,
}

impl App {
    /// One deposit with everything its owner may know.
    ///
    /// # Errors
    /// `not-found` unless the viewer may see it.
    pub async fn deposit(&self, viewer: &Viewer, id: DepositId) -> Result<DepositView> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &viewer, id)?;
                view_of(c, &viewer, deposit, now)
            })
            .await
    }

    /// The viewer's own deposits, newest first.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn deposits(&self, viewer: &Viewer, filter: DepositFilter) -> Result<Vec<DepositView>> {
        let owner = viewer.person().ok_or_else(|| forbidden("only a person has deposits"))?.id;
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let wanted = deposits::DepositFilter {
                    owner: Some(owner),
                    state: filter.state,
                    before: filter.before,
                    limit: filter.limit.clamp(1, 200),
                };
                let found = deposits::list_for(c, &viewer, &wanted)?;
                found.into_iter().map(|deposit| view_of(c, &viewer, deposit, now)).collect()
            })
            .await
    }

    /// Bytes used and allowed, for the person in a school.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn storage_used(&self, viewer: &Viewer, school: SchoolId) -> Result<(i64, i64)> {
        let owner = viewer.person().ok_or_else(|| forbidden("only a person has storage"))?.id;
        self.database()
            .read(move |c| Ok((deposits::bytes_used(c, owner)?, quota_of(c, owner, school)?)))
            .await
    }

    /// Queues the work of a failed deposit again ("réessayer").
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it; `deposit-not-failed` when there is nothing to try again.
    pub async fn retry_deposit(&self, viewer: &Viewer, id: DepositId) -> Result<DepositView> {
        let before = self.deposit(viewer, id).await?;
        let owner = viewer.person().map(|person| person.id);
        if owner != Some(before.deposit.owner_id) {
            return Err(crate::error::not_found("deposit"));
        }
        let scribe = self.scribe(viewer, before.deposit.school_id);
        self.database()
            .write(move |tx| {
                let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                let Some(family) = deposit.family.filter(|_| deposit.state == DepositState::Failed) else {
                    return Err(conflict("deposit-not-failed", "only a failed deposit is tried again"));
                };
                deposits::reset_failed(tx, id)?;
                enqueue_transcode(tx, &scribe, id, family)?;
                scribe.journal(tx, "deposit.retry", "deposit", id.to_string())
            })
            .await?;
        self.announce_jobs();
        self.deposit(viewer, id).await
    }
}

fn view_of(c: &mut Conn, viewer: &Viewer, deposit: Deposit, now: Timestamp) -> Result<DepositView> {
    let mut listed = jobs::list_for_deposit(c, deposit.id)?;
    // Nobody waits for a light video, and its failure is nobody's concern.
    listed.retain(|job| !matches!(job.work, Some(Work::LightVideo { .. })));
    // While a follower is at work, the job it does the work of is queued.
    let first = |state| listed.iter().position(|job: &Job| job.state == state);
    let under_way = first(JobState::Running).or_else(|| first(JobState::Queued)).unwrap_or(0);
    let job = listed.into_iter().nth(under_way);
    Ok(DepositView {
        renditions: renditions::list_of_deposit(c, viewer, deposit.id, now)?,
        publications: publications::list_of_deposit(c, viewer, deposit.id)?,
        job: job.map(|job| JobView::of(job, deposit.family)),
        deposit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use balado_domain::JobId;
    use chrono::DateTime;

    fn shown(work: Work, state: JobState, family: Family) -> (i32, Option<i64>) {
        let job = Job {
            id: JobId::generate(&SystemClock),
            school_id: None,
            deposit_id: None,
            work: Some(work),
            state,
            priority: 0,
            run_at: DateTime::UNIX_EPOCH,
            attempts: 1,
            max_attempts: 3,
            last_error: None,
            progress_permille: 500,
            remaining_ms: Some(9),
            created_at: DateTime::UNIX_EPOCH,
            finished_at: None,
        };
        let view = JobView::of(job, Some(family));
        (view.progress_permille, view.remaining_ms)
    }

    #[test]
    fn the_sound_of_a_film_is_the_first_part_of_its_work() {
        let clock = SystemClock;
        let (deposit, recipe) = (DepositId::generate(&clock), "standard-1".to_owned());
        let sound = Work::Transcode { deposit, recipe: recipe.clone() };
        let pictures = Work::Pictures { deposit, recipe };
        assert_eq!(shown(sound.clone(), JobState::Running, Family::Video), (50, None));
        assert_eq!(shown(pictures.clone(), JobState::Queued, Family::Video), (100, None));
        assert_eq!(shown(pictures, JobState::Running, Family::Video), (550, Some(9)));
        assert_eq!(shown(sound, JobState::Running, Family::Audio), (500, Some(9)));
    }
}
