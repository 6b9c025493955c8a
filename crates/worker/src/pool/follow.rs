//! Follow jobs: a child converts a deposit while it arrives, so that stopping a recording of any length leaves only its
//! last seconds to do. Its sound always; its pictures too where no other film is at work, since they cost a core.
//!
//! Idempotence key: (deposit, recipe). A follower ends its own job and the queued one that would do its work, in one
//! transaction, or leaves both as they are: at whatever point it dies, the queued job does everything again and comes to
//! the same bytes. Nothing is recorded before the deposit is `Received`.

mod feed;

use super::load::Presence;
use super::media::{MediaRunner, cancel_when, settled};
use super::recorder::{Recorder, Stopped, conclude};
use super::{Attempt, Heartbeat};
use crate::supervisor::{Assignment, Courtesy, Media, Outcome, Said, Supervisor};
use balado_app::App;
use balado_app::transcoding::TranscodeTask;
use balado_domain::DepositId;
use balado_domain::deposit::{Family, RenditionKind};
use balado_domain::job::{ClaimedJob, Setback, Work};
use balado_media::Recipe;
use balado_media::wire::{Event, Input, Limits, Request, Stage, Task};
use feed::{Feed, Leaving, Tale};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What one follower may use of the memory, in MiB: the promise made for sound. One that makes pictures too takes the place
/// of a film, and with it the memory of one.
const MEMORY_MIB: u64 = 150;
/// The part of the memory that all followers of a machine may use together: one in so many.
const MEMORY_SHARE: u64 = 4;
/// Longest time from the first byte to the last, in seconds. Past it the queue does the work.
const LONGEST_SECONDS: u64 = 24 * 3600;
/// How long a child may take nothing of what lies ready for it, or not come to its end.
const STUCK_AFTER: Duration = Duration::from_secs(120);
/// How soon what another process has done is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How many followers this machine takes: the number set, else two per core as far as the memory goes.
pub(super) fn slots(set: usize) -> usize {
    if set > 0 {
        return set;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let fit = memory_mib().map_or(u64::MAX, |memory| memory / MEMORY_SHARE / MEMORY_MIB);
    (cores * 2).min(usize::try_from(fit).unwrap_or(usize::MAX)).max(1)
}

/// The memory of this machine, or of the container it runs in.
fn memory_mib() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kib: u64 = machine.lines().find_map(|line| line.strip_prefix("MemTotal:")).and_then(|rest| {
        let number = rest.trim().trim_end_matches("kB").trim();
        number.parse().ok()
    })?;
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let bytes: Option<u64> = container.and_then(|text| text.trim().parse().ok());
    Some((kib / 1024).min(bytes.map_or(u64::MAX, |bytes| bytes >> 20)))
}

impl MediaRunner {
    /// Runs a follow job.
    pub(super) async fn follow(
        &self,
        app: &App,
        claim: &ClaimedJob,
        work: &Work,
        heartbeat: &Heartbeat,
        stop: &CancellationToken,
    ) -> Attempt {
        let (Some(deposit), Some(recipe)) =
            (work.deposit(), work.recipe().and_then(|name| app.recipes().find(name)))
        else {
            return Attempt::Failed(Setback::Permanent { code: "recipe-unknown".to_owned() });
        };
        let cancel = CancellationToken::new();
        let watcher = tokio::spawn(cancel_when(heartbeat.lost().clone(), stop.clone(), cancel.clone()));
        let has_pictures = AtomicBool::new(false);
        let follower = Follower { runner: self, app, claim, work, deposit, cancel, has_pictures };
        let done = follower.accompany(recipe.clone()).await;
        watcher.abort();
        settled(done, stop)
    }
}

/// One follow job under way.
struct Follower<'r> {
    runner: &'r MediaRunner,
    app: &'r App,
    claim: &'r ClaimedJob,
    work: &'r Work,
    deposit: DepositId,
    cancel: CancellationToken,
    /// Whether it made the MP4 too, for the log.
    has_pictures: AtomicBool,
}

impl Follower<'_> {
    async fn accompany(&self, recipe: Recipe) -> Result<Attempt, Stopped> {
        if !self.app.is_arriving(self.deposit).await? {
            return self.leave("it has arrived").await;
        }
        let folder = self.runner.scratch.room("follow-")?;
        let (feed, tale) = Feed::new(self.app, self.deposit);
        let film = self.runner.load.enter_film(self.app.configuration().worker.film_slots);
        let stage = if film.is_some() { Stage::All } else { Stage::Sound };
        let request = Request {
            job: self.claim.job.id.to_string(),
            input: Input::Fd3,
            task: Task::Convert(stage),
            recipe,
            threads: 1,
            limits: Limits { wall_seconds: LONGEST_SECONDS, ..Limits::default() },
            sound: None,
        };
        let media = Media::Stream(Box::pin(feed.into_reader()));
        let assignment = Assignment { request, scratch: folder.path(), media, courtesy: Courtesy::Polite };
        let guard = tokio::spawn(end_when_stuck(tale.clone(), self.cancel.clone()));
        let ended = self.supervise(assignment, (film, &tale)).await;
        guard.abort();
        match (ended, tale.leaving()) {
            (Ok((Outcome::Done, unwritten)), _) => self.complete(unwritten, &tale).await,
            (Ok((outcome, _)), _) => self.conclude(outcome, &tale).await,
            (Err(Stopped::LostLease), Some(why)) => self.leave(why.words()).await,
            (Err(stopped), _) => Err(stopped),
        }
    }

    /// Runs the child. Also gives what it said of the family when it made nothing to be written beside it.
    async fn supervise(
        &self,
        assignment: Assignment<'_>,
        film: (Option<Presence>, &Tale),
    ) -> Result<(Outcome, Option<Said>), Stopped> {
        let room = assignment.scratch;
        let (tell, heard) = Supervisor::ear();
        let running = self.runner.supervisor.run(assignment, &self.cancel, tell);
        let recording = async {
            let recorded = self.record(heard, room, film).await;
            if recorded.is_err() {
                self.cancel.cancel();
            }
            recorded
        };
        let (outcome, recorded) = tokio::join!(running, recording);
        Ok((outcome, recorded?))
    }

    /// Writes what the child makes, once the deposit is there to be written about. Gives what is left to be written.
    async fn record(
        &self,
        mut heard: mpsc::Receiver<Said>,
        room: &Path,
        (mut film, tale): (Option<Presence>, &Tale),
    ) -> Result<Option<Said>, Stopped> {
        let (mut probed, mut known) = (None, None);
        while let Some(said) = heard.recv().await {
            tale.lives();
            match said {
                Said::Event(Event::Probed { family, .. }) => {
                    film = film.filter(|_| family == Family::Video);
                    probed = Some(said);
                }
                Said::Made(ref made) => {
                    self.has_pictures.fetch_or(made.output.kind == RenditionKind::Mp4, Ordering::Relaxed);
                    let task: &TranscodeTask = match &mut known {
                        Some(task) => task,
                        None => known.insert(self.received(tale).await?),
                    };
                    let mut recorder = self.recorder(task, room);
                    if let Some(family) = probed.take() {
                        recorder.hear(family).await?;
                    }
                    recorder.hear(said).await?;
                }
                // How far a recording is that goes on, nobody knows.
                Said::Event(_) => {
                    if let Some(task) = &known {
                        self.recorder(task, room).hear(said).await?;
                    }
                }
            }
        }
        drop(film);
        Ok(probed)
    }

    fn recorder<'a>(&'a self, task: &'a TranscodeTask, room: &'a Path) -> Recorder<'a> {
        Recorder::new(self.app, self.claim, task, self.work.recipe().unwrap_or_default(), room)
    }

    /// Waits until every byte is sealed and the deposit recorded as received.
    async fn received(&self, tale: &Tale) -> Result<TranscodeTask, Stopped> {
        let followed = self.app.follow(self.deposit);
        loop {
            // Asked first: what has arrived between the two questions is found by the second.
            let is_arriving = self.app.is_arriving(self.deposit).await?;
            if let Some(task) = self.app.transcode_task(self.work).await? {
                return Ok(task);
            }
            if self.cancel.is_cancelled() || !is_arriving {
                return Err(Stopped::LostLease);
            }
            // It is not the child that this waits for.
            tale.lives();
            followed.changed(LOOK_EVERY).await;
        }
    }

    /// The child has done all it was asked: the job ends, and with it the one that would do the same.
    async fn complete(&self, unwritten: Option<Said>, tale: &Tale) -> Result<Attempt, Stopped> {
        let task = self.received(tale).await?;
        if let Some(family) = unwritten {
            self.recorder(&task, Path::new("")).hear(family).await?;
        }
        let ended = conclude(self.app, self.claim, Outcome::Done).await?;
        let pictures = self.has_pictures.load(Ordering::Relaxed);
        tracing::info!(deposit = %self.deposit, pictures, "followed to its end");
        Ok(ended)
    }

    async fn conclude(&self, outcome: Outcome, tale: &Tale) -> Result<Attempt, Stopped> {
        match (outcome, tale.leaving()) {
            (Outcome::Done | Outcome::Cancelled, None) => Ok(Attempt::LostLease),
            (Outcome::Done | Outcome::Cancelled, Some(why)) => self.leave(why.words()).await,
            // The queue comes to the same verdict on the whole file, and tells it.
            (Outcome::Refused { code, .. }, _) => self.leave(code.as_str()).await,
            (Outcome::TimedOut, _) => self.leave("it took too long").await,
            (broken @ (Outcome::Broken { .. } | Outcome::Crashed { .. } | Outcome::Missing { .. }), _) => {
                if self.app.is_arriving(self.deposit).await? {
                    conclude(self.app, self.claim, broken).await
                } else {
                    tracing::warn!(job = %self.claim.job.id, ?broken, "a follower failed at the end");
                    self.leave("its child failed").await
                }
            }
        }
    }

    async fn leave(&self, why: &str) -> Result<Attempt, Stopped> {
        tracing::info!(deposit = %self.deposit, why, "left to the queue");
        let held = self.app.leave_to_queue(self.claim).await?;
        Ok(if held { Attempt::Finished } else { Attempt::LostLease })
    }
}

/// Ends a child that takes nothing though there is something to take.
async fn end_when_stuck(tale: Tale, cancel: CancellationToken) {
    while tale.stuck_for() < STUCK_AFTER {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tale.leave(Leaving::Stuck);
    cancel.cancel();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_set_wins_over_what_fits() {
        assert_eq!(slots(37), 37);
        assert!(slots(0) >= 1);
    }
}
