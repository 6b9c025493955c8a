//! The end of a lesson on a small server: a class records at once, and everybody wants to hear it at once.
//!
//! Adds its rows to `target/bench-results/transcoder.json`. Recordings are sent as a browser does, two seconds of sound every
//! two seconds, in real time. Words after `--` choose the cases whose names hold one of them.

use anyhow::{Context, Result};
use balado_benches::pairs::percentile;
use balado_benches::report::{Case, Good, print_head, write};
use balado_benches::service::{Client, Recording, Service};
use balado_benches::{child, media};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A class.
const PUPILS: usize = 30;

/// Seconds of each recording.
const SECONDS: u32 = 120;

/// How often the recorder sends.
const SEND_EVERY: Duration = Duration::from_secs(2);

/// How often a page looks whether its recording is ready.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a player asks for at a time.
const RANGE_BYTES: u64 = 64 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let program = child::release_program("balado")?;
    let target = program.ancestors().nth(2).context("no target folder")?.to_owned();
    let (folder, results) = (target.join("bench-media"), target.join("bench-results/transcoder.json"));
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    print_head();
    let mut cases = Vec::new();
    if is_wanted("together") {
        cases.extend(recordings(&program, &folder, Duration::ZERO).await?);
    }
    if is_wanted("spread") {
        cases.extend(recordings(&program, &folder, Duration::from_secs(60)).await?);
    }
    if is_wanted("queue") {
        cases.extend(memos_beside_films(&program, &folder).await?);
    }
    if is_wanted("videos") {
        cases.extend(videos(&program, &folder).await?);
    }
    write(&results, &cases)
}

/// Thirty recordings, the last bytes of all within `spread`.
async fn recordings(program: &Path, folder: &Path, spread: Duration) -> Result<Vec<Case>> {
    let memo: Arc<[u8]> = std::fs::read(media::memo(folder, SECONDS)?)?.into();
    let service = Service::start(program, PUPILS).await?;
    // Something to listen to meanwhile.
    let first = service.pupil(0);
    let mut heard = first.open("memo.webm").await?;
    first.send(&mut heard, &memo, true).await?;
    let path = first.wait_for(&heard, "mp3", LOOK_EVERY).await?;
    let begun = Instant::now();
    let over = Arc::new(AtomicBool::new(false));
    let signing = tokio::spawn(keep_timing(Arc::clone(&over), service.pupil(1), Meanwhile::SignIn));
    let reading = tokio::spawn(keep_timing(Arc::clone(&over), service.pupil(0), Meanwhile::Read(path)));
    let mut pupils = JoinSet::new();
    for number in 0..PUPILS {
        let (pupil, memo) = (service.pupil(number), Arc::clone(&memo));
        let late = spread.mul_f64(number as f64 / PUPILS as f64);
        pupils.spawn(async move { record(&pupil, &memo, begun + late).await });
    }
    let mut waits = Vec::new();
    while let Some(wait) = pupils.join_next().await {
        waits.push(wait??);
    }
    over.store(true, Ordering::Relaxed);
    let (signing, reading) = (signing.await??, reading.await??);
    let how =
        format!("{PUPILS} recordings of {SECONDS} s in real time, stop spread over {} s", spread.as_secs());
    let (case, percent, target) = if spread.is_zero() {
        ("end of lesson, all in the same second: seconds until the last is playable", 100, 30.0)
    } else {
        ("end of lesson, over 60 s: seconds until playable, p95", 95, 5.0)
    };
    let label = if spread.is_zero() { "same second" } else { "over 60 s" };
    Ok(vec![
        Case::new(
            case,
            percentile(&waits, percent),
            Good::AtMost,
            target,
            format!("{how}, median {:.2}", percentile(&waits, 50)),
        ),
        Case::new(
            &format!("end of lesson, {label}: sign-in meanwhile, ms, p99"),
            percentile(&signing, 99) * 1000.0,
            Good::AtMost,
            300.0,
            format!(
                "{} sign-ins, one every 250 ms, median {:.0} ms",
                signing.len(),
                percentile(&signing, 50) * 1000.0
            ),
        ),
        Case::new(
            &format!("end of lesson, {label}: 64 KiB range meanwhile, ms, p99"),
            percentile(&reading, 99) * 1000.0,
            Good::AtMost,
            100.0,
            format!(
                "{} reads, one every 50 ms, median {:.0} ms",
                reading.len(),
                percentile(&reading, 50) * 1000.0
            ),
        ),
    ])
}

/// Sends a recording in real time from `begin`; seconds from its last byte to a playable MP3.
async fn record(pupil: &Client, bytes: &[u8], begin: Instant) -> Result<f64> {
    let pieces = SECONDS / 2;
    let size = bytes.len().div_ceil(pieces as usize);
    let mut recording = pupil.open("enregistrement.webm").await?;
    let mut left = bytes.chunks(size).peekable();
    let mut due = begin;
    let mut stopped = Instant::now();
    while let Some(piece) = left.next() {
        due += SEND_EVERY;
        tokio::time::sleep_until(due.into()).await;
        stopped = Instant::now();
        pupil.send(&mut recording, piece, left.peek().is_none()).await?;
    }
    let path = pupil.wait_for(&recording, "mp3", LOOK_EVERY).await?;
    pupil.read_range(&path, 0, 1000).await?;
    Ok(stopped.elapsed().as_secs_f64())
}

/// What others do during that.
enum Meanwhile {
    SignIn,
    Read(String),
}

async fn keep_timing(over: Arc<AtomicBool>, client: Client, what: Meanwhile) -> Result<Vec<f64>> {
    let mut seconds = Vec::new();
    let mut turn = 0_u64;
    while !over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let pause = match &what {
            Meanwhile::SignIn => {
                client.sign_in().await?;
                Duration::from_millis(250)
            }
            Meanwhile::Read(path) => {
                client.read_range(path, turn % 8 * RANGE_BYTES, RANGE_BYTES).await?;
                Duration::from_millis(50)
            }
        };
        seconds.push(started.elapsed().as_secs_f64());
        turn += 1;
        tokio::time::sleep(pause).await;
    }
    Ok(seconds)
}

/// Memos of a minute while the pictures of an hour are encoded and twenty films wait, from their school and from another.
async fn memos_beside_films(program: &Path, folder: &Path) -> Result<Vec<Case>> {
    const WAITING: usize = 20;
    const MEMOS: usize = 5;
    let (hour, minute) = media::lesson(folder)?;
    let (hour, minute, memo) =
        (std::fs::read(hour)?, std::fs::read(minute)?, std::fs::read(media::memo(folder, 60)?)?);
    let service = Service::start(program, 1).await?;
    let teacher = service.teacher();
    let film = deposit(&teacher, "heure.mp4", &hour).await?;
    teacher.wait_for(&film, "mp3", LOOK_EVERY).await?;
    for _ in 0..WAITING {
        deposit(&teacher, "film.mp4", &minute).await?;
    }
    let mut cases = Vec::new();
    for (whose, client) in [("the same school", teacher.clone()), ("another school", service.other_teacher())]
    {
        let mut waits = Vec::new();
        for _ in 0..MEMOS {
            let sent = Instant::now();
            let memo = deposit(&client, "memo.webm", &memo).await?;
            client.wait_until_ready(&memo, LOOK_EVERY).await?;
            waits.push(sent.elapsed().as_secs_f64());
        }
        cases.push(Case::new(
            &format!("a minute's memo from {whose}, an hour of film at work and {WAITING} films waiting: seconds until ready"),
            percentile(&waits, 100),
            Good::AtMost,
            10.0,
            format!("slowest of {MEMOS}, its upload included, median {:.2}", percentile(&waits, 50)),
        ));
    }
    Ok(cases)
}

/// Deposits a whole file.
async fn deposit(client: &Client, name: &str, bytes: &[u8]) -> Result<Recording> {
    let mut deposit = client.open(name).await?;
    for piece in bytes.chunks(8 << 20) {
        let is_last = deposit.size() + piece.len() == bytes.len();
        client.send(&mut deposit, piece, is_last).await?;
    }
    Ok(deposit)
}

/// Thirty videos of two minutes, all deposited at once.
async fn videos(program: &Path, folder: &Path) -> Result<Vec<Case>> {
    let film: PathBuf = media::phone_clip(folder, SECONDS)?;
    let bytes: Arc<[u8]> = std::fs::read(film)?.into();
    let service = Service::start(program, PUPILS).await?;
    let mut pupils = JoinSet::new();
    for number in 0..PUPILS {
        let (pupil, bytes) = (service.pupil(number), Arc::clone(&bytes));
        pupils.spawn(async move {
            let deposit = deposit(&pupil, "film.mp4", &bytes).await?;
            let sent = Instant::now();
            pupil.wait_for(&deposit, "mp3", LOOK_EVERY).await?;
            let heard = sent.elapsed().as_secs_f64();
            pupil.wait_for(&deposit, "mp4", Duration::from_secs(1)).await?;
            anyhow::Ok((heard, sent.elapsed().as_secs_f64()))
        });
    }
    let (mut heard, mut seen) = (Vec::new(), Vec::new());
    while let Some(times) = pupils.join_next().await {
        let (sound, pictures) = times??;
        heard.push(sound);
        seen.push(pictures);
    }
    let how = format!("{PUPILS} clips of {SECONDS} s, 1080p30 17 Mb/s, deposited at once");
    let name = "30 videos at once: seconds until the last MP3, from the end of its upload";
    Ok(vec![
        Case::new(name, percentile(&heard, 100), Good::AtMost, 60.0, how.clone()),
        Case::new(
            "30 videos at once: minutes until the last MP4",
            percentile(&seen, 100) / 60.0,
            Good::AtMost,
            25.0,
            how,
        ),
    ])
}
