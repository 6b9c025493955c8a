//! Claims about moving pictures.

use crate::harness::{Bench, Run, assert_lasts};
use crate::look;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::{Recipe, Refusal};
use std::path::Path;

const CLIP: &str =
    "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -f lavfi -i sine=frequency=440:duration=2";

/// What is made of the pictures of a film.
const OF_PICTURES: [RenditionKind; 3] = [RenditionKind::Mp4, RenditionKind::Poster, RenditionKind::Sprite];

/// Sound first, then pictures.
#[track_caller]
fn assert_all_outputs(run: &Run, what: &str) {
    let kinds = run.kinds();
    assert_eq!(kinds.first(), Some(&RenditionKind::Mp3), "{what}");
    assert!(kinds.contains(&RenditionKind::Waveform) && kinds.ends_with(&OF_PICTURES), "{what}: {kinds:?}");
}

#[track_caller]
fn assert_plays(run: &Run, size: (u16, u16), wanted_ms: i64, what: &str) {
    let facts = run.mp4();
    assert!(facts.is_h264 && facts.is_fast_start, "{what}: {facts:?}");
    assert_eq!((facts.width, facts.height), (Some(size.0), Some(size.1)), "{what}");
    assert_lasts(facts.duration_ms, wanted_ms, what);
    let poster = run.jpeg(RenditionKind::Poster);
    assert_eq!((poster.width, poster.height, poster.has_metadata), (size.0, size.1, false), "{what}");
}

#[test]
fn every_promised_video_format_becomes_mp4_mp3_waveform_and_poster() {
    let formats = [
        ("a.mov", "-c:v mpeg4 -c:a aac"),
        (
            "hevc10.mp4",
            "-c:v libx265 -pix_fmt yuv420p10le -preset ultrafast -x265-params log-level=none -c:a aac",
        ),
        ("prores.mov", "-c:v prores -c:a pcm_s16le"),
        ("mjpeg.avi", "-c:v mjpeg -c:a pcm_s16le"),
        ("mpeg4.avi", "-c:v mpeg4 -c:a libmp3lame"),
        ("vp8.webm", "-c:v libvpx -deadline realtime -c:a libopus"),
        ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
        ("av1.mkv", "-c:v libsvtav1 -preset 12 -c:a libopus"),
        ("ffv1.mkv", "-c:v ffv1 -c:a flac"),
        ("a.ts", "-c:v mpeg2video -c:a mp2"),
        ("a.mpg", "-c:v mpeg2video -c:a mp2"),
        ("a.wmv", "-c:v wmv2 -c:a wmav2"),
        ("a.flv", "-c:v flv -c:a libmp3lame -ar 44100"),
        ("a.ogv", "-c:v libtheora -c:a libvorbis"),
        ("h264.mkv", "-c:v libx264 -c:a libopus"),
        ("h264.ts", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("divx.avi", "-c:v msmpeg4 -c:a pcm_s16le"),
        ("yuv444.mp4", "-c:v libx264 -pix_fmt yuv444p -c:a aac"),
        ("live.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"),
        ("fragmented.mp4", "-c:v mpeg4 -c:a aac -movflags frag_keyframe+empty_moov"),
    ];
    for (name, options) in formats {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(name, &format!("{CLIP} {options}")));
        run.assert_done();
        assert_eq!(run.family(), Some(Family::Video), "{name}");
        assert_all_outputs(&run, name);
        // Windows Media sound is padded to whole blocks, which its format does not tell.
        let lasts = if name == "a.wmv" { 2090 } else { 2000 };
        assert_plays(&run, (160, 120), lasts, name);
        assert!(run.mp4().has_aac, "{name}");
        // AVI counts its first picture from one.
        assert!((50..=51).contains(&run.mp4().video_frames), "{name}: {}", run.mp4().video_frames);
    }
}

#[test]
fn a_telephone_film_of_odd_pedigree_is_read() {
    let bench = Bench::new();
    let run =
        bench.convert(&bench.ffmpeg("a.3gp", &format!("{CLIP} -s 176x144 -c:v h263 -c:a aac -ar 8000")));
    run.assert_done();
    // 176x144 of H.263 has pixels of 12:11.
    assert_plays(&run, (192, 144), 2000, "3gp");
}

#[test]
fn a_conforming_film_is_copied_not_encoded_again() {
    let bench = Bench::new();
    let source = bench.ffmpeg("ok.mp4", &format!("{CLIP} -c:v libx264 -pix_fmt yuv420p -c:a aac -b:a 96k"));
    let run = bench.convert(&source);
    run.assert_done();
    assert_all_outputs(&run, "copy or not");
    assert_plays(&run, (160, 120), 2000, "copy");
    let streams = |path: &Path, map: &str| look::ffmpeg(path, &format!("-map {map} -c copy -f streamhash"));
    for map in ["0:v", "0:a"] {
        assert_eq!(streams(&source, map), streams(&run.file(RenditionKind::Mp4), map), "{map}");
    }
    // The same out of other containers, those that frame it anew too. Only MOV's sound is as exact as MP4's.
    for (name, maps) in [
        ("ok.mov", ["0:v", "0:a"].as_slice()),
        ("ok.mkv", &["0:v"]),
        ("ok.flv", &["0:v"]),
        ("ok.ts", &["0:v"]),
    ] {
        let other = Bench::new();
        let file = other.ffmpeg(name, &format!("-i {} -c copy", source.display()));
        let run = other.convert(&file);
        run.assert_done();
        for map in maps {
            let words = match *map {
                "0:v" => "-bsf:v h264_mp4toannexb,filter_units=remove_types=6|7|8|9 -f rawvideo",
                _ => "-f data",
            };
            let units = |path: &Path| look::ffmpeg(path, &format!("-map {map} -c copy {words}"));
            assert!(units(&source) == units(&run.file(RenditionKind::Mp4)), "{name} {map}");
        }
    }
}

#[test]
fn a_large_film_is_made_to_fit_and_a_fast_one_slowed() {
    let bench = Bench::new();
    let options = "-f lavfi -i testsrc2=size=1920x1080:rate=60:duration=1 -c:v libx264 -preset ultrafast";
    let run = bench.convert(&bench.ffmpeg("large.mp4", options));
    run.assert_done();
    assert_plays(&run, (1280, 720), 1000, "large");
    assert_eq!(run.mp4().video_frames, 30);
    assert_eq!(run.kinds(), OF_PICTURES, "a silent film has no MP3");
}

#[test]
fn what_is_encoded_keeps_to_the_profile() {
    let bench = Bench::new();
    // Nothing of this repeats: what the cap lets through is all that keeps it small.
    let noise = "-f lavfi -i testsrc2=size=1280x720:rate=30:duration=4,noise=alls=90:allf=t+u \
                 -f lavfi -i anoisesrc=d=4:c=pink:a=0.5 -ac 2 -c:v mjpeg -q:v 4 -c:a pcm_s16le";
    let run = bench.convert(&bench.ffmpeg("noise.avi", noise));
    run.assert_done();
    let film = run.file(RenditionKind::Mp4);
    assert_eq!(look::probe(&film, 'v', "profile"), "High");
    assert_eq!(look::probe(&film, 'a', "profile"), "LC");
    let video = Recipe::standard().video;
    let bit_rate: u32 = look::probe(&film, 'v', "bit_rate").parse().unwrap();
    // Over four seconds the encoder may also spend its buffer, which holds two.
    assert!(bit_rate <= video.max_bit_rate / 2 * 3, "{bit_rate} bits a second");
}

#[test]
fn a_film_taken_upright_stands_upright() {
    let bench = Bench::new();
    let flat = bench.ffmpeg("flat.mp4", &format!("{CLIP} -c:v libx264 -c:a aac"));
    let turned =
        bench.ffmpeg("turned.mp4", &format!("-i {} -c copy -metadata:s:v rotate=90", flat.display()));
    let run = bench.convert(&turned);
    run.assert_done();
    assert_plays(&run, (120, 160), 2000, "upright");
}

#[test]
fn odd_shapes_come_out_even_and_bounded() {
    for (name, size, expected) in
        [("dot.mkv", "1x1", (16, 16)), ("odd.mkv", "33x55", (34, 56)), ("line.mkv", "2x2000", (16, 1280))]
    {
        let bench = Bench::new();
        let options = format!("-f lavfi -i testsrc=size={size}:rate=25:duration=1 -c:v ffv1");
        let run = bench.convert(&bench.ffmpeg(name, &options));
        run.assert_done();
        assert_plays(&run, expected, 1000, name);
    }
}

#[test]
fn sound_that_starts_late_stays_in_time() {
    let bench = Bench::new();
    let options = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=4 -itsoffset 1 -f lavfi -i sine=frequency=440:duration=2 -c:v ffv1 -c:a flac";
    let run = bench.convert(&bench.ffmpeg("late.mkv", options));
    run.assert_done();
    let peaks = run.waveform().peaks;
    assert!(
        peaks[..9].iter().all(|peak| *peak == 0) && peaks[11..29].iter().all(|peak| *peak > 10),
        "{peaks:?}"
    );
    assert_lasts(run.mp4().duration_ms, 4000, "late sound");
}

#[test]
fn a_cover_does_not_make_a_film_of_a_song() {
    let bench = Bench::new();
    let cover = bench.ffmpeg("cover.png", "-f lavfi -i testsrc=size=64x64 -frames:v 1");
    let options = format!(
        "-f lavfi -i sine=duration=2 -i {} -map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic",
        cover.display()
    );
    let run = bench.convert(&bench.ffmpeg("song.m4a", &options));
    run.assert_done();
    assert_eq!(run.family(), Some(Family::Audio));
}

#[test]
fn attachments_subtitles_and_more_tracks_are_left_behind() {
    let bench = Bench::new();
    let notes = bench.write("notes.srt", "1\n00:00:00,000 --> 00:00:01,000\nBonjour\n");
    let options = format!(
        "{CLIP} -i {0} -f lavfi -i sine=frequency=880:duration=2 -map 0 -map 1 -map 2 -map 3 -c:v ffv1 -c:a flac -c:s srt \
         -attach {0} -metadata:s:t mimetype=text/plain",
        notes.display()
    );
    let run = bench.convert(&bench.ffmpeg("many.mkv", &options));
    run.assert_done();
    assert_all_outputs(&run, "copy or not");
}

#[test]
fn half_a_film_is_refused_as_incomplete() {
    for (name, flags) in [("end.mp4", ""), ("front.mp4", "-movflags +faststart")] {
        let bench = Bench::new();
        let mut bytes =
            std::fs::read(bench.ffmpeg(name, &format!("{CLIP} -c:v libx264 -c:a aac {flags}"))).unwrap();
        bytes.truncate(bytes.len() / 2);
        bench.convert(&bench.write("half.mp4", bytes)).assert_refused(Refusal::Incomplete);
    }
}

#[test]
fn an_encrypted_film_is_refused_by_name() {
    let bench = Bench::new();
    let options = format!(
        "{CLIP} -c:v libx264 -c:a aac -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb \
         -encryption_kid a7e61c373e219033c21091fa607bf3b8"
    );
    bench.convert(&bench.ffmpeg("locked.mp4", &options)).assert_refused(Refusal::Encrypted);
}
