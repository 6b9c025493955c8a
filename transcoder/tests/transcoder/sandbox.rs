//! Claims about the box.

use crate::harness::Bench;
use balado_media::wire::{Attempt, BoxReport, Event, Targets};
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule, apply_filter};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What this machine lets a child take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespaces {
    AsTheyAre,
    /// As under an administrator who forbids them, or in a container.
    Forbidden,
}

/// A filter that answers "not permitted" to whoever asks for a namespace.
fn no_namespaces() -> BpfProgram {
    let rules: BTreeMap<i64, Vec<SeccompRule>> = [(libc::SYS_unshare, Vec::new())].into();
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture).unwrap().try_into().unwrap()
}

fn assert_nothing_escapes(user: Option<u32>, namespaces: Namespaces) {
    let bench = Bench::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    port.set_nonblocking(true).unwrap();
    let socket = UnixListener::bind(bench.path("socket")).unwrap();
    socket.set_nonblocking(true).unwrap();
    let sleep = || {
        let mut command = Command::new("sleep");
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        command.arg("60").spawn().unwrap()
    };
    // Of the same user: nothing but the box keeps it from them.
    let (mut worker, mut victim) = (sleep(), sleep());
    let targets = Targets {
        file: bench.write("canary", "a secret"),
        folder: bench.path(""),
        socket: bench.path("socket"),
        abstract_socket: format!("balado-test-{}", std::process::id()),
        port: port.local_addr().unwrap().port(),
        worker: worker.id(),
        victim: victim.id(),
    };
    let address = SocketAddr::from_abstract_name(&targets.abstract_socket).unwrap();
    let nameless = UnixListener::bind_addr(&address).unwrap();
    nameless.set_nonblocking(true).unwrap();
    let mut command = bench.command();
    if let Some(user) = user {
        // Open to all, so that only the box stands in the way.
        for path in [bench.path(""), bench.scratch(), targets.file.clone(), targets.socket.clone()] {
            fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
        }
        command.uid(user).gid(user);
    }
    if namespaces == Namespaces::Forbidden {
        let filter = no_namespaces();
        // SAFETY: two system calls between fork and exec; the filter was made before.
        unsafe { command.pre_exec(move || apply_filter(&filter).map_err(std::io::Error::other)) };
    }
    let mut child = command.arg("--prove-box").spawn().unwrap();
    let mut line = serde_json::to_vec(&targets).unwrap();
    line.push(b'\n');
    child.stdin.as_mut().unwrap().write_all(&line).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: Event = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let Event::Boxed { report } = first else { panic!("{first:?}") };
    assert!(report.closed, "{report:?}");
    if namespaces == Namespaces::Forbidden {
        assert!(report.namespaces.is_empty(), "{report:?}");
    }
    let attempts: Vec<Attempt> = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    // Without a process namespace only Landlock of Linux 6.12 and later holds signals, and only it is missed without.
    let is_known = |attempt: &&Attempt| {
        namespaces == Namespaces::AsTheyAre
            || holds_signals(&report)
            || !["signal the worker", "kill another process"].contains(&attempt.what.as_str())
    };
    let escapes: Vec<_> = attempts.iter().filter(|attempt| !attempt.held).filter(is_known).collect();
    assert!(escapes.is_empty(), "{escapes:?}");
    assert!(attempts.len() >= 40, "{attempts:?}");
    let all_held = attempts.iter().all(|attempt| attempt.held);
    assert_eq!(child.wait().unwrap().code(), Some(if all_held { 0 } else { 1 }));
    assert!(port.accept().is_err() && socket.accept().is_err(), "somebody called");
    assert!(nameless.accept().is_err(), "somebody called");
    let is_alive = victim.try_wait().unwrap().is_none();
    assert!(is_alive || !all_held, "somebody killed");
    for process in [&mut worker, &mut victim] {
        let _ = process.kill();
        process.wait().unwrap();
    }
    assert!(!bench.path("intruder").exists());
}

#[test]
fn every_attempt_to_break_out_of_the_box_fails() {
    assert_nothing_escapes(None, Namespaces::AsTheyAre);
    // As the service runs: as nobody in particular. Only root may test that beside its own self.
    if is_root() {
        assert_nothing_escapes(Some(65_534), Namespaces::AsTheyAre);
    }
}

#[test]
fn every_attempt_fails_where_there_are_no_namespaces_too() {
    // The kernel counts no process of root, so the box of root is not whole without them, and says so.
    assert_nothing_escapes(is_root().then_some(65_534), Namespaces::Forbidden);
}

/// Whether this kernel's Landlock keeps signals inside: since its sixth version.
fn holds_signals(report: &BoxReport) -> bool {
    let digits: String = report.landlock.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u32>().is_ok_and(|version| version >= 6)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn the_box_is_reported_closed_before_anything_is_read() {
    let bench = Bench::new();
    let run = bench.convert(&bench.write("empty", ""));
    assert!(run.report.closed, "{:?}", run.report.faults);
    assert!(run.report.seccomp && run.report.privileges_dropped);
}
