//! Cutting one file, without server, database or storage: what `balado transcode FILE --keep SPANS --out DIR` does.
//!
//! The file is converted first, and what is kept is cut out of the finished sound or film; then each part goes through the
//! same pipeline, which copies it and makes its waveform or pictures. So a part is what the service would make of it.

use crate::supervisor::{Assignment, Courtesy, Media, Outcome, Said, Supervisor};
use crate::transcode_file::{Conclusion, MadeFile, Step, conclude, transcode_file};
use balado_domain::deposit::RenditionKind;
use balado_media::Recipe;
use balado_media::cut::{CutPlan, CutWish, Split, Survey};
use balado_media::wire::{Event, Input, Limits, Request, Search, Task};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// What stops a cut half-way, already worded.
type Result<T> = std::result::Result<T, Conclusion>;

/// Cuts `file` and puts what is made of each part into the folder `out`: `lesson.webm` gives `lesson-cut.mp3`,
/// `lesson-cut-waveform.json`, …, or `lesson-1.mp3`, `lesson-2.mp3`, … when it is split.
pub async fn cut_file(
    supervisor: &Supervisor,
    file: &Path,
    out: &Path,
    recipe: Recipe,
    wish: &CutWish,
    mut on_step: impl FnMut(Step),
) -> Conclusion {
    match cut(supervisor, file, out, &recipe, wish, &mut on_step).await {
        Ok(()) => Conclusion::Done,
        Err(conclusion) => conclusion,
    }
}

async fn cut(
    supervisor: &Supervisor,
    file: &Path,
    out: &Path,
    recipe: &Recipe,
    wish: &CutWish,
    on_step: &mut impl FnMut(Step),
) -> Result<()> {
    std::fs::create_dir_all(out).map_err(crashed)?;
    let folder = tempfile::Builder::new().prefix(".balado-cut-").tempdir_in(out).map_err(crashed)?;
    let child = Child { supervisor, recipe, folder: folder.path() };
    let whole = convert(&child, file, on_step).await?;
    let survey = child.survey(wish.split, file, &whole.path).await?;
    let duration_ms = whole.duration_ms.unwrap_or(0);
    let plan = wish.plan(duration_ms, &survey).map_err(Conclusion::Misfit)?;
    for part in child.parts(&plan, file, &whole.path, on_step).await? {
        match transcode_file(supervisor, &part, out, recipe.clone(), &mut *on_step).await {
            Conclusion::Done => {}
            other => return Err(other),
        }
    }
    Ok(())
}

/// The finished film, or else the finished sound, of the whole file.
async fn convert(child: &Child<'_>, file: &Path, on_step: &mut impl FnMut(Step)) -> Result<MadeFile> {
    let mut made = Vec::new();
    let heard = |step: Step| match step {
        Step::Made(file) => made.push(file),
        other => on_step(other),
    };
    let out = child.folder.join("whole");
    match transcode_file(child.supervisor, file, &out, child.recipe.clone(), heard).await {
        Conclusion::Done => {}
        other => return Err(other),
    }
    let found = [RenditionKind::Mp4, RenditionKind::Mp3]
        .iter()
        .find_map(|kind| made.iter().find(|file| file.kind == *kind).cloned());
    found.ok_or_else(|| crashed("only sound and video can be cut"))
}

/// Children that work on one cut.
struct Child<'c> {
    supervisor: &'c Supervisor,
    recipe: &'c Recipe,
    folder: &'c Path,
}

impl Child<'_> {
    async fn survey(&self, split: Split, file: &Path, whole: &Path) -> Result<Survey> {
        let (search, source) = match split {
            Split::None | Split::Spans => return Ok(Survey::default()),
            Split::Silences => (Search::Silences, whole),
            Split::Chapters => (Search::Chapters, file),
        };
        let heard = self.run(Task::Survey(search), source, "survey").await?;
        let found = heard.into_iter().find_map(|said| match said {
            Said::Event(Event::Surveyed { survey }) => Some(survey),
            _ => None,
        });
        found.ok_or_else(|| crashed("the survey found nothing, not even that"))
    }

    /// The files of the parts, named after the source.
    async fn parts(
        &self,
        plan: &CutPlan,
        file: &Path,
        whole: &Path,
        on_step: &mut impl FnMut(Step),
    ) -> Result<Vec<PathBuf>> {
        let heard = self.run(Task::Cut(plan.clone()), whole, "room").await?;
        let stem = file.file_stem().map_or_else(|| "output".into(), |stem| stem.to_string_lossy());
        let mut parts = Vec::new();
        for said in heard {
            match said {
                Said::Event(Event::Kept { part, pieces }) => on_step(Step::Kept { part: part + 1, pieces }),
                Said::Made(made) => {
                    let name = match made.output.part {
                        Some(part) if plan.parts.len() > 1 => format!("{stem}-{}", part + 1),
                        _ => format!("{stem}-cut"),
                    };
                    let path = self.folder.join(format!("{name}.{}", made.output.kind.extension()));
                    made.save(&path).map_err(crashed)?;
                    parts.push(path);
                }
                _ => {}
            }
        }
        Ok(parts)
    }

    /// Runs one child to its end and gives what it said.
    async fn run(&self, task: Task, file: &Path, room: &str) -> Result<Vec<Said>> {
        let scratch = self.folder.join(room);
        std::fs::create_dir(&scratch).map_err(crashed)?;
        let request = Request {
            job: "file".to_owned(),
            input: Input::Fd3,
            task,
            recipe: self.recipe.clone(),
            threads: 0,
            limits: Limits::default(),
            sound: None,
        };
        let media = Media::File(std::fs::File::open(file).map_err(crashed)?);
        let assignment = Assignment { request, scratch: &scratch, media, courtesy: Courtesy::None };
        let cancel = CancellationToken::new();
        let (tell, mut told) = Supervisor::ear();
        let listening = async {
            let mut heard = Vec::new();
            while let Some(said) = told.recv().await {
                if !matches!(said, Said::Event(Event::Progress { .. } | Event::Alive)) {
                    heard.push(said);
                }
            }
            heard
        };
        match tokio::join!(self.supervisor.run(assignment, &cancel, tell), listening) {
            (Outcome::Done, heard) => Ok(heard),
            (other, _) => Err(conclude(other)),
        }
    }
}

fn crashed(why: impl std::fmt::Display) -> Conclusion {
    Conclusion::Crashed { why: why.to_string() }
}
