//! Claims about how often a film is decoded: every packet of the original that a decoder of libav is
//! given is counted.

use crate::harness::{Bench, Run, request, say};
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Control, Input, Limits, Request, Stage, Task};
use std::fs;
use std::path::Path;

/// Two hundred pictures and as much sound, in codings that are nothing to be copied.
const FILM: &str = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=8 -f lavfi -i sine=duration=8 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a libopus -frame_duration 20";

/// Pictures of the film.
const PICTURES: u32 = 200;

/// Packets of its sound: one every 20 ms, and the rest the encoder held.
const SOUNDS: u32 = 401;

/// More than libav decodes to learn what a file holds.
const PROBED: u32 = 40;

/// What was given to decoders.
#[derive(Debug)]
struct Decoded {
    pictures: u32,
    sounds: u32,
}

/// What a stage of a film gives, and what was decoded for it.
fn watch(bench: &Bench, file: &Path, stage: Stage) -> (Run, Decoded) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcoder/decoders/count.c");
    let counter =
        bench.make("count.so", "cc", &format!("-shared -fPIC -O1 -o {{}} {} -ldl", source.display()));
    fs::copy(file, bench.scratch().join("input")).unwrap();
    let mut child = bench.command().env("LD_PRELOAD", counter).spawn().unwrap();
    let asked = request(Input::Path("input".to_owned()), Limits::default());
    say(&mut child, &Control::Start(Box::new(Request { task: Task::Convert(stage), ..asked })));
    let run = bench.listen(child);
    let told = fs::read_to_string(bench.scratch().join("decoded")).unwrap();
    let numbers: Vec<u32> = told.split_whitespace().map(|number| number.parse().unwrap()).collect();
    (run, Decoded { pictures: numbers[0], sounds: numbers[1] })
}

#[test]
fn a_film_is_decoded_once_for_everything_that_is_made_of_it() {
    let bench = Bench::new();
    let (run, decoded) = watch(&bench, &bench.ffmpeg("film.mkv", FILM), Stage::All);
    run.assert_done();
    for kind in [
        RenditionKind::Mp4,
        RenditionKind::Poster,
        RenditionKind::Sprite,
        RenditionKind::Mp3,
        RenditionKind::Waveform,
        RenditionKind::Peaks,
    ] {
        run.output(kind);
    }
    assert!((PICTURES..PICTURES + PROBED).contains(&decoded.pictures), "{decoded:?}");
    // The AAC of the film comes of samples that were kept.
    assert!((SOUNDS..SOUNDS + PROBED).contains(&decoded.sounds), "{decoded:?}");
}

#[test]
fn the_sound_of_a_film_is_had_without_decoding_its_pictures() {
    let bench = Bench::new();
    let (run, decoded) = watch(&bench, &bench.ffmpeg("film.mkv", FILM), Stage::Sound);
    run.assert_done();
    run.output(RenditionKind::Mp3);
    assert!(decoded.pictures < PROBED, "{decoded:?}");
    assert!((SOUNDS..SOUNDS + PROBED).contains(&decoded.sounds), "{decoded:?}");
}
