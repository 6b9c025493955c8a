//! Claims about cutting finished files: what is heard and seen afterwards, measured on decoded samples and pictures.

use crate::edits;
use crate::harness::{Bench, Run};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use balado_media::cut::{CutPlan, Precision, Span, Stretch, parse_spans};
use balado_media::mp3::FrameHeader;
use balado_media::readback::read_mp3;
use balado_media::wire::{Event, Task};
use std::path::{Path, PathBuf};

/// Noise that never repeats, under a tone: any two places can be told apart to the sample.
const NOISE: &str = "-f lavfi -i anoisesrc=d=12:c=pink:r=44100:a=0.3:seed=7";

fn plan(parts: &[&str], precision: Precision) -> Task {
    let parts = parts.iter().map(|text| parse_spans(text).unwrap()).collect();
    Task::Cut(CutPlan { parts, precision })
}

fn exact(parts: &[&str]) -> Task {
    plan(parts, Precision::Exact)
}

/// Samples of a file as players play them, both channels in one.
fn sound(path: &Path) -> Vec<f32> {
    let arguments =
        ["-v", "error", "-i", path.to_str().unwrap(), "-map", "0:a", "-ac", "1", "-f", "f32le", "-"];
    let output = std::process::Command::new("ffmpeg").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "a player complains: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn difference(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Signal to noise of one sound in another, in dB.
fn likeness(one: &[f32], other: &[f32]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let signal = power(&mut one.iter().map(|v| f64::from(*v)));
    let noise = power(&mut one.iter().zip(other).map(|(a, b)| f64::from(a - b)));
    10.0 * (signal / noise.max(1e-12)).log10()
}

fn at(ms: i64) -> usize {
    usize::try_from(ms * 44_100 / 1000).unwrap()
}

fn part(run: &Run, number: u32) -> PathBuf {
    let output = run.outputs().into_iter().find(|output| output.part == Some(number));
    run.path(output.unwrap_or_else(|| panic!("no part {number}: {:?}", run.events)))
}

fn pieces(run: &Run, number: u32) -> Vec<Stretch> {
    let found = run.events.iter().find_map(|event| match event {
        Event::Kept { part, pieces } if *part == number => Some(pieces.clone()),
        _ => None,
    });
    found.unwrap()
}

/// The frames of sound of an MP3.
fn frames(path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    let mut frames = Vec::new();
    let tag = if bytes.starts_with(b"ID3") {
        10 + bytes[6..10].iter().fold(0, |size, byte| size << 7 | usize::from(*byte))
    } else {
        0
    };
    let mut rest = &bytes[tag..];
    while let Some(header) = rest.get(..4).and_then(|four| FrameHeader::parse(four.try_into().unwrap())) {
        frames.push(rest[..header.length].to_vec());
        rest = &rest[header.length..];
    }
    assert!(rest.is_empty(), "{} bytes after the last frame", rest.len());
    frames.split_off(1)
}

const KINDS: [(&str, &str); 5] = [
    ("mono constant", "-ac 1 -c:a libmp3lame -b:a 64k"),
    ("stereo constant", "-ac 2 -c:a libmp3lame -b:a 128k"),
    ("stereo variable", "-ac 2 -c:a libmp3lame -q:a 6"),
    ("mono variable", "-ac 1 -c:a libmp3lame -q:a 2"),
    ("low", "-ac 1 -c:a libmp3lame -b:a 32k"),
];

#[test]
fn an_mp3_is_cut_at_the_very_sample() {
    for (name, options) in KINDS {
        let bench = Bench::new();
        let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} {options}"));
        let whole = sound(&source);
        let run = bench.work(&source, exact(&["3.210-7.654", "0.005-0.030", "0-", "11.5-"]));
        run.assert_done();
        for (number, (from, to)) in
            [(3210, 7654), (5, 30), (0, 12_000), (11_500, 12_000)].into_iter().enumerate()
        {
            let number = u32::try_from(number).unwrap();
            let heard = sound(&part(&run, number));
            let expected = &whole[at(from)..at(to).min(whole.len())];
            assert_eq!(heard.len(), expected.len(), "{name}, part {number}");
            assert!(difference(&heard, expected) < 1e-6, "{name}, part {number}");
            assert_eq!(pieces(&run, number), [Stretch { from_ms: from, to_ms: to }], "{name}");
            let facts = read_mp3(std::fs::read(part(&run, number)).unwrap().as_slice()).unwrap();
            assert!((facts.duration_ms - (to - from)).abs() <= 1, "{name}: {}", facts.duration_ms);
        }
    }
}

#[test]
fn an_mp3_that_tells_nothing_of_its_ends_is_cut_from_its_first_frame() {
    let bench = Bench::new();
    let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} -ac 1 -c:a libmp3lame -b:a 64k -write_xing 0"));
    let run = bench.work(&source, exact(&["0-0.03,5-10", "0.02-0.04,5-10", "0-0.1"]));
    run.assert_done();
    for (number, lasts) in [5030, 5020, 100].into_iter().enumerate() {
        let part = part(&run, u32::try_from(number).unwrap());
        let facts = read_mp3(std::fs::read(&part).unwrap().as_slice()).unwrap();
        assert!((facts.duration_ms - lasts).abs() <= 28, "{number}: {}", facts.duration_ms);
        assert!(sound(&part).len().abs_diff(at(facts.duration_ms)) < 50, "{number}");
    }
}

#[test]
fn every_frame_but_the_first_is_a_frame_of_the_source() {
    for (name, options) in KINDS {
        let bench = Bench::new();
        let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} {options}"));
        let originals = frames(&source);
        let run = bench.work(&source, exact(&["2.345-6.789"]));
        run.assert_done();
        let copies = frames(&part(&run, 0));
        let start = originals.iter().position(|frame| *frame == copies[1]).unwrap();
        assert_eq!(copies[1..], originals[start..start + copies.len() - 1], "{name}");
    }
}

#[test]
fn seams_of_an_mp3_sound_clean() {
    for (name, options) in KINDS {
        let bench = Bench::new();
        let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} {options}"));
        let (whole, originals) = (sound(&source), frames(&source));
        let run = bench.work(&source, exact(&["1.000-3.333,5.000-5.777,9.100-10.050"]));
        run.assert_done();
        let heard = sound(&part(&run, 0));
        let kept = pieces(&run, 0);
        let asked = [(1000, 3333), (5000, 5777), (9100, 10_050)];
        let mut place = 0;
        for (piece, (from, to)) in kept.iter().zip(asked) {
            assert!((piece.from_ms - from).abs() <= 7 && (piece.to_ms - to).abs() <= 7, "{name}: {piece:?}");
            let length = at(piece.duration_ms());
            // Milliseconds are rounded; the very place is found by trying.
            let guess = i64::try_from(at(piece.from_ms)).unwrap();
            let from = (guess - 120..guess + 120)
                .map(|from| usize::try_from(from).unwrap())
                .min_by(|a, b| {
                    let middle = place + length / 2;
                    let error =
                        |from: &usize| difference(&heard[middle..middle + 500], &whole[from + length / 2..]);
                    error(a).total_cmp(&error(b))
                })
                .unwrap();
            let inside = place + 2 * 1152 + 120..place + length - 2 * 1152 - 120;
            let expected = &whole[from + 2 * 1152 + 120..from + length - 2 * 1152 - 120];
            assert!(
                difference(&heard[inside], expected) < 1e-6,
                "{name}: away from the edges nothing changes"
            );
            let edges = [120..2 * 1152, length - 2 * 1152..length - 120];
            for edge in edges {
                let (found, expected) = (&heard[place..][edge.clone()], &whole[from..][edge.clone()]);
                assert!(likeness(expected, found) > 15.0, "{name}: {edge:?} {}", likeness(expected, found));
            }
            place += length;
        }
        let copies = frames(&part(&run, 0));
        let changed = copies.iter().filter(|frame| !originals.contains(frame)).count();
        assert!(changed <= 1 + 2 * 2, "{name}: {changed} frames are not of the source");
    }
}

#[test]
fn a_cut_of_a_cut_is_exact_too() {
    let bench = Bench::new();
    let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} -ac 1 -c:a libmp3lame -b:a 64k"));
    let whole = sound(&source);
    let first = Bench::new();
    let run = first.work(&source, exact(&["2-10"]));
    run.assert_done();
    let second = Bench::new();
    let again = second.work(&part(&run, 0), exact(&["1.5-4"]));
    again.assert_done();
    let heard = sound(&part(&again, 0));
    assert_eq!(heard.len(), at(2500));
    assert!(difference(&heard, &whole[at(3500)..at(6000)]) < 1e-6);
}

#[test]
fn a_cut_conforms_so_that_the_recipe_copies_it() {
    let bench = Bench::new();
    let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} -ac 1 -c:a libmp3lame -b:a 64k"));
    let run = bench.work(&source, exact(&["2.345-6.789"]));
    run.assert_done();
    let cut = part(&run, 0);
    let pipeline = Bench::new();
    let made = pipeline.convert(&cut);
    made.assert_done();
    assert_eq!(frames(&made.file(RenditionKind::Mp3)), frames(&cut));
}

#[test]
fn what_is_not_there_is_not_cut() {
    let bench = Bench::new();
    let source = bench.ffmpeg("talk.mp3", &format!("{NOISE} -ac 1 -c:a libmp3lame -b:a 64k"));
    bench.work(&source, exact(&["13-14"])).assert_refused(Refusal::CutBeyond);
    let bench = Bench::new();
    bench.work(&bench.ffmpeg("talk.flac", NOISE), exact(&["1-2"])).assert_refused(Refusal::UnsupportedFormat);
    let bench = Bench::new();
    let source = bench.ffmpeg("talk.m4a", &format!("{NOISE} -c:a aac"));
    bench.work(&source, exact(&["1-2"])).assert_refused(Refusal::UnsupportedFormat);
}

/// A film whose every picture has a brightness of its own and whose sound beeps while pictures flash.
fn film(bench: &Bench, name: &str, options: &str) -> PathBuf {
    let pictures = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=12";
    let sound = "-f lavfi -i anoisesrc=d=12:c=pink:r=48000:a=0.3:seed=7";
    bench.ffmpeg(name, &format!("{pictures} {sound} -pix_fmt yuv420p {options} -c:a aac -b:a 96k"))
}

const X264: &str = "-c:v libx264 -preset veryfast -crf 18";

/// Pictures as players show them: when, and a small grey copy.
fn pictures(path: &Path) -> Vec<Vec<u8>> {
    let path = path.to_str().unwrap();
    let arguments = [
        "-v",
        "error",
        "-i",
        path,
        "-map",
        "0:v",
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-",
    ];
    let output = std::process::Command::new("ffmpeg").args(arguments).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout.chunks_exact(160 * 120).map(<[u8]>::to_vec).collect()
}

fn times(path: &Path) -> Vec<f64> {
    let path = path.to_str().unwrap();
    let arguments =
        ["-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path];
    let output = std::process::Command::new("ffprobe").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.trim_matches(','));
    lines.filter(|line| !line.is_empty()).map(|line| line.parse().unwrap()).collect()
}

fn mean_difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.len() as f64
}

#[track_caller]
fn assert_shows(path: &Path, source: &[Vec<u8>], expected: &[usize], what: &str) {
    let shown = pictures(path);
    assert_eq!(shown.len(), expected.len(), "{what}");
    for (place, wanted) in expected.iter().enumerate() {
        let error = mean_difference(&shown[place], &source[*wanted]);
        assert!(error < 3.0, "{what}: picture {place} is not {wanted} of the source: {error}");
        for neighbour in [wanted.saturating_sub(1), (wanted + 1).min(source.len() - 1)] {
            if neighbour != *wanted {
                let other = mean_difference(&shown[place], &source[neighbour]);
                assert!(error < other, "{what}: picture {place} is more like {neighbour} than {wanted}");
            }
        }
    }
    let times = times(path);
    assert!(times[0].abs() < 0.001, "{what}: begins at {}", times[0]);
    assert!(times.windows(2).all(|pair| (pair[1] - pair[0] - 0.04).abs() < 0.002), "{what}: {times:?}");
}

#[test]
fn a_film_is_cut_at_the_very_picture() {
    let kinds = [
        ("long groups", format!("{X264} -g 250")),
        ("short groups", format!("{X264} -g 25 -bf 3")),
        ("no b", format!("{X264} -g 50 -bf 0")),
        ("pyramid", format!("{X264} -g 48 -bf 8 -x264-params b-pyramid=normal:b-adapt=0")),
        ("open groups", format!("{X264} -g 25 -bf 3 -x264-params open-gop=1")),
        ("main", format!("{X264} -g 25 -profile:v main -level 3.1")),
    ];
    for (name, options) in kinds {
        let bench = Bench::new();
        let source = film(&bench, "film.mp4", &options);
        let all = pictures(&source);
        let run = bench.work(&source, exact(&["1.4-3.2,5-6.04,9.88-", "4-4.04", "0-"]));
        run.assert_done();
        let expected: Vec<usize> = (35..80).chain(125..151).chain(247..300).collect();
        assert_shows(&part(&run, 0), &all, &expected, name);
        assert_shows(&part(&run, 1), &all, &[100], name);
        assert_shows(&part(&run, 2), &all, &(0..300).collect::<Vec<_>>(), name);
        let kept = [(1400, 3200), (5000, 6040), (9880, 12_000)];
        assert_eq!(pieces(&run, 0), kept.map(|(from_ms, to_ms)| Stretch { from_ms, to_ms }), "{name}");
        let facts = run.mp4_of(&part(&run, 0));
        assert!(facts.is_h264 && facts.is_fast_start && facts.has_aac, "{facts:?}");
        assert!((facts.duration_ms - 4960).abs() <= 22, "{name}: {}", facts.duration_ms);
    }
}

#[test]
fn a_film_whose_beginning_is_hidden_is_cut_from_what_it_shows() {
    let bench = Bench::new();
    let whole = film(&bench, "whole.mp4", &format!("{X264} -g 50 -bf 2"));
    // In the midst of a picture.
    let source = bench.ffmpeg("hidden.mp4", &format!("-ss 0.7 -i {} -c copy", whole.display()));
    let all = pictures(&source);
    for precision in [Precision::Exact, Precision::Fast] {
        let run = bench.work(&source, plan(&["0-", "0-0.5"], precision));
        run.assert_done();
        let shown = pictures(&part(&run, 0));
        assert_eq!(shown.len(), all.len(), "{precision:?}");
        assert!(
            shown.iter().zip(&all).all(|(one, other)| mean_difference(one, other) < 3.0),
            "{precision:?}"
        );
        assert!(times(&part(&run, 0))[0].abs() < 0.001);
        let [kept] = pieces(&run, 1)[..] else { panic!("one piece") };
        let short = pictures(&part(&run, 1));
        assert!(
            short.iter().zip(&all).all(|(one, other)| mean_difference(one, other) < 3.0),
            "{precision:?}"
        );
        let wanted_ms = if precision == Precision::Exact { 500 } else { 1300 };
        assert!(kept.from_ms == 0 && (kept.to_ms - wanted_ms).abs() <= 40, "{kept:?}");
    }
}

#[test]
fn what_a_film_hides_behind_a_pause_stays_hidden() {
    let bench = Bench::new();
    let whole = film(&bench, "whole.mp4", &format!("{X264} -g 50 -bf 2"));
    let edited = edits::joined(&std::fs::read(whole).unwrap(), 1000, &[(700, 12_000)]);
    let source = bench.write("paused.mp4", edited);
    let all = pictures(&source);
    let run = bench.work(&source, exact(&["0-", "0.5-2", "0-0.4"]));
    run.assert_done();
    for (number, lasts) in [12_300, 1500, 400].into_iter().enumerate() {
        let part = part(&run, u32::try_from(number).unwrap());
        let shown = pictures(&part);
        assert!(shown.iter().zip(&all).all(|(one, other)| mean_difference(one, other) < 3.0), "{number}");
        assert!(run.mp4_of(&part).duration_ms.abs_diff(lasts) <= 50, "{number}");
        assert!(times(&part)[0].abs() < 0.001);
    }
    assert_eq!(pictures(&part(&run, 0)).len(), all.len());
}

/// One hash for each stored picture.
fn hashes(path: &Path) -> Vec<String> {
    let text = String::from_utf8(look::ffmpeg(path, "-map 0:v -c copy -f framehash")).unwrap();
    let hash = |line: &str| line.rsplit(',').next().unwrap().trim().to_owned();
    text.lines().filter(|line| !line.starts_with('#')).map(hash).collect()
}

#[test]
fn pictures_between_key_frames_are_copied_bit_for_bit() {
    let bench = Bench::new();
    let source = film(&bench, "film.mp4", &format!("{X264} -g 25 -keyint_min 25 -sc_threshold 0 -bf 2"));
    let run = bench.work(&source, plan(&["1-3,5-8"], Precision::Exact));
    run.assert_done();
    let (originals, copies) = (hashes(&source), hashes(&part(&run, 0)));
    assert_eq!(copies, [&originals[25..75], &originals[125..200]].concat());
}

#[test]
fn a_fast_cut_widens_to_key_frames_and_says_so() {
    let bench = Bench::new();
    let source = film(&bench, "film.mp4", &format!("{X264} -g 25 -keyint_min 25 -sc_threshold 0"));
    let all = pictures(&source);
    let run = bench.work(&source, plan(&["1.4-3.2,3.6-4.1,8.5-8.6"], Precision::Fast));
    run.assert_done();
    assert_eq!(
        pieces(&run, 0),
        [(1000, 3200), (3600, 5000), (8000, 9000)].map(|(from_ms, to_ms)| Stretch { from_ms, to_ms }),
        "what was cut away between two pieces does not come back"
    );
    let shown: Vec<_> = (25..80).chain(90..125).chain(200..225).collect();
    assert_shows(&part(&run, 0), &all, &shown, "fast");
}

#[test]
fn a_film_of_ours_can_be_cut_at_every_key_frame() {
    let bench = Bench::new();
    let source = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=20 -c:v mjpeg";
    let made = bench.convert(&bench.ffmpeg("film.avi", source));
    made.assert_done();
    let other = Bench::new();
    let run = other.work(&made.file(RenditionKind::Mp4), plan(&["3-4,9-11"], Precision::Fast));
    run.assert_done();
    assert_eq!(
        pieces(&run, 0),
        [(0, 4000), (9000, 16_000)].map(|(from_ms, to_ms)| Stretch { from_ms, to_ms })
    );
    let run = other.work(&made.file(RenditionKind::Mp4), plan(&["9-11"], Precision::Fast));
    run.assert_done();
    assert_eq!(pieces(&run, 0), [Stretch { from_ms: 8000, to_ms: 16_000 }]);
    let run = other.work(&made.file(RenditionKind::Mp4), exact(&["5-17"]));
    run.assert_done();
    assert_eq!(pieces(&run, 0), [Stretch { from_ms: 5000, to_ms: 17_000 }]);
    let (originals, copies) = (hashes(&made.file(RenditionKind::Mp4)), hashes(&part(&run, 0)));
    assert_eq!(copies.len(), 300);
    assert_eq!(copies[75..275], originals[200..400], "the group from 8 to 16 s is copied");
}

#[test]
fn a_film_with_one_key_frame_loses_what_is_cut_away_and_can_be_entered_afterwards() {
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "film.mp4",
        "-f lavfi -i testsrc2=size=160x120:rate=25:duration=40 -pix_fmt yuv420p -c:v libx264 -preset veryfast -crf 18 \
         -g 10000 -keyint_min 10000 -sc_threshold 0",
    );
    let all = pictures(&source);
    let run = bench.work(&source, plan(&["20-25", "5-12", "9-35"], Precision::Fast));
    run.assert_done();
    let kept = |number| pieces(&run, number).iter().map(|it| (it.from_ms, it.to_ms)).collect::<Vec<_>>();
    assert_eq!((kept(0), kept(1), kept(2)), (vec![(20_000, 25_000)], vec![(0, 12_000)], vec![(0, 40_000)]));
    assert_shows(&part(&run, 0), &all, &(500..625).collect::<Vec<_>>(), "fast");
    let run = bench.work(&source, exact(&["18-"]));
    run.assert_done();
    assert_shows(&part(&run, 0), &all, &(450..1000).collect::<Vec<_>>(), "exact");
    let again = Bench::new();
    let run = again.work(&part(&run, 0), plan(&["9-15"], Precision::Fast));
    run.assert_done();
    assert_eq!(
        pieces(&run, 0),
        [Stretch { from_ms: 8000, to_ms: 16_000 }],
        "a key frame every eight seconds"
    );
}

#[test]
fn sound_and_pictures_stay_together_after_many_seams() {
    let bench = Bench::new();
    let source = film(&bench, "film.mp4", &format!("{X264} -g 250"));
    let whole = sound(&source);
    let spans: Vec<Span> =
        (0..11).map(|n| Span { from_ms: n * 1080 + 40, to_ms: Some(n * 1080 + 600) }).collect();
    let run =
        bench.work(&source, Task::Cut(CutPlan { parts: vec![spans.clone()], precision: Precision::Exact }));
    run.assert_done();
    let heard = sound(&part(&run, 0));
    let mut place_ms = 0;
    let at = |ms: i64| usize::try_from(ms * 48).unwrap();
    for (number, span) in spans.iter().enumerate() {
        // The middle of each piece, looked for within 60 ms of where it should be.
        let (from, length) = (at(place_ms) + at(200), at(160));
        let wanted = at(span.from_ms) + at(200);
        let off = (-2880_i64..2880)
            .max_by(|a, b| {
                let score = |off: &i64| {
                    let start = usize::try_from(i64::try_from(wanted).unwrap() + off).unwrap();
                    heard[from..from + length]
                        .iter()
                        .zip(&whole[start..])
                        .map(|(x, y)| f64::from(x * y))
                        .sum::<f64>()
                };
                score(a).total_cmp(&score(b))
            })
            .unwrap();
        assert!(off.abs() <= 13 * 48, "piece {number}: sound is {} ms off", off as f64 / 48.0);
        if number == 0 {
            assert!(off.abs() <= 1, "the first piece begins at the very sample: {off}");
        }
        place_ms += 560;
    }
}

#[test]
fn sound_after_the_last_picture_is_kept() {
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "film.mp4",
        "-f lavfi -i testsrc2=size=160x120:rate=25:duration=6 -f lavfi -i anoisesrc=d=11:c=pink:r=44100:a=0.3:seed=7 \
         -pix_fmt yuv420p -c:v libx264 -preset veryfast -g 50 -c:a aac -aac_pns 0 -b:a 128k",
    );
    let (whole, all) = (sound(&source), pictures(&source));
    let run = bench.work(&source, exact(&["4-", "7-9.5", "10-11", "5-6.5,8-9"]));
    run.assert_done();
    for (number, (from, to)) in [(4000, 11_000), (7000, 9500), (10_000, 11_000)].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        let part = part(&run, number);
        let [kept] = pieces(&run, number)[..] else { panic!("one piece") };
        assert!((kept.from_ms - from).abs() <= 1 && (kept.to_ms - to).abs() <= 25, "{kept:?}");
        let facts = run.mp4_of(&part);
        assert!((facts.duration_ms - (to - from)).abs() <= 25, "{}", facts.duration_ms);
        let (heard, expected) = (sound(&part), &whole[at(from)..at(to)]);
        assert!(heard.len() + 1100 > expected.len(), "{number}: {} of {}", heard.len(), expected.len());
        assert!(likeness(&expected[..heard.len().min(expected.len())], &heard) > 30.0, "part {number}");
        let shown = pictures(&part);
        assert_eq!(shown.len(), if number == 0 { 50 } else { 1 });
        assert!(mean_difference(shown.last().unwrap(), all.last().unwrap()) < 3.0);
        assert!(times(&part)[0].abs() < 0.001);
    }
    let kept = [(5000, 6500), (8000, 9000)].map(|(from_ms, to_ms)| Stretch { from_ms, to_ms });
    assert_eq!(pieces(&run, 3), kept);
    assert_eq!(pictures(&part(&run, 3)).len(), 26, "the last picture is shown twice");
    // A part that shows one picture for long is cut as well as any.
    let again = Bench::new();
    let run = again.work(&part(&run, 0), exact(&["5-6"]));
    run.assert_done();
    let heard = sound(&part(&run, 0));
    assert!(likeness(&whole[at(9000)..at(10_000)], &heard) > 30.0);
}

#[test]
fn sound_before_the_first_picture_is_kept_and_stays_in_time() {
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "late.mp4",
        "-itsoffset 2 -f lavfi -i color=black:size=160x120:rate=25:duration=6,drawbox=c=white:t=fill:enable='between(t,2,2.4)' \
         -f lavfi -i aevalsrc=exprs='0.6*sin(2*PI*1000*t)*between(t,4,4.4)+0.6*sin(2*PI*500*t)*between(t,1,1.2)':s=44100:d=8 \
         -pix_fmt yuv420p -fps_mode passthrough -c:v libx264 -g 50 -c:a aac",
    );
    let run = bench.work(&source, exact(&["0-", "0.5-1.5", "1.5-6", "0-0.8,1.4-5"]));
    run.assert_done();
    let kept =
        |number| pieces(&run, number).iter().map(|piece| (piece.from_ms, piece.to_ms)).collect::<Vec<_>>();
    assert_eq!(kept(0)[0].0, 0);
    assert_eq!((kept(1), kept(2)), (vec![(500, 1500)], vec![(1500, 6000)]));
    assert_eq!(kept(3), [(0, 800), (1400, 5000)]);
    for (number, flash, beep) in [(0, 4000, 1000), (2, 2500, 2500), (3, 3400, 3400)] {
        let part = part(&run, number);
        let (seen, heard) = (look::flash_ms(&part), look::beep_ms(&part));
        assert!((seen - flash).abs() <= 10, "part {number}: flash at {seen} ms");
        assert!((heard - beep).abs() <= 25, "part {number}: beep at {heard} ms");
    }
    let heard = look::beep_ms(&part(&run, 1));
    assert!((heard - 500).abs() <= 10, "beep at {heard} ms");
    assert!((run.mp4_of(&part(&run, 1)).duration_ms - 1000).abs() <= 25);
}

/// A sum over the coded pictures and sound of a film, whatever its container says around them.
fn coded(film: &Path) -> String {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(film)
        .args(["-map", "0", "-c", "copy", "-f", "streamhash", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_cut_film_conforms_so_that_the_recipe_copies_it() {
    let bench = Bench::new();
    let source = film(&bench, "film.mp4", &format!("{X264} -g 250"));
    let run = bench.work(&source, exact(&["1.4-3.2,5-6.04"]));
    run.assert_done();
    let pipeline = Bench::new();
    let made = pipeline.convert(&part(&run, 0));
    made.assert_done();
    let all = pictures(&source);
    let expected: Vec<usize> = (35..80).chain(125..151).collect();
    assert_shows(&made.file(RenditionKind::Mp4), &all, &expected, "after the recipe");
    assert_eq!(coded(&made.file(RenditionKind::Mp4)), coded(&part(&run, 0)), "it was not copied");
}

#[test]
fn a_silent_film_of_wandering_rate_is_cut() {
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "film.mp4",
        "-f lavfi -i testsrc2=size=160x120:rate=30:duration=6 -vf select='not(eq(mod(n\\,7)\\,3))' -fps_mode vfr \
         -pix_fmt yuv420p -c:v libx264 -preset veryfast -g 40",
    );
    let run = bench.work(&source, exact(&["1.1-2.9,4-5"]));
    run.assert_done();
    let kept = pieces(&run, 0);
    let lasts: i64 = kept.iter().map(|piece| piece.duration_ms()).sum();
    assert!((lasts - 2800).abs() <= 120, "{kept:?}");
    assert!((run.mp4_of(&part(&run, 0)).duration_ms - lasts).abs() <= 2);
}
