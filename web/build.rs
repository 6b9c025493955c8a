//! Bundles `ui/` into `ui/dist` before the program embeds it, when the bundle is missing or older than its sources.
//!
//! For whoever runs `cargo build`: needs Node 20 and npm once the sources changed, and says so when they are absent.
//! Types are checked by `make check`, not here.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::SystemTime;

/// What the bundle is made from, inside `ui/`.
const SOURCES: &[&str] = &["src", "build.mjs", "package.json", "package-lock.json", "tsconfig.json"];
/// What the pages name; all of them exist after a bundle.
const OUTPUTS: &[&str] = &["app.js", "app.css", "icons.svg", "icon.svg"];

fn main() -> ExitCode {
    let ui = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("ui");
    for name in SOURCES {
        println!("cargo::rerun-if-changed={}", ui.join(name).display());
    }
    for name in OUTPUTS {
        println!("cargo::rerun-if-changed={}", ui.join("dist").join(name).display());
    }
    match bundle_when_stale(&ui) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("The pages' script and style could not be bundled: {fault}");
            eprintln!("They need Node 20 or newer with npm: run `scripts/bootstrap run`, then build again.");
            ExitCode::FAILURE
        }
    }
}

fn bundle_when_stale(ui: &Path) -> io::Result<()> {
    let newest = newest_change(ui)?;
    let is_fresh = OUTPUTS.iter().all(|name| {
        fs::metadata(ui.join("dist").join(name)).and_then(|m| m.modified()).is_ok_and(|made| made >= newest)
    });
    if is_fresh {
        return Ok(());
    }
    let installed = fs::metadata(ui.join("node_modules/.package-lock.json")).and_then(|m| m.modified());
    let locked = fs::metadata(ui.join("package-lock.json"))?.modified()?;
    if installed.map_or(true, |at| at < locked) {
        npm(ui, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    }
    npm(ui, &["run", "--silent", "bundle"])?;
    // Cargo reruns this program when a file it watches is younger than its last run; the bundle must not be.
    for name in OUTPUTS {
        File::options().append(true).open(ui.join("dist").join(name))?.set_modified(newest)?;
    }
    Ok(())
}

fn newest_change(ui: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting: Vec<PathBuf> = SOURCES.iter().map(|name| ui.join(name)).collect();
    while let Some(path) = waiting.pop() {
        let facts = fs::metadata(&path)?;
        if facts.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
        } else {
            newest = newest.max(facts.modified()?);
        }
    }
    Ok(newest)
}

/// Runs npm in `ui`, with the tools `scripts/bootstrap` installs found first. Its output is shown only when it fails.
fn npm(ui: &Path, arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(ui)
        .env("PATH", search_path(ui)?)
        .stdin(Stdio::null())
        .output()
        .map_err(|fault| io::Error::new(fault.kind(), format!("npm does not start: {fault}")))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(io::Error::other(format!("`npm {}` ended with {}", arguments.join(" "), output.status)))
}

fn search_path(ui: &Path) -> io::Result<OsString> {
    let tools = ui.join("../../.tools");
    let usual = env::var_os("PATH").unwrap_or_default();
    let folders = [tools.join("bin"), tools.join("node/node_modules/.bin")];
    env::join_paths(folders.into_iter().chain(env::split_paths(&usual))).map_err(io::Error::other)
}
