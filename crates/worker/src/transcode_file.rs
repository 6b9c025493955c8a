//! The whole pipeline on one file, without server, database or storage: what `balado transcode FILE --out DIR` does.

use crate::supervisor::{Assignment, Courtesy, Media, Outcome, Said, Supervisor};
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use balado_media::cut::{CutError, Stretch};
use balado_media::recipe::Recipe;
use balado_media::wire::{
    EXIT_DONE, EXIT_MISSING, EXIT_REFUSED, Event, Input, Limits, Output, Request, Stage, Task,
};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Exit status of a crash.
const EXIT_CRASHED: u8 = 1;

/// One file made, as told to scripts: one JSON line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeFile {
    /// What it is for.
    pub kind: RenditionKind,
    /// Where it lies.
    pub path: PathBuf,
    /// What it would be served as.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// Playing time, for sound and video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Pixels across.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i32>,
    /// Pixels down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i32>,
    /// Pages, for a PDF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<i32>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything the recipe asks for was made.
    Done,
    /// The file is refused.
    Refused(Refusal),
    /// What is to be kept does not fit the recording.
    Misfit(CutError),
    /// This machine lacks something.
    Missing {
        /// What.
        what: String,
        /// How to get it.
        how: String,
    },
    /// Anything else.
    Crashed {
        /// For the person at the terminal.
        why: String,
    },
}

impl Conclusion {
    /// The exit status of `balado transcode`: 0 done, 2 refused, 3 this machine lacks something, 1 anything else.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Done => EXIT_DONE,
            Self::Refused(_) | Self::Misfit(_) => EXIT_REFUSED,
            Self::Missing { .. } => EXIT_MISSING,
            Self::Crashed { .. } => EXIT_CRASHED,
        }
    }

    /// The stable code of what went wrong; nothing when all is done.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Refused(code) => Some(code.as_str()),
            Self::Misfit(error) => Some(error.code()),
            Self::Missing { .. } => Some("machine-lacks"),
            Self::Crashed { .. } => Some("transcoder-crashed"),
        }
    }

    /// The sentence for the person at the terminal, in English; nothing when all is done. A caller that speaks French
    /// has [`Refusal::french`].
    #[must_use]
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::Refused(code) => Some(code.english().to_owned()),
            Self::Misfit(error) => Some(format!("Cannot cut: {error}.")),
            Self::Missing { what, how } => Some(format!("This machine lacks {what}. {how}")),
            Self::Crashed { why } => Some(why.clone()),
        }
    }
}

/// What the caller hears while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Thousandths done.
    Progress(i32),
    /// A file is whole in the output folder.
    Made(MadeFile),
    /// What a part of a cut holds of the source.
    Kept {
        /// Which part, from 1.
        part: u32,
        /// Its pieces.
        pieces: Vec<Stretch>,
    },
}

/// Converts `file` into the folder `out`, which is made when absent. `on_step` hears of each file as soon as it is
/// there. Outputs are named after the file: `lesson.webm` gives `lesson.mp3`, `lesson-waveform.json`, …
pub async fn transcode_file(
    supervisor: &Supervisor,
    file: &Path,
    out: &Path,
    recipe: Recipe,
    mut on_step: impl FnMut(Step),
) -> Conclusion {
    match prepare(file, out) {
        Ok((media, scratch)) => {
            let request = Request {
                job: "file".to_owned(),
                input: Input::Fd3,
                task: Task::Convert(Stage::All),
                recipe,
                threads: 0,
                limits: Limits::default(),
                sound: None,
            };
            let assignment = Assignment {
                request,
                scratch: scratch.path(),
                media: Media::File(media),
                courtesy: Courtesy::None,
            };
            let cancel = CancellationToken::new();
            let (tell, mut heard) = Supervisor::ear();
            let run = supervisor.run(assignment, &cancel, tell);
            tokio::pin!(run);
            let outcome = loop {
                tokio::select! {
                    biased;
                    Some(said) = heard.recv() => {
                        if let Err(error) = take(&said, file, out, &mut on_step) {
                            return crashed(&error);
                        }
                    }
                    outcome = &mut run => break outcome,
                }
            };
            while let Ok(said) = heard.try_recv() {
                if let Err(error) = take(&said, file, out, &mut on_step) {
                    return crashed(&error);
                }
            }
            conclude(outcome)
        }
        Err(error) => Conclusion::Crashed { why: format!("{}: {error}", file.display()) },
    }
}

fn prepare(file: &Path, out: &Path) -> std::io::Result<(std::fs::File, tempfile::TempDir)> {
    let media = std::fs::File::open(file)?;
    if !media.metadata()?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    std::fs::create_dir_all(out)?;
    // In the output folder, which has room for what is made.
    let scratch = tempfile::Builder::new().prefix(".balado-").tempdir_in(out)?;
    Ok((media, scratch))
}

fn take(said: &Said, file: &Path, out: &Path, on_step: &mut impl FnMut(Step)) -> std::io::Result<()> {
    match said {
        Said::Event(Event::Progress { permille, .. }) => on_step(Step::Progress(*permille)),
        Said::Made(made) => {
            let path = out.join(file_name(file, &made.output));
            made.save(&path)?;
            on_step(Step::Made(made_file(&made.output, path)));
        }
        Said::Event(_) => {}
    }
    Ok(())
}

fn file_name(file: &Path, output: &Output) -> String {
    let stem = file.file_stem().map_or_else(|| "output".into(), |stem| stem.to_string_lossy());
    let role = match output.kind {
        RenditionKind::Mp3 | RenditionKind::Mp4 | RenditionKind::Jpeg | RenditionKind::Pdf => String::new(),
        helper => format!("-{helper}"),
    };
    format!("{stem}{role}.{}", output.kind.extension())
}

fn made_file(output: &Output, path: PathBuf) -> MadeFile {
    MadeFile {
        kind: output.kind,
        path,
        media_type: output.media_type.clone(),
        size_bytes: output.size_bytes,
        duration_ms: output.duration_ms,
        width: output.width,
        height: output.height,
        pages: output.pages,
    }
}

pub(crate) fn conclude(outcome: Outcome) -> Conclusion {
    match outcome {
        Outcome::Done => Conclusion::Done,
        Outcome::Refused { code, .. } => Conclusion::Refused(code),
        Outcome::Missing { what, how } => Conclusion::Missing { what, how },
        Outcome::Cancelled => Conclusion::Crashed { why: "cancelled".to_owned() },
        Outcome::TimedOut => Conclusion::Crashed { why: "it took too long".to_owned() },
        Outcome::Broken { why } | Outcome::Crashed { why } => Conclusion::Crashed { why },
    }
}

fn crashed(error: &std::io::Error) -> Conclusion {
    Conclusion::Crashed { why: error.to_string() }
}
