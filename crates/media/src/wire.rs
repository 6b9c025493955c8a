//! What `worker` and `transcoder` say to each other: JSON lines, one value per line.
//!
//! Order on the child's stdout: one [`Event::Boxed`] before anything is read from stdin; then, after the worker's
//! [`Control::Start`], at most one [`Event::Probed`], any [`Event::Progress`] and [`Event::Output`], and one last word:
//! `Done` (exit 0), `Refused` (exit 2) or `Missing` (exit 3). Exit 4 without a last word says that a converter did not
//! come to an end, exit 5 that a signal ended one. Any other ending is a crash.

use crate::cut::{CutPlan, Stretch, Survey};
use crate::recipe::Recipe;
use crate::refusal::Refusal;
use balado_domain::deposit::{Family, RenditionKind};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Exit status: every output exists.
pub const EXIT_DONE: u8 = 0;
/// Exit status: the file is refused.
pub const EXIT_REFUSED: u8 = 2;
/// Exit status: this machine lacks something.
pub const EXIT_MISSING: u8 = 3;
/// Exit status: a converter did not come to an end. Nothing is said before.
pub const EXIT_TIMED_OUT: u8 = 4;
/// Exit status: a signal ended a converter. Nothing is said before.
pub const EXIT_BROKEN: u8 = 5;

/// Longest line either side accepts, in bytes; a longer one is a defect or an attack.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// A line the worker sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum Control {
    /// What to do. The first line, sent once.
    Start(Box<Request>),
    /// The stream on fd 3 is whole: it had that many bytes. Without it, the end of the stream is a break.
    Complete {
        /// Bytes sent.
        size: u64,
    },
    /// Stop now; outputs already announced stay good.
    Cancel,
}

/// What is asked of a child. Its working directory is the scratch folder, and all it may write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The name of the work, for logs only.
    pub job: String,
    /// Where the original is.
    pub input: Input,
    /// What to do with it.
    pub task: Task,
    /// What to make of it.
    pub recipe: Recipe,
    /// Threads for decoding and encoding pictures; 0 means as many as there are cores.
    pub threads: u32,
    /// What it may use.
    pub limits: Limits,
    /// For [`Stage::Pictures`]: the [`RenditionKind::Aac`] that [`Stage::Sound`] made of this film, by its name in the
    /// scratch folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
}

/// What a child does with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Make the outputs of the recipe, all or those of one stage.
    Convert(Stage),
    /// Make the light video. The input is a finished MP4 of ours.
    Lighten,
    /// Make one file for each part. The input is a finished MP3 or MP4 of ours.
    Cut(CutPlan),
    /// Look for places to cut at, and make nothing.
    Survey(Search),
}

/// What a survey looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Silences, in a finished MP3 or MP4 of ours.
    Silences,
    /// Chapters, in an original: what is finished has none.
    Chapters,
}

/// Which outputs of a film are made. Everything that is no film has one stage: any of these makes all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// All, sound first, in one process: each track is decoded once.
    All,
    /// What is made of its sound, the AAC for its MP4 included where the original's cannot be copied; nothing, and that is
    /// success, when there is none.
    Sound,
    /// What needs its pictures. Sound that can neither be copied nor comes with the request is decoded again.
    Pictures,
}

/// Where the original is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// A file of the scratch folder, by its name there.
    Path(String),
    /// Open on descriptor 3: a whole file (seekable), or a pipe that ends with [`Control::Complete`].
    Fd3,
}

/// What a job may use. The box enforces the machine's part; the rest is refused by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Seconds before the worker kills the child.
    pub wall_seconds: u64,
    /// CPU seconds of each process of the child.
    pub cpu_seconds: u64,
    /// Address space of each process of the child, in bytes.
    pub memory_bytes: u64,
    /// Largest file a child may write, in bytes.
    pub file_bytes: u64,
    /// Processes and threads of the child.
    pub processes: u64,
    /// Longest playing time, in milliseconds.
    pub duration_ms: i64,
    /// Largest picture, in pixels.
    pub pixels: u64,
    /// Most pages.
    pub pages: u32,
}

impl Default for Limits {
    /// Twelve hours of sound, 100 Mpx, 500 pages, 4 GiB of address space, 6 h of work.
    fn default() -> Self {
        Self {
            wall_seconds: 6 * 3600,
            cpu_seconds: 12 * 3600,
            memory_bytes: 4 << 30,
            file_bytes: 16 << 30,
            processes: 256,
            duration_ms: 12 * 3600 * 1000,
            pixels: 100_000_000,
            pages: 500,
        }
    }
}

/// A line the transcoder answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The box is closed; nothing was read before.
    Boxed {
        /// What holds.
        report: BoxReport,
    },
    /// What the file really is.
    Probed {
        /// Decides the outputs.
        family: Family,
        /// From our own table.
        media_type: String,
        /// As far as the container tells; absent for live recordings.
        duration_ms: Option<i64>,
        /// Pixels across, upright.
        width: Option<i32>,
        /// Pixels down, upright.
        height: Option<i32>,
    },
    /// How far the work is.
    Progress {
        /// Thousandths done.
        permille: i32,
        /// Estimated from the pace so far; absent until there is one.
        remaining_ms: Option<i64>,
    },
    /// Work goes on, for whoever must tell long work from a standstill.
    Alive,
    /// One output is whole on disk.
    Output(Output),
    /// What a part of a cut really holds, before its output: sound is cut where asked, pictures as the precision tells.
    Kept {
        /// Which part, from 0.
        part: u32,
        /// Its pieces of the source.
        pieces: Vec<Stretch>,
    },
    /// What a survey found.
    Surveyed {
        /// What was looked for; the rest of it is empty.
        survey: Survey,
    },
    /// Every output is whole.
    Done,
    /// The file is refused.
    Refused {
        /// Why.
        code: Refusal,
        /// For the log; never shown.
        message: String,
    },
    /// This machine lacks something.
    Missing {
        /// What, e.g. `soffice`.
        what: String,
        /// How to get it, for the administrator.
        how: String,
    },
}

/// One output of a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What it is for.
    pub kind: RenditionKind,
    /// Its name in the scratch folder: one plain file name, without folder.
    pub path: String,
    /// What it is served as.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// Playing time, for sound and video.
    pub duration_ms: Option<i64>,
    /// Pixels across.
    pub width: Option<i32>,
    /// Pixels down.
    pub height: Option<i32>,
    /// Pages, for a PDF.
    pub pages: Option<i32>,
    /// Which part of a cut, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
}

/// What the box of a child enforces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxReport {
    /// Whether the walls that must stand do; false only under the developers' override.
    pub closed: bool,
    /// Landlock: `fully`, `partially` or `not`, and the ABI of the kernel when known.
    pub landlock: String,
    /// Whether the system call filter is in force.
    pub seccomp: bool,
    /// Namespaces of its own, e.g. `user`, `net`, `ipc`.
    pub namespaces: Vec<String>,
    /// Whether it can gain no privilege, dies with the worker, and cannot be traced.
    pub privileges_dropped: bool,
    /// Why a wall is missing, when one is.
    pub faults: Vec<String>,
}

/// One attempt to break out of the box, made from inside: a line of `balado-transcoder --prove-box`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was tried, e.g. `read a file outside`.
    pub what: String,
    /// Whether the box held.
    pub held: bool,
}

/// The number of a descriptor that the worker leaves open for the attempts, on purpose.
pub const LEFT_OPEN: i32 = 9;

/// What the attempts are aimed at: made by the worker, harmless if reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// A file outside the scratch folder that the worker can read.
    pub file: PathBuf,
    /// A folder outside the scratch folder that the worker can write to.
    pub folder: PathBuf,
    /// A local socket somebody listens on.
    pub socket: PathBuf,
    /// The name of a local socket without a file that somebody listens on.
    pub abstract_socket: String,
    /// A TCP port on 127.0.0.1 somebody listens on.
    pub port: u16,
    /// The number of the worker's process.
    pub worker: u32,
    /// The number of a process of the worker's that nobody needs.
    pub victim: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_as_they_were_written() {
        let request = Request {
            job: "j".to_owned(),
            input: Input::Fd3,
            task: Task::Convert(Stage::All),
            recipe: Recipe::standard(),
            threads: 0,
            limits: Limits::default(),
            sound: None,
        };
        for control in [Control::Start(Box::new(request)), Control::Complete { size: 7 }, Control::Cancel] {
            let line = serde_json::to_string(&control).unwrap();
            assert!(!line.contains('\n') && line.len() < MAX_LINE_BYTES);
            assert_eq!(serde_json::from_str::<Control>(&line).unwrap(), control);
        }
        let event = Event::Refused { code: Refusal::NoMediaTrack, message: "0 tracks".to_owned() };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(line, r#"{"event":"refused","code":"no-media-track","message":"0 tracks"}"#);
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
