//! Drives a request body into an upload, piece by piece, telling the caller whenever bytes have become durable.
//!
//! Does not know where the bytes go: [`Tail`] does. Does not commit offsets: the caller's checkpoint does.

use crate::digest::Digest;
use crate::{Error, Result, bucket, disk};
use balado_domain::{Failure, deposit::UploadSegment};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bytes after which a piece is made durable (DESIGN §4.1: a connection that breaks loses less than this).
pub const CHECKPOINT_BYTES: u64 = 8 * 1024 * 1024;

/// Time after which a slow sender's bytes are made durable on local disk.
const CHECKPOINT_TIME: Duration = Duration::from_secs(2);

/// Largest slice handed on at once, so that hashing or copying it does not hold up other requests.
const SLICE_BYTES: usize = 256 * 1024;

/// Bytes that are on the disk or in the object store from now on, whatever happens to this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durable {
    /// The upload's offset from now on: every byte before it is durable.
    pub offset: u64,
    /// On an object store, the row to record together with the offset; the bytes are lost without it.
    pub segment: Option<UploadSegment>,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEnd {
    /// The sender said that it was done.
    Complete,
    /// There was at least one byte more than allowed; it was not kept.
    LimitReached,
    /// The connection broke. What had arrived is kept.
    Broken,
}

/// What one append did. Everything in it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Bytes appended by this call, those already reported to the checkpoint included. The new offset is the old
    /// one plus this.
    pub size: u64,
    /// On an object store, the last piece: the only one that was *not* reported to the checkpoint. Record it with
    /// the new offset.
    pub segment: Option<UploadSegment>,
    /// How the body ended.
    pub ended: BodyEnd,
}

/// Where the bytes of one append go.
pub(crate) enum Tail {
    Disk(disk::UploadTail),
    Bucket(bucket::UploadTail),
}

impl Tail {
    async fn take(&mut self, bytes: Bytes) -> Result<()> {
        match self {
            Self::Disk(tail) => tail.take(&bytes).await,
            Self::Bucket(tail) => {
                tail.take(&bytes);
                Ok(())
            }
        }
    }

    /// Makes every byte taken so far durable.
    async fn checkpoint(&mut self) -> Result<Option<UploadSegment>> {
        match self {
            Self::Disk(tail) => tail.checkpoint().await.map(|()| None),
            Self::Bucket(tail) => tail.checkpoint().await,
        }
    }

    /// How long bytes may wait. An object store has no limit: each checkpoint costs one more object there.
    fn patience(&self) -> Option<Duration> {
        matches!(self, Self::Disk(_)).then_some(CHECKPOINT_TIME)
    }
}

/// One append under way.
pub(crate) struct Append<'a, F> {
    pub(crate) tail: Tail,
    pub(crate) digest: Option<Digest>,
    pub(crate) on_durable: &'a mut F,
    /// The offset before the first byte.
    pub(crate) offset: u64,
    /// Bytes to accept at most.
    pub(crate) limit: u64,
    /// Bytes made durable and reported.
    pub(crate) durable: u64,
    /// Bytes taken since.
    pub(crate) pending: u64,
    /// When bytes waiting must be made durable.
    pub(crate) deadline: Option<Instant>,
}

impl<F, Fut> Append<'_, F>
where
    F: FnMut(Durable) -> Fut + Send,
    Fut: Future<Output = std::result::Result<(), Failure>> + Send,
{
    /// Reads `body` to its end, its limit or its failure. Also returns the digest of the upload up to there.
    pub(crate) async fn run<S, E>(mut self, body: &mut S) -> Result<(Appended, Option<Digest>)>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send + ?Sized,
        E: Display,
    {
        let ended = loop {
            let item = match self.deadline {
                None => body.next().await,
                Some(deadline) => match timeout_at(deadline, body.next()).await {
                    Ok(item) => item,
                    Err(_elapsed) => {
                        self.checkpoint().await?;
                        continue;
                    }
                },
            };
            match item {
                None => break BodyEnd::Complete,
                Some(Err(error)) => {
                    tracing::debug!(%error, "the body of an upload broke off");
                    break BodyEnd::Broken;
                }
                Some(Ok(bytes)) => {
                    if !self.accept(bytes).await? {
                        break BodyEnd::LimitReached;
                    }
                }
            }
        };
        let segment = self.tail.checkpoint().await?;
        Ok((Appended { size: self.durable + self.pending, segment, ended }, self.digest))
    }

    /// Takes as much of `bytes` as the limit allows; false when some did not fit.
    async fn accept(&mut self, mut bytes: Bytes) -> Result<bool> {
        let room = self.limit - (self.durable + self.pending);
        let fits = bytes.len() as u64 <= room;
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        while !bytes.is_empty() {
            let until_checkpoint = usize::try_from(CHECKPOINT_BYTES - self.pending).unwrap_or(SLICE_BYTES);
            let slice = bytes.split_to(bytes.len().min(SLICE_BYTES).min(until_checkpoint));
            self.take(slice).await?;
        }
        Ok(fits)
    }

    async fn take(&mut self, slice: Bytes) -> Result<()> {
        if let Some(digest) = &mut self.digest {
            digest.update(&slice);
        }
        self.pending += slice.len() as u64;
        self.tail.take(slice).await?;
        let now = Instant::now();
        if self.deadline.is_none() {
            self.deadline = self.tail.patience().map(|patience| now + patience);
        }
        let overdue = self.deadline.is_some_and(|deadline| deadline <= now);
        if overdue || self.pending >= CHECKPOINT_BYTES {
            self.checkpoint().await?;
        }
        Ok(())
    }

    async fn checkpoint(&mut self) -> Result<()> {
        let segment = self.tail.checkpoint().await?;
        self.durable += self.pending;
        self.pending = 0;
        self.deadline = None;
        let durable = Durable { offset: self.offset + self.durable, segment };
        (self.on_durable)(durable).await.map_err(Error::Refused)
    }
}
