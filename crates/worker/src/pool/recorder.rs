//! Writes what a child says, while it goes on, and how it ended: each output as soon as it is whole, the family, progress.

use super::Attempt;
use super::light::setback_of;
use crate::supervisor::{Made, Outcome, Said};
use balado_app::App;
use balado_app::transcoding::TranscodeTask;
use balado_domain::deposit::RenditionKind;
use balado_domain::job::{ClaimedJob, Setback, Work};
use balado_media::wire::Event;
use std::path::Path;
use std::time::{Duration, Instant};

/// Progress is written at most this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Why a job stopped before its child had its say.
pub(super) enum Stopped {
    LostLease,
    Failed(Setback),
}

impl From<balado_app::Error> for Stopped {
    fn from(error: balado_app::Error) -> Self {
        tracing::warn!(%error, "an attempt failed");
        Self::Failed(setback_of(&error))
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        tracing::warn!(%error, "scratch failed");
        Self::Failed(Setback::Retry { code: "scratch-unusable".to_owned() })
    }
}

/// When progress was last written.
#[derive(Default)]
pub(super) struct Pace(Option<Instant>);

impl Pace {
    /// Whether it is time to write it again; counts as written then.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.0.is_none_or(|at| at.elapsed() >= REPORT_EVERY);
        if is_due {
            self.0 = Some(Instant::now());
        }
        is_due
    }
}

/// Writes what the child of one claimed job says.
pub(super) struct Recorder<'r> {
    app: &'r App,
    claim: &'r ClaimedJob,
    task: &'r TranscodeTask,
    recipe: &'r str,
    room: &'r Path,
    pace: Pace,
}

impl<'r> Recorder<'r> {
    /// `room` is the scratch folder of the child.
    pub(super) fn new(
        app: &'r App,
        claim: &'r ClaimedJob,
        task: &'r TranscodeTask,
        recipe: &'r str,
        room: &'r Path,
    ) -> Self {
        Self { app, claim, task, recipe, room, pace: Pace::default() }
    }

    /// Writes one thing it said.
    pub(super) async fn hear(&mut self, said: Said) -> Result<(), Stopped> {
        let held = match said {
            Said::Made(made) => self.record(&made).await?,
            Said::Event(Event::Probed { family, .. })
                if self.is_about_original() && self.task.deposit.family != Some(family) =>
            {
                self.app.record_family(self.claim, self.task.deposit.id, family).await?
            }
            Said::Event(Event::Progress { permille, remaining_ms }) => {
                self.report(permille, remaining_ms).await?
            }
            Said::Event(_) => true,
        };
        if held { Ok(()) } else { Err(Stopped::LostLease) }
    }

    async fn record(&self, Made { output, file }: &Made) -> Result<bool, Stopped> {
        let is_wanted = self.is_about_original() != (output.kind == RenditionKind::Light);
        let held = if is_wanted && !self.task.have.contains(&output.kind) {
            self.app.record_output(self.claim, &self.task.deposit, self.recipe, output, file).await?
        } else {
            true
        };
        tokio::fs::remove_file(self.room.join(&output.path)).await?;
        Ok(held)
    }

    /// A light video is made of an output of ours, which says nothing about what was deposited.
    fn is_about_original(&self) -> bool {
        !matches!(self.claim.job.work, Some(Work::LightVideo { .. }))
    }

    async fn report(&mut self, permille: i32, remaining_ms: Option<i64>) -> Result<bool, Stopped> {
        if !self.pace.is_due() {
            return Ok(true);
        }
        Ok(self.app.report_progress(self.claim, permille, remaining_ms).await?)
    }
}

/// Writes how a child ended.
pub(super) async fn conclude(app: &App, claim: &ClaimedJob, outcome: Outcome) -> Result<Attempt, Stopped> {
    if outcome == Outcome::Done && app.finish_transcode(claim).await? {
        return Ok(Attempt::Finished);
    }
    Ok(setback_of_outcome(claim, outcome).map_or(Attempt::LostLease, Attempt::Failed))
}

/// What the end of a child means for its job, and a line in the log; nothing when the job is no longer this worker's.
pub(super) fn setback_of_outcome(claim: &ClaimedJob, outcome: Outcome) -> Option<Setback> {
    let retry = |code: &str| Some(Setback::Retry { code: code.to_owned() });
    match outcome {
        Outcome::Done | Outcome::Cancelled => None,
        Outcome::Refused { code, message } => {
            tracing::info!(job = %claim.job.id, %code, message, "refused");
            Some(Setback::Permanent { code: code.to_string() })
        }
        Outcome::Missing { what, how } => {
            tracing::error!(job = %claim.job.id, what, how, "this machine lacks something");
            retry("machine-lacks")
        }
        // It may have been the machine once; not twice.
        Outcome::TimedOut if claim.job.attempts > 1 => {
            Some(Setback::Permanent { code: "transcoder-timeout".to_owned() })
        }
        Outcome::TimedOut => retry("transcoder-timeout"),
        // Memory may have been short once; a decoder that broke on this file twice will break on it again.
        Outcome::Broken { why } => {
            tracing::warn!(job = %claim.job.id, why, "a signal ended the transcoder");
            let code = "transcoder-crashed".to_owned();
            let again = claim.job.attempts <= 1;
            Some(if again { Setback::Retry { code } } else { Setback::Permanent { code } })
        }
        Outcome::Crashed { why } => {
            tracing::warn!(job = %claim.job.id, why, "the transcoder crashed");
            retry("transcoder-crashed")
        }
    }
}
