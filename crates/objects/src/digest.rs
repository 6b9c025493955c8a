//! SHA-256 of bytes as they pass, and of uploads whose bytes came through this process in order.
//!
//! Remembering the running digest of an upload lets `seal` name a 2 GiB file without reading it again. It is only a
//! saving: another process, or this one after a restart, finds nothing here and reads the bytes.

use crate::{BlobKey, ByteStream, Error, Result};
use balado_domain::DepositId;
use futures::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Uploads remembered at once; each costs about 200 bytes.
const REMEMBERED: usize = 4096;

/// A SHA-256 in the making.
#[derive(Clone, Default)]
pub(crate) struct Digest {
    hasher: Sha256,
    size: u64,
}

impl Digest {
    /// Adds bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// Bytes seen so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The digest, 64 lower-case hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        hex::encode(self.hasher.finalize())
    }
}

/// Passes `bytes` on, then fails with [`Error::Corrupt`] when they were not the ones that `blob` names.
pub(crate) fn checked(bytes: ByteStream, blob: BlobKey) -> ByteStream {
    stream::try_unfold((bytes, Digest::default(), blob), |(mut bytes, mut digest, blob)| async move {
        if let Some(chunk) = bytes.next().await {
            let chunk = chunk?;
            digest.update(&chunk);
            return Ok(Some((chunk, (bytes, digest, blob))));
        }
        if digest.finish() == blob.sha256 { Ok(None) } else { Err(Error::Corrupt(blob.path()?)) }
    })
    .boxed()
}

/// The digest of all `bytes`, 64 lower-case hexadecimal digits.
pub(crate) async fn of(mut bytes: ByteStream) -> Result<String> {
    let mut digest = Digest::default();
    while let Some(chunk) = bytes.next().await {
        digest.update(&chunk?);
    }
    Ok(digest.finish())
}

/// Running digests of uploads being received by this process.
#[derive(Default)]
pub(crate) struct RunningDigests {
    uploads: Mutex<HashMap<DepositId, Digest>>,
}

impl RunningDigests {
    /// Takes out the digest of the first `offset` bytes of `upload`, if it is known. Taking it out means that an
    /// append that fails or is dropped leaves nothing behind that could be wrong.
    pub(crate) fn take(&self, upload: DepositId, offset: u64) -> Option<Digest> {
        let known = self.lock().remove(&upload).filter(|digest| digest.size() == offset);
        known.or_else(|| (offset == 0).then(Digest::default))
    }

    /// Remembers the digest of the bytes of `upload` that are durable now.
    pub(crate) fn put(&self, upload: DepositId, digest: Digest) {
        let mut uploads = self.lock();
        if uploads.len() >= REMEMBERED
            && let Some(forgotten) = uploads.keys().next().copied()
        {
            uploads.remove(&forgotten);
        }
        uploads.insert(upload, digest);
    }

    /// Forgets an upload that is gone.
    pub(crate) fn forget(&self, upload: DepositId) {
        self.lock().remove(&upload);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DepositId, Digest>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
