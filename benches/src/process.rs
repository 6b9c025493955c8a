//! Runs one program to its end and tells what it cost, children included.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often memory is looked at. The kernel keeps the peak of each process, so only the last moments can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// User and system seconds of the program and of everything it started and waited for.
    pub cpu_seconds: f64,
    /// Seconds from start to end.
    pub wall_seconds: f64,
}

/// Runs a command; what it prints is kept for a failure only.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<Cost> {
    let before = children_cpu()?;
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    let wall_seconds = started.elapsed().as_secs_f64();
    if !output.status.success() {
        bail!("{command:?}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(Cost { cpu_seconds: children_cpu()? - before, wall_seconds })
}

/// Runs commands one after the other, as one program would.
///
/// # Errors
/// When one fails.
pub fn run_all(commands: &mut [Command]) -> Result<Cost> {
    let mut total = Cost { cpu_seconds: 0.0, wall_seconds: 0.0 };
    for command in commands {
        let cost = run(command)?;
        total.cpu_seconds += cost.cpu_seconds;
        total.wall_seconds += cost.wall_seconds;
    }
    Ok(total)
}

/// User and system seconds of all children that were waited for so far.
///
/// # Errors
/// When the kernel does not tell.
pub fn children_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(microseconds as f64 / 1e6)
}

/// Watches the memory of a process and of all it starts, until told to stop.
pub struct MemoryWatch {
    stop: Arc<AtomicBool>,
    peaks: Arc<Mutex<HashMap<u32, u64>>>,
    thread: JoinHandle<()>,
}

impl MemoryWatch {
    /// Starts watching a child.
    #[must_use]
    pub fn start(child: &Child) -> Self {
        let (stop, peaks) = (Arc::<AtomicBool>::default(), Arc::<Mutex<HashMap<u32, u64>>>::default());
        let root = child.id();
        let (stopped, seen) = (Arc::clone(&stop), Arc::clone(&peaks));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                look(root, &mut seen.lock().unwrap_or_else(PoisonError::into_inner));
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Self { stop, peaks, thread }
    }

    /// The peak resident memory of every process seen, summed, in bytes.
    #[must_use]
    pub fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        // The watcher cannot fail; if it did, what it saw is still there.
        let _ = self.thread.join();
        self.peaks.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

fn look(process: u32, peaks: &mut HashMap<u32, u64>) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    if let Some(kibibytes) = kibibytes {
        let peak = peaks.entry(process).or_default();
        *peak = (*peak).max(kibibytes * 1024);
    }
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    for child in children.unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok()) {
        look(child, peaks);
    }
}
