//! What this process is: tied to the worker, holding nothing it was not given, without capabilities.

use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgrp, getpid, getppid, read, setpgid};
use std::os::fd::OwnedFd;

/// Closes every descriptor but stdin, stdout, stderr and the original's: whatever a worker forgot to close stays its own.
pub(super) fn close_descriptors() -> Result<(), String> {
    // SAFETY: the call takes three integers. Nothing in this process owns a descriptor yet: it is the first thing it does.
    let result = unsafe { libc::syscall(libc::SYS_close_range, 4, libc::c_uint::MAX, 0) };
    if result == 0 { Ok(()) } else { Err(format!("close_range: {}", std::io::Error::last_os_error())) }
}

/// Leads a process group of its own, which the worker can kill as one.
pub(super) fn lead_a_group() -> Result<(), String> {
    if getpgrp() == getpid() {
        return Ok(());
    }
    setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(|e| e.to_string())
}

/// Whoever this process must not outlive.
pub(super) enum Parent {
    /// The worker, by its number.
    Worker(Pid),
    /// A process that waits for us from another process namespace, where it has no number: the end of a pipe it holds.
    Waiter(OwnedFd),
}

impl Parent {
    /// Whoever started this process.
    pub(super) fn worker() -> Self {
        Self::Worker(getppid())
    }

    /// Has the kernel kill this process when the parent ends. To be said again after each fork and each change of user:
    /// both make the kernel forget it.
    ///
    /// # Errors
    /// When the parent is gone already.
    pub(super) fn die_with(&self) -> Result<(), String> {
        prctl::set_pdeathsig(Signal::SIGKILL).map_err(|e| e.to_string())?;
        let lives = match self {
            Self::Worker(parent) => getppid() == *parent,
            // Nothing is ever written: it ends, or there is nothing to read yet.
            Self::Waiter(pipe) => read(pipe, &mut [0]).is_err(),
        };
        if lives { Ok(()) } else { Err("the worker is gone".to_owned()) }
    }
}

/// Gives up every capability and every way to gain one; nobody may trace us or read our memory.
pub(super) fn drop_all() -> Result<(), String> {
    for capability in 0..64 {
        // SAFETY: PR_CAPBSET_DROP takes one integer and touches no memory of ours. Numbers the kernel does not
        // know, and a set we may not change, answer an error that is of no consequence: the set below is emptied.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    empty_capabilities()?;
    prctl::set_no_new_privs().map_err(|e| e.to_string())?;
    prctl::set_dumpable(false).map_err(|e| e.to_string())
}

fn empty_capabilities() -> Result<(), String> {
    /// `_LINUX_CAPABILITY_VERSION_3`: two sets of 32 bits each.
    const VERSION: u32 = 0x2008_0522;
    let header: [u32; 2] = [VERSION, 0];
    let sets = [0_u32; 6];
    // SAFETY: capset reads a header of two words and, for this version, two times three words; both outlive the call.
    let result = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(format!("capset: {}", std::io::Error::last_os_error())) }
}
