//! Cut jobs: fetches a finished sound or film, looks for silences or chapters when the split asks for them, has one child
//! make every part, and hands the files over together.
//!
//! Idempotence key: the cut. Its deposits' ids follow from it and appear in the transaction that ends the job, so an
//! attempt that is repeated makes nothing twice.

use super::media::{MediaRunner, cancel_when, courtesy_of, settled, until_cancelled};
use super::recorder::{Pace, Stopped, setback_of_outcome};
use super::{Attempt, Heartbeat};
use crate::supervisor::{Assignment, Made, Media, Outcome, Said, Supervisor};
use balado_app::App;
use balado_app::cuts::{CutFile, CutTask};
use balado_domain::job::{ClaimedJob, Lane, Setback};
use balado_domain::{CutId, ErrorKind};
use balado_media::Recipe;
use balado_media::cut::{CutPlan, Split, Survey};
use balado_media::wire::{Event, Input, Limits, Request, Search, Task};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What counts of what a child said.
#[derive(Default)]
struct Heard {
    made: Vec<Made>,
    survey: Option<Survey>,
}

/// One cut job on its way.
struct Cutting<'c> {
    runner: &'c MediaRunner,
    app: &'c App,
    claim: &'c ClaimedJob,
    lane: Lane,
    folder: &'c Path,
    cancel: &'c CancellationToken,
}

impl MediaRunner {
    /// Runs one cut job.
    pub(crate) async fn cut(
        &self,
        app: &App,
        claim: &ClaimedJob,
        (cut, lane): (CutId, Lane),
        heartbeat: &Heartbeat,
        stop: &CancellationToken,
    ) -> Attempt {
        let cancel = CancellationToken::new();
        let watcher = tokio::spawn(cancel_when(heartbeat.lost().clone(), stop.clone(), cancel.clone()));
        let done = self.cut_within(app, claim, cut, lane, &cancel).await;
        watcher.abort();
        settled(done, stop)
    }

    async fn cut_within(
        &self,
        app: &App,
        claim: &ClaimedJob,
        cut: CutId,
        lane: Lane,
        cancel: &CancellationToken,
    ) -> Result<Attempt, Stopped> {
        let Some(task) = app.cut_task(cut).await? else {
            let completed = app.complete_job(claim).await?;
            return Ok(if completed { Attempt::Finished } else { Attempt::LostLease });
        };
        let folder = self.scratch.room("cut-")?;
        let cutting = Cutting { runner: self, app, claim, lane, folder: folder.path(), cancel };
        let source = folder.path().join("source");
        let fetched = until_cancelled(cancel, app.objects().download(&task.source, &source)).await?;
        fetched.map_err(balado_app::Error::from)?;
        let survey = cutting.survey(&task, &source).await?;
        let plan = task.wish.plan(task.duration_ms, &survey).map_err(|error| {
            let code = error.code().to_owned();
            Stopped::Failed(Setback::Permanent { code })
        })?;
        let files = cutting.make(&plan, &survey, &source).await?;
        match app.finish_cut(claim, cut, files, cancel).await {
            Ok(true) => Ok(Attempt::Finished),
            Ok(false) => Ok(Attempt::LostLease),
            // A full quota is the owner's to empty; trying again by itself would only keep them waiting.
            Err(error) if error.kind() == ErrorKind::Full => {
                Ok(Attempt::Failed(Setback::Permanent { code: error.code().to_owned() }))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Cutting<'_> {
    /// Looks for what the split asks for.
    async fn survey(&self, task: &CutTask, source: &Path) -> Result<Survey, Stopped> {
        let (search, file) = match task.wish.split {
            Split::None | Split::Spans => return Ok(Survey::default()),
            Split::Silences => (Search::Silences, source.to_owned()),
            Split::Chapters => {
                let original = self.folder.join("original");
                let fetching = self.app.objects().download(&task.original, &original);
                until_cancelled(self.cancel, fetching).await?.map_err(balado_app::Error::from)?;
                (Search::Chapters, original)
            }
        };
        let heard = self.run(Task::Survey(search), &file, "survey").await?;
        heard.survey.ok_or_else(|| retry("survey-missing"))
    }

    /// Makes the files of every part, in order.
    async fn make(&self, plan: &CutPlan, survey: &Survey, source: &Path) -> Result<Vec<CutFile>, Stopped> {
        let made = self.run(Task::Cut(plan.clone()), source, "room").await?.made;
        let mut files = Vec::with_capacity(plan.parts.len());
        for (place, part) in (0_u32..).zip(&plan.parts) {
            let made = made.iter().find(|made| made.output.part == Some(place));
            let made = made.ok_or_else(|| retry("outputs-missing"))?;
            let title = part.first().and_then(|span| survey.title_at(span.from_ms)).map(str::to_owned);
            files.push(CutFile { file: Arc::clone(&made.file), title });
        }
        Ok(files)
    }

    /// Runs one child on a file to its end and gives what it said.
    async fn run(&self, task: Task, file: &Path, room: &str) -> Result<Heard, Stopped> {
        let scratch = self.folder.join(room);
        tokio::fs::create_dir(&scratch).await?;
        let presence = self.runner.enter(self.lane);
        let request = Request {
            job: self.claim.job.id.to_string(),
            input: Input::Fd3,
            task,
            recipe: Recipe::standard(),
            threads: presence.threads(),
            limits: Limits::default(),
            sound: None,
        };
        let media = Media::File(std::fs::File::open(file)?);
        let assignment = Assignment { request, scratch: &scratch, media, courtesy: courtesy_of(self.lane) };
        let (tell, mut told) = Supervisor::ear();
        let running = self.runner.supervisor.run(assignment, self.cancel, tell);
        let listening = async {
            let (mut heard, mut pace) = (Heard::default(), Pace::default());
            while let Some(said) = told.recv().await {
                match said {
                    Said::Made(made) => heard.made.push(made),
                    Said::Event(Event::Surveyed { survey }) => heard.survey = Some(survey),
                    Said::Event(Event::Progress { permille, remaining_ms }) if pace.is_due() => {
                        self.report(permille, remaining_ms).await;
                    }
                    Said::Event(_) => {}
                }
            }
            heard
        };
        match tokio::join!(running, listening) {
            (Outcome::Done, heard) => Ok(heard),
            (outcome, _) => {
                Err(setback_of_outcome(self.claim, outcome).map_or(Stopped::LostLease, Stopped::Failed))
            }
        }
    }

    /// How far a cut is helps whoever waits; without it the cut is as good.
    async fn report(&self, permille: i32, remaining_ms: Option<i64>) {
        if let Err(error) = self.app.report_progress(self.claim, permille, remaining_ms).await {
            tracing::warn!(job = %self.claim.job.id, %error, "the progress of a cut could not be told");
        }
    }
}

fn retry(code: &str) -> Stopped {
    Stopped::Failed(Setback::Retry { code: code.to_owned() })
}
