//! Attempts to take all there is of something.

use nix::libc;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork, pipe, read};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, mpsc};

/// More processes, threads and files than any limit of ours allows.
const COUNT: usize = 5000;

const GIBIBYTE: usize = 1 << 30;

pub(super) fn memory_ends() -> bool {
    Vec::<u8>::new().try_reserve_exact(8 * GIBIBYTE).is_err()
}

/// Each process waits for the end of a pipe whose other end is here.
pub(super) fn processes_end() -> bool {
    let Ok((waiting, held)) = pipe() else { return true };
    let mut started: Vec<Pid> = Vec::new();
    let mut ended = false;
    while started.len() < COUNT && !ended {
        // SAFETY: the child makes two system calls and ends; it takes no lock and allocates nothing.
        match unsafe { fork() } {
            Ok(ForkResult::Parent { child }) => started.push(child),
            Ok(ForkResult::Child) => {
                // SAFETY: closes a descriptor of this process alone, which owns nothing else of it.
                unsafe { libc::close(std::os::fd::AsRawFd::as_raw_fd(&held)) };
                let _ = read(&waiting, &mut [0]);
                // SAFETY: ends this process without running anything of ours.
                unsafe { libc::_exit(0) };
            }
            Err(_) => ended = true,
        }
    }
    drop(held);
    for child in started {
        let _ = waitpid(child, None);
    }
    ended
}

pub(super) fn threads_end() -> bool {
    let (release, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let mut started = Vec::new();
    let mut ended = false;
    while started.len() < COUNT && !ended {
        let wait = Arc::clone(&wait);
        // Each waits for its turn at the lock, and then for a sender that is gone.
        let body = move || drop(wait.lock().map(|receiver| receiver.recv().is_err()));
        match std::thread::Builder::new().stack_size(16 * 1024).spawn(body) {
            Ok(thread) => started.push(thread),
            Err(_) => ended = true,
        }
    }
    drop(release);
    for thread in started {
        let _ = thread.join();
    }
    ended
}

pub(super) fn files_end() -> bool {
    let opened: Vec<File> = (0..COUNT).map_while(|_| File::open("/dev/null").ok()).collect();
    opened.len() < COUNT
}

/// One byte far beyond the largest file: it takes no room where it is not refused.
pub(super) fn a_file_ends() -> bool {
    const FAR: u64 = 64 << 30;
    // SAFETY: to ignore a signal runs no code of ours. The kernel sends this one with the error that is looked for.
    let ignored = unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.is_ok();
    let Ok(file) = File::create("large") else { return true };
    let held = ignored && file.write_at(b"x", FAR).is_err();
    let _ = std::fs::remove_file("large");
    held
}
