//! The attempts where no box stands in the way: one that fails here too would prove nothing by failing inside.

use super::{EXHAUSTION, FILES, KERNEL, NETWORK, PROCESSES};
use balado_media::wire::{LEFT_OPEN, Targets};
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, chdir, fork};
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::Command;

/// What a kernel's settings, a container around the test, a small memory or an ordinary account may refuse as well. All
/// else must succeed anywhere.
const REFUSED_BY_SOME_MACHINES: &[&str] = &[
    "write among the system's programs",
    "read the first process's environment",
    "call a port of this machine, IPv6",
    "listen to the wire",
    "trace the worker",
    "read the worker's memory",
    "run a program it wrote",
    "gain rights by a program of root",
    "take a user namespace",
    "start a process in a user namespace",
    "mount a file system",
    "use io_uring",
    "handle its own page faults",
    "load a program into the kernel",
    "watch the machine's counters",
    "use the kernel's keys",
    // Not every file system knows marks.
    "mark a file outside",
    "leave its memory in a file",
    "take 8 GiB of memory",
    "start processes without end",
    "start threads without end",
    "open files without end",
];

/// Each attempt in a process of its own: some change what later ones may do.
fn escapes(held: fn(&Targets) -> bool, targets: &Targets, scratch: &Path) -> bool {
    // SAFETY: only this thread goes on in the child. What it takes there, the C library keeps usable across a fork.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => waitpid(child, None).unwrap() == WaitStatus::Exited(child, 1),
        ForkResult::Child => {
            let none: Option<&str> = None;
            // What is mounted goes with the process.
            let _ = unshare(CloneFlags::CLONE_NEWNS)
                .and_then(|()| mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none));
            let _ = rlimit::increase_nofile_limit(u64::MAX);
            let held = chdir(scratch).is_err() || held(targets);
            // SAFETY: ends this process without running anything of the test's.
            unsafe { libc::_exit(if held { 0 } else { 1 }) }
        }
    }
}

#[test]
fn every_attempt_succeeds_where_there_is_no_box() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("canary"), "a secret").unwrap();
    let _socket = UnixListener::bind(outside.join("socket")).unwrap();
    let abstract_socket = format!("balado-unboxed-{}", std::process::id());
    let _nameless =
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&abstract_socket).unwrap()).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port();
    let _sixth = TcpListener::bind(("::1", port));
    let mut victim = Command::new("sleep").arg("60").spawn().unwrap();
    let targets = Targets {
        file: outside.join("canary"),
        folder: outside.clone(),
        socket: outside.join("socket"),
        abstract_socket,
        port,
        worker: std::process::id(),
        victim: victim.id(),
    };
    let left_open = File::open(&targets.file).unwrap();
    // SAFETY: the number belongs to nobody in a test that runs in a process of its own.
    assert_eq!(unsafe { libc::dup2(left_open.as_raw_fd(), LEFT_OPEN) }, LEFT_OPEN);
    let all = [FILES, NETWORK, PROCESSES, KERNEL, EXHAUSTION].concat();
    let held: Vec<&str> = all
        .into_iter()
        .filter(|(_, held)| !escapes(*held, &targets, &inside))
        .map(|(what, _)| what)
        .collect();
    victim.kill().unwrap();
    victim.wait().unwrap();
    println!("Not possible on this machine without a box either: {held:?}");
    let unexplained: Vec<_> = held.iter().filter(|what| !REFUSED_BY_SOME_MACHINES.contains(what)).collect();
    assert!(unexplained.is_empty(), "these prove nothing: {unexplained:?}");
    assert!(outside.join("intruder").exists(), "written by the attempt to write");
}
