//! Finds the transcoder's program.

use std::path::{Path, PathBuf};

/// Name of the program.
const PROGRAM: &str = "balado-transcoder";

/// The transcoder's program is nowhere.
#[derive(Debug, thiserror::Error)]
#[error("{PROGRAM} is not at {tried}")]
pub struct NotFound {
    tried: String,
}

/// The configured path and no other, else beside this program (or one folder up, where tests run), else in `PATH`.
pub(super) fn program(configured: Option<&Path>) -> Result<PathBuf, NotFound> {
    let candidates = match configured {
        Some(path) => vec![path.to_owned()],
        None => beside_us().into_iter().chain(in_path()).collect(),
    };
    let found = candidates.iter().find(|path| path.is_file());
    found.cloned().ok_or_else(|| NotFound {
        tried: candidates.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    })
}

fn beside_us() -> Vec<PathBuf> {
    let Ok(program) = std::env::current_exe() else { return Vec::new() };
    program.ancestors().skip(1).take(2).map(|folder| folder.join(PROGRAM)).collect()
}

fn in_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_path_is_the_only_place_looked_at() {
        let error = program(Some(Path::new("/nonexistent/transcoder"))).unwrap_err();
        assert_eq!(error.to_string(), "balado-transcoder is not at /nonexistent/transcoder");
    }
}
