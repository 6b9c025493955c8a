//! Claims about files that are still arriving.

use crate::harness::{Bench, assert_lasts, request, say};
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Control, Event, Input, Limits};
use command_fds::{CommandFdExt, FdMapping};
use std::io::Write;
use std::path::Path;

pub fn follow(bench: &Bench, file: &Path, ending: Option<Control>) -> crate::harness::Run {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let mut command = bench.command();
    command.fd_mappings(vec![FdMapping { parent_fd: reader.into(), child_fd: 3 }]).unwrap();
    let mut child = command.spawn().unwrap();
    // Our own copy of the reading end would keep the pipe open.
    drop(command);
    say(&mut child, &Control::Start(Box::new(request(Input::Fd3, Limits::default()))));
    let bytes = std::fs::read(file).unwrap();
    let feeder = std::thread::spawn(move || {
        // A child that gave up stops reading; what it said matters, not that.
        let _ = bytes.chunks(4096).try_for_each(|piece| writer.write_all(piece));
        bytes.len() as u64
    });
    let mut stdin = child.stdin.take().unwrap();
    let ending = std::thread::spawn(move || {
        let size = feeder.join().unwrap();
        let ending = ending.unwrap_or(Control::Complete { size });
        let mut line = serde_json::to_vec(&ending).unwrap();
        line.push(b'\n');
        let _ = stdin.write_all(&line);
        stdin
    });
    let run = bench.listen(child);
    drop(ending.join());
    run
}

#[test]
fn a_recording_is_converted_while_it_arrives() {
    let bench = Bench::new();
    let file = bench.ffmpeg("live.webm", "-f lavfi -i sine=duration=3 -c:a libopus -live 1");
    let run = follow(&bench, &file, None);
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 3000, "followed");
    let whole = Bench::new();
    let same = whole.convert(&file);
    assert_eq!(run.output(RenditionKind::Mp3).sha256, same.output(RenditionKind::Mp3).sha256);
}

#[test]
fn a_film_that_arrives_gives_every_output() {
    for (name, options) in [
        ("live.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"),
        ("end.mp4", "-c:v libx264 -c:a aac"),
    ] {
        let bench = Bench::new();
        let clip = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -f lavfi -i sine=duration=2";
        let run = follow(&bench, &bench.ffmpeg(name, &format!("{clip} {options}")), None);
        run.assert_done();
        assert_eq!(run.kinds().len(), 5, "{name}");
        assert_lasts(run.mp4().duration_ms, 2000, name);
    }
}

#[test]
fn a_stream_that_broke_off_gives_no_output() {
    let bench = Bench::new();
    let file = bench.ffmpeg("live.webm", "-f lavfi -i sine=duration=3 -c:a libopus -live 1");
    for ending in [Control::Complete { size: 1 }, Control::Cancel] {
        let bench = Bench::new();
        let run = follow(&bench, &file, Some(ending));
        assert_eq!((run.outputs().len(), run.status), (0, Some(1)), "{:?}", run.events);
        assert!(!run.events.contains(&Event::Done));
    }
}
