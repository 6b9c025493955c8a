//! Finished blobs in a bucket.

use super::{Bucket, FIRST_WINDOW};
use crate::{BlobKey, ByteStream, Error, Result, digest, key};
use balado_domain::{DepositId, SchoolId};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt as _, PutPayload, WriteMultipart};
use std::ops::Range;

/// Bytes in one part of a long object, at least: S3 takes no smaller ones, and parts on their way are held in memory.
const PART_BYTES: u64 = 5 * 1024 * 1024;

/// Parts of a long object, at most. S3 allows 10 000.
const PARTS: u64 = 9000;

/// Longest object stored in one request.
const SHORT_BYTES: u64 = 8 * 1024 * 1024;

/// Parts on their way at once.
const PARTS_IN_FLIGHT: usize = 2;

impl Bucket {
    /// Copies bytes in; they become visible only once complete and equal to the key's digest. `size` is what the
    /// sender announces; it only chooses between one request and several, and how long those are.
    pub(crate) async fn put(&self, blob: &BlobKey, size: u64, bytes: ByteStream) -> Result<u64> {
        let name = blob.path()?;
        let bytes = digest::checked(bytes, blob.clone());
        if size <= SHORT_BYTES {
            self.put_short(&name, bytes).await
        } else {
            self.put_long(&name, size, bytes).await
        }
    }

    async fn put_short(&self, name: &str, bytes: ByteStream) -> Result<u64> {
        let chunks: Vec<Bytes> = bytes.try_collect().await?;
        let payload = PutPayload::from_iter(chunks);
        let size = payload.content_length() as u64;
        self.put_whole(name, payload).await?;
        Ok(size)
    }

    async fn put_long(&self, name: &str, announced: u64, bytes: ByteStream) -> Result<u64> {
        let opened = self.store.put_multipart(&Key::from(name)).await;
        let upload = opened.map_err(|error| Error::store(name, &error))?;
        let part = usize::try_from(PART_BYTES.max(announced.div_ceil(PARTS))).unwrap_or(usize::MAX);
        let mut parts = Parts(Some(WriteMultipart::new_with_chunk_size(upload, part)));
        let size = parts.fill(name, bytes).await?;
        let Err(error) = parts.finish().await else { return Ok(size) };
        // The answer to a completion that succeeded may have been lost, and the second try then finds no upload.
        match self.size_of(name).await {
            Ok(stored) if stored == size => Ok(size),
            _ => Err(Error::store(name, &error)),
        }
    }

    /// Bytes in the blob.
    pub(crate) async fn size(&self, blob: &BlobKey) -> Result<u64> {
        self.size_of(&blob.path()?).await
    }

    /// Fetches the first bytes of the range, then the rest as it is asked for.
    pub(crate) async fn read(&self, blob: &BlobKey, range: Range<u64>) -> Result<ByteStream> {
        let name = blob.path()?;
        let wrong = Error::Range { key: name.clone(), start: range.start, end: range.end };
        if range.start >= range.end {
            let inside = range.start == range.end && range.end <= self.size_of(&name).await?;
            return if inside { Ok(stream::empty().boxed()) } else { Err(wrong) };
        }
        let first = range.start..range.end.min(range.start + FIRST_WINDOW);
        let rest = self.windows(&name, first.end..range.end, FIRST_WINDOW * 2);
        match self.window(&name, first).await {
            Ok(bytes) => Ok(stream::once(async { Ok(bytes) }).chain(rest).boxed()),
            Err(Error::NotFound(name)) => Err(Error::NotFound(name)),
            Err(error) => Err(if self.size_of(&name).await? < range.end { wrong } else { error }),
        }
    }

    /// Removes a blob, if there is one.
    pub(crate) async fn delete(&self, blob: &BlobKey) -> Result<()> {
        let name = blob.path()?;
        match self.store.delete(&Key::from(name.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::store(&name, &error)),
        }
    }

    /// Removes every blob of a deposit; returns how many there were.
    pub(crate) async fn delete_deposit(&self, school: SchoolId, deposit: DepositId) -> Result<u64> {
        self.delete_folder(&key::deposit_prefix(school, deposit)).await
    }
}

/// A long object being sent in parts. Dropping it unfinished asks the service to forget the parts; a process that
/// dies first leaves them to the bucket's lifecycle rule.
struct Parts(Option<WriteMultipart>);

impl Parts {
    /// Sends bytes as they come; returns how many there were.
    async fn fill(&mut self, name: &str, mut bytes: ByteStream) -> Result<u64> {
        let mut size = 0;
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk?;
            size += chunk.len() as u64;
            if let Some(parts) = &mut self.0 {
                let room = parts.wait_for_capacity(PARTS_IN_FLIGHT).await;
                room.map_err(|error| Error::store(name, &error))?;
                parts.put(chunk);
            }
        }
        Ok(size)
    }

    async fn finish(mut self) -> object_store::Result<()> {
        match self.0.take() {
            Some(parts) => parts.finish().await.map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let Some(parts) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                if let Err(error) = parts.abort().await {
                    tracing::warn!(%error, "the parts of an unfinished object could not be removed");
                }
            });
        }
    }
}
