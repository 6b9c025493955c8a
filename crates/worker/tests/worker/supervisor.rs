//! Claims about the supervisor, made on scripted children: a shell plays the transcoder, well or badly.

use balado_media::wire::{Input, Limits, Request, Task};
use balado_media::{Recipe, Refusal};
use balado_worker::{Assignment, Courtesy, Media, Outcome, Said, Supervisor};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

const BOXED: &str = r#"echo '{"event":"boxed","report":{"closed":true,"landlock":"fully","seccomp":true,"namespaces":[],"privileges_dropped":true,"faults":[]}}'"#;

/// A finished waveform, as a child would tell of it.
const WAVEFORM: &str = r#"printf '{"version":1,"peak_ms":100,"duration_ms":0,"peaks":[]}' > waveform.json
echo '{"event":"output","kind":"waveform","path":"waveform.json","media_type":"application/json","size_bytes":54,"duration_ms":0,"width":null,"height":null,"pages":null}'"#;

struct Stage {
    folder: tempfile::TempDir,
    supervisor: Supervisor,
    courtesy: Courtesy,
}

impl Stage {
    /// A child that does what the script says, after its box report and after it has read its request.
    fn new(script: &str) -> Self {
        Self::bare(&format!("{BOXED}\nread request\n{script}"))
    }

    /// A child that does what the script says.
    fn bare(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("transcoder");
        fs::create_dir(folder.path().join("scratch")).unwrap();
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let supervisor = Supervisor::locate(Some(&program)).unwrap();
        Self { folder, supervisor, courtesy: Courtesy::None }
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().join("scratch")
    }

    async fn run(&self) -> (Outcome, Vec<Said>) {
        self.run_with(Media::InScratch, 30, &CancellationToken::new()).await
    }

    async fn run_with(
        &self,
        media: Media,
        wall_seconds: u64,
        cancel: &CancellationToken,
    ) -> (Outcome, Vec<Said>) {
        let mut heard = Vec::new();
        let outcome = self.hear(media, wall_seconds, cancel, |said| heard.push(said)).await;
        (outcome, heard)
    }

    async fn hear(
        &self,
        media: Media,
        wall_seconds: u64,
        cancel: &CancellationToken,
        mut on_said: impl FnMut(Said) + Send,
    ) -> Outcome {
        let (tell, mut told) = Supervisor::ear();
        let hearing = async {
            while let Some(said) = told.recv().await {
                on_said(said);
            }
        };
        tokio::join!(self.tell(media, wall_seconds, cancel, tell), hearing).0
    }

    /// Runs the child, whoever hears it.
    async fn tell(
        &self,
        media: Media,
        wall_seconds: u64,
        cancel: &CancellationToken,
        tell: Sender<Said>,
    ) -> Outcome {
        let request = Request {
            job: "test".to_owned(),
            input: Input::Fd3,
            task: Task::Convert(balado_media::wire::Stage::All),
            recipe: Recipe::standard(),
            threads: 0,
            limits: Limits { wall_seconds, ..Limits::default() },
            sound: None,
        };
        let (scratch, courtesy) = (self.scratch(), self.courtesy);
        let assignment = Assignment { request, scratch: &scratch, media, courtesy };
        self.supervisor.run(assignment, cancel, tell).await
    }

    /// Waits until a process the script left behind is gone.
    async fn assert_nobody_left(&self) {
        let process = fs::read_to_string(self.scratch().join("left-behind")).unwrap();
        let path = PathBuf::from(format!("/proc/{}/stat", process.trim()));
        let gone = async {
            // A zombie waits for whoever adopted it; it runs no more.
            while fs::read_to_string(&path).is_ok_and(|stat| !stat.contains(") Z ")) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
    }
}

#[track_caller]
fn assert_crashed(outcome: &Outcome, words: &str) {
    assert!(matches!(outcome, Outcome::Crashed { why } if why.contains(words)), "{outcome:?}");
}

#[tokio::test]
async fn an_output_is_told_of_once_it_reads_back() {
    let stage = Stage::new(&format!("{WAVEFORM}\necho '{{\"event\":\"done\"}}'"));
    let (outcome, events) = stage.run().await;
    assert_eq!(outcome, Outcome::Done);
    assert!(
        matches!(events.as_slice(), [Said::Made(made)] if made.output.path == "waveform.json"),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_humble_child_steps_back_behind_everything_else() {
    let mut stage = Stage::new("nice > niceness\necho '{\"event\":\"done\"}'");
    stage.courtesy = Courtesy::Humble;
    assert_eq!(stage.run().await.0, Outcome::Done);
    assert_eq!(fs::read_to_string(stage.scratch().join("niceness")).unwrap().trim(), "19");
}

#[tokio::test]
async fn outputs_that_are_no_plain_files_are_an_attack() {
    let lines: [(&str, &str); 4] = [
        ("ln -s /etc/passwd waveform.json", "waveform.json"),
        ("mkdir waveform.json", "waveform.json"),
        ("mkfifo waveform.json", "waveform.json"),
        (":", "../transcoder"),
    ];
    for (setting, path) in lines {
        let told = WAVEFORM.lines().nth(1).unwrap().replace("waveform.json", path);
        let stage = Stage::new(&format!("{setting}\n{told}\necho '{{\"event\":\"done\"}}'"));
        let (outcome, events) = stage.run().await;
        assert_crashed(&outcome, "");
        assert!(events.is_empty(), "{setting}: {events:?}");
    }
}

#[tokio::test]
async fn what_a_child_does_to_an_output_it_told_of_reaches_nobody() {
    for deed in [
        "ln -sf ../secret waveform.json",
        "echo intruder >> waveform.json",
        "echo intruder > waveform.json",
        "rm waveform.json; mkfifo waveform.json",
        "mv waveform.json elsewhere; echo intruder >> elsewhere",
    ] {
        let script = format!("{WAVEFORM}\nread line\n{deed}\ntouch done-it\necho '{{\"event\":\"alive\"}}'");
        let stage = Stage::new(&format!("{script}\necho '{{\"event\":\"done\"}}'"));
        fs::write(stage.folder.path().join("secret"), "a secret").unwrap();
        // The script waits for the end of its stream, which comes when the output has been told of.
        let (end, stream) = tokio::io::duplex(1);
        let (mut end, mut told) = (Some(end), None);
        let never = CancellationToken::new();
        let on_said = |said| {
            if let Said::Made(made) = said {
                (end, told) = (None, Some(made));
            }
        };
        let outcome = stage.hear(Media::Stream(Box::pin(stream)), 30, &never, on_said).await;
        assert_eq!(outcome, Outcome::Done, "{deed}");
        assert!(end.is_none() && stage.scratch().join("done-it").exists(), "{deed}");
        let (made, copy) = (told.unwrap(), stage.folder.path().join("copy"));
        made.save(&copy).unwrap();
        let saved = fs::read_to_string(copy).unwrap();
        assert_eq!(i64::try_from(saved.len()).unwrap(), made.output.size_bytes, "{deed}");
        assert!(saved.starts_with("{\"version\":1"), "{deed}: {saved}");
    }
}

#[tokio::test]
async fn an_output_that_does_not_read_back_is_not_told_of() {
    let broken = WAVEFORM.replace("\"version\":1", "\"version\":9");
    let (outcome, events) = Stage::new(&broken).run().await;
    assert_crashed(&outcome, "version 9");
    assert!(events.is_empty());
}

#[tokio::test]
async fn the_last_word_counts_only_with_its_exit_status() {
    let done = "echo '{\"event\":\"done\"}'";
    let refused = "echo '{\"event\":\"refused\",\"code\":\"damaged\",\"message\":\"m\"}'";
    let missing = "echo '{\"event\":\"missing\",\"what\":\"w\",\"how\":\"h\"}'";
    let refusal = Outcome::Refused { code: Refusal::Damaged, message: "m".to_owned() };
    let lack = Outcome::Missing { what: "w".to_owned(), how: "h".to_owned() };
    for (script, expected) in [
        (format!("{done}; exit 0"), Some(Outcome::Done)),
        (format!("{refused}; exit 2"), Some(refusal)),
        (format!("{missing}; exit 3"), Some(lack)),
        (format!("{done}; exit 1"), None),
        (format!("{refused}; exit 0"), None),
        ("exit 0".to_owned(), None),
    ] {
        let (outcome, _) = Stage::new(&script).run().await;
        match expected {
            Some(expected) => assert_eq!(outcome, expected, "{script}"),
            None => assert_crashed(&outcome, "stderr"),
        }
    }
}

#[tokio::test]
async fn a_child_or_a_converter_that_a_signal_ends_is_told_from_other_crashes() {
    for script in ["echo '{\"event\":\"done\"}'; kill -9 $$", "kill -SEGV $$", "exit 5"] {
        let (outcome, _) = Stage::new(script).run().await;
        assert!(
            matches!(&outcome, Outcome::Broken { why } if why.contains("stderr")),
            "{script}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_crash_comes_with_the_end_of_what_it_complained_of() {
    let (outcome, _) =
        Stage::new("yes nonsense | head -c 100000 >&2; echo the real cause >&2; exit 9").run().await;
    assert_crashed(&outcome, "the real cause");
    let Outcome::Crashed { why } = outcome else { return };
    assert!(why.len() < 5000, "{}", why.len());
}

#[tokio::test]
async fn lines_without_end_and_lines_without_sense_end_the_child() {
    assert_crashed(
        &Stage::new("yes | tr -d '\\n' | head -c 1000000; sleep 1000").run().await.0,
        "without end",
    );
    assert_crashed(&Stage::new("echo hello; sleep 1000").run().await.0, "not an event");
}

const PROBED: &str = r#"{"event":"probed","family":"audio","media_type":"audio/mpeg","duration_ms":null,"width":null,"height":null}"#;

#[tokio::test]
async fn a_child_that_says_a_thing_again_has_broken() {
    let output = WAVEFORM.lines().nth(1).unwrap();
    for script in [
        format!("yes '{PROBED}'"),
        format!("{WAVEFORM}\n{output}\nsleep 1000"),
        format!("{WAVEFORM}\necho '{{\"event\":\"done\"}}'\necho '{{\"event\":\"done\"}}'"),
        format!("{BOXED}\nsleep 1000"),
    ] {
        let (outcome, heard) = Stage::new(&script).run().await;
        assert_crashed(&outcome, "twice");
        assert!(heard.len() <= 1, "{heard:?}");
    }
}

#[tokio::test]
async fn a_child_that_never_stops_talking_has_broken() {
    for line in ["{\"event\":\"alive\"}", "{\"event\":\"progress\",\"permille\":1,\"remaining_ms\":1}"] {
        assert_crashed(&Stage::new(&format!("yes '{line}'")).run().await.0, "lines");
    }
}

/// Tells of that many parts of a cut, each on its own line of some 5 kB.
fn talks(parts: usize) -> String {
    let piece = r#"{"from_ms":0,"to_ms":1}"#;
    let pieces = [piece; 200].join(",");
    format!(
        "for part in $(seq {parts}); do echo '{{\"event\":\"kept\",\"part\":'$part',\"pieces\":[{pieces}]}}'; done"
    )
}

#[tokio::test]
async fn a_child_waits_while_nobody_hears_it_and_can_still_be_ended() {
    let script = format!("{}\ntouch said-it\nsleep 1000", talks(2000));
    let stage = Stage::new(&script);
    let (tell, told) = Supervisor::ear();
    let (cancel, waits) = (CancellationToken::new(), told.max_capacity());
    let meddling = async {
        while told.len() < waits {
            tokio::task::yield_now().await;
        }
        assert!(!stage.scratch().join("said-it").exists(), "it went on talking");
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(stage.tell(Media::InScratch, 30, &cancel, tell), meddling);
    assert_eq!((outcome, told.len()), (Outcome::Cancelled, waits));
    let (tell, _told) = Supervisor::ear();
    let outcome = Stage::new(&script).tell(Media::InScratch, 1, &CancellationToken::new(), tell).await;
    assert_eq!(outcome, Outcome::TimedOut);
}

#[tokio::test]
async fn a_child_learns_that_its_stream_is_whole_while_nobody_hears_it() {
    let stage = Stage::new(&format!("{}\ncat <&3 >/dev/null\nread line\necho $line > told", talks(20)));
    let (tell, _told) = Supervisor::ear();
    let media = Media::Stream(Box::pin(std::io::Cursor::new(vec![0; 7])));
    let cancel = CancellationToken::new();
    let learning = async {
        while !fs::read_to_string(stage.scratch().join("told")).is_ok_and(|told| told.ends_with('\n')) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    tokio::join!(stage.tell(media, 30, &cancel, tell), learning);
    let told = fs::read_to_string(stage.scratch().join("told")).unwrap();
    assert_eq!(told.trim(), "{\"say\":\"complete\",\"size\":7}");
}

#[tokio::test]
async fn nothing_is_sent_before_the_box_is_closed() {
    let script = format!("timeout 1 head -c 1 > early\n{BOXED}\nread request\necho '{{\"event\":\"done\"}}'");
    let stage = Stage::bare(&script);
    assert_eq!(stage.run().await.0, Outcome::Done);
    assert_eq!(fs::read(stage.scratch().join("early")).unwrap(), b"");
}

#[tokio::test]
async fn a_child_with_a_gap_in_its_box_gets_no_work() {
    let open = BOXED.replace("\"closed\":true", "\"closed\":false");
    let stage =
        Stage::bare(&format!("{open}\nread request\necho $request > got\necho '{{\"event\":\"done\"}}'"));
    assert!(matches!(stage.run().await.0, Outcome::Missing { what, .. } if what == "sandbox"));
    assert!(!stage.scratch().join("got").exists());
    assert_crashed(&Stage::bare("echo '{\"event\":\"done\"}'; sleep 1000").run().await.0, "box report");
}

#[tokio::test]
async fn a_child_finds_nothing_of_the_workers_environment() {
    let stage = Stage::new("env > environment; echo '{\"event\":\"done\"}'");
    assert_eq!(stage.run().await.0, Outcome::Done);
    let found = fs::read_to_string(stage.scratch().join("environment")).unwrap();
    let names: Vec<&str> = found.lines().filter_map(|line| line.split('=').next()).collect();
    assert!(names.iter().all(|name| ["PATH", "LANG", "HOME", "TMPDIR", "PWD"].contains(name)), "{names:?}");
}

const LEAVES_A_CONVERTER: &str = "sleep 1000 & echo $! > left-behind; wait";

#[tokio::test]
async fn the_deadline_ends_the_child_and_its_converters() {
    let stage = Stage::new(LEAVES_A_CONVERTER);
    let (outcome, _) = stage.run_with(Media::InScratch, 1, &CancellationToken::new()).await;
    assert_eq!(outcome, Outcome::TimedOut);
    stage.assert_nobody_left().await;
}

#[tokio::test]
async fn a_child_that_ends_leaves_no_converter_behind() {
    let stage = Stage::new("sleep 1000 >/dev/null 2>&1 & echo $! > left-behind; echo '{\"event\":\"done\"}'");
    assert_eq!(stage.run().await.0, Outcome::Done);
    stage.assert_nobody_left().await;
}

#[tokio::test]
async fn cancelling_asks_first_and_ends_everything() {
    let stage = Stage::new(
        "sleep 1000 >/dev/null 2>&1 & echo $! > left-behind\necho '{\"event\":\"alive\"}'\nread line; echo $line > asked; exit 1",
    );
    let cancel = CancellationToken::new();
    let outcome = stage.hear(Media::InScratch, 30, &cancel, |_| cancel.cancel()).await;
    assert_eq!(outcome, Outcome::Cancelled);
    assert_eq!(fs::read_to_string(stage.scratch().join("asked")).unwrap().trim(), "{\"say\":\"cancel\"}");
    stage.assert_nobody_left().await;
}

#[tokio::test]
async fn cancelling_ends_a_child_that_has_not_closed_its_box_yet() {
    let stage = Stage::bare(LEAVES_A_CONVERTER);
    let cancel = CancellationToken::new();
    let cancelling = async {
        while !fs::read_to_string(stage.scratch().join("left-behind")).is_ok_and(|text| text.ends_with('\n'))
        {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let started = std::time::Instant::now();
    let ((outcome, _), ()) = tokio::join!(stage.run_with(Media::InScratch, 300, &cancel), cancelling);
    assert_eq!(outcome, Outcome::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(20), "it waited for the box report");
    stage.assert_nobody_left().await;
}

#[tokio::test]
async fn an_assignment_that_is_dropped_ends_its_child() {
    let stage = Stage::new(LEAVES_A_CONVERTER);
    let cancel = CancellationToken::new();
    let run = stage.run_with(Media::InScratch, 30, &cancel);
    let started = async {
        while !fs::read_to_string(stage.scratch().join("left-behind")).is_ok_and(|text| text.ends_with('\n'))
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = run => panic!("it waits for ever"),
        () = started => {}
    }
    stage.assert_nobody_left().await;
}

#[tokio::test]
async fn a_stream_reaches_the_child_and_its_length_is_told() {
    let stage = Stage::new("cat <&3 > received; read line; echo $line > told; echo '{\"event\":\"done\"}'");
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let media = Media::Stream(Box::pin(std::io::Cursor::new(bytes.clone())));
    let (outcome, _) = stage.run_with(media, 30, &CancellationToken::new()).await;
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(fs::read(stage.scratch().join("received")).unwrap(), bytes);
    let told = fs::read_to_string(stage.scratch().join("told")).unwrap();
    assert_eq!(told.trim(), "{\"say\":\"complete\",\"size\":300000}");
}

#[tokio::test]
async fn an_open_file_reaches_the_child_as_descriptor_three() {
    let stage = Stage::new("cat <&3 > received; echo '{\"event\":\"done\"}'");
    let file = stage.folder.path().join("original");
    fs::write(&file, "the original").unwrap();
    let media = Media::File(fs::File::open(file).unwrap());
    assert_eq!(stage.run_with(media, 30, &CancellationToken::new()).await.0, Outcome::Done);
    assert_eq!(fs::read_to_string(stage.scratch().join("received")).unwrap(), "the original");
}
