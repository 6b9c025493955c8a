//! From the stop of a recording to an MP3 that plays, whatever the length.
//!
//! Adds its rows to `target/bench-results/transcoder.json`. Recordings are sent as a browser does, in pieces of two seconds;
//! all but the last ten seconds faster than real time, though no faster than a follower takes them. Words after `--` choose
//! the cases whose names hold one of them; `BENCH_RECORDINGS` (default 20) is the number of one-minute recordings, a quarter
//! of which are as many of ten minutes and of an hour.

use anyhow::{Context, Result, ensure};
use balado_benches::pairs::percentile;
use balado_benches::report::{Case, Good, print_head, write};
use balado_benches::service::{Client, Service};
use balado_benches::{child, media};
use balado_media::readback::read_mp3;
use std::path::Path;
use std::time::{Duration, Instant};

/// Sound in one piece, in seconds: how often the recorder sends.
const PIECE_SECONDS: u32 = 2;

/// The last pieces, which go at the pace of a real recording.
const REAL_PIECES: usize = 5;

/// Pause between the others: sixty times real time.
const HASTE: Duration = Duration::from_millis(33);

/// How often a page looks whether its recording is ready.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was promised, in seconds.
const TARGET: f64 = 1.0;

#[tokio::main]
async fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let program = child::release_program("balado")?;
    let target = program.ancestors().nth(2).context("no target folder")?.to_owned();
    let (folder, results) = (target.join("bench-media"), target.join("bench-results/transcoder.json"));
    let most = std::env::var("BENCH_RECORDINGS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_usize);
    print_head();
    let mut cases = Vec::new();
    for (minutes, runs) in [(1, most), (10, most.div_ceil(4)), (60, most.div_ceil(4))] {
        let name = format!("recording of {minutes} min");
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            cases.push(measure(&program, &folder, &name, minutes * 60, runs).await?);
            write(&results, &cases)?;
        }
    }
    Ok(())
}

async fn measure(program: &Path, folder: &Path, name: &str, seconds: u32, runs: usize) -> Result<Case> {
    let memo = std::fs::read(media::memo(folder, seconds)?)?;
    let service = Service::start(program, 1).await?;
    let mut waits = Vec::new();
    for _ in 0..runs {
        waits.push(record(&service.pupil(0), &memo, seconds).await?);
    }
    let how = format!(
        "{runs} runs, {:.1} MB each, median {:.2} s, slowest {:.2} s",
        memo.len() as f64 / 1e6,
        percentile(&waits, 50),
        percentile(&waits, 100)
    );
    let case = format!("{name}: seconds from stop to a playable MP3, p95");
    Ok(Case::new(&case, percentile(&waits, 95), Good::AtMost, TARGET, how))
}

/// Sends a recording; seconds from its last piece to an MP3 that plays to its end.
async fn record(pupil: &Client, bytes: &[u8], seconds: u32) -> Result<f64> {
    let pieces: Vec<&[u8]> = bytes.chunks(bytes.len().div_ceil((seconds / PIECE_SECONDS) as usize)).collect();
    let mut recording = pupil.open("enregistrement.webm").await?;
    let mut due = Instant::now();
    let mut stopped = due;
    for (number, piece) in pieces.iter().enumerate() {
        let left = pieces.len() - number;
        due += if left > REAL_PIECES { HASTE } else { Duration::from_secs(u64::from(PIECE_SECONDS)) };
        tokio::time::sleep_until(due.into()).await;
        stopped = Instant::now();
        pupil.send(&mut recording, piece, left == 1).await?;
    }
    let path = pupil.wait_for(&recording, "mp3", LOOK_EVERY).await?;
    let waited = stopped.elapsed().as_secs_f64();
    let mp3 = pupil.read_range(&path, 0, 1 << 30).await?;
    let found = read_mp3(mp3.as_slice())?.duration_ms;
    let expected = i64::from(seconds) * 1000;
    ensure!((found - expected).abs() <= 100, "an MP3 of {found} ms, not {expected}");
    Ok(waited)
}
