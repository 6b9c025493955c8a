//! Claims about time: sound stays with pictures, whatever the file does.

use crate::edits;
use crate::following::follow;
use crate::harness::{Bench, Run, assert_lasts};
use crate::look;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::wire::{Stage, Task};
use std::path::Path;

/// A flash and a beep, both from second 2 to 2.4 of 4.
const SLATE: &str = "-f lavfi -i color=black:size=160x90:rate=25:duration=4,drawbox=c=white:t=fill:enable='between(t,2,2.4)' \
    -f lavfi -i aevalsrc=exprs='0.6*sin(2*PI*1000*t)*between(t,2,2.4)':s=48000:d=4";

fn pictures(bench: &Bench, file: &Path) -> Run {
    let run = bench.perform(file, Task::Convert(Stage::Pictures), 0);
    run.assert_done();
    run
}

#[track_caller]
fn assert_in_time(film: &Path, at_ms: i64, what: &str) {
    let (flash, beep) = (look::flash_ms(film), look::beep_ms(film));
    assert!((flash - beep).abs() <= 40, "{what}: flash at {flash} ms, beep at {beep} ms");
    assert!((flash - at_ms).abs() <= 60, "{what}: flash at {flash} ms, not {at_ms}");
}

#[test]
fn flash_and_beep_fall_together_in_every_container() {
    for (name, options) in [
        ("plain.mkv", "-c:v ffv1 -c:a flac"),
        ("frames.mp4", "-c:v mpeg4 -bf 2 -c:a aac"),
        ("copied.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("copied.mkv", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("late.ts", "-c:v mpeg2video -c:a mp2 -output_ts_offset 3600"),
        ("copied.ts", "-c:v libx264 -pix_fmt yuv420p -c:a aac -output_ts_offset 3600"),
        ("a.webm", "-c:v libvpx -deadline realtime -c:a libopus"),
        ("live.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"),
        ("a.avi", "-c:v mpeg4 -c:a libmp3lame"),
        ("reordered.avi", "-c:v mpeg4 -bf 2 -c:a pcm_s16le"),
        ("h264.avi", "-c:v libx264 -bf 2 -pix_fmt yuv420p -c:a pcm_s16le"),
        ("a.wmv", "-c:v wmv2 -c:a wmav2"),
        ("a.flv", "-c:v flv -c:a libmp3lame -ar 44100"),
    ] {
        let bench = Bench::new();
        let run = pictures(&bench, &bench.ffmpeg(name, &format!("{SLATE} {options}")));
        assert_in_time(&run.file(RenditionKind::Mp4), 2000, name);
    }
}

#[test]
fn a_film_cut_by_an_edit_list_stays_in_time() {
    for (name, coding) in [("copied.mp4", "libx264 -pix_fmt yuv420p -g 50"), ("encoded.mp4", "mpeg4 -g 50")] {
        let bench = Bench::new();
        let whole = bench.ffmpeg("whole.mp4", &format!("{SLATE} -c:v {coding} -c:a aac"));
        let cut = bench.ffmpeg(name, &format!("-ss 0.7 -i {} -c copy", whole.display()));
        let run = pictures(&bench, &cut);
        assert_in_time(&run.file(RenditionKind::Mp4), 1300, name);
    }
}

#[test]
fn a_film_that_begins_before_time_stays_in_time() {
    for name in ["before.mp4", "before.mkv", "before.flv"] {
        let bench = Bench::new();
        let whole = bench.ffmpeg("whole.mkv", &format!("{SLATE} -c:v libx264 -pix_fmt yuv420p -c:a aac"));
        let early = "-c copy -copyts -copypriorss 1 -avoid_negative_ts disabled";
        let source = bench.ffmpeg(name, &format!("-itsoffset -0.7 -i {} {early}", whole.display()));
        let run = pictures(&bench, &source);
        let film = run.file(RenditionKind::Mp4);
        let (flash, beep) = (look::flash_ms(&film), look::beep_ms(&film));
        assert!((flash - beep).abs() <= 80, "{name}: flash at {flash} ms, beep at {beep} ms");
        // Its one key frame is before time in the MP4, so no lone key frame gives a poster.
        assert_eq!(run.jpeg(RenditionKind::Poster).width, 160, "{name}");
    }
}

#[test]
fn a_track_of_pictures_without_any_leaves_the_sound() {
    let bench = Bench::new();
    let options = "-itsoffset -5 -f lavfi -i testsrc2=size=160x120:rate=10:duration=2 -f lavfi -i sine=duration=2 \
        -c:v libx264 -pix_fmt yuv420p -c:a aac -copyts";
    let run = bench.convert(&bench.ffmpeg("dark.mkv", options));
    run.assert_done();
    assert_eq!(run.family(), Some(Family::Audio));
    assert_lasts(run.mp3().duration_ms, 2000, "dark");
}

#[test]
fn sound_that_starts_late_or_ends_early_stays_in_time() {
    for (name, shift, coding) in [
        ("late.mkv", "-itsoffset 0.5", "-c:v ffv1 -c:a flac"),
        ("late.mp4", "-itsoffset 0.5", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
    ] {
        let bench = Bench::new();
        let whole = bench.ffmpeg("whole.mkv", &format!("{SLATE} -c:v ffv1 -c:a flac"));
        // The second half second of sound is laid where the first was missing: nothing moves.
        let source =
            format!("-i {0} {shift} -ss 0.5 -t 2.5 -i {0} -map 0:v -map 1:a {coding}", whole.display());
        let run = pictures(&bench, &bench.ffmpeg(name, &source));
        assert_in_time(&run.file(RenditionKind::Mp4), 2000, name);
        assert_lasts(run.mp4().duration_ms, 4000, name);
    }
}

#[test]
fn the_light_film_stays_in_time_too() {
    let bench = Bench::new();
    let source = bench.ffmpeg("whole.mp4", &format!("{SLATE} -c:v libx264 -pix_fmt yuv420p -c:a aac -ac 2"));
    let run = bench.perform(&source, Task::Lighten, 0);
    run.assert_done();
    assert_in_time(&run.file(RenditionKind::Light), 2000, "light");
}

#[test]
fn pictures_at_no_steady_rate_come_at_one() {
    let bench = Bench::new();
    let options = format!(
        "{SLATE} -filter_complex [0:v]select='not(mod(n,7))+between(n,48,62)'[v] -map [v] -map 1:a \
        -vsync vfr -c:v ffv1 -c:a flac"
    );
    let run = pictures(&bench, &bench.ffmpeg("wandering.mkv", &options));
    assert!((98..=100).contains(&run.mp4().video_frames), "25 a second: {}", run.mp4().video_frames);
    assert_lasts(run.mp4().duration_ms, 4000, "wandering");
    assert_in_time(&run.file(RenditionKind::Mp4), 2000, "wandering");
}

#[test]
fn a_copied_stream_whose_size_changes_is_encoded_after_all() {
    let bench = Bench::new();
    let part = |name: &str, size: &str| {
        let options = format!(
            "-f lavfi -i testsrc2=size={size}:rate=25:duration=2 -c:v libx264 -pix_fmt yuv420p -preset ultrafast"
        );
        std::fs::read(bench.ffmpeg(name, &options)).unwrap()
    };
    let joined = [part("one.ts", "320x180"), part("two.ts", "160x90")].concat();
    let run = pictures(&bench, &bench.write("joined.ts", joined));
    let film = run.file(RenditionKind::Mp4);
    assert!((98..=102).contains(&run.mp4().video_frames), "{}", run.mp4().video_frames);
    // Encoded by us: the file names the colours, which the source did not.
    assert_eq!(look::probe(&film, 'v', "color_range"), "tv");
}

#[test]
fn parameters_that_change_behind_their_lengths_are_seen_too() {
    for name in ["joined.mp4", "joined.mkv"] {
        let bench = Bench::new();
        let part = |name: &str, size: &str| {
            let options = format!(
                "-f lavfi -i testsrc2=size={size}:rate=25:duration=2 -c:v libx264 -bf 0 -pix_fmt yuv420p \
                 -preset ultrafast"
            );
            std::fs::read(bench.ffmpeg(name, &options)).unwrap()
        };
        let joined = [part("one.h264", "320x180"), part("two.h264", "160x90")].concat();
        let joined = bench.write("joined.h264", joined);
        let source = bench.ffmpeg(name, &format!("-fflags +genpts -r 25 -i {} -c copy", joined.display()));
        let film = pictures(&bench, &source).file(RenditionKind::Mp4);
        assert_eq!(look::probe(&film, 'v', "color_range"), "tv", "{name} was copied");
        assert_eq!(look::probe(&film, 'v', "width"), "320", "{name}");
    }
}

#[test]
fn clips_joined_by_an_edit_list_stay_in_time() {
    // Sound that is copied, and sound that is encoded apart; pictures that would be copied, and others.
    for (name, rate, coding) in [
        ("copied.mp4", "44100", "-c:v libx264 -g 60 -bf 2 -pix_fmt yuv420p -c:a aac -ac 1"),
        ("apart.mp4", "44100", "-c:v libx264 -g 60 -bf 0 -pix_fmt yuv420p -c:a aac -ac 6"),
        ("encoded.mp4", "44100", "-c:v mpeg4 -g 60 -c:a aac -ac 6"),
        ("beside.mov", "48000", "-c:v mpeg4 -g 60 -c:a aac -ac 1"),
    ] {
        let bench = Bench::new();
        let slate =
            SLATE.replace("between(t,2,2.4)", "between(t,6,6.4)").replace("duration=4", "duration=10");
        let slate = slate.replace("d=4", "d=10").replace("48000", rate);
        let whole = std::fs::read(bench.ffmpeg(name, &format!("{slate} {coding}"))).unwrap();
        // The first two seconds, then from the fifth on: the flash at 6 s comes at 3 s.
        let joined = bench.write(name, edits::joined(&whole, 0, &[(0, 2000), (5000, 10_000)]));
        let run = bench.convert(&joined);
        run.assert_done();
        let film = run.file(RenditionKind::Mp4);
        assert_in_time(&film, 3000, name);
        assert_lasts(run.mp4().duration_ms, 7000, name);
        // What is encoded has the rate of the recipe.
        assert_eq!(look::probe(&film, 'a', "sample_rate"), rate, "{name}: its sound was not copied");
        assert_lasts(run.mp3().duration_ms, 7000, name);
        let beep = look::beep_ms(&run.file(RenditionKind::Mp3));
        assert!((beep - 3000).abs() <= 40, "{name}: in the MP3 the beep is at {beep} ms");
    }
}

#[test]
fn a_track_that_pauses_while_the_other_goes_on_stays_in_time() {
    let late = |at: u32, seconds: u32, rate: &str| {
        SLATE
            .replace("between(t,2,2.4)", &format!("between(t,{at},{at}.4)"))
            .replace("rate=25:duration=4", &format!("rate={rate}:duration={seconds}"))
            .replace("d=4", &format!("d={seconds}"))
    };
    let muted = format!("{} -af aselect='not(between(t,1,16))'", late(18, 20, "25"));
    let sparse = late(30, 45, "1/15");
    for (name, source, coding, at_ms) in [
        ("muted.ts", &muted, "-c:v mpeg2video -c:a mp2", 18_000),
        ("muted.flv", &muted, "-c:v flv -c:a libmp3lame -ar 22050", 18_000),
        ("sparse.flv", &sparse, "-c:v flv -c:a libmp3lame -ar 22050", 30_000),
    ] {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(name, &format!("{source} {coding}")));
        run.assert_done();
        assert_in_time(&run.file(RenditionKind::Mp4), at_ms, name);
        let beep = look::beep_ms(&run.file(RenditionKind::Mp3));
        assert!((beep - at_ms).abs() <= 60, "{name}: in the MP3 the beep is at {beep} ms");
    }
}

#[test]
fn slides_stay_as_long_as_they_were_shown() {
    // A second slide after 20 s, a third after 40 s.
    let slides = "-f lavfi -i testsrc2=size=64x48:rate=1/20:duration=60";
    let sound = "-f lavfi -i sine=duration=60";
    let lit = "-vf drawbox=t=fill:c=white:enable='between(t,20,39)',drawbox=t=fill:c=black:enable='not(between(t,20,39))'";
    for (name, source, coding) in [
        // Two pictures a second, of which the first ones only say when they are shown.
        ("slides.mkv", format!("{slides} {sound}"), "-r 2 -c:v libx264 -pix_fmt yuv420p -c:a libopus"),
        ("slides.flv", slides.to_owned(), "-c:v flv"),
        ("slides.ts", slides.to_owned(), "-c:v mpeg4"),
    ] {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(name, &format!("{source} {lit} {coding}")));
        run.assert_done();
        let film = run.file(RenditionKind::Mp4);
        let flash = look::flash_ms(&film);
        assert!((flash - 20_000).abs() <= 40, "{name}: the second slide at {flash} ms");
        assert!(run.mp4().duration_ms > 40_000, "{name}: {:?}", run.mp4());
        let last =
            look::ffmpeg(&film, "-an -vf reverse,scale=1:1:flags=area -frames:v 1 -pix_fmt gray -f rawvideo");
        assert!(last[0] < 100, "{name}: the last slide is not shown");
    }
}

#[test]
fn of_several_programmes_one_is_taken_whole() {
    let bench = Bench::new();
    let sources =
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=4 -f lavfi -i sine=frequency=440:duration=4";
    let programmes = "-program title=One:st=0:st=1 -program title=Two:st=2:st=3";
    let maps = "-map 0 -map 1 -map 2 -map 3 -c:v mpeg2video -c:a mp2";
    let later = SLATE.replace("-f lavfi", "-itsoffset 500 -f lavfi");
    let run = bench.convert(&bench.ffmpeg("several.ts", &format!("{sources} {later} {maps} {programmes}")));
    run.assert_done();
    assert_in_time(&run.file(RenditionKind::Mp4), 2000, "the larger pictures");
    assert_lasts(run.mp4().duration_ms, 4000, "several.ts");
    let beep = look::beep_ms(&run.file(RenditionKind::Mp3));
    assert!((beep - 2000).abs() <= 60, "in the MP3 the beep is at {beep} ms");
}

#[test]
fn films_put_one_behind_the_other_stay_in_time() {
    for (name, coding) in [
        ("encoded.ts", "-c:v mpeg2video -c:a mp2"),
        ("copied.ts", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("disc.vob", "-c:v mpeg2video -c:a ac3"),
    ] {
        let (bench, arriving) = (Bench::new(), Bench::new());
        let part = |name: &str, trim: &str| {
            std::fs::read(bench.ffmpeg(name, &format!("{SLATE} {trim} {coding}"))).unwrap()
        };
        // Two seconds of pictures, of which one has sound, before the whole.
        let joined = bench.write(name, [part(name, "-t 2 -af atrim=end=1"), part(name, "")].concat());
        let run = bench.convert(&joined);
        run.assert_done();
        assert_in_time(&run.file(RenditionKind::Mp4), 4000, name);
        assert_lasts(run.mp4().duration_ms, 6000, name);
        let followed = follow(&arriving, &joined, Stage::All, None);
        followed.assert_done();
        assert_in_time(&followed.file(RenditionKind::Mp4), 4000, name);
        assert!(run.bytes(RenditionKind::Mp3) == followed.bytes(RenditionKind::Mp3), "{name}");
    }
}

#[test]
fn interlaced_pictures_and_several_tracks_become_one_film() {
    let bench = Bench::new();
    let options = format!(
        "{SLATE} -vf tinterlace=interleave_top,fieldorder=tff -c:v mpeg2video -flags +ilme+ildct -c:a mp2"
    );
    let run = pictures(&bench, &bench.ffmpeg("woven.mpg", &options));
    assert!(run.mp4().video_frames > 40, "{}", run.mp4().video_frames);
    let options = "-f lavfi -i testsrc2=size=80x60:rate=25:duration=1 -f lavfi -i testsrc2=size=160x90:rate=25:duration=1 \
        -f lavfi -i sine=duration=1 -f lavfi -i sine=duration=1 -map 0 -map 1 -map 2 -map 3 -c:v ffv1 -c:a flac";
    let run = pictures(&bench, &bench.ffmpeg("several.mkv", options));
    assert_eq!((run.mp4().width, run.mp4().height), (Some(160), Some(90)), "the larger picture");
}
