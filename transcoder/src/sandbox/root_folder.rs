//! A root folder of its own that holds the system's programs, read-only, and the scratch folder: what is not there cannot
//! even be looked for. Needs a mount namespace.

use super::files::READABLE;
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};
use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Exists on every Linux and holds nothing that is needed; only this process sees that it is covered.
const STAGE: &str = "/tmp";

const READ_ONLY: u64 = 1;
const NO_SETUID: u64 = 2;
const NO_DEVICES: u64 = 4;
const NO_PROGRAMS: u64 = 8;

/// Builds it and enters it, staying in the current folder.
///
/// # Errors
/// What could not be mounted.
pub(super) fn enter() -> Result<(), String> {
    build_and_enter().map_err(|error| format!("root folder: {error}"))
}

fn build_and_enter() -> io::Result<()> {
    let none: Option<&str> = None;
    let scratch = std::env::current_dir()?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("tmpfs"), STAGE, Some("tmpfs"), quiet, Some("size=1m,mode=755"))?;
    for path in READABLE.iter().chain(&["/dev/null"]) {
        show(Path::new(path))?;
    }
    show_processes()?;
    let room = staged(&scratch);
    fs::create_dir_all(&room)?;
    // The current folder is named by where we stand: its path is covered by the stage when it lies below it.
    bind(Path::new("."), &room)?;
    restrict(&room, NO_SETUID | NO_DEVICES | NO_PROGRAMS)?;
    chdir(STAGE)?;
    pivot_root(".", ".")?;
    // The old root lies over the new one until here.
    umount2(".", MntFlags::MNT_DETACH)?;
    chdir(&scratch)?;
    restrict(Path::new("/"), READ_ONLY | NO_SETUID | NO_DEVICES | NO_PROGRAMS)
}

/// Shows one folder, file, link or device of the system at its own place. One that this machine lacks stays absent.
fn show(path: &Path) -> io::Result<()> {
    let Ok(facts) = fs::symlink_metadata(path) else { return Ok(()) };
    let place = staged(path);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    if facts.is_symlink() {
        return symlink(fs::read_link(path)?, place);
    }
    if facts.is_dir() {
        fs::create_dir_all(&place)?;
        bind(path, &place)?;
        return restrict_all(&place, READ_ONLY | NO_SETUID | NO_DEVICES);
    }
    File::create(&place)?;
    bind(path, &place)?;
    restrict(&place, if facts.is_file() { READ_ONLY | NO_SETUID } else { NO_SETUID | NO_PROGRAMS })
}

/// Its own processes, when it has a process namespace; else what the machine shows, which Landlock narrows.
fn show_processes() -> io::Result<()> {
    let place = staged(Path::new("/proc"));
    fs::create_dir_all(&place)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let own = mount(Some("proc"), &place, Some("proc"), flags, Some("subset=pid"));
    own.or_else(|_| bind(Path::new("/proc"), &place).map_err(|_| nix::errno::Errno::EPERM))?;
    Ok(())
}

fn staged(path: &Path) -> PathBuf {
    Path::new(STAGE).join(path.strip_prefix("/").unwrap_or(path))
}

fn bind(source: &Path, place: &Path) -> io::Result<()> {
    let none: Option<&str> = None;
    Ok(mount(Some(source), place, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?)
}

fn restrict(path: &Path, attributes: u64) -> io::Result<()> {
    set_attributes(path, attributes, 0)
}

/// The same for everything mounted below.
fn restrict_all(path: &Path, attributes: u64) -> io::Result<()> {
    const RECURSIVE: u32 = 0x8000;
    set_attributes(path, attributes, RECURSIVE)
}

/// `mount_setattr(2)`, which only adds: flags that a parent locked stay.
fn set_attributes(path: &Path, attributes: u64, flags: u32) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // Set, cleared, propagation, user namespace.
    let wanted: [u64; 4] = [attributes, 0, 0, 0];
    // SAFETY: the call reads a path that ends in zero and as many bytes of `wanted` as it is told; both outlive it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            wanted.as_ptr(),
            size_of_val(&wanted),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
