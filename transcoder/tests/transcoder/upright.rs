//! Claims about how pictures stand: as wide, as high and the way round their file says, whatever way it says it.

use crate::harness::{Bench, Run};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Stage, Task};
use std::path::Path;

/// A film without sound.
fn clip(size: &str) -> String {
    format!("-f lavfi -i testsrc2=size={size}:rate=25:duration=1")
}

fn pictures(bench: &Bench, file: &Path) -> Run {
    let run = bench.perform(file, Task::Convert(Stage::Pictures), 0);
    run.assert_done();
    run
}

fn size(run: &Run) -> (u16, u16) {
    let facts = run.mp4();
    (facts.width.unwrap(), facts.height.unwrap())
}

#[test]
fn pixels_that_are_not_square_are_made_so_whoever_tells() {
    for (name, options) in [
        ("mpeg4.mov", "-vf setsar=64/45 -c:v mpeg4"),
        ("prores.mov", "-vf setsar=64/45 -c:v prores"),
        ("ffv1.mkv", "-vf setsar=64/45 -c:v ffv1"),
        ("mpeg4.avi", "-vf setsar=64/45 -c:v mjpeg"),
        ("mpeg2.ts", "-vf setsar=64/45 -c:v mpeg2video"),
    ] {
        let bench = Bench::new();
        let run = pictures(&bench, &bench.ffmpeg(name, &format!("{} {options}", clip("360x288"))));
        assert_eq!(size(&run), (512, 288), "{name}");
    }
}

#[test]
fn a_film_that_is_only_declared_wide_is_not_copied_thin() {
    let coding = "-c:v libx264 -pix_fmt yuv420p";
    for (name, before, declared, expected) in [
        ("wide.mp4", "1/1", "16:9", (512, 288)),
        ("wide.mkv", "1/1", "16:9", (512, 288)),
        // The coding says wide, the container says square: players that read the one or the other differ.
        ("square.mkv", "64/45", "5:4", (360, 288)),
    ] {
        let bench = Bench::new();
        let source = bench.ffmpeg("flat.mp4", &format!("{} -vf setsar={before} {coding}", clip("360x288")));
        let options = format!("-i {} -c copy -aspect {declared}", source.display());
        let run = pictures(&bench, &bench.ffmpeg(name, &options));
        assert_eq!(size(&run), expected, "{name}");
        let aspect = look::probe(&run.file(RenditionKind::Mp4), 'v', "sample_aspect_ratio");
        assert_eq!(aspect, "1:1", "{name}");
    }
}
