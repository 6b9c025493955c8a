//! Blobs under typed keys and uploads that grow, on local disk, in an S3 bucket or in memory.
//!
//! For `app`, which decides who may write what and records in the database what has become durable here, and for the
//! workers, which fetch originals and store renditions. Knows neither rights nor rows: an upload's offset and pieces
//! come from the caller, and what this package returns is durable when it returns.
//!
//! A finished blob never changes and is named by the digest of its bytes. An upload is a file on disk, or a list of
//! pieces on an object store; [`Objects::seal`] turns it into a blob.

mod append;
mod bucket;
mod digest;
mod disk;
mod error;
mod key;
mod settings;

pub use append::{Appended, BodyEnd, CHECKPOINT_BYTES, Durable};
pub use error::{Error, Result};
pub use key::{BlobKey, Stored};
pub use settings::S3Settings;

use append::{Append, Tail};
use balado_domain::{DepositId, Failure, SchoolId, deposit::UploadSegment};
use bytes::Bytes;
use digest::{Digest, RunningDigests};
use disk::NewFile;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use settings::Backend;
use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bytes read on demand; dropping it stops the reading. An error ends it.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// An opened store. Cheap to clone; every clone is the same store.
#[derive(Clone)]
pub struct Objects {
    shared: Arc<Shared>,
}

struct Shared {
    backend: Backend,
    digests: RunningDigests,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("Objects");
        match &self.shared.backend {
            Backend::Disk(disk) => shown.field(disk),
            Backend::Bucket(bucket) => shown.field(bucket),
        };
        shown.finish()
    }
}

impl Objects {
    /// Opens a store: `file:folder`, `file:///folder` or a plain path (made when missing), `s3://bucket` or
    /// `s3://bucket/prefix` (the bucket must exist; needs `s3`), or `memory:` (gone with the last clone).
    ///
    /// # Errors
    /// [`Error::Settings`] when the address or the settings make no sense, [`Error::Io`] or [`Error::Full`] when the
    /// folder cannot be made. A service that is away is noticed by [`Objects::ping`], not here.
    pub fn open(url: &str, s3: Option<&S3Settings>) -> Result<Self> {
        let shared = Shared { backend: Backend::open(url, s3)?, digests: RunningDigests::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Proves that the store can be written to, by writing and removing a small object.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn ping(&self) -> Result<()> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.ping().await,
            Backend::Bucket(bucket) => bucket.ping().await,
        }
    }

    /// Removes copies that nobody can still be making: processes that died left them. Which uploads are wanted is not known
    /// here, so these stay.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub async fn sweep(&self) -> Result<()> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.sweep().await,
            // What was not put whole into a bucket is not there.
            Backend::Bucket(_) => Ok(()),
        }
    }

    /// Stores a file, from its first byte to its last, as a blob of that deposit, streaming it, under the name its bytes give
    /// it. Doing it again is harmless. Nobody may write to the file meanwhile.
    ///
    /// # Errors
    /// When the file cannot be read, and the store's own failures.
    pub async fn put_file(&self, school: SchoolId, deposit: DepositId, file: &Arc<File>) -> Result<Stored> {
        let (size, bytes) = disk::read_file(file).await?;
        match &self.shared.backend {
            Backend::Disk(disk) => disk.put_unnamed(school, deposit, bytes).await,
            Backend::Bucket(bucket) => {
                // A bucket cannot rename, so the name is needed before the first byte is sent.
                let blob = BlobKey::new(school, deposit, digest::of(bytes).await?);
                let (_, bytes) = disk::read_file(file).await?;
                let size_bytes = bucket.put(&blob, size, bytes).await?;
                Ok(Stored { blob, size_bytes })
            }
        }
    }

    /// Stores bytes held in memory under `blob`. Doing it again is harmless.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the SHA-256 is not the key's (nothing is stored), and the store's own failures.
    pub async fn put_bytes(&self, blob: &BlobKey, bytes: Bytes) -> Result<()> {
        let size = bytes.len() as u64;
        let bytes = stream::once(async { Ok(bytes) }).boxed();
        match &self.shared.backend {
            Backend::Disk(disk) => disk.put(blob, bytes).await,
            Backend::Bucket(bucket) => bucket.put(blob, size, bytes).await.map(|_| ()),
        }
    }

    /// Bytes in the blob.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn size(&self, blob: &BlobKey) -> Result<u64> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.size(blob).await,
            Backend::Bucket(bucket) => bucket.size(blob).await,
        }
    }

    /// Reads bytes `range.start..range.end` of a blob. The blob has been found when this returns; memory stays
    /// bounded (256 KiB on disk, 4 MiB on an object store) however slow the reader is. The digest is *not* checked,
    /// since a range cannot be: see [`Objects::verify`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such blob, [`Error::Range`] when the range does not lie inside it.
    pub async fn read(&self, blob: &BlobKey, range: Range<u64>) -> Result<ByteStream> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.read(blob, range).await,
            Backend::Bucket(bucket) => bucket.read(blob, range).await,
        }
    }

    /// Copies a blob into the file `to`, checking its SHA-256 on the way; returns its size in bytes. The file is
    /// emptied first, and removed again on failure. It is not synced: it is scratch.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such blob, [`Error::Corrupt`] when its bytes are not the ones named.
    pub async fn download(&self, blob: &BlobKey, to: &Path) -> Result<u64> {
        let mut bytes = self.read_checked(blob).await?;
        let mut file = NewFile::create(to.to_owned()).await?;
        while let Some(chunk) = bytes.next().await {
            file.write(chunk?).await?;
        }
        Ok(file.keep())
    }

    /// Reads a whole blob and checks its SHA-256; returns its size in bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such blob, [`Error::Corrupt`] when its bytes are not the ones named.
    pub async fn verify(&self, blob: &BlobKey) -> Result<u64> {
        let mut bytes = self.read_checked(blob).await?;
        let mut size = 0;
        while let Some(chunk) = bytes.next().await {
            size += chunk?.len() as u64;
        }
        Ok(size)
    }

    /// Reads a whole blob; the stream ends with [`Error::Corrupt`] when what it gave is not what the key names.
    async fn read_checked(&self, blob: &BlobKey) -> Result<ByteStream> {
        let size = self.size(blob).await?;
        Ok(digest::checked(self.read(blob, 0..size).await?, blob.clone()))
    }

    /// Removes one blob. Nothing happens when there is none.
    ///
    /// # Errors
    /// The store's own failures.
    pub async fn delete(&self, blob: &BlobKey) -> Result<()> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.delete(blob).await,
            Backend::Bucket(bucket) => bucket.delete(blob).await,
        }
    }

    /// Removes every blob of a deposit; returns how many there were. Nothing happens when there are none.
    ///
    /// # Errors
    /// The store's own failures; doing it again removes the rest.
    pub async fn delete_deposit(&self, school: SchoolId, deposit: DepositId) -> Result<u64> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.delete_deposit(school, deposit).await,
            Backend::Bucket(bucket) => bucket.delete_deposit(school, deposit).await,
        }
    }

    /// Appends `body` to an upload at `offset`, which must be the offset the caller has recorded: bytes stored beyond
    /// it were never acknowledged and are dropped. Accepts `limit` bytes at most, if given. Everything reported, here
    /// or to `on_durable`, is durable.
    ///
    /// `on_durable` is called with the new offset (and piece) after every [`CHECKPOINT_BYTES`], and on disk also
    /// every 2 s, while the body flows; commit it there. What came after the last call is in the result: commit that
    /// too. A refusal ends the append.
    ///
    /// # Errors
    /// [`Error::Missing`] when fewer than `offset` bytes are stored, [`Error::Busy`] when another append holds the
    /// upload, [`Error::Full`], [`Error::Refused`], and the store's own failures. What was reported before stays.
    pub async fn append<S, E, F, Fut>(
        &self,
        upload: DepositId,
        offset: u64,
        body: &mut S,
        limit: Option<u64>,
        on_durable: &mut F,
    ) -> Result<Appended>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send + ?Sized,
        E: fmt::Display,
        F: FnMut(Durable) -> Fut + Send,
        Fut: Future<Output = std::result::Result<(), Failure>> + Send,
    {
        let tail = match &self.shared.backend {
            Backend::Disk(disk) => Tail::Disk(disk.upload_tail(upload, offset).await?),
            Backend::Bucket(bucket) => Tail::Bucket(bucket.upload_tail(upload, offset)),
        };
        let digest = self.shared.digests.take(upload, offset);
        let limit = limit.unwrap_or(u64::MAX);
        let append =
            Append { tail, digest, on_durable, offset, limit, durable: 0, pending: 0, deadline: None };
        let (appended, digest) = append.run(body).await?;
        if let Some(digest) = digest {
            self.shared.digests.put(upload, digest);
        }
        Ok(appended)
    }

    /// Reads a range of the acknowledged bytes of an upload that is still growing. `segments` are its recorded
    /// pieces, empty on disk. After [`Objects::seal`] read the blob instead; a stream already begun goes on.
    /// The stream fails with [`Error::Missing`] when the bytes are not all there.
    #[must_use]
    pub fn read_upload(
        &self,
        upload: DepositId,
        segments: &[UploadSegment],
        range: Range<u64>,
    ) -> ByteStream {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.read_upload(upload, range),
            Backend::Bucket(bucket) => bucket.read_upload(segments, range, bucket::FIRST_WINDOW),
        }
    }

    /// The first bytes of an upload, `max` at most, for telling what it is. On disk they may reach beyond the
    /// recorded offset: give a `max` that does not.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Missing`] when there are none, and the store's own failures.
    pub async fn head_of_upload(
        &self,
        upload: DepositId,
        segments: &[UploadSegment],
        max: usize,
    ) -> Result<Bytes> {
        match &self.shared.backend {
            Backend::Disk(disk) => disk.head_of_upload(upload, max).await,
            Backend::Bucket(bucket) => bucket.head_of_upload(segments, max).await,
        }
    }

    /// Turns the first `size` bytes of an upload into a blob of `school` and returns its key, with the SHA-256 of
    /// the bytes. The blob is durable. Asking again, after a crash that came before the key was recorded, finds the
    /// same blob. On an object store the pieces stay until [`Objects::discard_upload`].
    ///
    /// # Errors
    /// [`Error::Missing`] when fewer than `size` bytes are stored, [`Error::NotFound`] when there is neither an
    /// upload nor a blob made from it, [`Error::Busy`] while an append runs, and the store's own failures.
    pub async fn seal(
        &self,
        upload: DepositId,
        segments: &[UploadSegment],
        size: u64,
        school: SchoolId,
    ) -> Result<BlobKey> {
        let running = self.shared.digests.take(upload, size);
        let sha256 = running.map(Digest::finish);
        match &self.shared.backend {
            Backend::Disk(disk) => disk.seal(upload, size, school, sha256).await,
            Backend::Bucket(bucket) => bucket.seal(upload, segments, size, school, sha256).await,
        }
    }

    /// Removes everything an upload has left: its file, or all of its pieces, recorded or not. Nothing happens when
    /// there is nothing. A sealed blob is not touched.
    ///
    /// # Errors
    /// The store's own failures; doing it again removes the rest.
    pub async fn discard_upload(&self, upload: DepositId) -> Result<()> {
        self.shared.digests.forget(upload);
        match &self.shared.backend {
            Backend::Disk(disk) => disk.discard_upload(upload).await,
            Backend::Bucket(bucket) => bucket.discard_upload(upload).await,
        }
    }
}
