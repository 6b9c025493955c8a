//! Has a child try to break out of its box, against targets made for it: what a worker does once before its first job,
//! and `balado doctor` on demand.

use super::{Courtesy, child};
use balado_media::wire::{Attempt, LEFT_OPEN, Targets};
use command_fds::{CommandFdExt, FdMapping};
use std::fs::File;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long all attempts together may take.
const WITHIN: Duration = Duration::from_secs(60);

/// Runs the attempts in `scratch/inside`, against targets in `scratch/outside`.
pub(super) async fn prove(program: &Path, scratch: &Path) -> std::io::Result<Vec<Attempt>> {
    let (inside, outside) = (scratch.join("inside"), scratch.join("outside"));
    std::fs::create_dir_all(&inside)?;
    std::fs::create_dir_all(&outside)?;
    let bait = Bait::lay(&outside)?;
    let mut command = child::bare_command(program, &inside.canonicalize()?, Courtesy::None);
    command.arg("--prove-box").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // As if this process had forgotten to close it.
    let left_open =
        vec![FdMapping { parent_fd: File::open(&bait.targets.file)?.into(), child_fd: LEFT_OPEN }];
    command.fd_mappings(left_open).map_err(|error| std::io::Error::other(error.to_string()))?;
    let mut process = command.spawn()?;
    let mut line = serde_json::to_vec(&bait.targets)?;
    line.push(b'\n');
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(&line).await?;
    }
    let ended = timeout(WITHIN, process.wait_with_output()).await;
    let output = ended.map_err(|_| std::io::Error::other("the attempts did not end"))??;
    let lines = output.stdout.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    let mut attempts: Vec<Attempt> = lines.map(serde_json::from_slice).collect::<Result<_, _>>()?;
    let has_held = attempts.iter().all(|attempt| attempt.held);
    // It says the same by its exit status, once all attempts are made.
    if attempts.is_empty() || output.status.success() != has_held {
        return Err(std::io::Error::other(format!("the attempts broke off: {}", output.status)));
    }
    // What the child could not see for itself.
    attempts.push(Attempt { what: "be seen outside".to_owned(), held: bait.was_left_alone() });
    Ok(attempts)
}

/// Baits laid by this process: names without a file are shared by the whole machine.
static BAITS: AtomicU32 = AtomicU32::new(0);

/// What the attempts are aimed at, each harmless if reached.
struct Bait {
    targets: Targets,
    socket: UnixListener,
    abstract_socket: UnixListener,
    port: TcpListener,
    victim: Child,
}

impl Bait {
    /// All of it answers as long as this lives, so that what gets out succeeds.
    fn lay(folder: &Path) -> std::io::Result<Self> {
        let file = folder.join("canary");
        std::fs::write(&file, "nobody inside the box reads this")?;
        let socket = UnixListener::bind(folder.join("socket"))?;
        let serial = BAITS.fetch_add(1, Ordering::Relaxed);
        let abstract_socket = format!("balado-bait-{}-{serial}", std::process::id());
        let address = SocketAddr::from_abstract_name(&abstract_socket)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?;
        let victim = Command::new("sleep").arg("120").kill_on_drop(true).spawn()?;
        let targets = Targets {
            file,
            folder: folder.to_owned(),
            socket: folder.join("socket"),
            abstract_socket,
            port: port.local_addr()?.port(),
            worker: std::process::id(),
            victim: victim.id().unwrap_or(0),
        };
        let abstract_socket = UnixListener::bind_addr(&address)?;
        Ok(Self { targets, socket, abstract_socket, port, victim })
    }

    /// Nobody called, nothing was written, the victim lives.
    fn was_left_alone(mut self) -> bool {
        let silent = |quiet: std::io::Result<()>, called: bool| quiet.is_ok() && !called;
        silent(self.socket.set_nonblocking(true), self.socket.accept().is_ok())
            && silent(self.abstract_socket.set_nonblocking(true), self.abstract_socket.accept().is_ok())
            && silent(self.port.set_nonblocking(true), self.port.accept().is_ok())
            && !self.targets.folder.join("intruder").exists()
            && matches!(self.victim.try_wait(), Ok(None))
    }
}
