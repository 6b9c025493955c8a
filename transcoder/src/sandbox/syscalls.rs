//! Seccomp: which system calls answer "not permitted". Landlock cannot hold UDP, and before Linux 6.7 no port at all;
//! this filter leaves no way to a network, nor into another process, on every kernel. Nor does Landlock hold what changes a
//! file by its name without opening it: without a root folder of our own, this filter alone does. Signals it lets pass, since converters
//! are ended by them: a process namespace keeps those inside, or Landlock from Linux 6.12 on. Where there is neither, the
//! attempts to break out show it, and the worker converts nothing.

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};
use std::collections::BTreeMap;

/// Never needed by a decoder or a converter, whatever the arguments.
const FORBIDDEN: &[libc::c_long] = &[
    // To reach anybody else. LibreOffice opens a local socket for itself but calls nobody.
    libc::SYS_connect,
    libc::SYS_sendmmsg,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // To leave the process group the worker kills.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // To meet others in memory that has no file.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    // To change the rights, the owner or the marks of a file by its name.
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    // To run what it wrote: Landlock looks at files with a name only.
    libc::SYS_memfd_create,
    libc::SYS_execveat,
    // To do any of this by another road.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_fanotify_init,
    libc::SYS_process_mrelease,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    // To change the ground under the box.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_personality,
];

/// The same for files by their names, as older programs call it.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN_OLD: &[libc::c_long] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN_OLD: &[libc::c_long] = &[];

/// What may be done to oneself only, with the argument that names whom: 0 means oneself.
const TO_ONESELF: &[(libc::c_long, u8)] = &[
    (libc::SYS_prlimit64, 0),
    (libc::SYS_sched_setaffinity, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_setpriority, 1),
    (libc::SYS_ioprio_set, 1),
    (libc::SYS_migrate_pages, 0),
    (libc::SYS_move_pages, 0),
];

/// Namespaces a child might ask for; a user namespace of its own would give it back every capability inside.
const NAMESPACES: u64 = 0x7E02_0080;

/// Puts the filter in force for this process and all it starts.
///
/// # Errors
/// When the kernel refuses it.
pub(super) fn filter() -> Result<(), String> {
    let program = program().map_err(|e| e.to_string())?;
    apply_filter(&program).map_err(|e| e.to_string())?;
    apply_filter(&absent_calls()).map_err(|e| e.to_string())
}

fn program() -> Result<BpfProgram, seccompiler::Error> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        FORBIDDEN.iter().chain(FORBIDDEN_OLD).map(|call| (*call, Vec::new())).collect();
    for (call, whom) in TO_ONESELF {
        rules.insert(*call, vec![rule(*whom, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?]);
    }
    // Without a name it is about a file that was opened.
    rules.insert(libc::SYS_utimensat, vec![rule(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?]);
    rules.insert(libc::SYS_socket, foreign_sockets()?);
    rules.insert(libc::SYS_socketpair, foreign_sockets()?);
    rules.insert(libc::SYS_sendto, vec![rule(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?]);
    rules.insert(libc::SYS_clone, namespace_bits()?);
    rules.insert(libc::SYS_prctl, vec![surviving_the_worker()?]);
    rules.insert(libc::SYS_faccessat, vec![asks_to_write(2)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_access, vec![asks_to_write(1)?]);
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        architecture()?,
    )?;
    Ok(filter.try_into()?)
}

/// Sockets other than local ones with a connection: those need `connect`, a local datagram could be sent to a path.
fn foreign_sockets() -> Result<Vec<SeccompRule>, seccompiler::Error> {
    let local = u64::from(libc::AF_UNIX.unsigned_abs());
    let mut rules = vec![rule(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, local)?];
    // SOCK_STREAM is 1, SOCK_SEQPACKET 5; flags stand above the low four bits.
    for kind in (0..16).filter(|kind| !matches!(kind, 1 | 5)) {
        rules.push(rule(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(0xF), kind)?);
    }
    Ok(rules)
}

/// Whether a path may be written to: never, as far as this answer goes. The kernel's own leaves Landlock out, and
/// LibreOffice takes /tmp for its socket when told yes, the scratch folder when told no.
fn asks_to_write(argument: u8) -> Result<SeccompRule, seccompiler::Error> {
    rule(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(libc::W_OK.unsigned_abs()))
}

/// A death signal may be set for converters, never changed to anything milder than SIGKILL.
fn surviving_the_worker() -> Result<SeccompRule, seccompiler::Error> {
    let option = u64::from(libc::PR_SET_PDEATHSIG.unsigned_abs());
    let kill = u64::from(libc::SIGKILL.unsigned_abs());
    Ok(SeccompRule::new(vec![
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, option)?,
        SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, kill)?,
    ])?)
}

fn namespace_bits() -> Result<Vec<SeccompRule>, seccompiler::Error> {
    (0..64)
        .map(|shift| 1_u64 << shift)
        .filter(|bit| NAMESPACES & bit != 0)
        .map(|bit| rule(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(bit), bit))
        .collect()
}

fn rule(
    argument: u8,
    length: SeccompCmpArgLen,
    operation: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, length, operation, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}

fn architecture() -> Result<TargetArch, seccompiler::Error> {
    Ok(TargetArch::try_from(std::env::consts::ARCH)?)
}

/// `clone3` hides its flags behind a pointer, so it does not exist here and the C library falls back to `clone`. The
/// x32 calls of x86-64 are the same calls under other numbers, so they do not exist either.
fn absent_calls() -> BpfProgram {
    const LOAD_WORD: u16 = 0x20;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const ALLOW: u32 = 0x7FFF_0000;
    const FAIL: u32 = 0x0005_0000;
    const X32_BIT: u32 = 0x4000_0000;
    let clone3 = u32::try_from(libc::SYS_clone3).unwrap_or(u32::MAX);
    let absent = FAIL | libc::ENOSYS.unsigned_abs();
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        step(LOAD_WORD, 0, 0, 0),
        step(JUMP_IF_EQUAL, 2, 0, clone3),
        step(JUMP_IF_AT_LEAST, 1, 0, X32_BIT),
        step(RETURN, 0, 0, ALLOW),
        step(RETURN, 0, 0, absent),
    ]
}
