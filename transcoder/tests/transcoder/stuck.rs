//! Claims about converters that stand still or are killed (H61).

use crate::harness::{Bench, request, say};
use balado_media::wire::{Control, EXIT_BROKEN, EXIT_TIMED_OUT, Input, Limits};
use std::fs;
use std::path::Path;
use std::process::{Child, Command};

/// A transcoder at a document, and its LibreOffice, to which this signal was sent.
fn struck(bench: &Bench, signal: &str, wall_seconds: u64) -> Child {
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media/lecon.docx");
    fs::copy(lesson, bench.scratch().join("input")).unwrap();
    let mut child = bench.command().spawn().unwrap();
    let limits = Limits { wall_seconds, ..Limits::default() };
    say(&mut child, &Control::Start(Box::new(request(Input::Path("input".to_owned()), limits))));
    let office = loop {
        if let Some(found) = office_of(child.id()) {
            break found;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before LibreOffice began");
        std::thread::yield_now();
    };
    let sent = Command::new("kill").args(["-s", signal, &office.to_string()]).status().unwrap();
    assert!(sent.success());
    child
}

/// The number of the LibreOffice that a transcoder started.
fn office_of(transcoder: u32) -> Option<u32> {
    let parent_of = |id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (name, rest) = stat.rsplit_once(") ")?;
        Some((name.contains("(soffice"), rest.split(' ').nth(1)?.parse::<u32>().ok()?))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    numbers.find(|id| {
        let Some((true, parent)) = parent_of(*id) else { return false };
        // The transcoder may have a process of its own that only waits.
        parent == transcoder || parent_of(parent).is_some_and(|(_, above)| above == transcoder)
    })
}

#[test]
fn a_converter_that_stands_still_is_ended_at_its_deadline() {
    let bench = Bench::new();
    let run = bench.listen(struck(&bench, "STOP", 4));
    assert_eq!(run.status, Some(i32::from(EXIT_TIMED_OUT)), "{:?}", run.events);
    assert!(run.outputs().is_empty());
}

#[test]
fn a_converter_that_is_killed_ends_the_attempt() {
    let bench = Bench::new();
    let run = bench.listen(struck(&bench, "KILL", 60));
    assert_eq!(run.status, Some(i32::from(EXIT_BROKEN)), "{:?}", run.events);
    assert!(run.outputs().is_empty());
}
