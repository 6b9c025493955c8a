//! Objects in an S3 bucket or in memory, through `object_store`.
//!
//! An object appears whole or not at all and is durable when the service says so, so durability here means: wait for
//! the answer. Reads ask for windows that grow while the reader keeps up, because one long response would be cut by
//! the request deadline when the reader is slow.

mod blob;
mod upload;

pub(crate) use upload::UploadTail;

use crate::{ByteStream, Error, Result, key};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use std::ops::Range;
use std::sync::Arc;

/// The first window of a reader that may be slow, and the one it grows to. A reader holds twice a window in memory
/// while it arrives.
pub(crate) const FIRST_WINDOW: u64 = 256 * 1024;
const LARGEST_WINDOW: u64 = 2 * 1024 * 1024;

/// The window of our own passes over a whole upload, which are never slow and few at a time.
const PASS_WINDOW: u64 = 4 * 1024 * 1024;

/// A place that holds objects under keys.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
}

impl Bucket {
    /// Uses an opened store.
    pub(crate) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Proves that an object can be written and removed.
    pub(crate) async fn ping(&self) -> Result<()> {
        let name = format!("incoming/{}", key::random());
        self.put_whole(&name, PutPayload::from_static(b"ping")).await?;
        self.store.delete(&Key::from(name.as_str())).await.map_err(|error| Error::store(&name, &error))
    }

    /// Stores a small object in one request.
    async fn put_whole(&self, name: &str, payload: PutPayload) -> Result<()> {
        let put = self.store.put(&Key::from(name), payload).await;
        put.map(|_| ()).map_err(|error| Error::store(name, &error))
    }

    /// Bytes in an object.
    async fn size_of(&self, name: &str) -> Result<u64> {
        let found = self.store.head(&Key::from(name)).await;
        found.map(|facts| facts.size).map_err(|error| Error::store(name, &error))
    }

    /// Reads a range in windows, the first of which has the given size.
    fn windows(&self, name: &str, range: Range<u64>, window: u64) -> ByteStream {
        let state = (self.clone(), name.to_owned(), range, window);
        stream::try_unfold(state, |(bucket, name, range, window)| async move {
            if range.start >= range.end {
                return Ok(None);
            }
            let end = range.end.min(range.start + window);
            let bytes = bucket.window(&name, range.start..end).await?;
            Ok(Some((bytes, (bucket, name, end..range.end, window.max(LARGEST_WINDOW.min(window * 2))))))
        })
        .boxed()
    }

    async fn window(&self, name: &str, range: Range<u64>) -> Result<Bytes> {
        let got = self.store.get_range(&Key::from(name), range.clone()).await;
        let bytes = got.map_err(|error| Error::store(name, &error))?;
        if bytes.len() as u64 == range.end - range.start {
            return Ok(bytes);
        }
        Err(Error::Missing(format!("{name} is shorter than recorded")))
    }

    /// Removes every object under a folder; returns how many there were.
    async fn delete_folder(&self, folder: &str) -> Result<u64> {
        let listed = self.store.list(Some(&Key::from(folder))).map_ok(|facts| facts.location).boxed();
        let deleted = self.store.delete_stream(listed);
        let gone = deleted.try_fold(0, |count, _| async move { Ok(count + 1) }).await;
        gone.map_err(|error| Error::store(folder, &error))
    }
}
