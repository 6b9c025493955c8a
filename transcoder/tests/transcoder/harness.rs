//! Runs the program on one file and collects what it says.

use balado_domain::deposit::{Family, RenditionKind};
use balado_media::readback::{JpegFacts, Mp3Facts, Mp4Facts, read_jpeg, read_mp3, read_mp4};
use balado_media::wire::{BoxReport, Control, Event, Input, Limits, Output, Request, Stage, Task};
use balado_media::{Peaks, Recipe, Refusal, Waveform};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where a test makes its input and the program its outputs.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// What a run gave.
pub struct Run {
    pub report: BoxReport,
    pub events: Vec<Event>,
    pub status: Option<i32>,
    scratch: PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scratch")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn scratch(&self) -> PathBuf {
        self.path("scratch")
    }

    /// Makes a file with a program of this machine. `{}` in the arguments is the file.
    pub fn make(&self, name: &str, program: &str, arguments: &str) -> PathBuf {
        let path = self.path(name);
        let arguments = arguments.split_whitespace().map(|word| word.replace("{}", path.to_str().unwrap()));
        let output =
            Command::new(program).args(arguments).output().unwrap_or_else(|e| panic!("{program}: {e}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        path
    }

    /// Makes a file with ffmpeg from these inputs and options.
    pub fn ffmpeg(&self, name: &str, arguments: &str) -> PathBuf {
        self.make(name, "ffmpeg", &format!("-nostdin -v error -y {arguments} {{}}"))
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn convert(&self, file: &Path) -> Run {
        self.convert_within(file, Limits { wall_seconds: 120, cpu_seconds: 120, ..Limits::default() })
    }

    /// Does something else than converting with a file.
    pub fn work(&self, file: &Path, task: Task) -> Run {
        let limits = Limits { wall_seconds: 120, cpu_seconds: 120, ..Limits::default() };
        self.ask(file, Request { task, ..request(Input::Path("input".to_owned()), limits) })
    }

    pub fn convert_within(&self, file: &Path, limits: Limits) -> Run {
        self.ask(file, request(Input::Path("input".to_owned()), limits))
    }

    /// One stage, or another task, with these threads; 0 is as many as there are cores.
    pub fn perform(&self, file: &Path, task: Task, threads: u32) -> Run {
        let request = request(Input::Path("input".to_owned()), Limits::default());
        self.ask(file, Request { task, threads, ..request })
    }

    /// Anything that can be asked of a file named `input`.
    pub fn ask(&self, file: &Path, request: Request) -> Run {
        fs::copy(file, self.scratch().join("input")).unwrap();
        let mut child = self.command().spawn().unwrap();
        say(&mut child, &Control::Start(Box::new(request)));
        self.listen(child)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_balado-transcoder"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.scratch())
            .env("TMPDIR", self.scratch());
        command.current_dir(self.scratch()).stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    pub fn listen(&self, mut child: Child) -> Run {
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut events: Vec<Event> =
            stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let status = child.wait().unwrap().code();
        let Event::Boxed { report } = events.remove(0) else { panic!("the first line is no box report") };
        Run { report, events, status, scratch: self.scratch() }
    }
}

pub fn request(input: Input, limits: Limits) -> Request {
    let task = Task::Convert(Stage::All);
    Request {
        job: "test".to_owned(),
        input,
        task,
        recipe: Recipe::standard(),
        threads: 0,
        limits,
        sound: None,
    }
}

pub fn say(child: &mut Child, control: &Control) {
    let mut line = serde_json::to_vec(control).unwrap();
    line.push(b'\n');
    child.stdin.as_mut().unwrap().write_all(&line).unwrap();
}

impl Run {
    pub fn outputs(&self) -> Vec<&Output> {
        let outputs = self.events.iter().filter_map(|event| match event {
            Event::Output(output) => Some(output),
            _ => None,
        });
        outputs.collect()
    }

    pub fn kinds(&self) -> Vec<RenditionKind> {
        self.outputs().iter().map(|output| output.kind).collect()
    }

    #[track_caller]
    pub fn assert_done(&self) -> &Self {
        assert_eq!((self.events.last(), self.status), (Some(&Event::Done), Some(0)), "{:?}", self.events);
        for output in self.outputs() {
            let size = fs::metadata(self.scratch.join(&output.path)).unwrap().len();
            assert_eq!(u64::try_from(output.size_bytes).unwrap(), size, "{}", output.kind);
        }
        self
    }

    #[track_caller]
    pub fn assert_refused(&self, expected: Refusal) {
        assert_eq!(self.status, Some(2), "{:?}", self.events);
        assert!(
            matches!(self.events.last(), Some(Event::Refused { code, .. }) if *code == expected),
            "{:?}",
            self.events
        );
    }

    pub fn refusal(&self) -> Option<Refusal> {
        match self.events.last() {
            Some(Event::Refused { code, .. }) => Some(*code),
            _ => None,
        }
    }

    pub fn family(&self) -> Option<Family> {
        self.events.iter().find_map(|event| match event {
            Event::Probed { family, .. } => Some(*family),
            _ => None,
        })
    }

    #[track_caller]
    pub fn output(&self, kind: RenditionKind) -> &Output {
        let found = self.outputs().into_iter().find(|output| output.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind}: {:?}", self.events))
    }

    #[track_caller]
    pub fn bytes(&self, kind: RenditionKind) -> Vec<u8> {
        fs::read(self.scratch.join(&self.output(kind).path)).unwrap()
    }

    /// The original, where the program read it.
    pub fn input(&self) -> PathBuf {
        self.scratch.join("input")
    }

    pub fn path(&self, output: &Output) -> PathBuf {
        self.scratch.join(&output.path)
    }

    pub fn file(&self, kind: RenditionKind) -> PathBuf {
        self.scratch.join(&self.output(kind).path)
    }

    #[track_caller]
    pub fn mp3(&self) -> Mp3Facts {
        read_mp3(self.bytes(RenditionKind::Mp3).as_slice()).unwrap()
    }

    #[track_caller]
    pub fn mp4(&self) -> Mp4Facts {
        self.mp4_of(&self.file(RenditionKind::Mp4))
    }

    #[track_caller]
    pub fn mp4_of(&self, path: &Path) -> Mp4Facts {
        let size = fs::metadata(path).unwrap().len();
        read_mp4(BufReader::new(File::open(path).unwrap()), size).unwrap()
    }

    #[track_caller]
    pub fn jpeg(&self, kind: RenditionKind) -> JpegFacts {
        read_jpeg(&self.bytes(kind)).unwrap()
    }

    #[track_caller]
    pub fn waveform(&self) -> Waveform {
        Waveform::from_json(&self.bytes(RenditionKind::Waveform)).unwrap()
    }

    #[track_caller]
    pub fn peaks(&self) -> Peaks {
        Peaks::from_bytes(&self.bytes(RenditionKind::Peaks)).unwrap()
    }
}

/// Whether a duration is the wanted one, give or take 50 ms.
#[track_caller]
pub fn assert_lasts(found_ms: i64, wanted_ms: i64, what: &str) {
    assert!((found_ms - wanted_ms).abs() <= 50, "{what}: {found_ms} ms, not {wanted_ms}");
}
