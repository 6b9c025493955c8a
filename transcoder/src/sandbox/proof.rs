//! Tries to break out of the closed box, as a taken-over decoder would, so that the worker sees walls that stand and
//! not only calls that were made to build them.

mod exhaustion;
mod kernel;
#[cfg(test)]
mod unboxed;

use balado_media::wire::{Attempt, LEFT_OPEN, Targets};
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, setsid};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixStream};
use std::process::{Command, Stdio};

/// All that the worker leaves in a child's environment.
const ENVIRONMENT: [&str; 4] = ["PATH", "LANG", "HOME", "TMPDIR"];

/// What is tried, and how: true when the box held.
type Try = (&'static str, fn(&Targets) -> bool);

const FILES: &[Try] = &[
    ("read a file outside", |t| fs::read(&t.file).is_err()),
    ("read a file outside by a way up", |t| fs::read(upwards(t)).is_err()),
    ("list a folder outside", |t| fs::read_dir(&t.folder).is_err()),
    ("write a file outside", |t| fs::write(t.folder.join("intruder"), "x").is_err()),
    ("write among temporary files", |t| cannot_write(t, "/tmp")),
    ("write to shared memory", |t| cannot_write(t, "/dev/shm")),
    ("write among the system's programs", |t| cannot_write(t, "/usr/bin")),
    ("change the rights of a file outside", |t| {
        fs::set_permissions(&t.file, Permissions::from_mode(0o666)).is_err()
    }),
    ("change the date of a file outside", |t| kernel::cannot_change_date(&t.file)),
    ("mark a file outside", |t| kernel::cannot_mark(&t.file)),
    ("read a file that the worker left open", |_| kernel::is_closed(LEFT_OPEN)),
    ("link a file from outside", |t| fs::hard_link(&t.file, "linked").is_err()),
    ("read the passwords of the system", |_| {
        fs::read("/etc/passwd").is_err() && fs::read("/etc/shadow").is_err()
    }),
    ("list the machine's root folder", |_| fs::read_dir("/").is_err()),
    ("read the worker's environment", |t| fs::read(format!("/proc/{}/environ", t.worker)).is_err()),
    ("read the first process's environment", |_| {
        fs::read("/proc/1/environ")
            .map_or(true, |found| Ok(found) == fs::read("/proc/self/environ").map_err(|_| ()))
    }),
    ("find a secret in its own environment", |_| {
        std::env::vars_os().all(|(name, _)| ENVIRONMENT.iter().any(|known| OsStr::new(known) == name))
    }),
];

const NETWORK: &[Try] = &[
    ("call a port of this machine", |t| TcpStream::connect(("127.0.0.1", t.port)).is_err()),
    ("call a port of this machine, IPv6", |t| TcpStream::connect(("::1", t.port)).is_err()),
    ("open a port", |_| TcpListener::bind("127.0.0.1:0").is_err()),
    ("send a datagram", |_| UdpSocket::bind("0.0.0.0:0").is_err()),
    ("call a local socket", |t| UnixStream::connect(&t.socket).is_err()),
    ("call a local socket without a file", |t| {
        SocketAddr::from_abstract_name(&t.abstract_socket)
            .and_then(|address| UnixStream::connect_addr(&address))
            .is_err()
    }),
    ("send to a local socket", |_| UnixDatagram::unbound().is_err()),
    ("ask the kernel about networks", |_| kernel::no_socket(libc::AF_NETLINK, libc::SOCK_RAW)),
    ("listen to the wire", |_| kernel::no_socket(libc::AF_PACKET, libc::SOCK_RAW)),
];

const PROCESSES: &[Try] = &[
    ("signal the worker", |t| kill(process(t.worker), None).is_err()),
    ("kill another process", |t| kill(process(t.victim), Signal::SIGKILL).is_err()),
    ("trace the worker", |t| kernel::cannot_trace(t.worker)),
    ("read the worker's memory", |t| kernel::cannot_read_memory(t.worker)),
    ("set a limit of the worker", |t| kernel::cannot_limit(t.worker)),
    ("slow another process down", |t| {
        let whom = libc::c_long::from(t.victim);
        kernel::refuses(libc::SYS_setpriority, &[libc::c_long::from(libc::PRIO_PROCESS), whom, 19])
    }),
    ("share memory without a file", |_| kernel::no_shared_memory()),
    ("leave its memory in a file", |_| kernel::no_core_file()),
    ("let others look into its memory", |_| nix::sys::prctl::get_dumpable() == Ok(false)),
    ("leave the process group", |_| setsid().is_err()),
    ("outlive the worker", |_| {
        kernel::refuses(libc::SYS_prctl, &[libc::c_long::from(libc::PR_SET_PDEATHSIG), 0])
    }),
    ("run a program it wrote", |_| !runs_copy()),
    ("run a program from memory", |_| kernel::no_program_in_memory()),
    ("gain rights by a program of root", |_| !gains_rights()),
];

const KERNEL: &[Try] = &[
    ("take a user namespace", |_| {
        kernel::refuses(libc::SYS_unshare, &[libc::c_long::from(libc::CLONE_NEWUSER)])
    }),
    ("start a process in a user namespace", |_| kernel::no_child_in_user_namespace()),
    ("mount a file system", |_| kernel::cannot_mount()),
    ("use io_uring", |_| kernel::no_io_uring()),
    ("handle its own page faults", |_| kernel::refuses(libc::SYS_userfaultfd, &[1])),
    ("load a program into the kernel", |_| kernel::no_kernel_program()),
    ("watch the machine's counters", |_| kernel::no_counters()),
    ("use the kernel's keys", |_| kernel::refuses(libc::SYS_keyctl, &[0, -3, 1])),
];

const EXHAUSTION: &[Try] = &[
    ("take 8 GiB of memory", |_| exhaustion::memory_ends()),
    ("start processes without end", |_| exhaustion::processes_end()),
    ("start threads without end", |_| exhaustion::threads_end()),
    ("open files without end", |_| exhaustion::files_end()),
    ("fill the disk", |_| exhaustion::a_file_ends()),
];

/// Every attempt, each with whether the box held.
pub fn attempt_all(targets: &Targets) -> Vec<Attempt> {
    let all = [FILES, NETWORK, PROCESSES, KERNEL, EXHAUSTION].concat();
    all.into_iter().map(|(what, held)| Attempt { what: what.to_owned(), held: held(targets) }).collect()
}

fn process(number: u32) -> Pid {
    // A number no process has, should it not fit: 0 would mean ourselves.
    Pid::from_raw(i32::try_from(number).unwrap_or(i32::MAX))
}

/// The file outside, from the scratch folder, through the folder both lie in.
fn upwards(targets: &Targets) -> std::path::PathBuf {
    let mut names = targets.file.iter().rev();
    let (file, folder) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    std::path::Path::new("..").join(folder).join(file)
}

fn cannot_write(targets: &Targets, folder: &str) -> bool {
    let path = std::path::Path::new(folder).join(format!("balado-intruder-{}", targets.worker));
    let held = File::create(&path).is_err();
    let _ = fs::remove_file(path);
    held
}

/// Whether a copy of a harmless program runs from the scratch folder.
fn runs_copy() -> bool {
    const COPY: &str = "./written";
    fs::copy("/usr/bin/true", COPY).is_ok()
        && Command::new(COPY).status().is_ok_and(|status| status.success())
}

/// `passwd -S` reads what only root may read, by the right of its file.
fn gains_rights() -> bool {
    let mut program = Command::new("/usr/bin/passwd");
    program.arg("-S").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    program.status().is_ok_and(|status| status.success())
}
