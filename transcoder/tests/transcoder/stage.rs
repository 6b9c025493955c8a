//! Claims about the stages of a film, and about what is made beside its MP4.

use crate::harness::{Bench, Run, request};
use crate::look;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::sprite::Layout;
use balado_media::wire::{Event, Input, Limits, Request, Stage, Task};
use balado_media::{Recipe, Refusal};
use std::path::Path;

const CLIP: &str =
    "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -f lavfi -i sine=frequency=440:duration=2";

const OF_PICTURES: [RenditionKind; 3] = [RenditionKind::Mp4, RenditionKind::Poster, RenditionKind::Sprite];

fn stage(name: &str, options: &str, stage: Stage) -> (Bench, Run) {
    let bench = Bench::new();
    let run = bench.perform(&bench.ffmpeg(name, options), Task::Convert(stage), 1);
    run.assert_done();
    (bench, run)
}

#[test]
fn sound_and_pictures_of_a_film_are_made_apart() {
    for (name, options) in [
        ("copied.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("sound-copied.mov", "-c:v mpeg4 -c:a aac"),
        ("encoded.mkv", "-c:v ffv1 -c:a flac"),
    ] {
        let options = format!("{CLIP} {options}");
        let (_bench, sound) = stage(name, &options, Stage::Sound);
        assert_eq!(sound.kinds().first(), Some(&RenditionKind::Mp3), "{name}");
        assert!(!sound.kinds().iter().any(|kind| OF_PICTURES.contains(kind)), "{name}: {:?}", sound.kinds());
        let is_encoded = sound.kinds().contains(&RenditionKind::Aac);
        assert_eq!(is_encoded, name == "encoded.mkv", "{name}: {:?}", sound.kinds());
        let (_bench, pictures) = stage(name, &options, Stage::Pictures);
        assert_eq!(pictures.kinds(), OF_PICTURES, "{name}");
        let facts = pictures.mp4();
        assert!(facts.has_aac && facts.is_fast_start && facts.video_frames == 50, "{name}: {facts:?}");
    }
}

#[test]
fn the_pictures_of_a_film_are_laid_beside_the_sound_that_was_encoded_with_its_mp3() {
    let options = format!("{CLIP} -c:v ffv1 -c:a flac");
    let (_heard, sound) = stage("film.mkv", &options, Stage::Sound);
    let aac = sound.file(RenditionKind::Aac);
    let bench = Bench::new();
    std::fs::copy(&aac, bench.scratch().join("sound.m4a")).unwrap();
    let asked = Request {
        task: Task::Convert(Stage::Pictures),
        sound: Some("sound.m4a".to_owned()),
        ..request(Input::Path("input".to_owned()), Limits::default())
    };
    let run = bench.ask(&bench.ffmpeg("film.mkv", &options), asked);
    run.assert_done();
    assert_eq!(run.kinds(), OF_PICTURES);
    let hash = |file: &Path| look::ffmpeg(file, "-map 0:a -c copy -f hash");
    assert_eq!(hash(&run.file(RenditionKind::Mp4)), hash(&aac));
    assert!(!bench.scratch().join("sound-samples.tmp").exists(), "the sound was decoded again");
}

#[test]
fn progress_rises_through_both_stages_and_says_how_long() {
    let bench = Bench::new();
    let long = "-f lavfi -i testsrc2=size=1280x720:rate=30:duration=30 -f lavfi -i sine=duration=30 \
        -c:v mjpeg -q:v 3 -c:a pcm_s16le";
    let run = bench.convert(&bench.ffmpeg("long.avi", long));
    run.assert_done();
    let told: Vec<(i32, Option<i64>)> = run
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { permille, remaining_ms } => Some((*permille, *remaining_ms)),
            _ => None,
        })
        .collect();
    assert!(told.windows(2).all(|two| two[0].0 < two[1].0), "{told:?}");
    assert!(told.iter().any(|(permille, _)| (100..600).contains(permille)), "{told:?}");
    let (last, remaining_ms) = *told.last().unwrap();
    assert!(last > 600, "{told:?}");
    // By then the pace is known: what is left is a part of what was spent.
    assert!(remaining_ms.is_some_and(|ms| (0..60_000).contains(&ms)), "{told:?}");
}

#[test]
fn a_silent_film_has_no_sound_to_make_and_that_is_success() {
    let silent = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=1 -c:v ffv1";
    let (_bench, run) = stage("silent.mkv", silent, Stage::Sound);
    assert!(run.kinds().is_empty(), "{:?}", run.kinds());
    let (_bench, run) = stage("silent.mkv", silent, Stage::Pictures);
    assert!(!run.mp4().has_aac);
}

#[test]
fn the_light_film_is_as_loud_as_its_channels_whichever_way_they_turn() {
    let film = "-f lavfi -i color=size=64x48:rate=5:duration=3 -f lavfi -i sine=duration=3,aformat=channel_layouts=mono";
    for (name, pan) in
        [("turned.mp4", "c0=c0|c1=-1*c0"), ("left.mp4", "c0=c0|c1=0*c0"), ("same.mp4", "c0=c0|c1=c0")]
    {
        let bench = Bench::new();
        let options = format!("{film} -af pan=stereo|{pan} -c:v libx264 -pix_fmt yuv420p -c:a aac");
        let run = bench.perform(&bench.ffmpeg(name, &options), Task::Lighten, 0);
        run.assert_done();
        let light = run.file(RenditionKind::Light);
        assert_eq!(look::probe(&light, 'a', "channels"), "1", "{name}");
        let sound = look::ffmpeg(&light, "-vn -ss 1 -f f32le");
        let samples = sound.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
        let mean = (samples.map(|sample| sample * sample).sum::<f32>() / (sound.len() / 4) as f32).sqrt();
        // ffmpeg's sine is an eighth of full scale.
        assert!((mean / (0.125 / 2_f32.sqrt()) - 1.0).abs() < 0.05, "{name}: {mean}");
    }
}

#[test]
fn a_finished_film_becomes_a_light_one() {
    let bench = Bench::new();
    let source = "-f lavfi -i testsrc2=size=1280x720:rate=25:duration=2 -f lavfi -i sine=duration=2 \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -ac 2 -movflags +faststart";
    let run = bench.perform(&bench.ffmpeg("finished.mp4", source), Task::Lighten, 0);
    run.assert_done();
    assert_eq!(run.kinds(), [RenditionKind::Light]);
    let light = run.file(RenditionKind::Light);
    assert_eq!(look::probe(&light, 'v', "codec_name,width,height"), "h264\n640\n360");
    assert_eq!(look::probe(&light, 'a', "codec_name,channels"), "aac\n1");
    let output = run.output(RenditionKind::Light);
    assert_eq!((output.width, output.height), (Some(640), Some(360)));
    assert!((1950..=2050).contains(&output.duration_ms.unwrap()), "{:?}", output.duration_ms);
}

/// Five seconds each of red, green and blue.
const COLOURS: &str = "-f lavfi -i color=red:size=160x90:rate=25:duration=5 -f lavfi -i color=lime:size=160x90:rate=25:duration=5 \
    -f lavfi -i color=blue:size=160x90:rate=25:duration=5 -filter_complex [0][1][2]concat=n=3:v=1";

#[test]
fn a_sprite_shows_the_film_at_each_interval_copied_or_not() {
    for (name, options) in [
        ("encoded.mkv", "-c:v ffv1"),
        ("copied.mp4", "-c:v libx264 -pix_fmt yuv420p -g 25 -colorspace smpte170m"),
    ] {
        let (_bench, run) = stage(name, &format!("{COLOURS} {options}"), Stage::Pictures);
        let film = run.output(RenditionKind::Mp4);
        let profile = Recipe::standard().video.sprite;
        let layout = Layout::new(&profile, film.duration_ms.unwrap(), 160, 90);
        assert_eq!((layout.count, layout.columns, layout.interval_ms), (8, 8, 2000), "{name}");
        let sprite = run.jpeg(RenditionKind::Sprite);
        assert_eq!((u32::from(sprite.width), u32::from(sprite.height)), layout.size(), "{name}");
        for number in 0..layout.count {
            let (left, top) = layout.corner(number);
            let middle = format!("crop=40:40:{}:{}", left + 60, top + 25);
            let colour = look::colour(&run.file(RenditionKind::Sprite), &middle);
            let brightest = usize::try_from(i64::from(number) * layout.interval_ms / 5000).unwrap();
            assert!(
                colour.iter().enumerate().all(|(at, value)| if at == brightest {
                    *value > 220
                } else {
                    *value < 40
                }),
                "{name}: picture {number} is {colour:?}"
            );
        }
    }
}

#[test]
fn neither_black_nor_a_fade_is_the_poster() {
    let source = "-f lavfi -i color=black:size=160x90:rate=25:duration=2 -f lavfi -i testsrc2=size=160x90:rate=25:duration=6 \
        -filter_complex [1]fade=in:st=0:d=3[b];[0][b]concat=n=2:v=1";
    for (name, options) in
        [("encoded.mkv", "-c:v ffv1"), ("copied.mp4", "-c:v libx264 -pix_fmt yuv420p -g 10")]
    {
        let (bench, run) = stage(name, &format!("{source} {options}"), Stage::Pictures);
        let full = look::brightness(
            &bench.ffmpeg("full.png", "-f lavfi -i testsrc2=size=160x90:rate=25 -frames:v 1"),
        );
        let poster = look::brightness(&run.file(RenditionKind::Poster));
        assert!(f64::from(poster) > f64::from(full) * 0.8, "{name}: {poster} of {full}");
    }
}

#[test]
fn a_gif_that_moves_is_a_film_and_one_that_does_not_a_picture() {
    let bench = Bench::new();
    let moving = bench.ffmpeg("moving.gif", "-f lavfi -i testsrc2=size=160x90:rate=10:duration=2");
    let run = bench.convert(&moving);
    run.assert_done();
    assert_eq!((run.family(), run.kinds()), (Some(Family::Video), OF_PICTURES.to_vec()));
    assert!((1900..=2100).contains(&run.mp4().duration_ms), "{}", run.mp4().duration_ms);
    let bench = Bench::new();
    let still = bench.ffmpeg("still.gif", "-f lavfi -i testsrc2=size=160x90 -frames:v 1");
    let run = bench.convert(&still);
    run.assert_done();
    assert_eq!(run.kinds(), [RenditionKind::Jpeg]);
}

#[test]
fn a_film_whose_pictures_are_of_a_coding_not_promised_is_refused_whole() {
    for (name, options) in [
        ("old.avi", "-c:v cinepak -c:a pcm_s16le"),
        ("raw.avi", "-c:v rawvideo -c:a pcm_s16le"),
        ("magic.avi", "-c:v magicyuv -c:a pcm_s16le"),
        ("svq.mov", "-c:v svq1 -c:a pcm_s16le"),
    ] {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(name, &format!("{CLIP} -s 160x120 {options}")));
        run.assert_refused(Refusal::UnsupportedFormat);
    }
}
