//! Claims about pictures whose lines alternate between two moments.

use crate::harness::Bench;
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Stage, Task};
use std::path::Path;

/// A white bar that crosses a black picture, 50 moments a second woven into 25 pictures.
fn crossing(width: usize, height: usize) -> String {
    format!(
        "-f lavfi -i color=black:size={width}x{height}:rate=50:duration=1 \
         -f lavfi -i color=white:size=32x{height}:rate=50:duration=1 \
         -filter_complex [0][1]overlay=x='6*n':shortest=1,tinterlace=interleave_top,setfield=tff"
    )
}

/// Pixels unlike both those above and below them, in the tenth picture of a film that wide.
fn combs(film: &Path, width: usize) -> usize {
    let picture = look::ffmpeg(film, "-vf select='eq(n,10)' -frames:v 1 -pix_fmt gray -f rawvideo");
    let rows: Vec<&[u8]> = picture.chunks_exact(width).collect();
    let is_comb = |above: u8, here: u8, below: u8| here.abs_diff(above) > 60 && here.abs_diff(below) > 60;
    let of_rows =
        |rows: &[&[u8]]| (0..width).filter(|x| is_comb(rows[0][*x], rows[1][*x], rows[2][*x])).count();
    rows.windows(3).map(of_rows).sum()
}

/// Converts the pictures of a file and looks for combs.
#[track_caller]
fn assert_smooth(bench: &Bench, file: &Path, [width_before, width]: [usize; 2], what: &str) {
    assert!(combs(file, width_before) > 500, "{what} is not woven");
    let run = bench.perform(file, Task::Convert(Stage::Pictures), 0);
    run.assert_done();
    let film = run.file(RenditionKind::Mp4);
    assert_eq!(run.mp4().video_frames, 25, "{what}");
    let found = combs(&film, width);
    assert!(found < 50, "{what}: {found} pixels of combs");
    assert_eq!(look::probe(&film, 'v', "field_order"), "progressive", "{what}");
}

#[test]
fn pictures_that_say_themselves_that_they_are_woven_lose_their_combs() {
    let bench = Bench::new();
    let options = "-c:v dvvideo -pix_fmt yuv420p -flags +ildct+ilme -aspect 4:3";
    let source = bench.ffmpeg("dv.avi", &format!("{} {options}", crossing(720, 576)));
    assert_eq!(look::probe(&source, 'v', "field_order"), "unknown");
    assert_smooth(&bench, &source, [720, 768], "DV");
}

#[test]
fn a_woven_film_whose_track_does_not_tell_is_not_copied() {
    let bench = Bench::new();
    for (name, options) in [("one.mkv", ""), ("several.mkv", "-g 5")] {
        let options =
            format!("{} -c:v libx264 -pix_fmt yuv420p -flags +ildct+ilme {options}", crossing(320, 192));
        let mut bytes = std::fs::read(bench.ffmpeg(name, &options)).unwrap();
        // Matroska's FlagInterlaced, turned into "progressive".
        let flag = bytes.windows(3).position(|bytes| bytes == [0x9A, 0x81, 1]).unwrap();
        bytes[flag + 2] = 2;
        let source = bench.write(name, bytes);
        assert_eq!(look::probe(&source, 'v', "field_order"), "progressive", "{name}");
        assert_smooth(&bench, &source, [320, 320], name);
    }
}
