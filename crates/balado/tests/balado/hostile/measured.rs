//! Watches a program and all it starts from outside: how long, how much memory, how much disk.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// What a run took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    /// The largest sum of what the processes below it ever held (`VmHWM`), itself left out.
    pub(super) memory_mib: u64,
    /// The largest size of its folder.
    pub(super) disk_mib: u64,
}

/// Waits for a program that says little; one that takes too long is killed.
pub(super) fn watch(mut child: Child, folder: &Path, patience: Duration) -> (Output, Measured) {
    let started = Instant::now();
    let mut measured = Measured::default();
    while child.try_wait().unwrap().is_none() {
        measured.memory_mib = measured.memory_mib.max(held_below(child.id()) / 1024);
        measured.disk_mib = measured.disk_mib.max(size_of(folder) >> 20);
        if started.elapsed() > patience {
            child.kill().unwrap();
        }
        std::thread::sleep(LOOK_EVERY);
    }
    measured.seconds = started.elapsed().as_secs_f64();
    (child.wait_with_output().unwrap(), measured)
}

/// Kibibytes that the processes below this one hold or have held, each at its most.
fn held_below(root: u32) -> u64 {
    let mut parents = BTreeMap::new();
    let mut held = BTreeMap::new();
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()).and_then(|word| word.parse::<u64>().ok())
        };
        parents.insert(id, number("PPid:").and_then(|parent| u32::try_from(parent).ok()).unwrap_or(0));
        held.insert(id, number("VmHWM:").unwrap_or(0));
        names.insert(id, status.lines().next().unwrap_or_default().to_owned());
    }
    let is_below = |id: u32| {
        let up = std::iter::successors(parents.get(&id), |parent| parents.get(parent));
        up.take(10).any(|parent| *parent == root)
    };
    // What stays outside a process namespace shares every page with the child it waits for.
    let only_waits = |id: u32| {
        names.get(&id).is_some_and(|name| name.ends_with("balado-transcod"))
            && parents.iter().any(|(child, parent)| *parent == id && names.get(child) == names.get(&id))
    };
    held.iter().filter(|(id, _)| is_below(**id) && !only_waits(**id)).map(|(_, kibibytes)| kibibytes).sum()
}

/// Bytes of disk a folder takes; holes in files take none.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(facts) if facts.is_dir() => size_of(&entry.path()),
        Ok(facts) => facts.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
