//! Transcode jobs: fetches the original, runs one sandboxed child, records each output as soon as it is whole.
//!
//! Idempotence key: (deposit, recipe). Running twice is harmless: a rendition is unique per (deposit, recipe, kind), and
//! every write names the lease.

use super::light::setback_of;
use super::{Attempt, Heartbeat};
use crate::supervisor::{Assignment, Media, Outcome, Supervisor};
use balado_app::App;
use balado_app::transcoding::TranscodeTask;
use balado_domain::DepositId;
use balado_domain::job::{ClaimedJob, Setback};
use balado_media::Recipe;
use balado_media::wire::{Event, Input, Limits, Request, Stage, Task};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Progress is written at most this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Runs transcode jobs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MediaRunner {
    supervisor: Supervisor,
    scratch: PathBuf,
}

/// Why a job stopped before its child had its say.
enum Stopped {
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

impl MediaRunner {
    /// Finds the transcoder and makes the folder in which each child gets one of its own.
    pub(crate) fn new(app: &App) -> Result<Self, crate::Error> {
        let configuration = app.configuration();
        let supervisor = Supervisor::locate(configuration.worker.transcoder.as_deref())?;
        let scratch = configuration.data_folder.join("scratch");
        std::fs::create_dir_all(&scratch).map_err(crate::Error::Scratch)?;
        Ok(Self { supervisor, scratch: scratch.canonicalize().map_err(crate::Error::Scratch)? })
    }

    pub(crate) async fn run(
        &self,
        app: &App,
        claim: &ClaimedJob,
        deposit: DepositId,
        recipe: &str,
        heartbeat: &Heartbeat,
        stop: &CancellationToken,
    ) -> Attempt {
        let Some(recipe) = Recipe::find(recipe) else {
            return Attempt::Failed(Setback::Permanent { code: "recipe-unknown".to_owned() });
        };
        let cancel = CancellationToken::new();
        let watcher = tokio::spawn(cancel_when(heartbeat.lost().clone(), stop.clone(), cancel.clone()));
        let done = self.transcode(app, claim, deposit, &recipe, &cancel).await;
        watcher.abort();
        match done {
            Ok(attempt) if stop.is_cancelled() && matches!(attempt, Attempt::LostLease) => {
                Attempt::Interrupted
            }
            Ok(attempt) => attempt,
            Err(Stopped::LostLease) => Attempt::LostLease,
            Err(Stopped::Failed(_)) if stop.is_cancelled() => Attempt::Interrupted,
            Err(Stopped::Failed(setback)) => Attempt::Failed(setback),
        }
    }

    async fn transcode(
        &self,
        app: &App,
        claim: &ClaimedJob,
        deposit: DepositId,
        recipe: &Recipe,
        cancel: &CancellationToken,
    ) -> Result<Attempt, Stopped> {
        let Some(task) = app.transcode_task(deposit, &recipe.name).await? else {
            let completed = app.complete_job(claim).await?;
            return Ok(if completed { Attempt::Finished } else { Attempt::LostLease });
        };
        let folder = tempfile::Builder::new().prefix("job-").tempdir_in(&self.scratch)?;
        let (original, room) = (folder.path().join("original"), folder.path().join("room"));
        tokio::fs::create_dir(&room).await?;
        app.objects().download(&task.original, &original).await.map_err(balado_app::Error::from)?;
        let media = Media::File(std::fs::File::open(&original)?);
        let outcome = self.supervise(app, claim, &task, recipe, &room, media, cancel).await?;
        conclude(app, claim, deposit, outcome).await
    }

    #[expect(clippy::too_many_arguments, reason = "one job's whole context; a struct would only rename it")]
    async fn supervise(
        &self,
        app: &App,
        claim: &ClaimedJob,
        task: &TranscodeTask,
        recipe: &Recipe,
        room: &Path,
        media: Media,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Stopped> {
        let request = Request {
            job: claim.job.id.to_string(),
            input: Input::Fd3,
            task: Task::Convert(Stage::All),
            recipe: recipe.clone(),
            threads: 0,
            limits: Limits::default(),
        };
        let (events, mut heard) = mpsc::unbounded_channel();
        let assignment = Assignment { request, scratch: room, media };
        let running = self.supervisor.run(assignment, cancel, move |event| {
            // The receiver lives until this future ends.
            let _ = events.send(event);
        });
        let recording = async {
            let mut recorder = Recorder { app, claim, task, recipe, room, reported: None };
            while let Some(event) = heard.recv().await {
                if let Err(stopped) = recorder.hear(event).await {
                    cancel.cancel();
                    return Err(stopped);
                }
            }
            Ok(())
        };
        let (outcome, recorded) = tokio::join!(running, recording);
        recorded?;
        Ok(outcome)
    }
}

async fn cancel_when(lost: CancellationToken, stop: CancellationToken, cancel: CancellationToken) {
    tokio::select! {
        () = lost.cancelled() => {}
        () = stop.cancelled() => {}
    }
    cancel.cancel();
}

/// Writes what a child says, while it goes on.
struct Recorder<'r> {
    app: &'r App,
    claim: &'r ClaimedJob,
    task: &'r TranscodeTask,
    recipe: &'r Recipe,
    room: &'r Path,
    reported: Option<Instant>,
}

impl Recorder<'_> {
    async fn hear(&mut self, event: Event) -> Result<(), Stopped> {
        let held = match event {
            Event::Probed { family, .. } if self.task.deposit.family != Some(family) => {
                self.app.record_family(self.claim, self.task.deposit.id, family).await?
            }
            Event::Progress { permille, .. } => self.report(permille).await?,
            Event::Output(output) => {
                let file = self.room.join(&output.path);
                let (deposit, recipe) = (&self.task.deposit, &self.recipe.name);
                let held = self.app.record_output(self.claim, deposit, recipe, &output, &file).await?;
                tokio::fs::remove_file(&file).await?;
                held
            }
            _ => true,
        };
        if held { Ok(()) } else { Err(Stopped::LostLease) }
    }

    async fn report(&mut self, permille: i32) -> Result<bool, Stopped> {
        if self.reported.is_some_and(|at| at.elapsed() < REPORT_EVERY) {
            return Ok(true);
        }
        self.reported = Some(Instant::now());
        Ok(self.app.report_progress(self.claim, permille).await?)
    }
}

async fn conclude(
    app: &App,
    claim: &ClaimedJob,
    deposit: DepositId,
    outcome: Outcome,
) -> Result<Attempt, Stopped> {
    let retry = |code: &str| Attempt::Failed(Setback::Retry { code: code.to_owned() });
    Ok(match outcome {
        Outcome::Done if app.finish_transcode(claim, deposit).await? => Attempt::Finished,
        Outcome::Done | Outcome::Cancelled => Attempt::LostLease,
        Outcome::Refused { code, message } => {
            tracing::info!(job = %claim.job.id, %code, message, "refused");
            Attempt::Failed(Setback::Permanent { code: code.to_string() })
        }
        Outcome::Missing { what, how } => {
            tracing::error!(job = %claim.job.id, what, how, "this machine lacks something");
            retry("machine-lacks")
        }
        Outcome::TimedOut => retry("transcoder-timeout"),
        Outcome::Crashed { why } => {
            tracing::warn!(job = %claim.job.id, why, "the transcoder crashed");
            retry("transcoder-crashed")
        }
    })
}
