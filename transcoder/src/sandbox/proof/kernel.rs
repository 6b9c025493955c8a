//! Attempts that are one system call each, made with arguments that work where nothing stands in the way.

use nix::libc::{self, c_long};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether the kernel answers this call with an error.
pub(super) fn refuses(call: c_long, arguments: &[c_long]) -> bool {
    let argument = |place: usize| arguments.get(place).copied().unwrap_or(0);
    // SAFETY: callers pass integers only, so the kernel reads and writes no memory of ours.
    unsafe { libc::syscall(call, argument(0), argument(1), argument(2), argument(3), argument(4)) < 0 }
}

pub(super) fn no_socket(family: i32, kind: i32) -> bool {
    refuses(libc::SYS_socket, &[c_long::from(family), c_long::from(kind)])
}

pub(super) fn cannot_trace(process: u32) -> bool {
    const SEIZE: c_long = 0x4206;
    // If it works, the worker is let go when this process ends a moment later.
    refuses(libc::SYS_ptrace, &[SEIZE, c_long::from(process), 0, 0])
}

pub(super) fn cannot_read_memory(process: u32) -> bool {
    let mut byte = 0_u8;
    let here = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // A program of 64 bits without fixed addresses never lies there, but a missing right is told before a missing page.
    let there = libc::iovec { iov_base: 0x1000 as *mut libc::c_void, iov_len: 1 };
    // SAFETY: one byte of ours may be written, through a structure that outlives the call.
    let read = unsafe { libc::process_vm_readv(process.cast_signed(), &here, 1, &there, 1, 0) };
    read < 0 && std::io::Error::last_os_error().raw_os_error() != Some(libc::EFAULT)
}

/// Sets what costs nobody anything: no core files.
pub(super) fn cannot_limit(process: u32) -> bool {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel reads one structure that outlives the call, and writes none.
    unsafe { libc::prlimit(process.cast_signed(), libc::RLIMIT_CORE, &none, std::ptr::null_mut()) < 0 }
}

pub(super) fn cannot_change_date(file: &Path) -> bool {
    let Ok(name) = CString::new(file.as_os_str().as_bytes()) else { return true };
    // SAFETY: a string that ends in zero and outlives the call; no times mean now.
    unsafe { libc::utimensat(libc::AT_FDCWD, name.as_ptr(), std::ptr::null(), 0) < 0 }
}

pub(super) fn cannot_mark(file: &Path) -> bool {
    let Ok(name) = CString::new(file.as_os_str().as_bytes()) else { return true };
    let mark = c"user.intruder".as_ptr();
    // SAFETY: strings that end in zero and outlive the call; a value of no length.
    unsafe { libc::setxattr(name.as_ptr(), mark, std::ptr::null(), 0, 0) < 0 }
}

pub(super) fn is_closed(descriptor: i32) -> bool {
    // SAFETY: integers only.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) < 0 }
}

pub(super) fn no_core_file() -> bool {
    rlimit::Resource::CORE.get().is_ok_and(|limits| limits == (0, 0))
}

pub(super) fn no_shared_memory() -> bool {
    // SAFETY: integers only; what is made is attached nowhere and removed at once.
    unsafe {
        let made = libc::shmget(libc::IPC_PRIVATE, 4096, libc::IPC_CREAT | 0o600);
        if made >= 0 {
            libc::shmctl(made, libc::IPC_RMID, std::ptr::null_mut());
        }
        made < 0
    }
}

/// A file without a name, run by its descriptor.
pub(super) fn no_program_in_memory() -> bool {
    // SAFETY: the name is a string that ends in zero and lives for ever.
    unsafe { libc::syscall(libc::SYS_memfd_create, c"program".as_ptr(), 0) < 0 }
}

pub(super) fn no_child_in_user_namespace() -> bool {
    let flags = c_long::from(libc::CLONE_NEWUSER | libc::SIGCHLD);
    // SAFETY: without a stack and without shared memory this is fork; the child, if there is one, ends at once and
    // touches nothing.
    let child = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if child == 0 {
        // SAFETY: ends this process without running anything of ours.
        unsafe { libc::_exit(0) };
    }
    child < 0
}

pub(super) fn cannot_mount() -> bool {
    let here = c".".as_ptr();
    // SAFETY: three strings that end in zero and live for ever; no data.
    unsafe { libc::mount(c"tmpfs".as_ptr(), here, c"tmpfs".as_ptr(), 0, std::ptr::null()) < 0 }
}

pub(super) fn no_io_uring() -> bool {
    let mut parameters = [0_u64; 15];
    // SAFETY: the kernel reads and writes the 120 bytes of `io_uring_params`, which outlive the call.
    unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) < 0 }
}

pub(super) fn no_kernel_program() -> bool {
    // An array of one element: type 2, keys and values of 4 bytes.
    let map: [u32; 18] = std::array::from_fn(|at| [2, 4, 4, 1].get(at).copied().unwrap_or(0));
    // SAFETY: BPF_MAP_CREATE (0) reads as many bytes as it is told, which outlive the call.
    unsafe { libc::syscall(libc::SYS_bpf, 0, map.as_ptr(), size_of_val(&map)) < 0 }
}

pub(super) fn no_counters() -> bool {
    // Type 1 (software), 64 bytes long, counter 0 (the clock).
    let event: [u32; 16] = std::array::from_fn(|at| [1, 64].get(at).copied().unwrap_or(0));
    // SAFETY: perf_event_open reads as many bytes as the second word says, which outlive the call.
    unsafe { libc::syscall(libc::SYS_perf_event_open, event.as_ptr(), 0, -1, -1, 0) < 0 }
}
