//! Rules over the code of the program: where the clock is read, processes are started, transactions are opened.
//!
//! Test code is not concerned: it may read clocks and start programs.

use super::tokens::lines_spelling;
use super::workspace::{self, Source};
use super::{Breach, assert_kept};

/// The domain reads no clock and touches no disk, network or process.
const OUTSIDE_WORLD: &[&str] = &[
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "now_v7",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "tokio",
    "println",
    "eprintln",
];

/// The time of day, which only the machine's clock may ask. `Instant` is free: deadlines are not dates.
const TIME_OF_DAY: &[&str] = &["Utc::now", "Local::now", "SystemTime::now", "now_v7"];
const CLOCK_FILE: &str = "crates/app/src/clock.rs";

/// Doors of the store. `app` has one async face to them, and opens them nowhere else.
const TRANSACTION_DOORS: &[&str] = &["write_blocking", "read_blocking"];
const DOOR_FILE: &str = "crates/app/src/database.rs";

/// The packages that start other programs.
const SPAWNERS: &[&str] = &["worker", "transcoder"];

fn each_spelling(source: &Source, paths: &[&str], message: &str) -> Vec<Breach> {
    let found = paths
        .iter()
        .flat_map(|path| lines_spelling(&source.tokens, path).into_iter().map(move |line| (line, path)));
    found.map(|(line, path)| Breach::new(source.place(line), format!("`{path}`: {message}"))).collect()
}

fn domain_is_pure(source: &Source) -> Vec<Breach> {
    if source.package != "domain" {
        return Vec::new();
    }
    each_spelling(source, OUTSIDE_WORLD, "domain reads no clock and touches no disk, network or process")
}

fn one_clock(source: &Source) -> Vec<Breach> {
    if source.path == CLOCK_FILE || source.package == "domain" {
        return Vec::new();
    }
    each_spelling(
        source,
        TIME_OF_DAY,
        "the time of day comes from `Clock`; only the SystemClock of app asks the machine",
    )
}

fn spawning(source: &Source) -> Vec<Breach> {
    if SPAWNERS.contains(&source.package.as_str()) {
        return Vec::new();
    }
    each_spelling(source, &["Command::new"], "only worker and transcoder start processes")
}

fn transactions(source: &Source) -> Vec<Breach> {
    if source.package == "store" || source.path == DOOR_FILE {
        return Vec::new();
    }
    each_spelling(source, TRANSACTION_DOORS, "transactions are opened in app, through its `Database`")
}

/// `unsafe` is for the transcoder, each time with a `// SAFETY:` comment just above.
fn unsafe_code(source: &Source) -> Vec<Breach> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut breaches = Vec::new();
    for line in lines_spelling(&source.tokens, "unsafe") {
        if source.package != "transcoder" {
            breaches.push(Breach::new(source.place(line), "`unsafe` is for the transcoder alone"));
        } else if !is_explained(&lines, line) {
            breaches
                .push(Breach::new(source.place(line), "`unsafe` without a `// SAFETY:` comment above it"));
        }
    }
    breaches
}

/// True when the comment that ends just above `line`, or on it, says why the code is sound. A statement may begin a
/// few lines before the word.
fn is_explained(lines: &[&str], line: usize) -> bool {
    let first = line.saturating_sub(8);
    lines.get(first..line).is_some_and(|near| near.iter().any(|text| text.contains("// SAFETY:")))
}

/// Lints are bent with `#[expect(…, reason = …)]`, which says why and disappears when no longer needed.
fn attributes(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for window in source.tokens.windows(4) {
        let [hash, mark, name, open] = window else { continue };
        let opens = |at: &str, name: &str, open: &str| at == "[" && name == "allow" && open == "(";
        if (hash.text == "#" || hash.text == "!") && opens(&mark.text, &name.text, &open.text) {
            breaches
                .push(Breach::new(source.place(hash.line), "`#[allow]`: use `#[expect(…, reason = \"…\")]`"));
        }
    }
    breaches
}

fn over_sources(rule: fn(&Source) -> Vec<Breach>) -> Vec<Breach> {
    workspace::sources().iter().filter(|source| source.is_rust() && !source.is_test).flat_map(rule).collect()
}

#[test]
fn the_domain_reads_no_clock_and_touches_nothing() {
    assert_kept(over_sources(domain_is_pure));
}

#[test]
fn the_time_of_day_is_asked_in_one_place() {
    assert_kept(over_sources(one_clock));
}

#[test]
fn processes_are_started_by_the_worker_and_the_transcoder_alone() {
    assert_kept(over_sources(spawning));
}

#[test]
fn transactions_are_opened_in_app_alone() {
    assert_kept(over_sources(transactions));
}

#[test]
fn unsafe_code_is_in_the_transcoder_and_explained() {
    assert_kept(over_sources(unsafe_code));
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    assert_kept(over_sources(attributes));
}

mod proofs {
    use super::*;

    fn count(rule: fn(&Source) -> Vec<Breach>, package: &str, text: &str) -> usize {
        rule(&Source::new(package, &format!("crates/{package}/src/sample.rs"), text)).len()
    }

    #[test]
    fn a_clock_in_the_domain_is_a_breach() {
        assert_eq!(count(domain_is_pure, "domain", "fn f() { let at = std::time::Instant::now(); }"), 1);
        assert_eq!(count(domain_is_pure, "domain", "fn f() { std::fs::read(\"x\"); tokio::spawn(g()); }"), 2);
        assert_eq!(
            count(
                domain_is_pure,
                "domain",
                "/// Unlike `Utc::now`.\nfn f(clock: &dyn Clock) { clock.now(); }"
            ),
            0
        );
    }

    #[test]
    fn a_second_clock_is_a_breach() {
        assert_eq!(count(one_clock, "web", "fn f() { chrono::Utc::now(); }"), 1);
        assert_eq!(count(one_clock, "web", "fn f() { Uuid::now_v7(); }"), 1);
        assert_eq!(
            count(
                one_clock,
                "web",
                "fn f() { Instant::now(); }\n#[cfg(test)]\nmod tests { fn g() { Utc::now(); } }"
            ),
            0
        );
    }

    #[test]
    fn a_process_started_by_the_web_is_a_breach() {
        assert_eq!(count(spawning, "web", "fn f() { std::process::Command::new(\"ls\"); }"), 1);
        assert_eq!(count(spawning, "worker", "fn f() { Command::new(\"balado-transcoder\"); }"), 0);
    }

    #[test]
    fn a_transaction_opened_by_the_worker_is_a_breach() {
        assert_eq!(count(transactions, "worker", "fn f(db: Db) { db.write_blocking(|tx| Ok(())); }"), 1);
        assert_eq!(count(transactions, "store", "fn f(db: Db) { db.write_blocking(|tx| Ok(())); }"), 0);
    }

    #[test]
    fn unexplained_or_misplaced_unsafe_is_a_breach() {
        assert_eq!(count(unsafe_code, "media", "// SAFETY: no.\nfn f() { unsafe { g() } }"), 1);
        assert_eq!(count(unsafe_code, "transcoder", "fn f() { unsafe { g() } }"), 1);
        assert_eq!(
            count(
                unsafe_code,
                "transcoder",
                "fn f() {\n    // SAFETY: g has no precondition.\n    unsafe { g() }\n}"
            ),
            0
        );
    }

    #[test]
    fn a_silenced_lint_is_a_breach() {
        assert_eq!(count(attributes, "app", "#[allow(dead_code)]\nfn f() {}"), 1);
        assert_eq!(count(attributes, "app", "#![allow(clippy::all)]\nfn f() {}"), 1);
        assert_eq!(
            count(attributes, "app", "#[expect(dead_code, reason = \"read by the linker\")]\nfn f() {}"),
            0
        );
    }
}
