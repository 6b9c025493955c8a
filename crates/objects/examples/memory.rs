//! Measures how much memory a large upload costs: appended, sealed, read back in ranges and downloaded, on local disk
//! and on a real S3 server that runs in a process of its own.
//!
//! `cargo run -p balado-objects --example memory -- [MiB] [folder]`. 2048 MiB by default, in the folder for temporary
//! files; that folder needs four times the size. Linux only: reads the high-water mark in `/proc/self/status`.

use balado_domain::deposit::UploadSegment;
use balado_domain::{DepositId, Failure, SchoolId};
use balado_objects::{Appended, BlobKey, Durable, Objects, S3Settings};
use bytes::Bytes;
use futures::future::try_join_all;
use futures::{StreamExt as _, stream};
use std::convert::Infallible;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MIB: u64 = 1024 * 1024;
/// What an HTTP server hands on at once.
const BODY_CHUNK: u64 = 64 * 1024;
const READERS: u64 = 8;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => serve(),
        ["measure", size, scratch, url, endpoint @ ..] => {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(measure(size.parse()?, Path::new(scratch), url, endpoint.first().copied()))
        }
        [] => compare(2048, &std::env::temp_dir()),
        [size] => compare(size.parse()?, &std::env::temp_dir()),
        [size, folder, ..] => compare(size.parse()?, Path::new(folder)),
    }
}

/// Runs one measuring process per store, and the S3 server beside them.
fn compare(mebibytes: u64, folder: &Path) -> Outcome<()> {
    let scratch = tempfile::tempdir_in(folder)?;
    let (program, size) = (std::env::current_exe()?, (mebibytes * MIB).to_string());
    println!("{mebibytes} MiB; high-water mark of resident memory over that of the opened store\n");
    let run = |arguments: &[&str]| -> Outcome<()> {
        let status =
            Command::new(&program).arg("measure").arg(&size).arg(scratch.path()).args(arguments).status()?;
        if status.success() { Ok(()) } else { Err(format!("measuring failed: {status}").into()) }
    };
    run(&[&scratch.path().join("objects").display().to_string()])?;

    // What is resident in the server's process is not counted: it stands for another machine.
    let mut server = Command::new(&program)
        .arg("serve")
        .env("TMPDIR", scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut endpoint = String::new();
    if let Some(said) = server.stdout.take() {
        BufReader::new(said).read_line(&mut endpoint)?;
    }
    let measured = run(&["s3://balado", endpoint.trim()]);
    // The server ends when its input does, and takes its objects with it.
    drop(server.stdin.take());
    server.wait()?;
    measured
}

fn serve() -> Outcome<()> {
    let server = balado_testkit::s3::start()?;
    println!("{} {} {}", server.endpoint, server.access_key, server.secret_key);
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

async fn measure(size: u64, scratch: &Path, url: &str, server: Option<&str>) -> Outcome<()> {
    let settings = server.and_then(settings);
    let objects = Objects::open(url, settings.as_ref())?;
    objects.ping().await?;
    let name = if settings.is_some() { "s3" } else { "disk" };
    let baseline = high_water()?;
    let step = |what: &str, started: Instant| -> Outcome<()> {
        let (grown, seconds) = (high_water()?.saturating_sub(baseline), started.elapsed().as_secs_f64());
        println!("{name:5} {what:22} +{grown:6} KiB {seconds:7.2} s");
        Ok(())
    };

    let (upload, school) = (DepositId::from_uuid(Uuid::new_v4()), SchoolId::from_uuid(Uuid::new_v4()));
    let started = Instant::now();
    let segments = append(&objects, upload, size).await?;
    step("append", started)?;

    let started = Instant::now();
    read_upload(&objects, upload, &segments, size).await?;
    step("follow", started)?;

    let started = Instant::now();
    let blob = objects.seal(upload, &segments, size, school).await?;
    step("seal, digest known", started)?;

    let started = Instant::now();
    let again = Objects::open(url, settings.as_ref())?.seal(upload, &segments, size, school).await?;
    if again != blob {
        return Err("sealing again gave another blob".into());
    }
    step("seal again, re-reading", started)?;

    let started = Instant::now();
    let readers = (0..READERS)
        .map(|reader| read(&objects, &blob, reader * size / READERS..(reader + 1) * size / READERS));
    try_join_all(readers).await?;
    step("8 ranges at once", started)?;

    let started = Instant::now();
    let copy: PathBuf = scratch.join("copy");
    objects.download(&blob, &copy).await?;
    step("download", started)?;

    objects.delete_deposit(school, upload).await?;
    objects.discard_upload(upload).await?;
    let started = Instant::now();
    objects.put_file(school, upload, &Arc::new(fs::File::open(&copy)?)).await?;
    step("put the file", started)?;
    fs::remove_file(copy)?;
    objects.delete_deposit(school, upload).await?;
    println!();
    Ok(())
}

fn settings(server: &str) -> Option<S3Settings> {
    let mut words = server.split(' ').map(str::to_owned);
    Some(S3Settings {
        endpoint: Some(words.next()?),
        region: "test".to_owned(),
        access_key: words.next()?,
        secret_key: words.next()?,
        allow_http: true,
    })
}

async fn append(objects: &Objects, upload: DepositId, size: u64) -> Outcome<Vec<UploadSegment>> {
    let block: Vec<u8> = (0..BODY_CHUNK).map(|at| ((at * at) >> 3) as u8).collect();
    let mut body = stream::iter(0..size / BODY_CHUNK).map(|chunk| {
        let mut bytes = block.clone();
        bytes.splice(..8, chunk.to_le_bytes());
        Ok::<_, Infallible>(Bytes::from(bytes))
    });
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let mut on_durable = |durable: Durable| {
        recorded.lock().unwrap_or_else(PoisonError::into_inner).extend(durable.segment);
        async { Ok::<(), Failure>(()) }
    };
    let Appended { segment, .. } = objects.append(upload, 0, &mut body, None, &mut on_durable).await?;
    let mut segments = recorded.lock().unwrap_or_else(PoisonError::into_inner).clone();
    segments.extend(segment);
    Ok(segments)
}

async fn read_upload(
    objects: &Objects,
    upload: DepositId,
    segments: &[UploadSegment],
    size: u64,
) -> Outcome<()> {
    drain(objects.read_upload(upload, segments, 0..size), size).await
}

async fn read(objects: &Objects, blob: &BlobKey, range: std::ops::Range<u64>) -> Outcome<()> {
    let size = range.end - range.start;
    drain(objects.read(blob, range).await?, size).await
}

async fn drain(mut bytes: balado_objects::ByteStream, size: u64) -> Outcome<()> {
    let mut got = 0;
    while let Some(chunk) = bytes.next().await {
        got += chunk?.len() as u64;
    }
    if got == size { Ok(()) } else { Err(format!("{got} bytes of {size}").into()) }
}

/// The most resident memory this process ever had, in KiB.
fn high_water() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
