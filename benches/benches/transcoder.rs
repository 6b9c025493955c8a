//! The transcoder against other programs, side by side: what `make bench` prints and writes to
//! `target/bench-results/transcoder.json`.
//!
//! Words after `--` choose the cases whose names hold one of them. `BENCH_PAIRS` (default 9) is the number of pairs;
//! `BENCH_RIVAL_PAIRS` (default `BENCH_PAIRS`) that of the rivals, whose work takes minutes; `BENCH_RIVAL` is a part of the
//! name of the only one to measure.

use anyhow::{Context, Result};
use balado_benches::pairs::{Figure, Ratio, alternate, percentile, ratio};
use balado_benches::process::{Cost, run};
use balado_benches::report::{Case, Good, print_head, write};
use balado_benches::rivals::Rival;
use balado_benches::{child, media};
use balado_media::wire::{Stage, Task};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A gibibyte.
const GIB: u64 = 1 << 30;

/// A mebibyte.
const MIB: f64 = 1_048_576.0;

/// Seconds of the telephone's clip.
const CLIP_SECONDS: u32 = 60;

/// Measures one or several promises.
type Measure = fn(&Bench) -> Result<Vec<Case>>;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let bench = Bench::new()?;
    print_head();
    let mut cases = Vec::new();
    let all: [(&str, Measure); 6] = [
        ("memo", memo),
        ("clip", clip),
        ("remux", remux),
        ("memory", memory),
        ("quality", quality),
        ("rivals", rivals),
    ];
    for (name, case) in all {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            cases.extend(case(&bench)?);
            write(&bench.results, &cases)?;
        }
    }
    Ok(())
}

struct Bench {
    balado: PathBuf,
    transcoder: PathBuf,
    media: PathBuf,
    results: PathBuf,
    pairs: usize,
    rival_pairs: usize,
}

impl Bench {
    fn new() -> Result<Self> {
        let balado = child::release_program("balado")?;
        let target = balado.ancestors().nth(2).context("no target folder")?.to_owned();
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let pairs = number("BENCH_PAIRS").unwrap_or(9);
        Ok(Self {
            transcoder: child::release_program("balado-transcoder")?,
            balado,
            media: target.join("bench-media"),
            results: target.join("bench-results/transcoder.json"),
            pairs,
            rival_pairs: number("BENCH_RIVAL_PAIRS").unwrap_or(pairs),
        })
    }

    /// `balado transcode FILE`, all outputs, in an empty folder that is gone afterwards.
    fn transcode(&self, file: &Path) -> Result<Cost> {
        let folder = tempfile::tempdir_in(&self.media)?;
        run(Command::new(&self.balado).arg("transcode").arg(file).arg("--out").arg(folder.path()))
    }

    fn ffmpeg(&self, words: &str) -> Result<Cost> {
        let folder = tempfile::tempdir_in(&self.media)?;
        let arguments = words.split_whitespace();
        run(Command::new("ffmpeg")
            .current_dir(folder.path())
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments))
    }
}

fn conditions(ratio: &Ratio, unit: &str) -> String {
    format!(
        "{} pairs, interval {:.3}-{:.3}, median {:.2} {unit} against {:.2} {unit}",
        ratio.pairs, ratio.interval.0, ratio.interval.1, ratio.ours_seconds, ratio.theirs_seconds
    )
}

fn memo(bench: &Bench) -> Result<Vec<Case>> {
    let memo = media::memo(&bench.media, 600)?;
    let theirs = format!(
        "-i {} -filter_complex [0:a]ebur128=peak=true[a] -map [a] -ac 1 -ar 44100 -c:a libmp3lame -b:a 64k memo.mp3",
        memo.display()
    );
    let found =
        alternate(bench.pairs, Figure::Cpu, 0.0, || bench.transcode(&memo), || bench.ffmpeg(&theirs))?;
    let name =
        "10 min WebM/Opus memo to MP3, waveform, loudness: CPU against one ffmpeg with ebur128=peak=true";
    Ok(vec![Case::new(name, found.median, Good::AtMost, 1.10, conditions(&found, "CPU s"))])
}

/// The best single command there is: one decode, the same encoders and settings, sound copied into the film.
fn one_decode_command(clip: &Path) -> String {
    format!(
        "-i {} -filter_complex [0:v]scale=1280:720:flags=bicubic,format=yuv420p,split=3[film][p][s];\
         [p]fps=1,thumbnail={CLIP_SECONDS}[poster];[s]fps=1/2,scale=160:90,tile=10x3[sprite] \
         -map [film] -map 0:a -c:v libx264 -preset veryfast -subq 1 -profile:v high -crf 23.4 -maxrate 4M -bufsize 8M -c:a copy \
         -movflags +faststart film.mp4 -map 0:a -c:a libmp3lame -ar 44100 -ac 1 -b:a 64k sound.mp3 \
         -map [poster] -frames:v 1 -c:v mjpeg -q:v 3 -f image2 poster.jpg -map [sprite] -frames:v 1 -c:v mjpeg -q:v 6 -f image2 sprite.jpg",
        clip.display()
    )
}

fn clip(bench: &Bench) -> Result<Vec<Case>> {
    let clip = media::phone_clip(&bench.media, CLIP_SECONDS)?;
    let theirs = one_decode_command(&clip);
    let found =
        alternate(bench.pairs, Figure::Cpu, 0.0, || bench.transcode(&clip), || bench.ffmpeg(&theirs))?;
    let name =
        "60 s 1080p30 17 Mb/s clip to MP4, MP3, poster, sprite: CPU against one ffmpeg with one decode";
    Ok(vec![Case::new(name, found.median, Good::AtMost, 1.05, conditions(&found, "CPU s"))])
}

fn rivals(bench: &Bench) -> Result<Vec<Case>> {
    let clip = media::phone_clip(&bench.media, CLIP_SECONDS)?;
    let targets =
        [(Rival::PeerTube, 0.33), (Rival::Opencast, 0.20), (Rival::MediaCms, 0.15), (Rival::EsupPod, 0.12)];
    let mut cases = Vec::new();
    let mut soonest = f64::INFINITY;
    let mut our_first = Vec::new();
    let only = std::env::var("BENCH_RIVAL").unwrap_or_default();
    for (rival, target) in targets.into_iter().filter(|(rival, _)| rival.name().contains(&only)) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..bench.rival_pairs {
            ours.push(bench.transcode(&clip)?.cpu_seconds);
            let work = rival.process(&clip, CLIP_SECONDS)?;
            theirs.push(work.cost.cpu_seconds);
            soonest = soonest.min(work.first_playable_seconds);
            let made = child::convert(&bench.transcoder, &clip, Task::Convert(Stage::Sound))?;
            our_first.extend(made.outputs.first().map(|(_, at)| at.as_secs_f64()));
        }
        let found = ratio(&ours, &theirs, 0.0);
        let name =
            format!("same clip, CPU until all default outputs but light exist: against {}", rival.name());
        cases.push(Case::new(&name, found.median, Good::AtMost, target, conditions(&found, "CPU s")));
        // Each takes a quarter of an hour or more: what is measured is kept should the next be broken off.
        write(&bench.results, &cases)?;
    }
    if !only.is_empty() {
        // Nobody is the soonest of one.
        return Ok(cases);
    }
    let first = percentile(&our_first, 50);
    let conditions = format!(
        "MP3 whole after {first:.2} s (median of {}), their soonest file after {soonest:.2} s",
        our_first.len()
    );
    let name = "same clip, first playable output: times sooner than the soonest rival";
    cases.push(Case::new(name, soonest / first, Good::AtLeast, 10.0, conditions));
    Ok(cases)
}

/// How like the source, and how large, against the plain preset.
fn quality(bench: &Bench) -> Result<Vec<Case>> {
    let clip = media::phone_clip(&bench.media, CLIP_SECONDS)?;
    let made = child::convert(&bench.transcoder, &clip, Task::Convert(Stage::Pictures))?;
    let (ours, plain) = (made.scratch.path().join("mp4.mp4"), made.scratch.path().join("plain.mp4"));
    bench.ffmpeg(&format!(
        "-i {} -vf scale=1280:720:flags=bicubic -c:v libx264 -preset veryfast -crf 23 -c:a copy -movflags +faststart {}",
        clip.display(),
        plain.display()
    ))?;
    let (similar, similar_plain) = (similarity(&ours, &clip)?, similarity(&plain, &clip)?);
    let bytes = |path: &Path| std::fs::metadata(path).map(|facts| facts.len() as f64);
    let (size, size_plain) = (bytes(&ours)?, bytes(&plain)?);
    Ok(vec![
        Case::new(
            "same clip, SSIM less that of veryfast crf 23",
            similar - similar_plain,
            Good::AtLeast,
            -0.005,
            format!("{similar:.4} against {similar_plain:.4}, source scaled to 1280x720"),
        ),
        Case::new(
            "same clip, bytes over those of veryfast crf 23",
            size / size_plain,
            Good::AtMost,
            1.05,
            format!("{:.2} MB against {:.2} MB", size / 1e6, size_plain / 1e6),
        ),
    ])
}

fn similarity(film: &Path, source: &Path) -> Result<f64> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(film)
        .arg("-i")
        .arg(source)
        .args([
            "-lavfi",
            "[1:v]scale=1280:720:flags=bicubic,format=yuv420p[r];[0:v][r]ssim",
            "-f",
            "null",
            "-",
        ])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let all = said.rsplit("All:").next().and_then(|rest| rest.split_whitespace().next());
    all.and_then(|text| text.parse().ok()).with_context(|| format!("no SSIM in {said}"))
}

fn remux(bench: &Bench) -> Result<Vec<Case>> {
    let film = media::conforming_film(&bench.media, GIB)?;
    let theirs = format!("-i {} -c copy -movflags +faststart film.mp4", film.display());
    let ours = || Ok(child::convert(&bench.transcoder, &film, Task::Convert(Stage::Pictures))?.cost);
    let found = alternate(bench.pairs, Figure::Wall, 0.2, ours, || bench.ffmpeg(&theirs))?;
    let name = "conforming 720p30 file of 1 GiB to MP4, child alone: (wall - 0.2 s) against ffmpeg -c copy";
    Ok(vec![Case::new(name, found.median, Good::AtMost, 1.3, conditions(&found, "s"))])
}

fn memory(bench: &Bench) -> Result<Vec<Case>> {
    let folder = &bench.media;
    type Work = fn(&Path, &Path, Task) -> Result<child::Made>;
    let (whole, arriving): (Work, Work) = (child::convert, child::follow);
    let files = [
        ("1 h WebM/Opus memo", media::memo(folder, 3600)?, whole, 150.0),
        ("1 h WebM/Opus memo that arrives", media::memo(folder, 3600)?, arriving, 150.0),
        ("60 s 1080p clip", media::phone_clip(folder, CLIP_SECONDS)?, whole, 400.0 + 20.0 / 60.0),
        ("10 min 1080p clip", media::phone_clip(folder, 600)?, whole, 400.0 + 20.0 / 6.0),
        ("1 h 1080p lesson", media::lesson(folder)?.0, whole, 420.0),
        ("60 s 720p WebM that arrives, its pictures too", media::browser_film(folder)?, arriving, 400.0),
        ("10 s 4K 10-bit HEVC", media::ultra_high(folder)?, whole, 500.0),
        ("100 Mpx JPEG", media::huge_still(folder, "jpg")?, whole, 600.0),
        ("100 Mpx PNG", media::huge_still(folder, "png")?, whole, 600.0),
        ("100 Mpx HEIC", media::huge_still(folder, "heic")?, whole, 600.0),
    ];
    let mut cases = Vec::new();
    for (name, file, work, target) in files {
        let made = work(&bench.transcoder, &file, Task::Convert(Stage::All))?;
        let conditions =
            format!("one run, {:.1} CPU s, {:.1} s", made.cost.cpu_seconds, made.cost.wall_seconds);
        let name = format!("memory, VmHWM with converters, MiB: {name}");
        cases.push(Case::new(&name, made.peak_bytes as f64 / MIB, Good::AtMost, target, conditions));
    }
    Ok(cases)
}
