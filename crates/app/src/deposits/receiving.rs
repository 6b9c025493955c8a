//! Receiving the bytes of a deposit: one writer at a time, durable before acknowledged, resumable for ever.
//!
//! A new request for an upload always wins over the one that still holds it, which is usually dead: within this process
//! the old one keeps what is arriving at that moment, then stops, and is waited for; on another machine its next offset
//! commit is refused by the fence.

use super::opening::refuse_over_quota;
use super::{enqueue_transcode, following};
use crate::error::{Result, conflict, not_found};
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Upload, UploadSegment};
use balado_domain::event::Event;
use balado_domain::{DepositId, ErrorKind, Failure, SchoolId, Viewer};
use balado_media::{Refusal, examine};
use balado_objects::{BlobKey, BodyEnd, Durable};
use balado_store::deposits::Received;
use balado_store::{deposits, jobs, uploads};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{Stream, StreamExt};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a newcomer waits for the request it replaces.
const HANDOVER: Duration = Duration::from_secs(5);
/// How long a writer that is being replaced may go on with bytes that keep arriving; shorter than [`HANDOVER`].
const LAST_BYTES: Duration = Duration::from_secs(3);
/// The pause that shows that nothing more is arriving, on a busy machine too.
const LULL: Duration = Duration::from_secs(1);
/// How long a writer on one machine keeps others off without a sign of life, in seconds.
const WRITER_SECONDS: u32 = 30;
/// How much of the start of a file is looked at to tell what it is.
const SNIFFED_BYTES: u64 = 64 * 1024;

/// Where an upload stands, as its sender needs to know.
#[derive(Debug, Clone)]
pub struct UploadStatus {
    /// The deposit.
    pub deposit: Deposit,
    /// Durable bytes.
    pub offset: u64,
    /// Total bytes, once declared.
    pub length: Option<u64>,
    /// The raw `Upload-Metadata` value, empty once finished.
    pub metadata: String,
    /// When it is given up, while unfinished.
    pub expires_at: Option<balado_domain::Timestamp>,
}

/// The writers of this process, so that a newcomer can end the one it replaces.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    slots: Mutex<HashMap<DepositId, Arc<Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    busy: Arc<tokio::sync::Mutex<()>>,
    current: Mutex<CancellationToken>,
}

pub(crate) struct Turn {
    stop: CancellationToken,
    _busy: OwnedMutexGuard<()>,
}

impl Writers {
    /// Ends the current writer of an upload, if any, and takes its place.
    pub(crate) async fn take(&self, id: DepositId) -> Result<Turn> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.busy.try_lock().is_err());
            Arc::clone(slots.entry(id).or_default())
        };
        let stop = {
            let mut current = slot.current.lock().unwrap_or_else(PoisonError::into_inner);
            current.cancel();
            *current = CancellationToken::new();
            current.clone()
        };
        match tokio::time::timeout(HANDOVER, Arc::clone(&slot.busy).lock_owned()).await {
            Ok(busy) => Ok(Turn { stop, _busy: busy }),
            Err(_) => {
                Err(Failure::new(ErrorKind::Locked, "upload-busy", "the previous request does not end")
                    .into())
            }
        }
    }
}

impl App {
    /// Where an upload stands. A dead request still holding it is ended first, so the offset is the true one; an upload
    /// whose every byte is here but whose last request died is finished now.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it; `upload-gone` when it expired or was given up.
    pub async fn upload_status(&self, viewer: &Viewer, id: DepositId) -> Result<UploadStatus> {
        let status = self.peek_upload(viewer, id).await?;
        if status.deposit.state != DepositState::Receiving {
            return Ok(status);
        }
        let _turn = self.writers().take(id).await?;
        let status = self.peek_upload(viewer, id).await?;
        if status.deposit.state == DepositState::Receiving && status.length == Some(status.offset) {
            return self.finish_upload(viewer, status).await;
        }
        Ok(status)
    }

    /// Finishes an upload whose every byte is here but whose last request died before it could.
    pub(crate) async fn finish_interrupted(&self, id: DepositId) -> Result<()> {
        let _turn = self.writers().take(id).await?;
        let status = self
            .database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &Viewer::System, id)?;
                Ok(open_status(deposit, uploads::get_for(c, &Viewer::System, id)?))
            })
            .await?;
        self.finish_upload(&Viewer::System, status).await.map(drop)
    }

    async fn peek_upload(&self, viewer: &Viewer, id: DepositId) -> Result<UploadStatus> {
        let viewer = viewer.clone();
        let owner = viewer.person().map(|person| person.id);
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &viewer, id)?;
                if owner != Some(deposit.owner_id) {
                    return Err(not_found("upload"));
                }
                match deposit.state {
                    DepositState::Receiving => Ok(open_status(deposit, uploads::get_for(c, &viewer, id)?)),
                    DepositState::Abandoned => Err(crate::error::gone("upload-gone")),
                    _ => Ok(finished_status(deposit)),
                }
            })
            .await
    }

    /// Appends a body at `offset`, declaring the total length if it was not known. Keeps what arrived when the body
    /// breaks off; finishes the deposit with the last byte.
    ///
    /// # Errors
    /// `upload-offset` when `offset` is not the durable one, `upload-length` when the length contradicts an earlier one,
    /// `upload-too-large`, `quota-exceeded`, `upload-complete` for more bytes than declared, `upload-taken-over` when another
    /// request took its place (what arrived before is kept), `not-found`, `upload-gone`.
    pub async fn append_to_upload<S, E>(
        &self,
        viewer: &Viewer,
        id: DepositId,
        offset: u64,
        length: Option<u64>,
        body: S,
    ) -> Result<UploadStatus>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
        E: std::fmt::Display + Send + 'static,
    {
        let status = self.peek_upload(viewer, id).await?;
        if status.deposit.state != DepositState::Receiving {
            return append_to_finished(status, offset, length, body).await;
        }
        let turn = self.writers().take(id).await?;
        let status = self.peek_upload(viewer, id).await?;
        if status.deposit.state != DepositState::Receiving {
            // The writer that was waited for has sent the last byte.
            return append_to_finished(status, offset, length, body).await;
        }
        let writer = crate::secrets::fresh_secret();
        let upload = self.take_writer(id, &writer).await?;
        if u64::try_from(upload.offset) != Ok(offset) {
            return Err(conflict("upload-offset", format!("at {}, not {offset}", upload.offset)));
        }
        let school = status.deposit.school_id;
        let upload = self.declare_length(upload, length, school).await?;
        let grip = Grip { writer, upload, school, examined: Arc::default() };
        // With every byte here already there is nothing to open for writing: the original may be sealed.
        let end = if grip.upload.length == Some(grip.upload.offset) {
            refuse_more(body).await?
        } else {
            self.receive(&turn, &grip, body).await?
        };
        let after = self.peek_upload(viewer, id).await?;
        let is_open = after.deposit.state == DepositState::Receiving;
        let status = if is_open && after.length == Some(after.offset) {
            self.finish_upload(viewer, after).await?
        } else {
            self.database().write(move |tx| Ok(uploads::release_writer(tx, id, &grip.writer)?)).await?;
            after
        };
        if turn.stop.is_cancelled() && status.length != Some(status.offset) {
            return Err(
                Failure::new(ErrorKind::Locked, "upload-taken-over", "another request continues it").into()
            );
        }
        if end == BodyEnd::LimitReached {
            return Err(
                Failure::new(ErrorKind::TooLarge, "upload-complete", "more bytes than declared").into()
            );
        }
        Ok(status)
    }

    async fn take_writer(&self, id: DepositId, writer: &str) -> Result<Upload> {
        let writer = writer.to_owned();
        self.database().write(move |tx| Ok(uploads::take_writer(tx, id, &writer, WRITER_SECONDS)?)).await
    }

    async fn declare_length(&self, upload: Upload, length: Option<u64>, school: SchoolId) -> Result<Upload> {
        let Some(declared) = length else { return Ok(upload) };
        let declared = i64::try_from(declared).unwrap_or(i64::MAX);
        match upload.length {
            Some(known) if known == declared => return Ok(upload),
            Some(_) => return Err(crate::error::invalid("upload-length", "the length was declared already")),
            None if declared < upload.offset => {
                return Err(crate::error::invalid("upload-length", "shorter than what has arrived"));
            }
            None => {}
        }
        let limit = self.configuration().limits.upload_bytes;
        if u64::try_from(declared).unwrap_or(u64::MAX) > limit {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                "upload-too-large",
                format!("limit {limit} bytes"),
            )
            .into());
        }
        self.database()
            .write(move |tx| {
                if declared > upload.offset {
                    refuse_over_quota(tx, upload.owner_id, school, declared - upload.offset)?;
                }
                uploads::set_length(tx, upload.deposit_id, declared)?;
                Ok(Upload { length: Some(declared), ..upload })
            })
            .await
    }

    /// Streams the body into the blob store; each durable stretch commits its offset under the fence.
    async fn receive<S, E>(&self, turn: &Turn, grip: &Grip, body: S) -> Result<BodyEnd>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
        E: std::fmt::Display + Send,
    {
        let from = u64::try_from(grip.upload.offset).unwrap_or(0);
        let total = grip.upload.length.map(|length| u64::try_from(length).unwrap_or(0));
        let limit = total.unwrap_or(self.configuration().limits.upload_bytes).saturating_sub(from);
        let mut body = Box::pin(until_taken_over(body, turn.stop.clone()));
        let (app, held) = (self.clone(), grip.clone());
        let mut on_durable = move |durable: Durable| {
            let (app, held) = (app.clone(), held.clone());
            async move { app.commit_offset(&held, durable).await.map_err(Failure::from) }
        };
        let id = grip.upload.deposit_id;
        let appended = self.objects().append(id, from, &mut body, Some(limit), &mut on_durable).await?;
        let offset = from + appended.size;
        if appended.size > 0 {
            self.commit_offset(grip, Durable { offset, segment: appended.segment }).await?;
        }
        Ok(appended.ended)
    }

    /// Records that bytes up to `durable.offset` are safe, if this writer still holds the upload and the quota allows.
    async fn commit_offset(&self, grip: &Grip, durable: Durable) -> Result<()> {
        let follow = self.shows_worth_following(grip, &durable).await;
        let scribe = self.scribe(&Viewer::System, grip.school);
        let grip = grip.clone();
        let expires_at = self.now() + TimeDelta::hours(self.configuration().limits.upload_hours);
        let id = grip.upload.deposit_id;
        self.database()
            .write(move |tx| {
                let before = uploads::get_for(tx, &Viewer::System, id)?.offset;
                let to = i64::try_from(durable.offset).unwrap_or(i64::MAX);
                if to <= before {
                    return Ok(());
                }
                if grip.upload.length.is_none() {
                    refuse_over_quota(tx, grip.upload.owner_id, grip.school, to - before)?;
                }
                uploads::advance(tx, id, &grip.writer, before, to, expires_at)?;
                if let Some(segment) = &durable.segment {
                    uploads::add_segment(tx, id, segment)?;
                }
                if follow {
                    following::enqueue(tx, &scribe, id)?;
                }
                Ok(())
            })
            .await?;
        if follow {
            self.announce_jobs();
        }
        self.arrivals().announce(id);
        Ok(())
    }

    /// Whether these bytes are the first to show that the upload is worth following. It is no reason to refuse bytes
    /// that this cannot be told: without a follower the queue does the work.
    async fn shows_worth_following(&self, grip: &Grip, durable: &Durable) -> bool {
        let begun = u64::try_from(grip.upload.offset).unwrap_or(0);
        if begun >= following::HEAD_BYTES || durable.offset < following::HEAD_BYTES {
            return false;
        }
        if grip.examined.swap(true, Ordering::Relaxed) {
            return false;
        }
        let worth = self.is_worth_following(&grip.upload, durable.offset, durable.segment.as_ref()).await;
        worth.unwrap_or_else(|error| {
            tracing::warn!(%error, deposit = %grip.upload.deposit_id, "an upload is left to the queue");
            false
        })
    }

    /// The last byte is here: seals the original and, in one transaction, makes the deposit `Received`, tells the event
    /// and queues the work. A crash before the transaction leaves an upload that finishes on the next request; one after it,
    /// pieces for the next sweep.
    async fn finish_upload(&self, viewer: &Viewer, status: UploadStatus) -> Result<UploadStatus> {
        let deposit = status.deposit;
        let id = deposit.id;
        let segments = self.database().read(move |c| Ok(uploads::list_segments(c, id)?)).await?;
        let sealed = self.sealed(id, &segments, status.offset, deposit.school_id).await?;
        // From the sealed blob: after a crash between the seal and the transaction there is nothing else to read.
        let head = self.head_of(&sealed, status.offset).await?;
        let looked = if head.is_empty() { Err(Refusal::Empty) } else { examine(&head) };
        let scribe = self.scribe(viewer, deposit.school_id);
        let size = i64::try_from(status.offset).unwrap_or(i64::MAX);
        let finished = self
            .database()
            .write(move |tx| {
                let family = looked.as_ref().ok().map(|sniffed| sniffed.family);
                let media_type = looked.as_ref().ok().map(|sniffed| sniffed.media_type);
                let received =
                    Received { size_bytes: size, sha256: &sealed.sha256, family, media_type, at: scribe.now };
                deposits::set_received(tx, id, &received)?;
                following::call_off(tx, &scribe, id)?;
                scribe.journal(tx, "deposit.receive", "deposit", id.to_string())?;
                scribe.tell(tx, Event::DepositReceived { deposit: id })?;
                match looked {
                    Ok(sniffed) => {
                        enqueue_transcode(tx, &scribe, id, sniffed.family)?;
                    }
                    Err(refusal) => {
                        deposits::set_failed(tx, id, refusal.as_str())?;
                        scribe.tell(tx, Event::DepositFailed { deposit: id })?;
                    }
                }
                Ok(deposits::get_for(tx, &Viewer::System, id)?)
            })
            .await?;
        self.announce_jobs();
        self.arrivals().announce(id);
        if let Err(error) = self.discard_pieces(id).await {
            tracing::warn!(%error, deposit = %id, "the pieces of a finished upload stay until the next sweep");
        }
        Ok(finished_status(finished))
    }

    /// Removes the pieces of an upload that has ended, then its row: whoever dies in between, or finds the blob store away,
    /// leaves the row for the next sweep.
    pub(crate) async fn discard_pieces(&self, id: DepositId) -> Result<()> {
        self.objects().discard_upload(id).await?;
        self.database().write(move |tx| Ok(uploads::delete(tx, id)?)).await
    }

    /// Seals the original; an empty one has no growing file to seal.
    async fn sealed(
        &self,
        id: DepositId,
        segments: &[UploadSegment],
        size: u64,
        school: SchoolId,
    ) -> Result<BlobKey> {
        if size == 0 {
            let empty = BlobKey::new(school, id, crate::secrets::hash_of(""));
            self.objects().put_bytes(&empty, Bytes::new()).await?;
            return Ok(empty);
        }
        Ok(self.objects().seal(id, segments, size, school).await?)
    }

    async fn head_of(&self, blob: &BlobKey, size: u64) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        if size > 0 {
            let mut stream = self.objects().read(blob, 0..size.min(SNIFFED_BYTES)).await?;
            while let Some(bytes) = stream.next().await {
                head.extend_from_slice(&bytes?);
            }
        }
        Ok(head)
    }

    /// Gives an unfinished upload up and frees its bytes.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it; `upload-finished` once every byte has arrived.
    pub async fn abandon_upload(&self, viewer: &Viewer, id: DepositId) -> Result<()> {
        let status = self.peek_upload(viewer, id).await?;
        if status.deposit.state != DepositState::Receiving {
            return Err(Failure::new(
                ErrorKind::Forbidden,
                "upload-finished",
                "withdraw the deposit instead",
            )
            .into());
        }
        let _turn = self.writers().take(id).await?;
        // Bytes first, rows after: what dies in between is swept later, and no byte is left that nobody knows of.
        self.objects().discard_upload(id).await?;
        let scribe = self.scribe(viewer, status.deposit.school_id);
        self.database()
            .write(move |tx| {
                uploads::delete(tx, id)?;
                deposits::set_abandoned(tx, id)?;
                jobs::cancel_for_deposit(tx, id, scribe.now)?;
                scribe.journal(tx, "deposit.abandon", "deposit", id.to_string())
            })
            .await?;
        self.arrivals().announce(id);
        Ok(())
    }
}

/// The body, until another request takes the upload over; then what arrives without a pause, for a moment.
fn until_taken_over<S, E>(
    body: S,
    stop: CancellationToken,
) -> impl Stream<Item = std::result::Result<Bytes, E>> + Send
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
    E: Send,
{
    futures::stream::unfold((body, stop, None), |(mut body, stop, mut deadline)| async move {
        if deadline.is_none() {
            tokio::select! {
                biased;
                () = stop.cancelled() => deadline = Some(Instant::now() + LAST_BYTES),
                next = body.next() => return next.map(|item| (item, (body, stop, deadline))),
            }
        }
        let until = deadline.map_or_else(Instant::now, |deadline| deadline.min(Instant::now() + LULL));
        let next = tokio::time::timeout_at(until, body.next()).await.ok().flatten();
        next.map(|item| (item, (body, stop, deadline)))
    })
}

/// A writer's hold on an upload: what every offset commit is fenced by.
#[derive(Clone)]
struct Grip {
    writer: String,
    upload: Upload,
    school: SchoolId,
    /// Whether this request has looked at what the file is.
    examined: Arc<AtomicBool>,
}

/// Reads a body that must be empty.
async fn refuse_more<S, E>(mut body: S) -> Result<BodyEnd>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
{
    while let Some(Ok(bytes)) = body.next().await {
        if !bytes.is_empty() {
            let detail = "more bytes than declared";
            return Err(Failure::new(ErrorKind::TooLarge, "upload-complete", detail).into());
        }
    }
    Ok(BodyEnd::Complete)
}

/// A repeated last request after a lost answer: nothing more may come, and nothing changes.
async fn append_to_finished<S, E>(
    status: UploadStatus,
    offset: u64,
    length: Option<u64>,
    body: S,
) -> Result<UploadStatus>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
{
    if offset != status.offset {
        return Err(conflict("upload-offset", format!("complete at {}", status.offset)));
    }
    if length.is_some() && length != status.length {
        return Err(crate::error::invalid("upload-length", "the length was declared already"));
    }
    refuse_more(body).await?;
    Ok(status)
}

fn open_status(deposit: Deposit, upload: Upload) -> UploadStatus {
    UploadStatus {
        deposit,
        offset: u64::try_from(upload.offset).unwrap_or(0),
        length: upload.length.and_then(|length| u64::try_from(length).ok()),
        metadata: upload.metadata,
        expires_at: Some(upload.expires_at),
    }
}

fn finished_status(deposit: Deposit) -> UploadStatus {
    let size = u64::try_from(deposit.size_bytes).unwrap_or(0);
    UploadStatus { deposit, offset: size, length: Some(size), metadata: String::new(), expires_at: None }
}
