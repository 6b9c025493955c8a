//! Runs a program of this machine inside the box: same walls, same limits, killed at its own deadline.

use crate::error::{Error, Result};
use crate::session::Session;
use nix::libc;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How much of what it says is kept.
const KEPT_BYTES: u64 = 64 * 1024;

/// A program that may be run.
pub struct Converter {
    /// Its full path: the environment is not asked.
    pub program: &'static str,
    /// The Debian package it comes in.
    pub package: &'static str,
    /// How long it may take.
    pub deadline: Duration,
    /// What it finds in its environment beyond the box's own.
    pub environment: &'static [(&'static str, &'static str)],
}

/// How a program ended.
pub struct Ending {
    /// Its exit status; nothing when a signal ended it.
    pub status: Option<i32>,
    /// What it said, shortened.
    pub stdout: String,
    /// What it complained of, shortened.
    pub stderr: String,
}

impl Ending {
    /// Whether it says it succeeded.
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }
}

/// Runs a program with these arguments in the scratch folder.
///
/// # Errors
/// When this machine lacks it, it does not end in time, or the worker cancels.
pub fn run(session: &Session, converter: &Converter, arguments: &[&str]) -> Result<Ending> {
    if !Path::new(converter.program).exists() {
        let how = format!("Install Debian's package {}.", converter.package);
        return Err(Error::missing(converter.program, how));
    }
    let mut command = Command::new(converter.program);
    command.args(arguments).envs(converter.environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: the closure runs between fork and exec and makes one system call that allocates nothing.
    unsafe {
        command.pre_exec(|| {
            // Without it a converter would outlive a transcoder that is killed.
            match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0, 0, 0) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        })
    };
    let mut child = command.spawn()?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait(session, converter, &mut child)?;
    Ok(Ending {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

fn wait(session: &Session, converter: &Converter, child: &mut Child) -> Result<Option<i32>> {
    let allowed = converter.deadline.min(session.time_left());
    let deadline = Instant::now() + allowed;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if let Err(error) = session.check() {
            child.kill()?;
            return Err(error);
        }
        if Instant::now() > deadline {
            child.kill()?;
            let seconds = allowed.as_secs();
            return Err(Error::TimedOut(format!("{} took more than {seconds} s", converter.program)));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Reads to the end so that the program never waits for us, and keeps the beginning.
fn collect<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return String::new() };
        let mut kept = Vec::new();
        let _ = (&mut pipe).take(KEPT_BYTES).read_to_end(&mut kept);
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        String::from_utf8_lossy(&kept).trim().to_owned()
    })
}
