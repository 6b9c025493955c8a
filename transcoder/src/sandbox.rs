//! The box this process locks itself into before it reads a byte of input: no network, no file but its scratch folder
//! and the system's programs, no new privilege, no way to outlive the worker. Converters it starts inherit all of it.
//!
//! What must hold or the process refuses to work: Landlock on files, the system call filter, resource limits, no new
//! privileges, death with the worker. Namespaces are taken where the machine permits them.

mod files;
mod privileges;
pub mod proof;
mod syscalls;

use balado_media::wire::{BoxReport, Limits};
use rlimit::Resource;

/// Whether a box with a missing wall is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// A missing wall ends the process.
    FailClosed,
    /// Developers on machines without Landlock, by an explicit argument.
    TolerateGaps,
}

/// Locks this process in, for good. Must run before any thread is started.
pub fn close() -> BoxReport {
    let mut faults = Vec::new();
    let mut note = |wall: &str, result: Result<(), String>| {
        if let Err(why) = &result {
            faults.push(format!("{wall}: {why}"));
        }
        result.is_ok()
    };
    let tied = note("privileges", privileges::tie_to_the_worker());
    let namespaces = privileges::take_namespaces();
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
        closed: tied && limited && dropped && confined && seccomp,
        landlock: landlock.unwrap_or_else(|_| "not".to_owned()),
        seccomp,
        namespaces,
        privileges_dropped: tied && dropped,
        faults,
    }
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
