//! Claims about how loud encoded sound is, judged by ffmpeg's decoder and its EBU R 128 meter.

use crate::harness::{Bench, Run};
use crate::look;
use balado_domain::deposit::RenditionKind;
use balado_media::readback::read_mp3;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Twenty ways to be recorded: voice and speed of espeak-ng, then what a room, a microphone and a speaker do to it.
/// The last word is the number of channels. Peak to loudness goes from 12 to 24 dB and more.
const VOICES: [(&str, &str, &str, usize); 20] = [
    ("plain", "-v fr -s 150", "anull", 1),
    ("low and slow", "-v fr -s 110 -p 10", "volume=-14dB", 1),
    ("high and fast", "-v fr -s 210 -p 90", "volume=-15dB", 1),
    ("a room with a fan", "-v en -s 160", "volume=-18dB,NOISE", 1),
    (
        "a radio announcer",
        "-v fr -s 170",
        "acompressor=threshold=0.03:ratio=9:attack=2:release=60:makeup=6",
        1,
    ),
    ("clicks of a mouse", "-v fr -s 150", "volume=-15dB,CLICKS", 1),
    ("a lively reader", "-v en-us -s 165", "aeval=val(0)*(0.25+0.75*pow(sin(t*0.9)\\,4)):c=same", 1),
    ("whispers, then loud", "-v fr -s 150", "volume=volume='if(lt(t,11),0.03,0.6)':eval=frame", 1),
    ("loud, then whispers", "-v fr -s 150", "volume=volume='if(lt(t,11),0.6,0.03)':eval=frame", 1),
    ("goes away slowly", "-v fr -s 140", "volume=volume='0.9*exp(-t/14)':eval=frame", 1),
    ("comes nearer slowly", "-v fr -s 140", "volume=volume='0.05*exp(t/12)':eval=frame", 1),
    ("a long silence first", "-v de -s 150", "volume=-12dB,adelay=13000", 1),
    ("plosives", "-v fr -s 130 -p 30", "volume=-16dB,bass=g=14:f=90,PLOSIVES", 1),
    ("an old telephone", "-v fr -s 155", "highpass=300,lowpass=3400,volume=-8dB", 1),
    ("very faint", "-v fr -s 150", "volume=-16dB", 1),
    ("far too loud", "-v fr -s 150", "volume=14dB,alimiter=limit=0.98", 1),
    ("two at a table", "-v fr -s 160", "pan=stereo|c0=c0|c1=0.35*c0,adelay=0|9,volume=-9dB", 2),
    (
        "a hall",
        "-v en -s 145",
        "aecho=0.8:0.7:60|97:0.4|0.3,pan=stereo|c0=c0|c1=0.8*c0,adelay=0|21,volume=-6dB",
        2,
    ),
    ("a lively class", "-v fr -s 175", "pan=stereo|c0=c0|c1=0.5*c0,adelay=0|13,volume=-12dB,CLICKS", 2),
    ("two identical channels", "-v fr -s 150", "pan=stereo|c0=c0|c1=c0,volume=-17dB", 1),
];

const WORDS: &str = "Bonjour à tous. Aujourd'hui nous allons étudier la photosynthèse. Prenez vos cahiers, page \
    quarante-deux. Qui peut me rappeler ce que nous avons vu la semaine dernière ? Oui, très bien: les feuilles sont \
    vertes. Attention ! Ne parlez pas tous en même temps. Good morning everybody, please sit down and open your book. \
    Nous verrons ensuite pourquoi les arbres perdent leurs feuilles, et comment ils passent l'hiver. Posez vos questions.";

/// What an independent meter reads.
struct Reading {
    loudness: f64,
    true_peak: f64,
}

/// What a decoder that is not libav's makes of an MP3 or of the AAC in an MP4: samples that may go beyond full scale.
fn by_other_decoder(file: &Path) -> PathBuf {
    let wave = file.with_extension("wav");
    let run = |program: &str, words: &[&str], to: &Path, from: &Path| {
        let output = Command::new(program).args(words).arg(to).arg(from).output().unwrap();
        assert!(output.status.success() && to.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("mp3") => run("mpg123", &["-q", "-e", "f32", "-w"], &wave, file),
        Some("mp4") => {
            // It does not find sound behind pictures.
            let bare = file.with_extension("aac");
            std::fs::write(&bare, look::ffmpeg(file, "-map 0:a -c copy -f adts")).unwrap();
            run("faad", &["-q", "-b", "4", "-o"], &wave, &bare);
        }
        _ => return file.to_owned(),
    }
    wave
}

fn read(file: &Path) -> Reading {
    let wave = by_other_decoder(file);
    // faad gives one channel twice, which would be as loud as two.
    let is_mono = look::probe(file, 'a', "channels") == "1";
    let meter = if is_mono { "pan=mono|c0=c0,ebur128=peak=true" } else { "ebur128=peak=true" };
    let arguments = ["-nostdin", "-hide_banner", "-i", wave.to_str().unwrap(), "-af", meter];
    let output = Command::new("ffmpeg").args(arguments).args(["-f", "null", "-"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = text.rsplit_once("Summary:").unwrap_or_else(|| panic!("{text}")).1;
    let value = |mark: &str| -> f64 {
        let rest = summary.split_once(mark).unwrap().1;
        let word = rest.split_whitespace().next().unwrap();
        word.parse().unwrap_or_else(|_| panic!("{mark} {word}"))
    };
    Reading { loudness: value("I:"), true_peak: value("Peak:") }
}

/// Speaks, and makes of it what a recording would be.
fn record(bench: &Bench, (name, voice, filter, _): (&str, &str, &str, usize), codec: &str) -> PathBuf {
    let spoken = bench.path("spoken.wav");
    let mut speaker = Command::new("espeak-ng");
    speaker.args(voice.split_whitespace()).arg("-w").arg(&spoken).arg(WORDS);
    assert!(speaker.status().unwrap().success(), "{name}");
    // Room noise and clicks come from expressions, so that every run hears the same.
    let filter = filter
        .replace("NOISE", "aeval=val(0)+0.004*(2*random(0)-1):c=same")
        .replace("CLICKS", "aeval=val(ch)+0.22*lt(mod(t\\,2.3)\\,0.0004):c=same")
        .replace("PLOSIVES", "aeval=val(0)+0.35*lt(mod(t\\,3.1)\\,0.02)*sin(mod(t\\,3.1)*500):c=same");
    let file = bench.path(codec);
    let mut mixer = Command::new("ffmpeg");
    mixer.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(&spoken);
    mixer.args(["-af", &format!("aresample=48000,{filter}")]).arg(&file);
    let output = mixer.output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    file
}

#[test]
fn ten_voices_come_out_equally_loud_and_none_too_loud() {
    assert_level(&VOICES[..10]);
}

#[test]
fn ten_more_voices_come_out_equally_loud_and_none_too_loud() {
    assert_level(&VOICES[10..]);
}

/// Each as MP3 and as the AAC of a film within 1 LU of its aim and below -0.8 dBTP; a table of them all when one is not.
fn assert_level(voices: &[(&str, &str, &str, usize)]) {
    let mut table =
        "voice | kind | peak to loudness | before, LUFS | after, LUFS | off, LU | peak, dBTP\n".to_owned();
    let mut misses = 0;
    for voice in voices {
        let bench = Bench::new();
        let source = record(&bench, *voice, "voice.flac");
        let pictures = "-f lavfi -i color=size=64x64:rate=5";
        let coded = "-shortest -c:v libvpx -deadline realtime -c:a copy";
        let film = bench.ffmpeg("film.mkv", &format!("{pictures} -i {} {coded}", source.display()));
        let run = bench.convert(&film);
        run.assert_done();
        let (name, channels) = (voice.0, usize::from(run.mp3().channels));
        assert_eq!(channels, voice.3, "{name}");
        let before = read(&source);
        let peaks = before.true_peak - before.loudness;
        for kind in [RenditionKind::Mp3, RenditionKind::Mp4] {
            let after = read(&run.file(kind));
            let off = after.loudness - if channels == 1 { -19.0 } else { -16.0 };
            let (from, to, peak) = (before.loudness, after.loudness, after.true_peak);
            writeln!(table, "{name} | {kind} | {peaks:.1} | {from:.1} | {to:.1} | {off:+.1} | {peak:.1}")
                .unwrap();
            misses += usize::from(off.abs() > 1.0 || peak > -0.8);
        }
    }
    println!("{table}");
    assert_eq!(misses, 0, "\n{table}");
}

/// Mean level of every slice of a voice, told by a decoder.
fn decoded(file: &Path) -> Vec<f32> {
    let arguments = ["-nostdin", "-v", "error", "-i", file.to_str().unwrap(), "-ac", "1", "-ar", "44100"];
    let output = Command::new("ffmpeg").args(arguments).args(["-f", "f32le", "-"]).output().unwrap();
    output.stdout.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn decibels(samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (energy / samples.len() as f64).log10()
}

#[test]
fn nothing_pumps() {
    // A steady tone under speech that comes and goes would swell with every change of gain.
    let bench = Bench::new();
    let source = bench.ffmpeg(
        "steps.flac",
        "-f lavfi -i sine=frequency=440:duration=14 -f lavfi -i sine=frequency=440:duration=14 \
         -filter_complex [0]volume=-12dB[a];[1]volume=-2dB[b];[a][b]concat=n=2:v=0:a=1",
    );
    let run = bench.convert(&source);
    run.assert_done();
    let (before, after) = (decoded(&source), decoded(&run.file(RenditionKind::Mp3)));
    assert!(before.len().abs_diff(after.len()) < 2205, "{} {}", before.len(), after.len());
    let gains: Vec<f64> = before
        .chunks_exact(4410)
        .zip(after.chunks_exact(4410))
        .map(|(before, after)| decibels(after) - decibels(before))
        .collect();
    let gains = &gains[1..gains.len() - 2];
    for second in gains.windows(11) {
        assert!((second[0] - second[10]).abs() < 1.0, "{gains:.2?}");
    }
    assert!(gains.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.4), "{gains:.2?}");
}

#[test]
fn silence_gets_no_gain_and_a_faint_voice_no_more_than_twenty_decibels() {
    let bench = Bench::new();
    let noise = bench.ffmpeg("noise.flac", "-f lavfi -i anoisesrc=amplitude=0.002:duration=5:seed=1");
    let run = bench.convert(&noise);
    run.assert_done();
    let (before, after) = (read(&noise), read(&run.file(RenditionKind::Mp3)));
    // An encoder of few bits leaves out what lies above 11 kHz, a good part of white noise.
    assert!(before.loudness < -50.0 && after.loudness <= before.loudness + 0.5, "{}", after.loudness);
    let bench = Bench::new();
    let faint = bench.ffmpeg("faint.flac", "-f lavfi -i sine=frequency=440:duration=5 -af volume=-25dB");
    let run = bench.convert(&faint);
    run.assert_done();
    let (before, after) = (read(&faint), read(&run.file(RenditionKind::Mp3)));
    assert!((after.loudness - before.loudness - 20.0).abs() < 0.6, "{} {}", before.loudness, after.loudness);
}

#[test]
fn a_film_gets_no_gain_for_silence_and_no_more_than_twenty_decibels_either() {
    for (name, sound, gain) in [
        ("noise.mkv", "anoisesrc=amplitude=0.002:duration=5:seed=1", 0.0),
        ("faint.mkv", "sine=frequency=440:duration=5,volume=-25dB", 20.0),
        ("nothing.mkv", "anullsrc=channel_layout=mono,atrim=duration=5", 0.0),
    ] {
        let bench = Bench::new();
        let pictures = "-f lavfi -i color=size=64x64:rate=5:duration=5";
        let film = bench.ffmpeg(name, &format!("-f lavfi -i {sound} {pictures} -c:v ffv1 -c:a pcm_s16le"));
        let before = read(&bench.ffmpeg("alone.wav", &format!("-i {} -vn", film.display())));
        let run = bench.convert(&film);
        run.assert_done();
        for kind in [RenditionKind::Mp3, RenditionKind::Mp4] {
            let gained = read(&run.file(kind)).loudness - before.loudness;
            assert!(gained <= gain + 0.6, "{name}: {gained} dB in the {kind}");
            assert!(gain == 0.0 || gained >= gain - 0.6, "{name}: {gained} dB in the {kind}");
        }
    }
}

#[test]
fn peaks_and_waveform_draw_the_mp3_as_it_is_heard() {
    let bench = Bench::new();
    let run = bench.convert(&record(&bench, VOICES[8], "voice.flac"));
    run.assert_done();
    assert_drawn(&run);
}

fn assert_drawn(run: &Run) {
    let sound = decoded(&run.file(RenditionKind::Mp3));
    let (peaks, waveform) = (run.peaks(), run.waveform());
    assert_eq!((peaks.sample_rate_hz, peaks.samples_per_peak), (44_100, 441));
    assert!(peaks.pairs.len().abs_diff(sound.len() / 441) < 4);
    let off = sound.chunks_exact(441).zip(&peaks.pairs).filter(|(samples, (low, high))| {
        let lowest = samples.iter().copied().fold(0.0, f32::min) * 127.0;
        let highest = samples.iter().copied().fold(0.0, f32::max) * 127.0;
        (lowest - f32::from(*low)).abs() > 14.0 || (highest - f32::from(*high)).abs() > 14.0
    });
    let off = off.count();
    assert!(off * 50 < peaks.pairs.len(), "{off} of {} peaks are off", peaks.pairs.len());
    for (index, peak) in waveform.peaks.iter().enumerate() {
        let fine = peaks.pairs[index * 10..peaks.pairs.len().min(index * 10 + 10)].iter();
        let loudest = fine.map(|(low, high)| low.unsigned_abs().max(high.unsigned_abs())).max().unwrap_or(0);
        assert!(f32::from(*peak) / 255.0 - f32::from(loudest) / 127.0 < 0.01, "{index}");
    }
}

#[test]
fn corrected_frames_differ_from_encoded_ones_in_volume_alone() {
    // Loud, then soft: the first half is made softer at first and corrected at the end.
    let bench = Bench::new();
    let run = bench.convert(&record(&bench, VOICES[8], "voice.flac"));
    run.assert_done();
    let bytes = run.bytes(RenditionKind::Mp3);
    let facts = read_mp3(bytes.as_slice()).unwrap();
    assert_eq!(facts.gapless.map(|gapless| gapless.delay), Some(576));
    // A decoder that checks everything finds nothing to complain about.
    let arguments = ["-nostdin", "-v", "warning", "-err_detect", "explode", "-i"];
    let file = run.file(RenditionKind::Mp3);
    let output =
        Command::new("ffmpeg").args(arguments).arg(&file).args(["-f", "null", "-"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn sound_far_above_full_scale_is_turned_down_not_clipped() {
    let bench = Bench::new();
    // 9.5 dB above full scale, as float samples may be.
    let film = "-f lavfi -i color=size=64x48:rate=5:duration=4 -f lavfi -i aevalsrc=exprs='3*sin(2*PI*500*t)':s=44100:d=4 \
        -c:v ffv1 -c:a pcm_f32le";
    let run = bench.convert(&bench.ffmpeg("loud.mkv", film));
    run.assert_done();
    for kind in [RenditionKind::Mp4, RenditionKind::Mp3] {
        let level = |filter: &str| {
            let sound = look::ffmpeg(&run.file(kind), &format!("-vn -ss 1 -t 2 -af {filter} -f f32le"));
            let samples = sound.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
            samples.map(|sample| sample * sample).sum::<f32>().sqrt()
        };
        let overtones = level("highpass=f=1200:p=2,highpass=f=1200:p=2") / level("anull");
        assert!(overtones < 0.05, "{kind}: {overtones}");
    }
}

#[test]
fn a_voice_after_long_murmur_is_one_voice_throughout() {
    let bench = Bench::new();
    let voice = record(&bench, VOICES[0], "voice.flac");
    let murmur = "-f lavfi -i anoisesrc=amplitude=0.02:color=pink:duration=600:sample_rate=48000:seed=1";
    let source = bench.ffmpeg(
        "late.flac",
        &format!("{murmur} -i {} -filter_complex [0][1]concat=n=2:v=0:a=1", voice.display()),
    );
    let run = bench.convert(&source);
    run.assert_done();
    let spoken = |file: &Path| decoded(file).split_off(600 * 44_100);
    let (before, after) = (spoken(&source), spoken(&run.file(RenditionKind::Mp3)));
    let levels = before.chunks_exact(44_100).zip(after.chunks_exact(44_100));
    let gains: Vec<f64> = levels.map(|(before, after)| decibels(after) - decibels(before)).collect();
    let off = |gain: &f64| (gain - gains[gains.len() / 2]).abs();
    assert!(gains[..gains.len() - 1].iter().all(|gain| off(gain) < 2.0), "{gains:.1?}");
}
