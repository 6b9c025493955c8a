//! Namespaces: nobody else's processes, no network, no shared memory, and mounts of its own. Taken where this machine
//! permits them; what must hold on every machine is held by Landlock and the system call filter as well.

use super::identity::Identity;
use super::privileges::{self, Parent};
use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, close, fork, getegid, geteuid, pipe2};
use rlimit::Resource;
use std::fs;
use std::os::fd::OwnedFd;

/// Takes them. Gives their names.
///
/// # Errors
/// When root could not take its rights up again.
pub(super) fn take(identity: &Identity) -> Result<Vec<String>, String> {
    let mut taken = Vec::new();
    if take_user_namespace() {
        taken.push("user".to_owned());
    } else {
        identity.step_up()?;
    }
    let others = [
        (CloneFlags::CLONE_NEWNS, "mount"),
        (CloneFlags::CLONE_NEWPID, "pid"),
        // Empty: it has not even a loopback.
        (CloneFlags::CLONE_NEWNET, "net"),
        (CloneFlags::CLONE_NEWIPC, "ipc"),
    ];
    for (flag, name) in others {
        if unshare(flag).is_ok() {
            taken.push(name.to_owned());
        }
    }
    Ok(taken)
}

fn take_user_namespace() -> bool {
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWUSER).is_err() {
        return false;
    }
    // Unmapped ids would make our own scratch folder foreign; when mapping fails the other namespaces fail too.
    fs::write("/proc/self/setgroups", "deny")
        .and_then(|()| fs::write("/proc/self/uid_map", format!("{user} {user} 1")))
        .and_then(|()| fs::write("/proc/self/gid_map", format!("{group} {group} 1")))
        .is_ok()
}

/// Becomes the first process of its process namespace: when it ends, the kernel ends every other one in there. What
/// stays outside waits for it and ends the same way.
///
/// # Errors
/// When there can be no second process.
pub(super) fn become_first() -> Result<Parent, String> {
    let (waiter_lives, waiter) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).map_err(|e| e.to_string())?;
    // SAFETY: this process has one thread, so the child finds no lock held by a thread that it lacks.
    match unsafe { fork() }.map_err(|e| e.to_string())? {
        ForkResult::Parent { child } => {
            drop(waiter_lives);
            wait(child, &waiter)
        }
        ForkResult::Child => {
            drop(waiter);
            Ok(Parent::Waiter(waiter_lives))
        }
    }
}

/// Holds nothing of the job while it waits: descriptors of its own would keep pipes open that the other one closes.
fn wait(child: Pid, _lives_as_long_as_we: &OwnedFd) -> ! {
    for descriptor in [0, 1, 3] {
        let _ = close(descriptor);
    }
    let _ = Resource::CORE.set(0, 0);
    let _ = privileges::drop_all();
    loop {
        match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, code)) => std::process::exit(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => end_by(signal),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => std::process::exit(1),
        }
    }
}

fn end_by(signal: Signal) -> ! {
    let _ = raise(signal);
    std::process::exit(1)
}
