//! Claims about colours: what was red is red, and high dynamic range is brought to every screen.

use crate::harness::{Bench, Run};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Stage, Task};

fn pictures(name: &str, options: &str) -> (Bench, Run) {
    let bench = Bench::new();
    let run = bench.perform(&bench.ffmpeg(name, options), Task::Convert(Stage::Pictures), 0);
    run.assert_done();
    (bench, run)
}

fn tags(run: &Run) -> String {
    let entries = "pix_fmt,color_range,color_space,color_transfer,color_primaries";
    look::probe(&run.file(RenditionKind::Mp4), 'v', entries).replace('\n', " ")
}

#[track_caller]
fn assert_red(run: &Run, kind: RenditionKind, what: &str) {
    let [red, green, blue] = look::colour(&run.file(kind), "crop=64:64");
    assert!(red > 235 && green < 25 && blue < 25, "{what}: {kind} is {red} {green} {blue}");
}

#[test]
fn red_stays_red_whatever_the_matrix_and_range() {
    let red = |size: &str, out: &str| {
        format!("-f lavfi -i color=red:size={size}:rate=10:duration=1 -vf scale={out},format=yuv420p")
    };
    let old = "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m";
    let high = "-colorspace bt709 -color_primaries bt709 -color_trc bt709";
    let said_old = "yuv420p tv smpte170m smpte170m smpte170m";
    let said_high = "yuv420p tv bt709 bt709 bt709";
    for (what, options, said) in [
        ("BT.601", format!("{} -c:v mpeg4 {old}", red("160x90", "out_color_matrix=bt601")), said_old),
        ("BT.709", format!("{} -c:v mpeg4 {high}", red("160x90", "out_color_matrix=bt709")), said_high),
        ("small, silent", format!("{} -c:v ffv1", red("160x90", "out_color_matrix=bt601")), said_old),
        ("large, silent", format!("{} -c:v ffv1", red("1280x720", "out_color_matrix=bt709")), said_high),
        (
            "full range",
            format!("{} -c:v ffv1 -color_range pc", red("160x90", "out_range=pc:out_color_matrix=bt601")),
            said_old,
        ),
        (
            "RGB",
            "-f lavfi -i color=red:size=160x90:rate=10:duration=1 -pix_fmt bgr0 -c:v ffv1".to_owned(),
            said_old,
        ),
    ] {
        let (_bench, run) = pictures("red.mkv", &options);
        assert_eq!(tags(&run), said, "{what}");
        for kind in [RenditionKind::Mp4, RenditionKind::Poster, RenditionKind::Sprite] {
            assert_red(&run, kind, what);
        }
    }
}

#[test]
fn high_dynamic_range_is_brought_to_every_screen() {
    // Grey of 100 cd/m2, white for ordinary screens, as PQ and HLG write it in ten bits.
    for (transfer, code) in [("smpte2084", 509), ("arib-std-b67", 731)] {
        let options = format!(
            "-f lavfi -i color=gray:size=160x90:rate=10:duration=1 -vf format=yuv420p10le,lutyuv=y={code}:u=512:v=512 \
             -c:v libx265 -preset ultrafast -color_primaries bt2020 -color_trc {transfer} -colorspace bt2020nc \
             -x265-params log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
        );
        let (_bench, run) = pictures("hdr.mp4", &options);
        assert_eq!(tags(&run), "yuv420p tv bt709 bt709 bt709", "{transfer}");
        let [red, green, blue] = look::colour(&run.file(RenditionKind::Mp4), "crop=64:64");
        let spread = red.max(green).max(blue) - red.min(green).min(blue);
        assert!((120..=245).contains(&red) && spread < 12, "{transfer}: {red} {green} {blue}");
    }
}

#[test]
fn ten_bits_of_ordinary_range_become_eight() {
    let options = "-f lavfi -i testsrc2=size=160x90:rate=10:duration=1 -pix_fmt yuv420p10le -c:v libx265 \
        -preset ultrafast -x265-params log-level=none -colorspace bt709 -color_primaries bt709 -color_trc bt709";
    let (_bench, run) = pictures("ten.mp4", options);
    assert_eq!(tags(&run), "yuv420p tv bt709 bt709 bt709");
}
