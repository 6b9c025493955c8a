//! Local disk: the only module that opens, writes, syncs, renames or removes a file.
//!
//! Durability rules (`reference/reliability-security.md` D1, D2): data is synced before its name is, a new name is
//! synced in its folder, and every new folder in its own. A failed sync fails the request; it is never tried again,
//! because the kernel may have dropped the pages it could not write.

mod blob;
mod upload;

pub(crate) use upload::UploadTail;

use crate::{ByteStream, Error, Result, key};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Bytes read or written at once: bounds the memory of one reader.
const CHUNK_BYTES: u64 = 256 * 1024;

/// Age after which a file in `incoming` belongs to nobody: longer than any copy takes.
const INCOMING_GRACE: Duration = Duration::from_hours(48);

/// A folder that holds every object.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    root: Arc<Path>,
}

impl Disk {
    /// Opens the store under `root`, making its folders and removing copies that a crash left unfinished.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        for folder in ["uploads", "incoming"] {
            make_folders(&root.join(folder))?;
        }
        // The folders may have been made by a process that died before it could sync them. What we may not even open
        // was not made by us.
        for folder in root.ancestors().take(2).filter(|folder| !folder.as_os_str().is_empty()) {
            match sync_folder(folder) {
                Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
                    return Err(Error::disk(&folder.display().to_string(), &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let disk = Self { root: root.into() };
        disk.sweep_incoming()?;
        Ok(disk)
    }

    /// Proves that a file can be written, made durable and removed.
    pub(crate) async fn ping(&self) -> Result<()> {
        let path = self.incoming();
        blocking(move || {
            let written = fs::write(&path, b"ping").and_then(|()| File::open(&path)?.sync_all());
            let removed = fs::remove_file(&path);
            written.and(removed).map_err(|error| Error::disk("incoming", &error))
        })
        .await
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// A fresh path for bytes being copied in.
    fn incoming(&self) -> PathBuf {
        self.root.join("incoming").join(key::random())
    }

    /// Removes copies that a crash of some process left unfinished.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let disk = self.clone();
        blocking(move || disk.sweep_incoming()).await
    }

    fn sweep_incoming(&self) -> Result<()> {
        let folder = self.root.join("incoming");
        let named = |error: &io::Error| Error::disk("incoming", error);
        for entry in fs::read_dir(&folder).map_err(|error| named(&error))? {
            let entry = entry.map_err(|error| named(&error))?;
            let age =
                entry.metadata().and_then(|facts| facts.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > INCOMING_GRACE) {
                match fs::remove_file(entry.path()) {
                    // Another process sweeps too.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    other => other.map_err(|error| named(&error))?,
                }
            }
        }
        Ok(())
    }
}

/// Reads a file from its start to its end, in bounded chunks. Also tells its size.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn read_file(file: &Arc<File>) -> Result<(u64, ByteStream)> {
    const WHAT: &str = "a file to be stored";
    let asked = Arc::clone(file);
    let facts = blocking(move || asked.metadata().map_err(|error| Error::disk(WHAT, &error))).await?;
    Ok((facts.len(), chunks(Arc::clone(file), 0..facts.len(), WHAT.to_owned())))
}

async fn open_file(path: PathBuf, what: String) -> Result<(Arc<File>, u64)> {
    blocking(move || {
        let opened = File::open(&path).and_then(|file| file.metadata().map(|facts| (file, facts.len())));
        let (file, size) = opened.map_err(|error| Error::disk(&what, &error))?;
        Ok((Arc::new(file), size))
    })
    .await
}

fn chunks(file: Arc<File>, range: Range<u64>, what: String) -> ByteStream {
    stream::try_unfold((file, range, what), |(file, range, what)| async move {
        if range.start >= range.end {
            return Ok(None);
        }
        let length = CHUNK_BYTES.min(range.end - range.start);
        blocking(move || {
            let mut buffer = vec![0; usize::try_from(length).unwrap_or(0)];
            file.read_exact_at(&mut buffer, range.start).map_err(|error| Error::disk(&what, &error))?;
            let rest = range.start + length..range.end;
            Ok(Some((Bytes::from(buffer), (file, rest, what))))
        })
        .await
    })
    .boxed()
}

/// A new file being filled from its start.
pub(crate) struct NewFile {
    file: Arc<File>,
    path: PathBuf,
    size: u64,
    kept: bool,
}

impl NewFile {
    /// Creates `path`, or empties it.
    pub(crate) async fn create(path: PathBuf) -> Result<Self> {
        blocking(move || {
            let file =
                File::create(&path).map_err(|error| Error::disk(&path.display().to_string(), &error))?;
            Ok(Self { file: Arc::new(file), path, size: 0, kept: false })
        })
        .await
    }

    /// Appends bytes.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let (file, at, length) = (Arc::clone(&self.file), self.size, bytes.len() as u64);
        let written = blocking(move || Ok(file.write_all_at(&bytes, at))).await?;
        written.map_err(|error| Error::disk(&self.path.display().to_string(), &error))?;
        self.size += length;
        Ok(())
    }

    /// Leaves the file in place instead of removing it when this value goes away.
    pub(crate) fn keep(mut self) -> u64 {
        self.kept = true;
        self.size
    }

    /// Makes the bytes durable, then moves the file to `target`, durably.
    async fn publish(self, target: PathBuf) -> Result<u64> {
        let (file, from) = (Arc::clone(&self.file), self.path.clone());
        blocking(move || {
            file.sync_all().map_err(|error| Error::disk(&target.display().to_string(), &error))?;
            rename(&from, &target)
        })
        .await?;
        Ok(self.keep())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "an unfinished copy could not be removed");
        }
    }
}

/// Moves a synced file to its final name, durably. Replaces an equal blob left by an earlier try.
fn rename(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_folders(folder)?;
    }
    fs::rename(from, to).map_err(|error| Error::disk(&to.display().to_string(), &error))?;
    sync_name(to)?;
    from.parent().map_or(Ok(()), sync_folder).map_err(|error| Error::disk("the old folder", &error))
}

/// Makes the name of a blob durable: in its folder, its folder's in the school's, the school's in the root. All three
/// each time, because a folder that exists may have been made by a process that died before it could sync it.
fn sync_name(blob: &Path) -> Result<()> {
    for folder in blob.ancestors().skip(1).take(3) {
        sync_folder(folder).map_err(|error| Error::disk(&folder.display().to_string(), &error))?;
    }
    Ok(())
}

/// Makes `folder` and whatever leads to it, each one's name durable in its own folder.
fn make_folders(folder: &Path) -> Result<()> {
    let named = |error: &io::Error| Error::disk(&folder.display().to_string(), error);
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folders(above)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(named(&error)),
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(above).map_err(|error| named(&error))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Runs work that waits for the disk where it may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Io(format!("a disk operation was lost: {error}")))?
}
