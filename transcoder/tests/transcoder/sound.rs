//! Claims about sound.

use crate::following::follow;
use crate::harness::{Bench, assert_lasts, request};
use crate::look;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::Refusal;
use balado_media::mp3::{FrameHeader, Info, MusicCrc};
use balado_media::wire::{Input, Limits, Request, Stage, Task};

const TONE: &str = "-f lavfi -i sine=frequency=440:duration=3:sample_rate=44100";

const SOUND_OUTPUTS: [RenditionKind; 3] = [RenditionKind::Mp3, RenditionKind::Waveform, RenditionKind::Peaks];

fn becomes_mp3(name: &str, options: &str) {
    becomes_mp3_of(name, options, 3000);
}

fn becomes_mp3_of(name: &str, options: &str, wanted_ms: i64) {
    let bench = Bench::new();
    let run = bench.convert(&bench.ffmpeg(name, &format!("{TONE} {options}")));
    run.assert_done();
    assert_eq!(run.family(), Some(Family::Audio), "{name}");
    assert_eq!(run.kinds(), SOUND_OUTPUTS, "{name}");
    let facts = run.mp3();
    assert_lasts(facts.duration_ms, wanted_ms, name);
    assert_eq!((facts.sample_rate_hz, facts.channels, facts.tag_bytes), (44_100, 1, 0), "{name}");
    let waveform = run.waveform();
    assert_lasts(waveform.duration_ms, wanted_ms, name);
    assert!((30..=31).contains(&waveform.peaks.len()), "{name}: {}", waveform.peaks.len());
    assert!(waveform.peaks[2..28].iter().all(|peak| (20..60).contains(peak)), "{name}: {:?}", waveform.peaks);
}

#[test]
fn every_promised_sound_format_becomes_mp3_and_waveform() {
    let formats = [
        ("a.mp3", "-c:a libmp3lame -b:a 320k"),
        ("a.m4a", "-c:a aac"),
        ("a.aac", "-c:a aac -f adts"),
        ("a.opus", "-c:a libopus"),
        ("a.ogg", "-c:a libvorbis"),
        ("flac.ogg", "-c:a flac"),
        ("speex.ogg", "-ar 16000 -c:a libspeex"),
        ("a.flac", "-c:a flac"),
        ("alac.m4a", "-c:a alac"),
        ("a.wav", "-c:a pcm_s16le"),
        ("s24.wav", "-c:a pcm_s24le"),
        ("u8.wav", "-c:a pcm_u8"),
        ("f32.wav", "-c:a pcm_f32le"),
        ("rf64.wav", "-c:a pcm_s16le -rf64 always"),
        ("a.aiff", "-c:a pcm_s16be"),
        ("a.ac3", "-c:a ac3"),
        ("a.eac3", "-c:a eac3"),
        ("a.caf", "-c:a pcm_s16be"),
        ("a.wma", "-c:a wmav2"),
        ("22k.wma", "-ar 22050 -c:a wmav1"),
        ("a.mp2", "-c:a mp2"),
        ("a.webm", "-c:a libopus"),
        ("a.mka", "-c:a aac"),
        ("48k.mp4", "-ar 48000 -c:a aac"),
    ];
    for (name, options) in formats {
        becomes_mp3(name, options);
    }
}

#[test]
fn a_recording_without_duration_gets_the_one_it_plays() {
    // As browsers record: a live stream, no length, no index.
    becomes_mp3("live.webm", "-c:a libopus -live 1 -cluster_time_limit 500");
}

#[test]
fn a_conforming_mp3_keeps_every_frame_bit_for_bit() {
    // Its first frame lies behind what is looked at to know what a file is.
    let covered = format!("-b:a 128k -metadata comment={}", "x".repeat(100_000));
    for (name, coding) in [
        ("talk.mp3", "-b:a 128k"),
        ("variable.mp3", "-q:a 6"),
        ("bare.mp3", "-b:a 96k -write_xing 0"),
        ("covered.mp3", &covered),
    ] {
        let bench = Bench::new();
        let options = format!("{TONE} -c:a libmp3lame {coding} -id3v2_version 3 -metadata title=Secret");
        let source = bench.ffmpeg(name, &options);
        let run = bench.convert(&source);
        run.assert_done();
        let (original, copy) = (std::fs::read(source).unwrap(), run.bytes(RenditionKind::Mp3));
        let (original, copy) = (Frames::of(&original), Frames::of(&copy));
        assert!(original.sound == copy.sound, "{name}: {} {}", original.sound.len(), copy.sound.len());
        // What the source says of its silence at either end, the copy says too; of a source that says nothing, nothing.
        assert_eq!(original.info.and_then(|info| info.gapless), copy.info.unwrap().gapless, "{name}");
        assert_eq!(copy.info.unwrap().frames, u32::try_from(copy.sound.len()).ok(), "{name}");
        assert!(
            !run.bytes(RenditionKind::Mp3).windows(6).any(|window| window == b"Secret"),
            "tags were copied"
        );
        assert_lasts(run.mp3().duration_ms, if name == "bare.mp3" { 3056 } else { 3000 }, name);
        assert_lasts(run.waveform().duration_ms, run.mp3().duration_ms, name);
    }
}

#[test]
fn an_mp3_is_copied_only_where_its_frames_follow_each_other_in_time() {
    let pictures = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=8";
    let mp3 = "-c:v mpeg4 -g 50 -c:a libmp3lame -b:a 96k";
    let bench = Bench::new();
    let whole = bench.ffmpeg("whole.mp4", &format!("{TONE} {pictures} {mp3}"));
    for (name, options, wanted_ms) in [
        ("late.mkv", format!("{pictures} -itsoffset 5 {TONE} {mp3}"), 8000),
        ("hole.mka", format!("{TONE} -af asetpts='if(gte(T,1),PTS+20*SR,PTS)' {mp3}"), 23_000),
        ("hole.flv", format!("{TONE} -af asetpts='if(gte(T,1),PTS+5*SR,PTS)' {mp3}"), 8000),
        ("lead.mp4", format!("-ss 0.7 -i {} -c copy", whole.display()), 2300),
    ] {
        let bench = Bench::new();
        let run = bench.perform(&bench.ffmpeg(name, &options), Task::Convert(Stage::Sound), 0);
        run.assert_done();
        assert_lasts(run.mp3().duration_ms, wanted_ms, name);
        assert_lasts(run.waveform().duration_ms, wanted_ms, name);
    }
}

#[test]
fn frames_of_several_kinds_are_not_copied_into_one_mp3() {
    for (name, second) in [("rates.mp3", "-ar 48000 -ac 2"), ("channels.mp3", "-ac 1")] {
        let (bench, arriving) = (Bench::new(), Bench::new());
        let part = |name: &str, options: &str| {
            std::fs::read(bench.ffmpeg(name, &format!("{TONE} -c:a libmp3lame -b:a 96k {options}"))).unwrap()
        };
        let joined = bench.write(name, [part("one.mp3", "-ac 2"), part("two.mp3", second)].concat());
        let run = bench.convert(&joined);
        run.assert_done();
        let file = run.bytes(RenditionKind::Mp3);
        let kinds = Frames::of(&file).sound.into_iter().map(|frame| {
            let header = FrameHeader::of(&frame).unwrap();
            (header.sample_rate_hz, header.channels)
        });
        assert_eq!(kinds.collect::<std::collections::BTreeSet<_>>().len(), 1, "{name}");
        assert!(run.mp3().duration_ms.abs_diff(6000) < 200, "{name}: {}", run.mp3().duration_ms);
        assert_lasts(run.waveform().duration_ms, run.mp3().duration_ms, name);
        let followed = follow(&arriving, &joined, Stage::Sound, None);
        followed.assert_done();
        assert!(file == followed.bytes(RenditionKind::Mp3), "{name}");
    }
}

/// The frames of an MP3, found without the code under test: by the length each header tells.
struct Frames {
    info: Option<Info>,
    sound: Vec<Vec<u8>>,
}

impl Frames {
    fn of(file: &[u8]) -> Self {
        let tag = if file.starts_with(b"ID3") {
            10 + file[6..10].iter().fold(0, |size, byte| size << 7 | usize::from(*byte))
        } else {
            0
        };
        let (mut at, mut sound) = (tag, Vec::new());
        while let Some(header) = file.get(at..).and_then(FrameHeader::of) {
            sound.push(file[at..at + header.length].to_vec());
            at += header.length;
        }
        let info = Info::read(&sound[0]);
        if info.is_some() {
            sound.remove(0);
        }
        Self { info, sound }
    }
}

#[test]
fn every_copy_and_every_encoding_carries_the_sums_of_its_frames() {
    for coding in ["-c:a libmp3lame -q:a 6", "-c:a flac"] {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg("a.mka", &format!("{TONE} {coding}")));
        run.assert_done();
        let file = run.bytes(RenditionKind::Mp3);
        let header = FrameHeader::of(&file).unwrap();
        let lame = header.side_start() + header.side_bytes() + 120;
        let mut music = MusicCrc::default();
        music.update(&file[header.length..]);
        assert_eq!(file[lame + 32..lame + 34], music.value().to_be_bytes(), "{coding}");
        assert_eq!(file[lame + 28..lame + 32], u32::try_from(file.len()).unwrap().to_be_bytes(), "{coding}");
    }
}

/// Two tones, one in each channel.
const TWO_TONES: &str = "-f lavfi -i sine=frequency=440:duration=3 -f lavfi -i sine=frequency=660:duration=3 \
    -filter_complex [0][1]amerge,aresample=44100";

#[test]
fn stereo_stays_stereo_and_six_channels_become_two() {
    for (name, more) in [("two.flac", ""), ("six.flac", ",pan=5.1|FL=FL|FR=FR|FC=0*FL|LFE=0*FL|BL=FL|BR=FR")]
    {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(name, &format!("{TWO_TONES}{more} -c:a flac")));
        run.assert_done();
        let facts = run.mp3();
        assert_eq!(facts.channels, 2, "{name}");
        assert!(facts.bit_rate.abs_diff(128_000) < 4_000, "{name}: {}", facts.bit_rate);
    }
}

#[test]
fn one_voice_in_two_channels_is_mono_whole_or_followed() {
    for (name, pan) in
        [("same.webm", "c0=c0|c1=c0"), ("left.webm", "c0=c0|c1=0*c0"), ("right.webm", "c0=0*c0|c1=c0")]
    {
        let (whole, arriving) = (Bench::new(), Bench::new());
        let options =
            format!("{TONE} -af aformat=channel_layouts=mono,pan=stereo|{pan} -c:a libopus -live 1");
        let source = whole.ffmpeg(name, &options);
        let (converted, followed) = (whole.convert(&source), follow(&arriving, &source, Stage::All, None));
        converted.assert_done();
        let facts = converted.mp3();
        assert_eq!(facts.channels, 1, "{name}");
        assert!(facts.bit_rate.abs_diff(64_000) < 4_000, "{name}: {}", facts.bit_rate);
        assert_eq!(converted.bytes(RenditionKind::Mp3), followed.bytes(RenditionKind::Mp3), "{name}");
    }
}

#[test]
fn a_silent_start_takes_no_channel_away() {
    let two = TWO_TONES.replace("aresample=44100", "adelay=12s:all=1");
    for (name, pictures, coding) in [
        ("concert.webm", "", "-c:a libopus -live 1"),
        ("concert.mkv", "-f lavfi -i color=size=64x48:rate=5:duration=15", "-c:v ffv1 -c:a flac"),
    ] {
        let (whole, arriving) = (Bench::new(), Bench::new());
        let source = whole.ffmpeg(name, &format!("{two} {pictures} {coding}"));
        let (converted, followed) = (whole.convert(&source), follow(&arriving, &source, Stage::All, None));
        converted.assert_done();
        assert_eq!(converted.mp3().channels, 2, "{name}");
        assert_lasts(converted.mp3().duration_ms, 15_000, name);
        assert!(converted.bytes(RenditionKind::Mp3) == followed.bytes(RenditionKind::Mp3), "{name}");
        if !pictures.is_empty() {
            assert_eq!(look::probe(&converted.file(RenditionKind::Mp4), 'a', "channels"), "2");
        }
    }
}

#[test]
fn twenty_four_channels_nobody_named_are_heard() {
    let bench = Bench::new();
    let run = bench.convert(&bench.make("many.wav", "sox", "-n -r 44100 -c 24 -b 16 {} synth 3 sine 440"));
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 3000, "24 channels");
}

#[test]
fn sound_with_numbers_that_are_none_is_tamed() {
    let bench = Bench::new();
    let mut wav = std::fs::read(bench.ffmpeg("f32.wav", &format!("{TONE} -c:a pcm_f32le"))).unwrap();
    let middle = (wav.len() / 2) & !3;
    for (at, value) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30].into_iter().enumerate() {
        // The data begins at a multiple of four plus two in files of this writer; both alignments are spoiled.
        for shift in [0, 2] {
            let start = middle + at * 4000 + shift * 100;
            wav[start..start + 4].copy_from_slice(&value.to_le_bytes());
        }
    }
    let run = bench.convert(&bench.write("broken.wav", wav));
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 3000, "tamed");
}

#[test]
fn a_hole_in_the_time_stamps_is_filled_with_silence() {
    // Matroska names no channels of PCM.
    for coding in ["libopus", "pcm_s16le", "pcm_u8 -ac 3"] {
        let bench = Bench::new();
        // One second, nothing for 20 s, two more seconds.
        let tone = format!("{TONE} -af asetpts='if(gte(T,1),PTS+20*SR,PTS)' -c:a {coding}");
        let run = bench.convert(&bench.ffmpeg("hole.mka", &tone));
        run.assert_done();
        assert_lasts(run.mp3().duration_ms, 23_000, coding);
        assert!(run.waveform().peaks[20..200].iter().all(|peak| *peak == 0), "{coding}");
    }
}

#[test]
fn a_long_hole_and_a_late_beginning_take_no_memory() {
    // Silence for 20 min: of eight channels more than this limit, if all of it were held at once.
    let limits = Limits { wall_seconds: 240, memory_bytes: 768 << 20, ..Limits::default() };
    let pictures = "-f lavfi -i color=size=64x48:rate=1:duration=3 -c:v ffv1";
    for (name, film, times) in
        [("hole.mka", "", "if(gte(T,1),PTS+1200*SR,PTS)"), ("late.mkv", pictures, "PTS+1200*SR")]
    {
        let bench = Bench::new();
        let options = format!("{TONE} {film} -af asetpts='{times}' -ac 8 -c:a pcm_f32le");
        let sound = Task::Convert(Stage::Sound);
        let asked = Request { task: sound, ..request(Input::Path("input".to_owned()), limits.clone()) };
        let run = bench.ask(&bench.ffmpeg(name, &options), asked);
        run.assert_done();
        assert_lasts(run.mp3().duration_ms, 1_203_000, name);
    }
}

#[test]
fn rates_that_change_in_mid_stream_give_one_even_sound() {
    let bench = Bench::new();
    let first = std::fs::read(bench.ffmpeg("one.mp2", &format!("{TONE} -ar 48000 -ac 2 -c:a mp2"))).unwrap();
    let second = std::fs::read(bench.ffmpeg("two.mp2", &format!("{TONE} -ar 32000 -ac 1 -c:a mp2"))).unwrap();
    let run = bench.convert(&bench.write("both.mp2", [first, second].concat()));
    run.assert_done();
    let facts = run.mp3();
    assert!((5800..6300).contains(&facts.duration_ms), "{}", facts.duration_ms);
    assert_eq!((facts.sample_rate_hz, facts.channels), (44_100, 1), "the same in both channels");
}

#[test]
fn a_hole_where_the_rate_changes_is_filled_with_silence() {
    let bench = Bench::new();
    let part = |name: &str, options: &str| {
        std::fs::read(bench.ffmpeg(name, &format!("{TONE} -c:a mp2 {options}"))).unwrap()
    };
    let (before, after) =
        (part("one.ts", "-ar 48000 -ac 2"), part("two.ts", "-ar 32000 -ac 1 -output_ts_offset 8"));
    let run = bench.convert(&bench.write("both.ts", [before, after].concat()));
    run.assert_done();
    assert!(run.mp3().duration_ms.abs_diff(11_000) < 150, "{}", run.mp3().duration_ms);
    assert!(run.waveform().peaks[32..78].iter().all(|peak| *peak == 0), "{:?}", run.waveform().peaks);
}

#[test]
fn sound_beyond_the_limit_is_refused_whatever_its_header_says() {
    let limits = Limits { duration_ms: 2000, ..Limits::default() };
    for name in ["long.flac", "long.webm"] {
        let bench = Bench::new();
        let source = bench.ffmpeg(name, &format!("{TONE} -live 1"));
        bench.convert_within(&source, limits.clone()).assert_refused(Refusal::TooLong);
    }
}

#[test]
fn a_wav_whose_size_lies_is_read_to_its_real_end() {
    let bench = Bench::new();
    let mut wav = std::fs::read(bench.ffmpeg("a.wav", &format!("{TONE} -c:a pcm_s16le"))).unwrap();
    let data = wav.windows(4).position(|window| window == b"data").unwrap();
    wav[data + 4..data + 8].copy_from_slice(&[0xFF; 4]);
    wav[4..8].copy_from_slice(&[0xFF; 4]);
    let run = bench.convert(&bench.write("lying.wav", wav));
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 3000, "lying size");
}
