//! Runs one program to its end and tells what it cost, children included.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    most: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl MemoryWatch {
    /// Starts watching a child.
    #[must_use]
    pub fn start(child: &Child) -> Self {
        let (stop, most) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let root = child.id();
        let (stopped, seen) = (Arc::clone(&stop), Arc::clone(&most));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                seen.fetch_max(peaks(root), Ordering::Relaxed);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Self { stop, most, thread }
    }

    /// The most that the processes living at one moment had taken until then, each at its own peak, summed, in bytes. What
    /// ended before another began is not added to it: it gave its memory back.
    #[must_use]
    pub fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        // The watcher cannot fail; if it did, what it saw is still there.
        let _ = self.thread.join();
        self.most.load(Ordering::Relaxed)
    }
}

/// The peaks so far of a process and of all below it that live, summed, in bytes.
fn peaks(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    let below = children.split_whitespace().filter_map(|word| word.parse().ok()).map(peaks);
    kibibytes.unwrap_or(0) * 1024 + below.sum::<u64>()
}
