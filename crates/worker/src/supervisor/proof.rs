//! Has a child try to break out of its box, against targets made for it: what a worker does once before its first job,
//! and `balado doctor` on demand.

use super::{Courtesy, child};
use balado_media::wire::{Attempt, Targets};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// How long all attempts together may take.
const WITHIN: Duration = Duration::from_secs(60);

/// Runs the attempts in `scratch/inside`, against targets in `scratch/outside`.
pub(super) async fn prove(program: &Path, scratch: &Path) -> std::io::Result<Vec<Attempt>> {
    let (inside, outside) = (scratch.join("inside"), scratch.join("outside"));
    std::fs::create_dir_all(&inside)?;
    std::fs::create_dir_all(&outside)?;
    let targets = Targets {
        file: outside.join("canary"),
        folder: outside.clone(),
        socket: outside.join("socket"),
        port: 0,
    };
    std::fs::write(&targets.file, "nobody inside the box reads this")?;
    // Both listen as long as the child runs, so that a call that gets out succeeds.
    let _socket = UnixListener::bind(&targets.socket)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?;
    let targets = Targets { port: port.local_addr()?.port(), ..targets };
    let mut command = child::bare_command(program, &inside.canonicalize()?, Courtesy::None);
    command.arg("--prove-box").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn()?;
    let mut line = serde_json::to_vec(&targets)?;
    line.push(b'\n');
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(&line).await?;
    }
    let ended = timeout(WITHIN, process.wait_with_output()).await;
    let output = ended.map_err(|_| std::io::Error::other("the attempts did not end"))??;
    let lines = output.stdout.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    let attempts: Vec<Attempt> = lines.map(serde_json::from_slice).collect::<Result<_, _>>()?;
    if attempts.is_empty() { Err(std::io::Error::other("nothing was attempted")) } else { Ok(attempts) }
}
