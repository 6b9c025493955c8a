//! What this process is: tied to the worker, alone in its namespaces, without capabilities.

use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getegid, geteuid, getpgrp, getpid, getppid, setpgid};
use std::fs;

/// Dies with the worker, in a process group of its own that the worker can kill as one.
pub(super) fn tie_to_the_worker() -> Result<(), String> {
    let parent = getppid();
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(|e| e.to_string())?;
    // The worker may have died before the line above; then nobody waits for us.
    if getppid() != parent {
        return Err("the worker is gone".to_owned());
    }
    if getpgrp() != getpid() {
        setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Namespaces of its own, as many as this machine permits. An empty network namespace has not even a loopback.
pub(super) fn take_namespaces() -> Vec<String> {
    let mut taken = Vec::new();
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWUSER).is_ok() {
        // Unmapped ids would make our own scratch folder foreign; when mapping fails the calls below fail too.
        let mapped = fs::write("/proc/self/setgroups", "deny")
            .and_then(|()| fs::write("/proc/self/uid_map", format!("{user} {user} 1")))
            .and_then(|()| fs::write("/proc/self/gid_map", format!("{group} {group} 1")));
        if mapped.is_ok() {
            taken.push("user".to_owned());
        }
    }
    for (flag, name) in [(CloneFlags::CLONE_NEWNET, "net"), (CloneFlags::CLONE_NEWIPC, "ipc")] {
        if unshare(flag).is_ok() {
            taken.push(name.to_owned());
        }
    }
    taken
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
