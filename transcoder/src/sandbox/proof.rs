//! Tries to break out of the closed box, as a taken-over decoder would, so that the worker sees walls that stand and
//! not only calls that were made to build them.

use balado_media::wire::{Attempt, Targets};
use nix::libc;
use nix::sys::signal::kill;
use nix::unistd::{getppid, getuid, setsid};
use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::mpsc;

/// More threads than any limit of ours allows.
const THREADS: usize = 5000;

/// More memory than any limit of ours allows.
const BYTES: usize = 64 << 30;

/// Every attempt, each with whether the box held.
pub fn attempt_all(targets: &Targets) -> Vec<Attempt> {
    let parent = getppid();
    let intruder = targets.folder.join("intruder");
    let attempts: [(&str, bool); 14] = [
        ("read a file outside", fs::read(&targets.file).is_err()),
        ("list a folder outside", fs::read_dir(&targets.folder).is_err()),
        ("write a file outside", fs::write(&intruder, "x").is_err()),
        ("link a file from outside", fs::hard_link(&targets.file, "linked").is_err()),
        ("read the passwords of the system", fs::read("/etc/passwd").is_err()),
        ("read the worker's environment", fs::read(format!("/proc/{parent}/environ")).is_err()),
        ("call a port of this machine", TcpStream::connect(("127.0.0.1", targets.port)).is_err()),
        ("open a port", TcpListener::bind("127.0.0.1:0").is_err()),
        ("send a datagram", UdpSocket::bind("0.0.0.0:0").is_err()),
        ("call a local socket", UnixStream::connect(&targets.socket).is_err()),
        ("send to a local socket", UnixDatagram::unbound().is_err()),
        ("signal the worker", kill(parent, None).is_err()),
        ("leave the process group", setsid().is_err()),
        ("take memory without end", Vec::<u8>::new().try_reserve_exact(BYTES).is_err()),
    ];
    let mut attempts: Vec<Attempt> =
        attempts.into_iter().map(|(what, held)| Attempt { what: what.to_owned(), held }).collect();
    // The kernel counts no process of root; the box report says so.
    if !getuid().is_root() {
        attempts.push(Attempt { what: "start threads without end".to_owned(), held: threads_end() });
    }
    attempts.push(Attempt { what: "trace the worker".to_owned(), held: !can_trace(parent.as_raw()) });
    attempts
}

fn can_trace(process: i32) -> bool {
    // SAFETY: PTRACE_SEIZE without options touches no memory of ours. It is expected to fail; if it works, the worker
    // is let go when this process ends a moment later.
    unsafe { libc::ptrace(libc::PTRACE_SEIZE, process, 0, 0) == 0 }
}

fn threads_end() -> bool {
    let (release, wait) = mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let mut started = Vec::new();
    let mut ended = false;
    for _ in 0..THREADS {
        let wait = std::sync::Arc::clone(&wait);
        // Each waits for its turn at the lock, and then for a sender that is gone.
        let body = move || drop(wait.lock().map(|receiver| receiver.recv().is_err()));
        match std::thread::Builder::new().stack_size(16 * 1024).spawn(body) {
            Ok(thread) => started.push(thread),
            Err(_) => {
                ended = true;
                break;
            }
        }
    }
    drop(release);
    for thread in started {
        let _ = thread.join();
    }
    ended
}
