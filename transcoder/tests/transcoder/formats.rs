//! Claims about every format Balado promises: `fixtures/formats` makes one file of each, the real program converts it,
//! and what comes out is held against the file's row. The tables are those `make formats` prints.

mod judge;
mod peer;
mod row;

use crate::harness::Bench;
use balado_domain::deposit::RenditionKind;
use row::Row;
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

#[test]
fn every_promised_format_of_sound_comes_out_as_its_row_says() {
    hold("sound");
}

#[test]
fn every_promised_format_of_film_comes_out_as_its_row_says() {
    hold("film");
}

#[test]
fn every_promised_format_of_still_picture_comes_out_as_its_row_says() {
    hold("still");
}

#[test]
fn every_promised_type_of_document_comes_out_as_its_row_says() {
    hold("document");
}

/// Converts one family of fixtures, writes its table where `make formats` finds it, and fails if any row is breached.
#[track_caller]
fn hold(family: &str) {
    let made = tempfile::tempdir().unwrap();
    let outputs = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/formats");
    let output = Command::new(script).arg(made.path()).arg(family).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut table = String::new();
    let mut breaches = Vec::new();
    for row in Row::read_all(&made.path().join("formats.tsv")) {
        let verdict = if row.is_unproven() {
            Ok(format!("unproven: {}", row.words))
        } else {
            verdict(&row, &made.path().join(&row.file), outputs.path())
        };
        let cell = verdict.unwrap_or_else(|breach| {
            breaches.push(format!("{} ({}): {breach}", row.label, row.file));
            format!("**breached**: {}", breach.replace(['\n', '|'], " "))
        });
        writeln!(table, "| {} | {cell} |", row.label).unwrap();
    }
    breaches.extend(peer::leftover_metadata(outputs.path()));
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("formats-{family}.md")), &table).unwrap();
    println!("{table}");
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// What one file became, or what is wrong with it.
fn verdict(row: &Row, file: &Path, outputs: &Path) -> Result<String, String> {
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let bench = Bench::new();
        let run = bench.convert(file);
        let cell = judge::judge(row, &run);
        // Peaks are bare numbers, which exiftool now and then takes for a format of its own.
        for output in run.outputs().into_iter().filter(|output| output.kind != RenditionKind::Peaks) {
            let name = format!("{}-{}", row.file, output.path);
            fs::copy(bench.scratch().join(&output.path), outputs.join(name)).unwrap();
        }
        cell
    }));
    judged.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}
