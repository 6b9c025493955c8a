//! Rules over every file people write: its size, its opening words, its name, and nothing left for later.

use super::workspace::{self, Source};
use super::{Breach, assert_kept};

/// A file holds one noun or one verb.
const MAX_LINES: usize = 600;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// Marks of work left for later, written apart so that this file does not carry them.
const LEFT_FOR_LATER: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK"), concat!("to", "do!")];

fn size(source: &Source) -> Vec<Breach> {
    let lines = source.text.lines().count();
    let is_data = source.path.ends_with(".ftl");
    if lines <= MAX_LINES || is_data {
        return Vec::new();
    }
    vec![Breach::new(&source.path, format!("{lines} lines; a file has at most {MAX_LINES}"))]
}

fn opening(source: &Source) -> Vec<Breach> {
    let opens =
        source.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"));
    let is_described = opens || source.text.contains("#![doc = include_str!(");
    if !source.is_rust() || is_described {
        return Vec::new();
    }
    vec![Breach::new(&source.path, "does not open with `//!`: what it does, for whom, what it does not do")]
}

fn name(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for part in source.path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if EMPTY_NAMES.contains(&stem) {
            breaches.push(Breach::new(&source.path, format!("`{stem}` says nothing about what is inside")));
        }
        if part == "mod.rs" {
            breaches.push(Breach::new(&source.path, "`mod.rs`: put `foo.rs` beside `foo/`"));
        }
    }
    breaches
}

fn left_for_later(source: &Source) -> Vec<Breach> {
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| LEFT_FOR_LATER.iter().any(|mark| holds_word(line, mark)))
        .map(|(index, line)| Breach::new(source.place(index + 1), format!("left for later: {}", line.trim())))
        .collect()
}

/// True when `word` stands in `line` on its own: iCalendar's VTO-DO is not a mark of ours.
fn holds_word(line: &str, word: &str) -> bool {
    let is_inside =
        |neighbour: Option<char>| neighbour.is_some_and(|sign| sign.is_alphanumeric() || sign == '_');
    line.match_indices(word).any(|(at, _)| {
        !is_inside(line[..at].chars().next_back()) && !is_inside(line[at + word.len()..].chars().next())
    })
}

/// A test that cannot run must fail, not skip.
fn skipped(source: &Source) -> Vec<Breach> {
    let mark = concat!("#[ign", "ore");
    let lines = source
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| source.is_rust() && line.trim_start().starts_with(mark));
    lines
        .map(|(index, _)| {
            Breach::new(source.place(index + 1), "a test that is never run; make it fail or remove it")
        })
        .collect()
}

fn over_files(rule: fn(&Source) -> Vec<Breach>) -> Vec<Breach> {
    workspace::sources().iter().flat_map(rule).collect()
}

#[test]
fn a_file_fits_in_six_hundred_lines() {
    assert_kept(over_files(size));
}

#[test]
fn a_module_opens_by_saying_what_it_does() {
    assert_kept(over_files(opening));
}

#[test]
fn a_file_has_a_name_that_means_something() {
    assert_kept(over_files(name));
}

#[test]
fn nothing_is_left_for_later() {
    assert_kept(over_files(left_for_later));
}

#[test]
fn no_test_is_skipped() {
    assert_kept(over_files(skipped));
}

mod proofs {
    use super::*;

    fn count(rule: fn(&Source) -> Vec<Breach>, path: &str, text: &str) -> usize {
        rule(&Source::new("app", path, text)).len()
    }

    #[test]
    fn a_long_file_is_a_breach() {
        assert_eq!(count(size, "crates/app/src/long.rs", &"// line\n".repeat(MAX_LINES + 1)), 1);
        assert_eq!(count(size, "crates/app/src/long.rs", &"// line\n".repeat(MAX_LINES)), 0);
    }

    #[test]
    fn a_module_without_opening_words_is_a_breach() {
        assert_eq!(count(opening, "crates/app/src/mute.rs", "use std::fmt;\n"), 1);
        assert_eq!(count(opening, "crates/app/src/said.rs", "//! Says what it does.\nuse std::fmt;\n"), 0);
    }

    #[test]
    fn an_empty_name_is_a_breach() {
        assert_eq!(count(name, "crates/app/src/utils.rs", ""), 1);
        assert_eq!(count(name, "web/ui/src/helpers/dates.ts", ""), 1);
        assert_eq!(count(name, "crates/app/src/jobs/mod.rs", ""), 1);
        assert_eq!(count(name, "crates/app/src/jobs.rs", ""), 0);
    }

    #[test]
    fn something_left_for_later_is_a_breach() {
        assert_eq!(count(left_for_later, "web/ui/src/player.ts", concat!("// TO", "DO speed\n")), 1);
        assert_eq!(count(left_for_later, "web/ui/src/player.ts", "// Speed is kept per device.\n"), 0);
        assert_eq!(count(left_for_later, "web/ui/src/player.ts", concat!("reject(\"VTO", "DO\");\n")), 0);
    }

    #[test]
    fn a_skipped_test_is_a_breach() {
        assert_eq!(
            count(skipped, "crates/app/tests/app.rs", concat!("#[test]\n#[ign", "ore]\nfn f() {}\n")),
            1
        );
    }
}
