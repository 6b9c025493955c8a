//! Runs one `balado-transcoder`, as a worker does, without the worker.

use crate::process::{Cost, MemoryWatch, children_cpu};
use anyhow::{Context, Result, bail};
use balado_media::Recipe;
use balado_media::wire::{Control, Event, Input, Limits, Request, Task};
use command_fds::{CommandFdExt, FdMapping};
use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a child made of a file.
pub struct Made {
    /// What it cost.
    pub cost: Cost,
    /// Peak resident memory of the child and the converters beside it, summed, in bytes.
    pub peak_bytes: u64,
    /// When each output was whole, from the start of the process, with its kind.
    pub outputs: Vec<(String, Duration)>,
    /// Where the outputs are; gone when this is dropped.
    pub scratch: tempfile::TempDir,
}

/// Starts the program on a file and waits for its end. The scratch folder is made beside the file.
///
/// # Errors
/// When it cannot be started, or refuses the file.
pub fn convert(program: &Path, file: &Path, task: Task) -> Result<Made> {
    let scratch = tempfile::tempdir_in(file.parent().unwrap_or(Path::new(".")))?;
    // A second name for the same bytes: nothing is copied, and it is no link the child would refuse.
    std::fs::hard_link(file, scratch.path().join("input"))?;
    perform(Command::new(program), scratch, task, Input::Path("input".to_owned()), None)
}

/// The same with a file that arrives: its bytes come through a pipe, as fast as they are taken.
///
/// # Errors
/// When it cannot be started, or refuses the file.
pub fn follow(program: &Path, file: &Path, task: Task) -> Result<Made> {
    let scratch = tempfile::tempdir_in(file.parent().unwrap_or(Path::new(".")))?;
    let (reader, writer) = std::io::pipe()?;
    let mut command = Command::new(program);
    command.fd_mappings(vec![FdMapping { parent_fd: reader.into(), child_fd: 3 }])?;
    perform(command, scratch, task, Input::Fd3, Some((std::fs::read(file)?, writer)))
}

fn perform(
    mut command: Command,
    scratch: tempfile::TempDir,
    task: Task,
    input: Input,
    arriving: Option<(Vec<u8>, PipeWriter)>,
) -> Result<Made> {
    let before = children_cpu()?;
    let started = Instant::now();
    let mut child = command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", scratch.path())
        .env("TMPDIR", scratch.path())
        .current_dir(scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{command:?}"))?;
    // The end the child reads from must be its own alone.
    drop(command);
    let watch = MemoryWatch::start(&child);
    let request = Request {
        job: "bench".to_owned(),
        input,
        task,
        recipe: Recipe::standard(),
        threads: 0,
        limits: Limits::default(),
        sound: None,
    };
    let mut stdin = child.stdin.take().context("no stdin")?;
    serde_json::to_writer(&mut stdin, &Control::Start(Box::new(request)))?;
    stdin.write_all(b"\n")?;
    if let Some((bytes, mut writer)) = arriving {
        writer.write_all(&bytes)?;
        serde_json::to_writer(&mut stdin, &Control::Complete { size: bytes.len() as u64 })?;
        stdin.write_all(b"\n")?;
    }
    let stdout = child.stdout.take().context("no stdout")?;
    let mut outputs = Vec::new();
    let mut last = None;
    for line in BufReader::new(stdout).lines() {
        let event: Event = serde_json::from_str(&line?)?;
        if let Event::Output(output) = &event {
            outputs.push((output.kind.to_string(), started.elapsed()));
        }
        last = Some(event);
    }
    let peak_bytes = watch.end();
    let status = child.wait()?;
    drop(stdin);
    if !status.success() {
        bail!("{status}: {last:?}");
    }
    let cost = Cost { cpu_seconds: children_cpu()? - before, wall_seconds: started.elapsed().as_secs_f64() };
    Ok(Made { cost, peak_bytes, outputs, scratch })
}

/// The programs under measurement: those beside this one's target folder, built in release.
///
/// # Errors
/// When they were not built.
pub fn release_program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    // target/release/deps/transcoder-… → target/release
    let folder = own.parent().and_then(Path::parent).context("no target folder")?;
    let program = folder.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        bail!("{} is not built: cargo build --release", program.display())
    }
}
