//! One child process: its pipes, its process group, its end.

use super::{Courtesy, Outcome};
use balado_media::wire::{Control, Event, MAX_LINE_BYTES};
use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How much of a child's stderr is kept for the log.
const STDERR_BYTES: usize = 4096;

/// What a child said.
pub(super) enum Line {
    Event(Event),
    /// Nothing more will come.
    End,
    /// Too long, or not an event.
    Nonsense(String),
}

/// The program in its scratch folder, in a process group of its own, with nothing of the worker's surroundings: they
/// hold database addresses and storage keys.
pub(super) fn bare_command(program: &Path, scratch: &Path, courtesy: Courtesy) -> Command {
    let mut command = match courtesy.niceness() {
        0 => Command::new(program),
        // It becomes the program. Lowering the priority here would take `unsafe` between fork and exec, and doing so
        // after the start would miss the threads it has by then.
        niceness => {
            let mut nice = Command::new("/usr/bin/nice");
            nice.arg("-n").arg(niceness.to_string()).arg(program);
            nice
        }
    };
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
    command.env("HOME", scratch).env("TMPDIR", scratch).current_dir(scratch);
    command.process_group(0).kill_on_drop(true);
    command
}

/// A running child. Dropping it kills everything in its process group.
pub(super) struct Child {
    process: tokio::process::Child,
    group: Group,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    partial: Vec<u8>,
    stderr: Arc<Mutex<Vec<u8>>>,
    listening: JoinHandle<()>,
}

impl Child {
    pub(super) fn start(mut command: Command, descriptor: Option<OwnedFd>) -> std::io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(parent_fd) = descriptor {
            let mapping = vec![FdMapping { parent_fd, child_fd: 3 }];
            command.fd_mappings(mapping).map_err(|error| std::io::Error::other(error.to_string()))?;
        }
        let mut process = command.spawn()?;
        let group = Group(process.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
        let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(std::io::Error::other("a child without pipes"));
        };
        let kept = Arc::default();
        let listening = tokio::spawn(keep_tail(stderr, Arc::clone(&kept)));
        Ok(Self {
            process,
            group,
            stdin,
            stdout: BufReader::new(stdout),
            partial: Vec::new(),
            stderr: kept,
            listening,
        })
    }

    /// The next thing it says. A wait that is dropped loses nothing: what was read of a line is kept.
    pub(super) async fn next_line(&mut self) -> Line {
        let limit = MAX_LINE_BYTES.saturating_sub(self.partial.len()) as u64;
        let read = (&mut self.stdout).take(limit).read_until(b'\n', &mut self.partial).await;
        let line = std::mem::take(&mut self.partial);
        match read {
            Ok(_) if line.is_empty() => Line::End,
            Ok(_) if !line.ends_with(b"\n") => Line::Nonsense("a line without end".to_owned()),
            Ok(_) => match serde_json::from_slice(&line) {
                Ok(event) => Line::Event(event),
                Err(error) => Line::Nonsense(format!("not an event: {error}")),
            },
            Err(error) => Line::Nonsense(error.to_string()),
        }
    }

    pub(super) async fn say(&mut self, control: &Control) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(control)?;
        line.push(b'\n');
        self.stdin.write_all(&line).await?;
        self.stdin.flush().await
    }

    pub(super) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.process.wait().await;
        // Converters it left behind.
        self.group.kill();
        status
    }

    /// Asks it to stop, then makes it.
    pub(super) async fn cancel(mut self, grace: Duration) -> Outcome {
        let asked = async {
            let _ = self.say(&Control::Cancel).await;
            while !matches!(self.next_line().await, Line::End | Line::Nonsense(_)) {}
            self.process.wait().await
        };
        let _ = timeout(grace, asked).await;
        self.group.kill();
        Outcome::Cancelled
    }

    /// Ends it, and tells what is known of why.
    pub(super) async fn crash(&mut self, what: String) -> Outcome {
        self.group.kill();
        let _ = timeout(Duration::from_secs(5), self.process.wait()).await;
        // All who could write are gone, so the end of it comes at once.
        let _ = timeout(Duration::from_secs(5), &mut self.listening).await;
        let tail = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        Outcome::Crashed { why: format!("{what}; stderr: {}", String::from_utf8_lossy(&tail).trim()) }
    }
}

/// The process group of a child: itself, and the converters it runs.
struct Group(Option<Pid>);

impl Group {
    fn kill(&self) {
        if let Some(group) = self.0 {
            // It fails when nobody is left, which is what is wanted.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn keep_tail(mut stderr: ChildStderr, kept: Arc<Mutex<Vec<u8>>>) {
    let mut piece = [0_u8; 1024];
    while let Ok(count) = stderr.read(&mut piece).await {
        if count == 0 {
            return;
        }
        let mut tail = kept.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(piece.get(..count).unwrap_or(&[]));
        let excess = tail.len().saturating_sub(STDERR_BYTES);
        tail.drain(..excess);
    }
}
