//! Every file that is meant to harm (`fixtures/hostile`, the rows H1 to H62 of the security reference) through the
//! supervisor, alone and through the service: each has its verdict, none reaches anything, and the next one works.

use super::instance::fixture;
use inputs::{Inputs, Row, inputs};
use measured::Measured;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

mod inputs;
mod measured;
mod service;

/// Beyond what is left in the worker's memory by the busiest of them, in MiB: LibreOffice alone takes 200.
const MOST_MEMORY_MIB: u64 = 1200;
/// The promise about still pictures.
const MOST_PICTURE_MIB: u64 = 600;
/// What one of them may write, outputs included, in MiB.
const MOST_DISK_MIB: u64 = 500;
/// How long one of them may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(150);

/// What became of a file, in a word: `ok`, `refused:CODE`, or what went wrong.
fn verdict_of(status: Option<i32>, said: &str) -> String {
    let code = || {
        let lines = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter_map(|line| line["code"].as_str().map(str::to_owned)).next_back().unwrap_or_default()
    };
    match status {
        Some(0) => "ok".to_owned(),
        Some(2) => format!("refused:{}", code()),
        other => format!("exit {other:?} {}", code()),
    }
}

/// Runs `balado transcode`, which starts one child exactly as a worker does.
fn transcode(inputs: &Inputs, file: &Path, out: &Path) -> (String, Measured, Vec<u8>) {
    let child = Command::new(env!("CARGO_BIN_EXE_balado"))
        .args(["transcode", "--json", "--out"])
        .args([out, file])
        .env("BALADO_TEST_CANARY", &inputs.words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (output, measured) = measured::watch(child, out, PATIENCE);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let everything = [output.stdout, output.stderr].concat();
    (verdict_of(output.status.code(), &said), measured, everything)
}

/// Everything that is wrong with how a file ended.
fn faults(
    inputs: &Inputs,
    row: &Row,
    out: &Path,
    verdict: &str,
    measured: &Measured,
    said: &[u8],
) -> Vec<String> {
    let mut faults = Vec::new();
    if !row.expects(verdict) {
        faults.push(format!("{verdict}, not {}", row.verdict));
    }
    let most = if row.is_still() { MOST_PICTURE_MIB } else { MOST_MEMORY_MIB };
    if measured.memory_mib > most {
        faults.push(format!("{} MiB of memory", measured.memory_mib));
    }
    if measured.disk_mib > MOST_DISK_MIB {
        faults.push(format!("{} MiB on disk", measured.disk_mib));
    }
    if inputs.holds_canary(said) {
        faults.push("the canary is in the log".to_owned());
    }
    if inputs.was_changed(row) {
        faults.push("the original was changed".to_owned());
    }
    faults.extend(inputs::faults_of_outputs(inputs, row, out));
    faults
}

type Ended<'r> = (&'r Row, String, Measured, Vec<String>);

/// What is done so far, as Markdown: a run that is cut short leaves a table too.
fn write_table(done: &mut [Ended]) {
    done.sort_by_key(|(row, ..)| (row.number, row.name.clone()));
    let lines: String = done.iter().map(|(row, verdict, measured, _)| row.line(verdict, measured)).collect();
    let head = "| H | input | what it is | verdict | code | seconds | MB |\n|---|---|---|---|---|---|---|\n";
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile.md");
    std::fs::write(path, format!("{head}{lines}")).unwrap();
}

#[test]
fn every_hostile_file_has_its_verdict_and_reaches_nothing() {
    let inputs = inputs();
    let waiting = Mutex::new(inputs.rows.iter());
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some(row) = { waiting.lock().unwrap().next() } {
            let out = tempfile::tempdir().unwrap();
            let (verdict, measured, said) = transcode(&inputs, &inputs.path(row), out.path());
            let faults = faults(&inputs, row, out.path(), &verdict, &measured, &said);
            let mut done = done.lock().unwrap();
            done.push((row, verdict, measured, faults));
            write_table(&mut done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let done = done.into_inner().unwrap();
    let wrong: Vec<String> = done
        .iter()
        .filter(|(_, _, _, faults)| !faults.is_empty())
        .map(|(row, _, _, faults)| format!("{}: {}", row.name, faults.join("; ")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(inputs.calls(), 0, "somebody called");
    let out = tempfile::tempdir().unwrap();
    let (verdict, ..) = transcode(&inputs, &fixture("media/memo.webm"), out.path());
    assert_eq!(verdict, "ok", "the next normal file");
}
