//! Where children work: a folder of this process in the scratch folder. What a process left behind that was killed, or lost
//! its power, is removed when the next one starts: it holds originals.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Held while folders are made and removed, so that nobody takes one for abandoned that is being made.
const GATE: &str = "lock";
/// Held in its folder by a living process.
const SIGN_OF_LIFE: &str = "lock";

/// The folder of this process. It goes when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: TempDir,
    _alive: File,
}

impl Scratch {
    /// Makes a folder in `base`, which is made when absent, and removes those whose processes are gone.
    pub(super) fn open(base: &Path) -> io::Result<Self> {
        fs::create_dir_all(base)?;
        let base = base.canonicalize()?;
        let gate = File::create(base.join(GATE))?;
        gate.lock()?;
        for entry in fs::read_dir(&base)? {
            let folder = entry?.path();
            if folder.is_dir() && is_abandoned(&folder) {
                match fs::remove_dir_all(&folder) {
                    Ok(()) => {
                        tracing::info!(folder = %folder.display(), "what a killed process left is removed")
                    }
                    Err(error) => {
                        tracing::warn!(%error, folder = %folder.display(), "what a killed process left stays");
                    }
                }
            }
        }
        let folder = tempfile::Builder::new().prefix("process-").tempdir_in(&base)?;
        let alive = File::create(folder.path().join(SIGN_OF_LIFE))?;
        alive.lock()?;
        Ok(Self { folder, _alive: alive })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new folder for one job, which goes when it is dropped.
    pub(super) fn room(&self, prefix: &str) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix(prefix).tempdir_in(self.path())
    }
}

/// Whether the process whose folder this is lives no more.
fn is_abandoned(folder: &Path) -> bool {
    let sign: PathBuf = folder.join(SIGN_OF_LIFE);
    match File::open(sign).map(|sign| sign.try_lock()) {
        Ok(Ok(())) => true,
        // Where locks are not known it cannot be told, and a living one must not lose its files.
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => false,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(base: &Path) -> usize {
        fs::read_dir(base).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_a_living_one_has_stays() {
        let base = tempfile::tempdir().unwrap();
        let living = Scratch::open(base.path()).unwrap();
        let job = living.room("job-").unwrap();
        fs::write(job.path().join("source"), "a pupil's voice").unwrap();
        let mut killed = Scratch::open(base.path()).unwrap();
        fs::write(killed.room("job-").unwrap().keep().join("source"), "another's").unwrap();
        killed.folder.disable_cleanup(true);
        drop(killed);
        assert_eq!(folders(base.path()), 2);
        let next = Scratch::open(base.path()).unwrap();
        assert_eq!(folders(base.path()), 2, "the next one took the place of the killed one");
        assert_eq!(fs::read(job.path().join("source")).unwrap(), b"a pupil's voice");
        drop((job, living, next));
        assert_eq!(folders(base.path()), 0);
    }
}
