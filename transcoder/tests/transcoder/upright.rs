//! Claims about how pictures stand: as wide, as high and the way round their file says, whatever way it says it.

use crate::harness::{Bench, Run};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Stage, Task};
use std::path::{Path, PathBuf};

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

/// A file with another matrix in the header of its only track (ISO/IEC 14496-12 §8.3.2): the cells that turn and mirror.
fn with_matrix(file: &Path, [a, b, c, d]: [i32; 4]) -> Vec<u8> {
    let mut bytes = std::fs::read(file).unwrap();
    let header = bytes.windows(4).position(|name| name == b"tkhd").unwrap();
    let cells = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30];
    let matrix: Vec<u8> = cells.iter().flat_map(|cell: &i32| cell.to_be_bytes()).collect();
    // Behind the name stand version, times, number and layer: 44 bytes.
    bytes[header + 44..header + 80].copy_from_slice(&matrix);
    bytes
}

#[test]
fn a_film_stands_and_is_mirrored_as_its_matrix_says() {
    let bench = Bench::new();
    // The same picture for a second.
    let options = format!("{} -vf loop=24:1 -frames:v 25 -c:v libx264 -pix_fmt yuv420p", clip("320x180"));
    let flat = bench.ffmpeg("flat.mp4", &options);
    for matrix in [
        [0, 1, -1, 0],
        [-1, 0, 0, -1],
        [0, -1, 1, 0],
        [1, 0, 0, -1],
        [0, 1, 1, 0],
        [-1, 0, 0, 1],
        [0, -1, -1, 0],
    ] {
        let bench = Bench::new();
        let turned = bench.write("turned.mp4", with_matrix(&flat, matrix));
        let run = pictures(&bench, &turned);
        assert_eq!(size(&run), if matrix[0] == 0 { (180, 320) } else { (320, 180) }, "{matrix:?}");
        let film = run.file(RenditionKind::Mp4);
        let alike = look::similarity(&film, &turned, 25);
        assert!(alike > 0.9, "{matrix:?}: {alike}");
        // The poster is painted by us, from whatever libav hands over.
        let alike = look::similarity(&run.file(RenditionKind::Poster), &film, 25);
        assert!(alike > 0.8, "poster, {matrix:?}: {alike}");
    }
}

/// Two seconds each of one film and another, joined to one stream.
fn joined(bench: &Bench, parts: [(&str, &str); 2]) -> PathBuf {
    let parts = parts.map(|(size, options)| {
        let options = format!(
            "-f lavfi -i color=white:size={size}:rate=25:duration=2 {options} -c:v mpeg2video -q:v 3"
        );
        std::fs::read(bench.ffmpeg("part.ts", &options)).unwrap()
    });
    bench.write("joined.ts", parts.concat())
}

/// The rows and columns of the white in a film's picture at that second: left, top, right, bottom.
fn white(film: &Path, second: u32, (width, height): (usize, usize)) -> [usize; 4] {
    let words = format!("-ss {second} -frames:v 1 -pix_fmt gray -f rawvideo");
    let picture = look::ffmpeg(film, &words);
    assert_eq!(picture.len(), width * height);
    let bright = |at: &usize| picture[*at] > 128;
    let across = |at: usize| at % width;
    let all = || (0..picture.len()).filter(bright);
    let (left, right) = (all().map(across).min().unwrap(), all().map(across).max().unwrap());
    [left, all().min().unwrap() / width, right + 1, all().max().unwrap() / width + 1]
}

#[test]
fn pictures_that_change_size_in_mid_stream_become_one_size_and_keep_their_form() {
    for (what, parts, whole, expected) in [
        ("smaller", [("640x360", ""), ("320x180", "")], (640, 360), [0, 0, 640, 360]),
        ("narrower", [("640x360", ""), ("320x240", "")], (640, 360), [80, 0, 560, 360]),
        ("turned", [("640x480", ""), ("480x640", "")], (640, 480), [140, 0, 500, 480]),
        ("wider", [("640x480", ""), ("640x360", "")], (640, 480), [0, 60, 640, 420]),
        (
            "wider pixels",
            [("720x576", "-vf setsar=16/15"), ("720x576", "-vf setsar=64/45")],
            (768, 576),
            [0, 72, 768, 504],
        ),
    ] {
        let bench = Bench::new();
        let run = pictures(&bench, &joined(&bench, parts));
        let facts = run.mp4();
        assert!((3800..4200).contains(&facts.duration_ms), "{what}: {}", facts.duration_ms);
        let film = run.file(RenditionKind::Mp4);
        assert_eq!(white(&film, 0, whole), [0, 0, whole.0, whole.1], "{what}, the first");
        let found = white(&film, 3, whole);
        let off = found.iter().zip(expected).map(|(found, wanted)| found.abs_diff(wanted)).max();
        assert!(off <= Some(2), "{what}, the second: {found:?}");
    }
}
