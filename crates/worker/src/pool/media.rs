//! Transcode jobs: fetches the file to work on, runs one sandboxed child, has each output recorded as soon as it is whole.
//!
//! Idempotence key: (deposit, recipe). Running twice is harmless: a rendition is unique per (deposit, recipe, kind), and
//! every write names the lease.

use super::load::{Load, Presence};
use super::recorder::{Recorder, Stopped, conclude};
use super::scratch::Scratch;
use super::{Attempt, Heartbeat, trial};
use crate::supervisor::{Assignment, Courtesy, Media, Outcome, Strictness, Supervisor};
use balado_app::App;
use balado_app::transcoding::TranscodeTask;
use balado_domain::ErrorKind;
use balado_domain::job::{ClaimedJob, Lane, Setback, Work};
use balado_media::Recipe;
use balado_media::wire::{Input, Limits, Request, Stage, Task};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Runs transcode jobs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MediaRunner {
    pub(super) supervisor: Supervisor,
    pub(super) scratch: Arc<Scratch>,
    pub(super) load: Load,
}

impl MediaRunner {
    /// Finds the transcoder and makes the folder in which each child gets one of its own; see [`Scratch`].
    pub(crate) fn new(app: &App) -> Result<Self, crate::Error> {
        let configuration = app.configuration();
        let strictness = if configuration.worker.tolerates_gaps {
            Strictness::TolerateGaps
        } else {
            Strictness::FailClosed
        };
        let supervisor =
            Supervisor::locate(configuration.worker.transcoder.as_deref())?.with_strictness(strictness);
        let scratch =
            Scratch::open(&configuration.data_folder.join("scratch")).map_err(crate::Error::Scratch)?;
        Ok(Self { supervisor, scratch: Arc::new(scratch), load: Load::default() })
    }

    /// Counts a child of a lane among those that run.
    pub(super) fn enter(&self, lane: Lane) -> Presence {
        self.load.enter(lane)
    }

    /// Waits until the box held against every attempt to break out of it. False when the process stops before that.
    pub(crate) async fn passes_trial(&self, stop: &CancellationToken) -> bool {
        trial::passes(&self.supervisor, self.scratch.path(), stop).await
    }

    pub(crate) async fn run(
        &self,
        app: &App,
        claim: &ClaimedJob,
        work: &Work,
        heartbeat: &Heartbeat,
        stop: &CancellationToken,
    ) -> Attempt {
        let Some(recipe) = work.recipe().and_then(|name| app.recipes().find(name)) else {
            return Attempt::Failed(Setback::Permanent { code: "recipe-unknown".to_owned() });
        };
        let cancel = CancellationToken::new();
        let watcher = tokio::spawn(cancel_when(heartbeat.lost().clone(), stop.clone(), cancel.clone()));
        let done = self.transcode(app, claim, work, recipe, &cancel).await;
        watcher.abort();
        settled(done, stop)
    }

    async fn transcode(
        &self,
        app: &App,
        claim: &ClaimedJob,
        work: &Work,
        recipe: &Recipe,
        cancel: &CancellationToken,
    ) -> Result<Attempt, Stopped> {
        let Some(task) = app.transcode_task(work).await? else {
            let completed = app.complete_job(claim).await?;
            return Ok(if completed { Attempt::Finished } else { Attempt::LostLease });
        };
        if task.is_made(work, recipe) {
            return conclude(app, claim, Outcome::Done).await;
        }
        let folder = self.scratch.room("job-")?;
        let (source, room) = (folder.path().join("source"), folder.path().join("room"));
        tokio::fs::create_dir(&room).await?;
        let fetched = until_cancelled(cancel, app.objects().download(&task.source, &source)).await?;
        fetched.map_err(balado_app::Error::from)?;
        let media = Media::File(std::fs::File::open(&source)?);
        let sound = until_cancelled(cancel, fetch_sound(app, &task, work, &room)).await??;
        let presence = self.load.enter(work.lane());
        let request = Request {
            job: claim.job.id.to_string(),
            input: Input::Fd3,
            task: task_of(work),
            recipe: recipe.clone(),
            threads: presence.threads(),
            limits: Limits::default(),
            sound,
        };
        let assignment = Assignment { request, scratch: &room, media, courtesy: courtesy_of(work.lane()) };
        let recorder = Recorder::new(app, claim, &task, &recipe.name, &room);
        let outcome = self.supervise(assignment, recorder, cancel).await?;
        conclude(app, claim, outcome).await
    }

    async fn supervise(
        &self,
        assignment: Assignment<'_>,
        mut recorder: Recorder<'_>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Stopped> {
        let (tell, mut heard) = Supervisor::ear();
        let running = self.supervisor.run(assignment, cancel, tell);
        let recording = async {
            while let Some(said) = heard.recv().await {
                if let Err(stopped) = recorder.hear(said).await {
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

/// Fetches the sound that the first job of a film encoded for its MP4. Where it is gone, the child decodes it once more.
async fn fetch_sound(
    app: &App,
    task: &TranscodeTask,
    work: &Work,
    room: &Path,
) -> Result<Option<String>, Stopped> {
    const NAME: &str = "sound.m4a";
    let Some(sound) = task.sound.as_ref().filter(|_| matches!(work, Work::Pictures { .. })) else {
        return Ok(None);
    };
    match app.objects().download(sound, &room.join(NAME)).await {
        Ok(_) => Ok(Some(NAME.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(balado_app::Error::from(error).into()),
    }
}

/// What its child is asked to do. Whatever is no film has one stage only, and gets all its outputs.
fn task_of(work: &Work) -> Task {
    match work {
        Work::LightVideo { .. } => Task::Lighten,
        Work::Pictures { .. } => Task::Convert(Stage::Pictures),
        _ => Task::Convert(Stage::Sound),
    }
}

/// Films never slow anything else down; nothing slows the answers to people down.
pub(super) fn courtesy_of(lane: Lane) -> Courtesy {
    match lane {
        Lane::Film => Courtesy::Humble,
        Lane::Media | Lane::Follow | Lane::Light => Courtesy::Polite,
    }
}

/// How an attempt ended, seen that the process may be stopping: then the job goes back, unless it came to its end. Going
/// back is fenced: where the lease was lost too, nothing happens.
pub(super) fn settled(done: Result<Attempt, Stopped>, stop: &CancellationToken) -> Attempt {
    match done {
        Ok(Attempt::LostLease) | Err(_) if stop.is_cancelled() => Attempt::Interrupted,
        Ok(attempt) => attempt,
        Err(Stopped::LostLease) => Attempt::LostLease,
        Err(Stopped::Failed(setback)) => Attempt::Failed(setback),
    }
}

/// What comes of `work`, unless the job is to stop before.
pub(super) async fn until_cancelled<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, Stopped> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Stopped::LostLease),
        done = work => Ok(done),
    }
}

/// Cancels what runs when its lease is lost or the process stops.
pub(super) async fn cancel_when(lost: CancellationToken, stop: CancellationToken, cancel: CancellationToken) {
    tokio::select! {
        () = lost.cancelled() => {}
        () = stop.cancelled() => {}
    }
    cancel.cancel();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_orderly_stop_ends_goes_back_and_what_lost_its_lease_does_not() {
        let (running, stopping) = (CancellationToken::new(), CancellationToken::new());
        stopping.cancel();
        let called_off: fn() -> Result<Attempt, Stopped> = || Ok(Attempt::LostLease);
        let left = || Err(Stopped::LostLease);
        let failed = || Err(Stopped::Failed(Setback::Retry { code: "scratch-unusable".to_owned() }));
        for way in [called_off, left, failed] {
            assert!(matches!(settled(way(), &stopping), Attempt::Interrupted));
        }
        for way in [called_off, left] {
            assert!(matches!(settled(way(), &running), Attempt::LostLease));
        }
        assert!(matches!(settled(failed(), &running), Attempt::Failed(_)));
        assert!(matches!(settled(Ok(Attempt::Finished), &stopping), Attempt::Finished));
    }

    #[tokio::test]
    async fn what_takes_for_ever_ends_when_its_job_is_to_stop() {
        let cancel = CancellationToken::new();
        let stopping = async {
            tokio::task::yield_now().await;
            cancel.cancel();
        };
        let (ended, ()) = tokio::join!(until_cancelled(&cancel, std::future::pending::<()>()), stopping);
        assert!(matches!(ended, Err(Stopped::LostLease)));
        assert!(matches!(until_cancelled(&CancellationToken::new(), async { 7 }).await, Ok(7)));
    }
}
