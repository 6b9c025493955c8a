//! Following a deposit while it arrives (DESIGN §4.2): which uploads are worth it, and the acknowledged bytes as a worker
//! reads them.
//!
//! A follower is a job of its own. When the upload ends, the job that makes the outputs is queued as ever, and nobody
//! claims it while a follower lives: the follower ends both, or neither. Whatever happens to it, the queued job does the
//! work.

use crate::error::Result;
use crate::happenings::Scribe;
use crate::recipes;
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Upload, UploadSegment};
use balado_domain::job::{ClaimedJob, Lane, Work};
use balado_domain::{DepositId, Viewer};
use balado_media::{can_be_followed, examine};
use balado_objects::BlobKey;
use balado_store::{Tx, deposits, jobs, uploads};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Durable bytes with which a file shows what it is. A browser sends as much within its first seconds.
pub(super) const HEAD_BYTES: u64 = 4 * 1024;
/// How much of the start is looked at, when there is more.
const SNIFFED_BYTES: u64 = 64 * 1024;
/// With no more than this still to come, the queue is as fast as a follower that first has to start.
const REST_BYTES: u64 = 1024 * 1024;
/// Followers wait behind one another in the order they came.
const FOLLOW_PRIORITY: i32 = 10;
/// How long a job waits before a free slot would surely have taken it.
const PASSED_OVER: TimeDelta = TimeDelta::seconds(2);

/// Whoever waits in this process for bytes of an upload.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    awaited: Mutex<HashMap<DepositId, Arc<Notify>>>,
}

impl Arrivals {
    /// Something has changed: bytes, the end, or that there will be none.
    pub(crate) fn announce(&self, id: DepositId) {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.retain(|_, change| Arc::strong_count(change) > 1);
        if let Some(change) = awaited.get(&id) {
            // Kept for a waiter that is looking right now.
            change.notify_one();
        }
    }

    fn await_for(&self, id: DepositId) -> Arc<Notify> {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(awaited.entry(id).or_default())
    }
}

/// A deposit being followed.
pub struct Followed {
    app: App,
    id: DepositId,
    change: Arc<Notify>,
}

/// What comes next of a followed deposit.
pub enum Next {
    /// Bytes, in order.
    Bytes(BoxStream<'static, Result<Bytes>>),
    /// Nothing yet; the sender may pause as long as it likes.
    Nothing,
    /// Nothing more: every byte is durable.
    End,
    /// Nothing ever: the upload was given up, or somebody else has done the work.
    Gone,
}

impl App {
    /// Follows a deposit.
    #[must_use]
    pub fn follow(&self, id: DepositId) -> Followed {
        Followed { app: self.clone(), id, change: self.arrivals().await_for(id) }
    }

    /// Whether bytes of a deposit may still come.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_arriving(&self, id: DepositId) -> Result<bool> {
        self.database()
            .read(move |c| Ok(deposits::get_for(c, &Viewer::System, id)?.state == DepositState::Receiving))
            .await
    }

    /// Ends a follower that leaves its deposit to the queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave_to_queue(&self, claim: &ClaimedJob) -> Result<bool> {
        let held = self.complete_job(claim).await?;
        self.announce_jobs();
        Ok(held)
    }

    /// Whether jobs of a lane wait for a slot that nobody has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_crowded(&self, lane: Lane) -> Result<bool> {
        let before = self.now() - PASSED_OVER;
        self.database().read(move |c| Ok(jobs::is_waiting(c, lane, before)?)).await
    }

    /// Whether to have an upload followed whose first `offset` bytes are durable, the last of them in `piece`.
    pub(super) async fn is_worth_following(
        &self,
        upload: &Upload,
        offset: u64,
        piece: Option<&UploadSegment>,
    ) -> Result<bool> {
        let length = upload.length.map(|length| u64::try_from(length).unwrap_or(0));
        if offset < HEAD_BYTES || length.is_some_and(|length| length.saturating_sub(offset) < REST_BYTES) {
            return Ok(false);
        }
        let id = upload.deposit_id;
        let mut pieces = self.database().read(move |c| Ok(uploads::list_segments(c, id)?)).await?;
        pieces.extend(piece.cloned());
        let most = usize::try_from(offset.min(SNIFFED_BYTES)).unwrap_or(usize::MAX);
        let head = self.objects().head_of_upload(id, &pieces, most).await?;
        Ok(examine(&head).is_ok_and(|sniffed| can_be_followed(sniffed.format, &head)))
    }
}

/// Has an upload followed.
pub(super) fn enqueue(tx: &mut Tx<'_>, scribe: &Scribe, deposit: DepositId) -> Result<bool> {
    let recipe = recipes::of_deposit(tx, scribe, deposit)?;
    scribe.enqueue(tx, Work::Follow { deposit, recipe }, FOLLOW_PRIORITY)
}

/// The upload has ended: whoever has not begun to follow it need not.
pub(super) fn call_off(tx: &mut Tx<'_>, scribe: &Scribe, deposit: DepositId) -> Result<()> {
    let work = Work::Follow { deposit, recipe: recipes::of_deposit(tx, scribe, deposit)? };
    jobs::cancel_queued(tx, &work.unique_key(), scribe.now)?;
    Ok(())
}

impl Followed {
    /// What comes after the first `from` bytes.
    ///
    /// # Errors
    /// When the database does not answer, or bytes cannot be read right now.
    pub async fn next(&self, from: u64) -> Result<Next> {
        let id = self.id;
        let (deposit, upload) = self
            .app
            .database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &Viewer::System, id)?;
                if deposit.state != DepositState::Receiving {
                    return Ok((deposit, None));
                }
                let upload = uploads::get_for(c, &Viewer::System, id)?;
                Ok((deposit, Some((upload, uploads::list_segments(c, id)?))))
            })
            .await?;
        match (deposit.state, upload) {
            (DepositState::Receiving, Some((upload, pieces))) => Ok(self.arriving(&upload, &pieces, from)),
            (DepositState::Received, _) => self.received(&deposit, from).await,
            _ => Ok(Next::Gone),
        }
    }

    /// Waits until something has changed in this process, or the time has passed: others receive bytes too.
    pub async fn changed(&self, at_most: Duration) {
        // Either way it is time to look.
        let _ = tokio::time::timeout(at_most, self.change.notified()).await;
    }

    fn arriving(&self, upload: &Upload, pieces: &[UploadSegment], from: u64) -> Next {
        let durable = u64::try_from(upload.offset).unwrap_or(0);
        if durable > from {
            let bytes = self.app.objects().read_upload(self.id, pieces, from..durable);
            Next::Bytes(bytes.map_err(crate::Error::from).boxed())
        } else if upload.length == Some(upload.offset) {
            Next::End
        } else {
            Next::Nothing
        }
    }

    async fn received(&self, deposit: &Deposit, from: u64) -> Result<Next> {
        let size = u64::try_from(deposit.size_bytes).unwrap_or(0);
        let Some(sha256) = deposit.sha256.clone().filter(|_| size > from) else { return Ok(Next::End) };
        let blob = BlobKey::new(deposit.school_id, deposit.id, sha256);
        let bytes = self.app.objects().read(&blob, from..size).await?;
        Ok(Next::Bytes(bytes.map_err(crate::Error::from).boxed()))
    }
}
