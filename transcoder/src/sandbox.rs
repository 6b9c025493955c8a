//! The box this process locks itself into before it reads a byte of input: no network, no file but its scratch folder
//! and the system's programs, no new privilege, nobody else's processes, no way to outlive the worker. Converters it
//! starts inherit all of it.
//!
//! What must hold or the process refuses to work: Landlock on files, the system call filter, resource limits, no new
//! privileges, death with the worker. Namespaces and a root folder of its own are taken where the machine permits them.
//! Started by root, it goes on as nobody.

mod files;
mod identity;
mod namespaces;
mod privileges;
pub mod proof;
mod root_folder;
mod syscalls;

use balado_media::wire::{BoxReport, Limits};
use identity::Identity;
use privileges::Parent;
use rlimit::Resource;

/// Whether a box with a missing wall is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// A missing wall ends the process.
    FailClosed,
    /// Developers on machines without Landlock, by an explicit argument.
    TolerateGaps,
}

/// Locks this process in, for good. Must run before any thread is started and any file opened.
pub fn close() -> BoxReport {
    let mut faults = Vec::new();
    let mut namespaces = Vec::new();
    let mut note = |wall: &str, result: Result<(), String>| {
        if let Err(why) = &result {
            faults.push(format!("{wall}: {why}"));
        }
        result.is_ok()
    };
    let emptied = note("descriptors", privileges::close_descriptors());
    let stands = note("process", stand_alone(&mut namespaces));
    let limited = note("limits", limit(&Limits::default(), namespaces.contains(&"user".to_owned())));
    let dropped = note("privileges", privileges::drop_all());
    let landlock = files::confine();
    let confined = note("landlock", landlock.as_ref().map(|_| ()).map_err(Clone::clone));
    let seccomp = note("seccomp", syscalls::filter());
    if nix::unistd::getuid().is_root() {
        // Not a gap to stay shut for, but one an administrator should know of.
        faults.push("processes: the kernel does not count those of root; run as another user".to_owned());
    }
    BoxReport {
        closed: emptied && stands && limited && dropped && confined && seccomp,
        landlock: landlock.unwrap_or_else(|_| "not".to_owned()),
        seccomp,
        namespaces,
        privileges_dropped: stands && dropped,
        faults,
    }
}

/// As nobody, in namespaces of its own, tied to the worker. Names what was taken.
fn stand_alone(namespaces: &mut Vec<String>) -> Result<(), String> {
    let mut parent = Parent::worker();
    privileges::lead_a_group()?;
    let identity = Identity::step_down()?;
    *namespaces = namespaces::take(&identity)?;
    let has = |namespaces: &[String], name: &str| namespaces.iter().any(|taken| taken == name);
    parent.die_with()?;
    if has(namespaces, "pid") {
        parent = namespaces::become_first()?;
    }
    let entered = if has(namespaces, "mount") { root_folder::enter() } else { Err("no mounts".to_owned()) };
    match entered {
        Ok(()) => {
            namespaces.push("root".to_owned());
            identity.settle()?;
        }
        // Without a root folder of our own nobody reaches the scratch folder of root.
        Err(_) if !has(namespaces, "user") => identity.stay()?,
        Err(why) => identity.settle().and_then(|()| identity.refuse_if_root(why))?,
    }
    parent.die_with()
}

/// Lowers the resource limits to those of a request. They can never be raised again.
///
/// # Errors
/// When the kernel refuses one, with its name.
pub fn tighten(limits: &Limits, report: &BoxReport) -> Result<(), String> {
    limit(limits, report.namespaces.contains(&"user".to_owned()))
}

fn limit(limits: &Limits, counts_only_us: bool) -> Result<(), String> {
    // Outside a user namespace the kernel counts every process of the user, so a tight number would starve us.
    let processes = if counts_only_us { limits.processes } else { limits.processes.max(4096) };
    let wanted = [
        (Resource::CPU, limits.cpu_seconds, "cpu"),
        (Resource::AS, limits.memory_bytes, "memory"),
        (Resource::FSIZE, limits.file_bytes, "file size"),
        (Resource::NPROC, processes, "processes"),
        (Resource::NOFILE, 256, "open files"),
        (Resource::CORE, 0, "core"),
    ];
    for (resource, value, name) in wanted {
        let ceiling = resource.get_hard().map_err(|e| format!("{name}: {e}"))?;
        let value = value.min(ceiling);
        resource.set(value, value).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}
