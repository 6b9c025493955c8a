//! Claims about sound.

use crate::harness::{Bench, assert_lasts};
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::Refusal;
use balado_media::wire::Limits;

const TONE: &str = "-f lavfi -i sine=frequency=440:duration=3:sample_rate=44100";

fn becomes_mp3(name: &str, options: &str) {
    becomes_mp3_of(name, options, 3000);
}

fn becomes_mp3_of(name: &str, options: &str, wanted_ms: i64) {
    let bench = Bench::new();
    let run = bench.convert(&bench.ffmpeg(name, &format!("{TONE} {options}")));
    run.assert_done();
    assert_eq!(run.family(), Some(Family::Audio), "{name}");
    assert_eq!(run.kinds(), [RenditionKind::Mp3, RenditionKind::Waveform], "{name}");
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
fn windows_media_keeps_the_padding_its_format_does_not_declare() {
    becomes_mp3_of("a.wma", "-c:a wmav2", 3064);
}

#[test]
fn a_recording_without_duration_gets_the_one_it_plays() {
    // As browsers record: a live stream, no length, no index.
    becomes_mp3("live.webm", "-c:a libopus -live 1 -cluster_time_limit 500");
}

#[test]
fn a_conforming_mp3_keeps_every_frame_bit_for_bit() {
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "talk.mp3",
        &format!("{TONE} -c:a libmp3lame -b:a 128k -id3v2_version 3 -metadata title=Secret"),
    );
    let run = bench.convert(&source);
    run.assert_done();
    let original = std::fs::read(source).unwrap();
    let copy = run.bytes(RenditionKind::Mp3);
    // The copy is one Info frame followed by the source's frames; the last thousand bytes are frames in both.
    assert_eq!(copy[copy.len() - 20_000..], original[original.len() - 20_000..]);
    assert!(!copy.windows(6).any(|window| window == b"Secret"), "tags were copied");
    assert_lasts(run.mp3().duration_ms, 3000, "copy");
}

#[test]
fn stereo_stays_stereo_and_six_channels_become_two() {
    for (name, layout) in [("two.flac", "stereo"), ("six.flac", "5.1")] {
        let bench = Bench::new();
        let run = bench
            .convert(&bench.ffmpeg(name, &format!("{TONE} -af aformat=channel_layouts={layout} -c:a flac")));
        run.assert_done();
        let facts = run.mp3();
        assert_eq!(facts.channels, 2, "{name}");
        assert!(facts.bit_rate.abs_diff(128_000) < 4_000, "{name}: {}", facts.bit_rate);
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
    let bench = Bench::new();
    // One second, nothing for 20 s, two more seconds.
    let source =
        bench.ffmpeg("hole.mka", &format!("{TONE} -af asetpts='if(gte(T,1),PTS+20*SR,PTS)' -c:a libopus"));
    let run = bench.convert(&source);
    run.assert_done();
    assert_lasts(run.mp3().duration_ms, 23_000, "hole");
    assert!(run.waveform().peaks[20..200].iter().all(|peak| *peak == 0));
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
    assert_eq!((facts.sample_rate_hz, facts.channels), (44_100, 2));
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
