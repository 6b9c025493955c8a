//! Claims about the box.

use crate::harness::Bench;
use balado_media::wire::{Attempt, Targets};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::process::Command;

fn assert_nothing_escapes(user: Option<u32>) {
    let bench = Bench::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    port.set_nonblocking(true).unwrap();
    let socket = UnixListener::bind(bench.path("socket")).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut victim = Command::new("sleep").arg("60").spawn().unwrap();
    let targets = Targets {
        file: bench.write("canary", "a secret"),
        folder: bench.path(""),
        socket: bench.path("socket"),
        abstract_socket: format!("balado-test-{}", std::process::id()),
        port: port.local_addr().unwrap().port(),
        worker: std::process::id(),
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
    let mut child = command.arg("--prove-box").spawn().unwrap();
    let mut line = serde_json::to_vec(&targets).unwrap();
    line.push(b'\n');
    child.stdin.as_mut().unwrap().write_all(&line).unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().skip(1);
    let attempts: Vec<Attempt> = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let escapes: Vec<_> = attempts.iter().filter(|attempt| !attempt.held).collect();
    assert!(escapes.is_empty(), "{escapes:?}");
    assert!(attempts.len() >= 40, "{attempts:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(port.accept().is_err() && socket.accept().is_err(), "somebody called");
    assert!(nameless.accept().is_err(), "somebody called");
    assert!(victim.try_wait().unwrap().is_none(), "somebody killed");
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(!bench.path("intruder").exists());
}

#[test]
fn every_attempt_to_break_out_of_the_box_fails() {
    assert_nothing_escapes(None);
    // As the service runs: as nobody in particular. Only root may test that beside its own self.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        assert_nothing_escapes(Some(65_534));
    }
}

#[test]
fn the_box_is_reported_closed_before_anything_is_read() {
    let bench = Bench::new();
    let run = bench.convert(&bench.write("empty", ""));
    assert!(run.report.closed, "{:?}", run.report.faults);
    assert!(run.report.seccomp && run.report.privileges_dropped);
}
