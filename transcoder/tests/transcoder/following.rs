//! Claims about files that are still arriving.

use crate::harness::{Bench, Run, assert_lasts, request, say};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Control, Event, Input, Limits, Request, Stage, Task};
use balado_media::{Refusal, can_be_followed, sniff};
use command_fds::{CommandFdExt, FdMapping};
use std::io::{PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A child that waits for bytes, and where they go in.
struct Following<'b> {
    bench: &'b Bench,
    child: Child,
    pipe: PipeWriter,
    sent: u64,
}

impl<'b> Following<'b> {
    fn start(bench: &'b Bench, stage: Stage) -> Self {
        let (reader, pipe) = std::io::pipe().unwrap();
        let mut command = bench.command();
        command.fd_mappings(vec![FdMapping { parent_fd: reader.into(), child_fd: 3 }]).unwrap();
        let mut child = command.spawn().unwrap();
        // Our own copy of the reading end would keep the pipe open.
        drop(command);
        let asked = Request { task: Task::Convert(stage), ..request(Input::Fd3, Limits::default()) };
        say(&mut child, &Control::Start(Box::new(asked)));
        Self { bench, child, pipe, sent: 0 }
    }

    /// Sends bytes. A child that gave up stops reading; what it said matters, not that.
    fn send(&mut self, bytes: &[u8]) {
        let _ = bytes.chunks(4096).try_for_each(|piece| self.pipe.write_all(piece));
        self.sent += bytes.len() as u64;
    }

    /// Ends the stream with this word, or with the true one.
    fn end(mut self, word: Option<Control>) -> Run {
        drop(self.pipe);
        say(&mut self.child, &word.unwrap_or(Control::Complete { size: self.sent }));
        self.bench.listen(self.child)
    }
}

pub fn follow(bench: &Bench, file: &Path, stage: Stage, word: Option<Control>) -> Run {
    let mut following = Following::start(bench, stage);
    following.send(&std::fs::read(file).unwrap());
    following.end(word)
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media/recorded").join(name)
}

#[test]
fn every_format_that_can_be_followed_gives_the_same_sound_as_the_whole_file() {
    let tone = "-f lavfi -i sine=duration=3 -af volume=0.3";
    let cases = [
        ("live.webm", "-c:a libopus -live 1"),
        ("memo.mp3", "-c:a libmp3lame -b:a 64k -ar 44100"),
        ("vbr.mp3", "-c:a libmp3lame -q:a 4 -ar 48000"),
        ("memo.mp2", "-c:a mp2"),
        ("memo.aac", "-c:a aac"),
        ("memo.flac", "-c:a flac"),
        ("memo.wav", "-c:a pcm_s16le"),
        ("memo.ogg", "-c:a libvorbis"),
        ("memo.opus", "-c:a libopus"),
        ("memo.ts", "-c:a aac"),
        ("front.m4a", "-c:a aac -movflags +faststart"),
        (
            "pieces.m4a",
            "-c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof -frag_duration 500000",
        ),
        ("end.m4a", "-c:a aac"),
    ];
    let mut other = Vec::new();
    for (name, options) in cases {
        let bench = Bench::new();
        let file = bench.ffmpeg(name, &format!("{tone} {options}"));
        let head = std::fs::read(&file).unwrap();
        assert_eq!(can_be_followed(sniff(&head).unwrap().format, &head), name != "end.m4a", "{name}");
        let run = follow(&bench, &file, Stage::Sound, None);
        run.assert_done();
        let whole = Bench::new();
        let same = whole.convert(&file);
        for kind in [RenditionKind::Mp3, RenditionKind::Waveform] {
            if run.bytes(kind) != same.bytes(kind) {
                other.push((name, kind));
            }
        }
    }
    assert_eq!(other, [], "these differ");
}

#[test]
fn what_a_browser_recorded_sounds_the_same_followed_or_whole() {
    for name in ["sound.webm", "film.webm", "film.mp4", "film.mkv"] {
        let bench = Bench::new();
        let run = follow(&bench, &recorded(name), Stage::Sound, None);
        run.assert_done();
        assert!(run.kinds().iter().all(|kind| kind.extension() != "mp4"), "{name}: {:?}", run.kinds());
        assert!(!bench.scratch().join("original.tmp").exists(), "{name} is read once and was kept");
        let whole = Bench::new();
        let same = whole.convert(&recorded(name));
        assert!(run.bytes(RenditionKind::Mp3) == same.bytes(RenditionKind::Mp3), "{name}");
    }
}

#[test]
fn sound_is_made_while_the_sender_pauses() {
    let bench = Bench::new();
    let file = bench.ffmpeg("live.webm", "-f lavfi -i sine=duration=60 -c:a libopus -b:a 64k -live 1");
    let bytes = std::fs::read(file).unwrap();
    let (first, last) = bytes.split_at(bytes.len() * 9 / 10);
    let mut following = Following::start(&bench, Stage::Sound);
    following.send(first);
    // Half a minute of sound at 64 kb/s is there though its end is not.
    let started = Instant::now();
    let made = || -> u64 {
        let files = std::fs::read_dir(bench.scratch()).unwrap().flatten();
        files.filter_map(|entry| entry.metadata().ok()).map(|facts| facts.len()).sum()
    };
    while made() < 30 * 8000 {
        assert!(started.elapsed() < PATIENCE, "{} bytes were made", made());
        std::thread::sleep(Duration::from_millis(20));
    }
    following.send(last);
    let run = following.end(None);
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 60_000, "followed");
}

#[test]
fn a_film_that_arrives_gives_every_output() {
    for (name, options) in [
        ("live.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"),
        ("end.mp4", "-c:v libx264 -c:a aac"),
        ("front.mp4", "-c:v libx264 -c:a aac -movflags +faststart"),
    ] {
        let bench = Bench::new();
        let clip = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -f lavfi -i sine=duration=2";
        let file = bench.ffmpeg(name, &format!("{clip} {options}"));
        let run = follow(&bench, &file, Stage::All, None);
        run.assert_done();
        for kind in [RenditionKind::Mp3, RenditionKind::Mp4, RenditionKind::Poster] {
            run.output(kind);
        }
        assert_lasts(run.mp4().duration_ms, 2000, name);
    }
}

#[test]
fn what_a_browser_recorded_looks_the_same_followed_or_whole() {
    for name in ["film.webm", "film.mp4", "film.mkv"] {
        let bench = Bench::new();
        let run = follow(&bench, &recorded(name), Stage::All, None);
        run.assert_done();
        let whole = Bench::new();
        let same = whole.convert(&recorded(name));
        assert_eq!(run.kinds(), same.kinds(), "{name}");
        assert!(run.bytes(RenditionKind::Mp3) == same.bytes(RenditionKind::Mp3), "{name}");
        assert_eq!(run.mp4(), same.mp4(), "{name}");
        let (followed, queued) = (run.file(RenditionKind::Mp4), same.file(RenditionKind::Mp4));
        for (kind, entry) in
            [('v', "codec_name,profile,width,height,avg_frame_rate"), ('a', "codec_name,profile")]
        {
            assert_eq!(look::probe(&followed, kind, entry), look::probe(&queued, kind, entry), "{name}");
        }
        let [followed, queued] = [followed, queued].map(|film| look::similarity(&film, &recorded(name), 20));
        assert!(queued > 0.9 && (followed - queued).abs() <= 0.002, "{name}: {followed} against {queued}");
    }
}

#[test]
fn pictures_are_encoded_while_the_sender_pauses() {
    let bench = Bench::new();
    let clip = "-f lavfi -i testsrc2=size=320x240:rate=25:duration=20 -f lavfi -i sine=duration=20";
    let file =
        bench.ffmpeg("live.webm", &format!("{clip} -c:v libvpx -deadline realtime -c:a libopus -live 1"));
    let bytes = std::fs::read(&file).unwrap();
    let (first, last) = bytes.split_at(bytes.len() * 9 / 10);
    let mut following = Following::start(&bench, Stage::All);
    following.send(first);
    let started = Instant::now();
    let made = || std::fs::metadata(bench.scratch().join("pictures.tmp")).map_or(0, |facts| facts.len());
    // libav writes what it has in pieces; nothing of the film was there before its pictures were encoded.
    while made() == 0 {
        assert!(started.elapsed() < PATIENCE, "no picture was encoded");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!bench.scratch().join("original.tmp").exists(), "it is read once and was kept");
    following.send(last);
    let run = following.end(None);
    run.assert_done();
    assert_eq!(run.mp4().video_frames, 500);
    assert_lasts(run.mp4().duration_ms, 20_000, "followed");
    assert_eq!(run.kinds().first(), Some(&RenditionKind::Mp3));
}

#[test]
fn pictures_that_come_faster_than_they_can_be_encoded_are_left_to_others() {
    let bench = Bench::new();
    // Some 500 kB a picture, all at once.
    let clip = "-f lavfi -i testsrc2=size=640x480:rate=25:duration=8,noise=alls=60:allf=t -f lavfi -i sine=duration=8";
    let file = bench.ffmpeg("fast.mkv", &format!("{clip} -c:v ffv1 -c:a flac"));
    let run = follow(&bench, &file, Stage::All, None);
    run.assert_done();
    assert!(run.kinds().iter().all(|kind| kind.is_of_sound()), "{:?}", run.kinds());
    assert_lasts(run.mp3().duration_ms, 8000, "followed");
}

#[test]
fn sound_that_conforms_is_copied_into_a_film_that_arrives() {
    let bench = Bench::new();
    let clip = "-f lavfi -i testsrc2=size=1920x1080:rate=10:duration=2 -f lavfi -i sine=duration=2";
    let file = bench.ffmpeg(
        "live.mp4",
        &format!("{clip} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -movflags +frag_keyframe+empty_moov"),
    );
    let run = follow(&bench, &file, Stage::All, None);
    run.assert_done();
    let hash = |file: &Path| look::ffmpeg(file, "-map 0:a -c copy -f hash");
    assert_eq!(hash(&run.file(RenditionKind::Mp4)), hash(&file));
    assert_eq!((run.mp4().width, run.mp4().video_frames), (Some(1280), 20));
}

#[test]
fn an_mp3_with_a_hole_is_encoded_in_a_film_that_arrives_too() {
    let clip = "-f lavfi -i testsrc2=size=64x48:rate=10:duration=6 \
        -f lavfi -i sine=duration=3:sample_rate=44100 -af asetpts='if(gte(T,1),PTS+3*SR,PTS)'";
    let (bench, whole) = (Bench::new(), Bench::new());
    let file = bench.ffmpeg("hole.flv", &format!("{clip} -c:v flv -c:a libmp3lame -b:a 96k"));
    let run = follow(&bench, &file, Stage::All, None);
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 6000, "followed");
    assert_lasts(run.mp4().duration_ms, 6000, "followed");
    assert!(run.bytes(RenditionKind::Mp3) == whole.convert(&file).bytes(RenditionKind::Mp3));
}

#[test]
fn a_stream_that_broke_off_gives_no_output() {
    let bench = Bench::new();
    let file = bench.ffmpeg("live.webm", "-f lavfi -i sine=duration=3 -c:a libopus -live 1");
    for word in [Control::Complete { size: 1 }, Control::Cancel] {
        let bench = Bench::new();
        let run = follow(&bench, &file, Stage::Sound, Some(word));
        assert_eq!((run.outputs().len(), run.status), (0, Some(1)), "{:?}", run.events);
        assert!(!run.events.contains(&Event::Done));
    }
}

#[test]
fn a_fragmented_mp4_that_was_cut_is_refused_like_the_whole_file() {
    let bench = Bench::new();
    let bytes = std::fs::read(recorded("film.mp4")).unwrap();
    let cut = bench.write("cut.mp4", &bytes[..bytes.len() - 3000]);
    follow(&bench, &cut, Stage::Sound, None).assert_refused(Refusal::Incomplete);
    Bench::new().convert(&cut).assert_refused(Refusal::Incomplete);
}
