//! The table on the screen and the file for other programs.

use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// One measured promise.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// What was measured.
    pub case: String,
    /// The figure, in the unit of the target.
    pub value: f64,
    /// What was promised.
    pub target: f64,
    /// Whether the figure keeps the promise.
    pub met: bool,
    /// How it was measured: pairs, interval, seconds, unit.
    pub conditions: String,
}

/// Which side of the target is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    /// At most the target.
    AtMost,
    /// At least the target.
    AtLeast,
}

impl Case {
    /// Judges a figure and prints its row.
    #[must_use]
    pub fn new(case: &str, value: f64, good: Good, target: f64, conditions: String) -> Self {
        let met = match good {
            Good::AtMost => value <= target,
            Good::AtLeast => value >= target,
        };
        let row = Self { case: case.to_owned(), value, target, met, conditions };
        let sign = if good == Good::AtMost { "≤" } else { "≥" };
        let verdict = if met { "met" } else { "NOT MET" };
        println!("| {} | {:.3} | {sign} {} | {verdict} | {} |", row.case, value, target, row.conditions);
        row
    }
}

/// Prints the head of the table.
pub fn print_head() {
    println!("| case | value | target | | conditions |");
    println!("|---|---|---|---|---|");
}

/// Writes `{"cases": […]}`. Cases of an earlier run that were not measured now are kept.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, cases: &[Case]) -> Result<()> {
    let mut kept: Vec<serde_json::Value> = std::fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .and_then(|value| value.get("cases").and_then(|cases| cases.as_array().cloned()))
        .unwrap_or_default();
    kept.retain(|old| {
        cases.iter().all(|new| old.get("case").and_then(|name| name.as_str()) != Some(&new.case))
    });
    for case in cases {
        kept.push(serde_json::to_value(case)?);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, serde_json::to_vec_pretty(&serde_json::json!({ "cases": kept }))?)?)
}
