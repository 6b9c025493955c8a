//! Growing uploads on local disk: one file each, written at explicit offsets.
//!
//! An exclusive lock on the file keeps a writer that lost its turn from mixing its bytes with the next one's, also
//! between processes of one machine. Which offset counts is the database's business.

use super::{CHUNK_BYTES, Disk, blocking, chunks, open_file, rename, sync_folder, sync_name};
use crate::digest::Digest;
use crate::{BlobKey, ByteStream, Error, Result, key};
use balado_domain::{DepositId, SchoolId};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often, and how many times, the lock of an upload is asked for: a request that was cut off needs a moment to
/// let go, a live one keeps it.
const LOCK_PAUSE: Duration = Duration::from_millis(25);
const LOCK_TRIES: u32 = 80;

/// The end of an upload's file, open for one append.
pub(crate) struct UploadTail {
    file: Arc<File>,
    what: String,
    /// Where the next write goes.
    at: u64,
    /// Bytes waiting to be written.
    waiting: BytesMut,
}

impl UploadTail {
    /// Takes bytes, writing once enough of them wait.
    pub(crate) async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() as u64 >= CHUNK_BYTES { self.write().await } else { Ok(()) }
    }

    /// Makes every byte taken durable.
    pub(crate) async fn checkpoint(&mut self) -> Result<()> {
        self.write().await?;
        let (file, what) = (Arc::clone(&self.file), self.what.clone());
        blocking(move || file.sync_data().map_err(|error| Error::disk(&what, &error))).await
    }

    async fn write(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let bytes = self.waiting.split().freeze();
        let (file, what, at) = (Arc::clone(&self.file), self.what.clone(), self.at);
        self.at += bytes.len() as u64;
        blocking(move || file.write_all_at(&bytes, at).map_err(|error| Error::disk(&what, &error))).await
    }
}

impl Disk {
    /// Opens an upload for appending at `offset`, first dropping bytes beyond it: they were never acknowledged.
    pub(crate) async fn upload_tail(&self, upload: DepositId, offset: u64) -> Result<UploadTail> {
        let what = key::upload(upload);
        let path = self.path(&what);
        let file = match lock(path, what.clone(), offset == 0).await {
            Err(Error::NotFound(_)) => {
                return Err(Error::Missing(format!("{what}: no file, {offset} bytes promised")));
            }
            other => other?,
        };
        let (cut, named) = (Arc::clone(&file), what.clone());
        blocking(move || cut_to(&cut, offset, &named)).await?;
        Ok(UploadTail { file, what, at: offset, waiting: BytesMut::new() })
    }

    /// Reads a range of an upload that is still growing.
    pub(crate) fn read_upload(&self, upload: DepositId, range: Range<u64>) -> ByteStream {
        let what = key::upload(upload);
        let path = self.path(&what);
        stream::once(async move {
            let (file, size) = open_file(path, what.clone()).await?;
            if range.end > size {
                return Err(Error::Missing(format!("{what}: {size} bytes, {} promised", range.end)));
            }
            Ok(chunks(file, range, what))
        })
        .try_flatten()
        .boxed()
    }

    /// The first bytes of an upload, `max` at most.
    pub(crate) async fn head_of_upload(&self, upload: DepositId, max: usize) -> Result<Bytes> {
        let what = key::upload(upload);
        let (file, size) = open_file(self.path(&what), what.clone()).await?;
        let length = usize::try_from(size).unwrap_or(usize::MAX).min(max);
        blocking(move || {
            let mut head = vec![0; length];
            file.read_exact_at(&mut head, 0).map_err(|error| Error::disk(&what, &error))?;
            Ok(Bytes::from(head))
        })
        .await
    }

    /// Turns an upload into a blob. `sha256` is the digest of its `size` bytes, when it is already known.
    pub(crate) async fn seal(
        &self,
        upload: DepositId,
        size: u64,
        school: SchoolId,
        sha256: Option<String>,
    ) -> Result<BlobKey> {
        let what = key::upload(upload);
        let path = self.path(&what);
        let disk = self.clone();
        let file = match lock(path.clone(), what.clone(), size == 0).await {
            Err(Error::NotFound(_)) => {
                return blocking(move || disk.find_sealed(upload, size, school)).await;
            }
            other => other?,
        };
        blocking(move || {
            cut_to(&file, size, &what)?;
            let sha256 = match sha256 {
                Some(known) => known,
                None => digest_of(&file, size).map_err(|error| Error::disk(&what, &error))?,
            };
            file.sync_all().map_err(|error| Error::disk(&what, &error))?;
            let blob = BlobKey::new(school, upload, sha256);
            rename(&path, &disk.path(&blob.path()?))?;
            Ok(blob)
        })
        .await
    }

    /// The blob that an earlier `seal` of this upload made, when the caller died before it could record it: the
    /// oldest blob of the deposit that has the right size, and whose bytes match its name.
    fn find_sealed(&self, upload: DepositId, size: u64, school: SchoolId) -> Result<BlobKey> {
        let prefix = key::deposit_prefix(school, upload);
        let mut candidates = list_blobs(&self.path(&prefix), size).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NotFound(key::upload(upload)),
            _ => Error::disk(&prefix, &error),
        })?;
        candidates.sort();
        for (_, sha256, path) in candidates {
            let digest = File::open(&path).and_then(|file| digest_of(&file, size));
            if digest.map_err(|error| Error::disk(&prefix, &error))? == sha256 {
                sync_name(&path)?;
                return Ok(BlobKey::new(school, upload, sha256));
            }
        }
        Err(Error::NotFound(key::upload(upload)))
    }

    /// Removes an upload, whatever it holds. Nothing happens when there is none.
    pub(crate) async fn discard_upload(&self, upload: DepositId) -> Result<()> {
        let what = key::upload(upload);
        let path = self.path(&what);
        blocking(move || {
            let removed = match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                other => other.and_then(|()| path.parent().map_or(Ok(()), sync_folder)),
            };
            removed.map_err(|error| Error::disk(&what, &error))
        })
        .await
    }
}

/// Opens and locks the file of an upload, making it (and its name durable) if asked to.
async fn lock(path: PathBuf, what: String, create: bool) -> Result<Arc<File>> {
    for _ in 0..LOCK_TRIES {
        let (path, named) = (path.clone(), what.clone());
        if let Some(file) = blocking(move || try_lock(&path, &named, create)).await? {
            return Ok(file);
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
    Err(Error::Busy(what))
}

fn try_lock(path: &Path, what: &str, create: bool) -> Result<Option<Arc<File>>> {
    let named = |error: &io::Error| Error::disk(what, error);
    let opened = OpenOptions::new().read(true).write(true).create(create).truncate(false).open(path);
    let file = opened.map_err(|error| named(&error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(named(&error)),
    }
    if !is_still_at(&file, path).map_err(|error| named(&error))? {
        return Ok(None);
    }
    if create {
        // Also when the file was there: whoever made it may have died before syncing its name.
        let synced = file.sync_all().and_then(|()| path.parent().map_or(Ok(()), sync_folder));
        synced.map_err(|error| named(&error))?;
    }
    Ok(Some(Arc::new(file)))
}

/// Whether `path` still names the open file: it may have been sealed or discarded while we waited for the lock.
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok(named.ino() == ours.ino() && named.dev() == ours.dev()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the file exactly `size` bytes long by dropping what is beyond. A shorter file has lost acknowledged bytes.
fn cut_to(file: &File, size: u64, what: &str) -> Result<()> {
    let length = file.metadata().map_err(|error| Error::disk(what, &error))?.len();
    if length < size {
        return Err(Error::Missing(format!("{what}: {length} bytes, {size} promised")));
    }
    if length > size {
        file.set_len(size).map_err(|error| Error::disk(what, &error))?;
    }
    Ok(())
}

fn digest_of(file: &File, size: u64) -> io::Result<String> {
    let mut digest = Digest::default();
    let mut buffer = vec![0; usize::try_from(CHUNK_BYTES).unwrap_or(0)];
    while digest.size() < size {
        let wanted = usize::try_from((size - digest.size()).min(CHUNK_BYTES)).unwrap_or(0);
        let Some(chunk) = buffer.get_mut(..wanted) else { break };
        file.read_exact_at(chunk, digest.size())?;
        digest.update(chunk);
    }
    Ok(digest.finish())
}

/// The blobs in a folder that have this size, with the time they were written.
fn list_blobs(folder: &Path, size: u64) -> io::Result<Vec<(SystemTime, String, PathBuf)>> {
    let mut blobs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let facts = entry.metadata()?;
        if let Ok(name) = entry.file_name().into_string()
            && key::is_sha256(&name)
            && facts.len() == size
        {
            blobs.push((facts.modified()?, name, entry.path()));
        }
    }
    Ok(blobs)
}
