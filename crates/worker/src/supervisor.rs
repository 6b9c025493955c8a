//! Starts one sandboxed `balado-transcoder` per assignment, listens to it, and kills it with all it started at the
//! deadline, on cancellation, or when the assignment is dropped.
//!
//! For the job runner and [`crate::transcode_file`]. It knows no job, no database and no storage. Nothing a child says
//! is believed before it was checked: its lines are bounded in length and number, its outputs are opened without following
//! links, copied out of its reach and read back by `balado_media`.

mod child;
mod listening;
mod locate;
mod manners;
mod output;
mod proof;
mod pump;

pub use locate::NotFound;
pub use output::Made;

use balado_media::Refusal;
use balado_media::wire::{Attempt, BoxReport, Control, Event, Request};
use child::{Child, Line};
use listening::{Ends, listen};
use pump::Pumping;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a child may take to close its box. Loading libav on a busy machine takes about a second.
const BOXED_WITHIN: Duration = Duration::from_secs(30);

/// How long a cancelled child may take to stop by itself.
const CANCELLED_WITHIN: Duration = Duration::from_secs(2);

/// Starts children. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Supervisor {
    program: PathBuf,
    strictness: Strictness,
}

/// Whether a child whose box has a gap may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Never.
    FailClosed,
    /// On a developer's machine, by an explicit setting.
    TolerateGaps,
}

/// What one child is to do.
pub struct Assignment<'a> {
    /// What is asked. Its `input` must fit `media`.
    pub request: Request,
    /// An empty folder for this child alone; the caller removes it. All the child may write to.
    pub scratch: &'a Path,
    /// The original.
    pub media: Media,
    /// How far it steps back for others.
    pub courtesy: Courtesy,
}

/// How far a child steps back when others want the processor. Whoever answers people on this machine runs at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Courtesy {
    /// Not at all: somebody at a terminal waits for it.
    None,
    /// Behind whoever answers people: short work that somebody waits for on a screen.
    Polite,
    /// Behind everything else: long work.
    Humble,
}

impl Courtesy {
    /// As `nice(1)` counts: 0 to 19.
    fn niceness(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Polite => 5,
            Self::Humble => 19,
        }
    }
}

/// How the original reaches the child.
pub enum Media {
    /// It lies in the scratch folder under the name the request gives (`Input::Path`).
    InScratch,
    /// An open file, wherever it lies (`Input::Fd3`).
    File(std::fs::File),
    /// Bytes as they arrive (`Input::Fd3`). The end of the stream means that the original is whole; an error cancels.
    Stream(Pin<Box<dyn AsyncRead + Send>>),
}

/// What is heard of a child.
#[derive(Debug, Clone)]
pub enum Said {
    /// It made something.
    Made(Made),
    /// Anything else it says.
    Event(Event),
}

/// How an assignment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every output was told of and reads back.
    Done,
    /// The file is refused; trying again cannot help.
    Refused {
        /// Why.
        code: Refusal,
        /// For the log.
        message: String,
    },
    /// This machine lacks something; another may not.
    Missing {
        /// What.
        what: String,
        /// How to get it.
        how: String,
    },
    /// The caller asked to stop.
    Cancelled,
    /// The child, or a converter of its, was still working at its deadline.
    TimedOut,
    /// A signal ended the child, or a converter of its: a decoder broke on this file, or its memory was taken away.
    Broken {
        /// For the log: what happened, and the end of the child's stderr.
        why: String,
    },
    /// Anything else: a limit of the box, a line or an output that makes no sense. Trying again may help.
    Crashed {
        /// For the log: what happened, and the end of the child's stderr.
        why: String,
    },
}

impl Supervisor {
    /// Finds the transcoder: the configured path, else beside this program, else in `PATH`.
    ///
    /// # Errors
    /// When it is in none of them.
    pub fn locate(configured: Option<&Path>) -> Result<Self, NotFound> {
        Ok(Self { program: locate::program(configured)?, strictness: Strictness::FailClosed })
    }

    /// The same, with another strictness.
    #[must_use]
    pub fn with_strictness(self, strictness: Strictness) -> Self {
        Self { strictness, ..self }
    }

    /// How strict it is.
    #[must_use]
    pub fn strictness(&self) -> Strictness {
        self.strictness
    }

    /// The program it starts.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Starts a child, has it close its box, and lets it go: what a machine's box can enforce.
    ///
    /// # Errors
    /// The outcome, when the child does not get that far.
    pub async fn probe_box(&self, scratch: &Path) -> Result<BoxReport, Outcome> {
        let mut child = Child::start(self.command(scratch, Courtesy::None), None).map_err(crashed)?;
        let (deadline, never) = (Instant::now() + BOXED_WITHIN, CancellationToken::new());
        self.wait_for_box(&mut child, Ends { deadline, cancel: &never }).await
    }

    /// Has a child try to break out of its box: every attempt, with whether the box held. `scratch` is an empty folder;
    /// the caller removes it.
    ///
    /// # Errors
    /// When the attempts cannot be made at all, which proves nothing.
    pub async fn prove_box(&self, scratch: &Path) -> std::io::Result<Vec<Attempt>> {
        proof::prove(&self.program, scratch).await
    }

    /// Where what is heard of one child goes, and where it comes out. A child that says more than is heard waits.
    #[must_use]
    pub fn ear() -> (mpsc::Sender<Said>, mpsc::Receiver<Said>) {
        listening::ear()
    }

    /// Runs one child to its end. `tell` gets everything it says after its box is closed, each output after it was taken and
    /// checked; an output told of stays good whatever the outcome. Of progress and signs of life, those that find no place
    /// are forgotten. As long as nothing is taken out of the other end, this waits, but never past the deadline.
    pub async fn run(
        &self,
        assignment: Assignment<'_>,
        cancel: &CancellationToken,
        tell: mpsc::Sender<Said>,
    ) -> Outcome {
        let Assignment { request, scratch, media, courtesy } = assignment;
        let deadline = Instant::now() + Duration::from_secs(request.limits.wall_seconds);
        let (descriptor, stream) = match pump::descriptor_for(media) {
            Ok(pair) => pair,
            Err(error) => return crashed(error),
        };
        let mut child = match Child::start(self.command(scratch, courtesy), descriptor) {
            Ok(child) => child,
            Err(error) => return crashed(error),
        };
        let boxed_by = deadline.min(Instant::now() + BOXED_WITHIN);
        if let Err(outcome) = self.wait_for_box(&mut child, Ends { deadline: boxed_by, cancel }).await {
            return outcome;
        }
        let ends = Ends { deadline, cancel };
        match ends.before(child.say(&Control::Start(Box::new(request)))).await {
            Ok(Ok(())) => listen(child, scratch, ends, Pumping::start(stream), tell).await,
            Ok(Err(error)) => child.crash(format!("the request was not taken: {error}")).await,
            Err(outcome) => outcome,
        }
    }

    fn command(&self, scratch: &Path, courtesy: Courtesy) -> tokio::process::Command {
        let mut command = child::bare_command(&self.program, scratch, courtesy);
        if self.strictness == Strictness::TolerateGaps {
            command.arg("--tolerate-gaps");
        }
        command
    }

    async fn wait_for_box(&self, child: &mut Child, ends: Ends<'_>) -> Result<BoxReport, Outcome> {
        match ends.before(child.next_line()).await? {
            Line::Event(Event::Boxed { report }) => {
                let accepted = report.closed || self.strictness == Strictness::TolerateGaps;
                accepted.then_some(report).ok_or_else(|| Outcome::Missing {
                    what: "sandbox".to_owned(),
                    how: "A Linux kernel with Landlock and seccomp.".to_owned(),
                })
            }
            Line::Event(Event::Missing { what, how }) => Err(Outcome::Missing { what, how }),
            _ => Err(child.crash("its first line is not a box report".to_owned()).await),
        }
    }
}

fn crashed(error: impl std::fmt::Display) -> Outcome {
    Outcome::Crashed { why: error.to_string() }
}
