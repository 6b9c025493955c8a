//! Cutting: new deposits made of pieces of a finished one, which stays as it is.
//!
//! Asking for a cut writes the wish and queues a job. The new deposits appear all at once, in the transaction that ends the
//! job, when their files are already stored: there is never a deposit without its original. From there they go the way
//! of every deposit.

use crate::deposits::{CANCELLED, JobView, enqueue_transcode, refuse_over_quota};
use crate::error::{Result, conflict, forbidden, invalid, not_found};
use crate::happenings::Scribe;
use crate::sign_in::may_deposit;
use crate::start::App;
use balado_domain::cut::{Cut, CutState};
use balado_domain::deposit::{Deposit, DepositState, Family, Rendition};
use balado_domain::event::Event;
use balado_domain::job::{ClaimedJob, Work};
use balado_domain::{CutId, DepositId, ErrorKind, Failure, Viewer};
use balado_media::cut::MAX_PARTS;
pub use balado_media::cut::{CutWish, Precision, Span, Split, parse_spans};
use balado_objects::{BlobKey, Stored};
use balado_store::{Conn, Tx, cuts, deposits, jobs, people, renditions};
use std::fs::File;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Cuts of one person that may wait at the same time.
const MOST_WAITING: i64 = 20;

/// Cuts of one deposit that are listed.
const LISTED: i64 = 50;

/// Priority of a job somebody waits for on a screen, after fresh recordings.
const PRIORITY: i32 = 15;

/// Characters of the name of a new deposit.
const NAME_CHARACTERS: usize = 200;

/// A cut as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutView {
    /// The cut.
    pub cut: Cut,
    /// The deposits it became, in order; none before it is done.
    pub deposits: Vec<DepositId>,
    /// The work under way.
    pub job: Option<JobView>,
}

/// The job of a cut that waits.
fn job_of(c: &mut Conn, cut: &Cut) -> Result<Option<JobView>> {
    if cut.state != CutState::Waiting {
        return Ok(None);
    }
    Ok(jobs::find_by_key(c, &job_key(cut.id))?.map(|job| JobView::of(job, None)))
}

/// The key of the job that makes a cut.
fn job_key(cut: CutId) -> String {
    // The family says in which lane it works, not which job it is.
    Work::Cut { cut, family: Family::Audio }.unique_key()
}

/// What a cut job has to work with.
#[derive(Debug, Clone)]
pub struct CutTask {
    /// What was asked.
    pub wish: CutWish,
    /// The finished MP3 or MP4.
    pub source: BlobKey,
    /// Its playing time.
    pub duration_ms: i64,
    /// What was deposited, for its chapters.
    pub original: BlobKey,
}

/// One file a cut job made.
#[derive(Debug, Clone)]
pub struct CutFile {
    /// Its bytes.
    pub file: Arc<File>,
    /// The chapter it begins in, when the split was by chapters.
    pub title: Option<String>,
}

/// One file of a cut, stored.
struct Part {
    stored: Stored,
    title: Option<String>,
}

impl Part {
    fn size_bytes(&self) -> i64 {
        self.stored.size_bytes.try_into().unwrap_or(i64::MAX)
    }
}

impl App {
    /// Asks for a cut of a deposit of the viewer's own.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns the deposit; `forbidden` for who may no longer deposit in its school;
    /// `cut-not-ready` before the deposit is ready; `cut-not-media` for what has no playing time; a `cut-…` code of
    /// [`balado_media::cut::CutError`]; `cut-waiting` when too many wait already; `quota-exceeded`.
    pub async fn request_cut(&self, viewer: &Viewer, deposit: DepositId, wish: CutWish) -> Result<CutView> {
        let found = self.own_deposit(viewer, deposit).await?;
        if !viewer.person().is_some_and(|person| may_deposit(person, found.school_id)) {
            return Err(forbidden("no role that makes deposits in this school"));
        }
        let scribe = self.scribe(viewer, found.school_id);
        let cut = self.database().write(move |tx| enqueue(tx, &scribe, deposit, &wish)).await?;
        self.announce_jobs();
        Ok(CutView { cut, deposits: Vec::new(), job: None })
    }

    /// Calls off a cut that waits or is being made: what runs loses its fence and is stopped by its worker within seconds.
    /// It counts as failed with the code `cancelled`, and no deposit comes of it.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns the deposit and it is a cut of that; `cut-not-waiting` when it has ended.
    pub async fn cancel_cut(&self, viewer: &Viewer, deposit: DepositId, cut: CutId) -> Result<()> {
        let found = self.own_deposit(viewer, deposit).await?;
        let scribe = self.scribe(viewer, found.school_id);
        self.database()
            .write(move |tx| {
                if cuts::get_for(tx, &Viewer::System, cut)?.deposit_id != deposit {
                    return Err(not_found("cut"));
                }
                // The job first, as whoever ends it does: neither waits for the other.
                jobs::cancel(tx, &job_key(cut), scribe.now)?;
                if !cuts::set_failed(tx, cut, CANCELLED, scribe.now)? {
                    return Err(conflict("cut-not-waiting", "it has ended"));
                }
                scribe.journal(tx, "cut.cancel", "cut", cut.to_string())
            })
            .await
    }

    /// The cuts of a deposit of the viewer's own, newest first, fifty at most.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns the deposit.
    pub async fn cuts_of(&self, viewer: &Viewer, deposit: DepositId) -> Result<Vec<CutView>> {
        self.own_deposit(viewer, deposit).await?;
        let viewer = viewer.clone();
        self.database()
            .read(move |c| {
                let found = cuts::list_of_deposit(c, &viewer, deposit, LISTED)?;
                found
                    .into_iter()
                    .map(|cut| {
                        let (deposits, job) = (cuts::list_parts(c, cut.id)?, job_of(c, &cut)?);
                        Ok(CutView { cut, deposits, job })
                    })
                    .collect()
            })
            .await
    }

    /// What a cut job has to work with; `None` when the cut no longer waits for it.
    ///
    /// # Errors
    /// `cut-not-ready` when the source is no longer there; when the database does not answer.
    pub async fn cut_task(&self, cut: CutId) -> Result<Option<CutTask>> {
        self.database()
            .read(move |c| {
                let cut = cuts::get_for(c, &Viewer::System, cut)?;
                if cut.state != CutState::Waiting {
                    return Ok(None);
                }
                let deposit = deposits::get_for(c, &Viewer::System, cut.deposit_id)?;
                let (source, duration_ms) = source_of(c, &deposit)?;
                let wish = serde_json::from_str(&cut.wish)
                    .map_err(|error| invalid("cut-unreadable", error.to_string()))?;
                let original = deposit.sha256.ok_or_else(|| not_found("original"))?;
                Ok(Some(CutTask {
                    wish,
                    source: BlobKey::new(deposit.school_id, deposit.id, source.sha256),
                    duration_ms,
                    original: BlobKey::new(deposit.school_id, deposit.id, original),
                }))
            })
            .await
    }

    /// Stores the files of a cut, then makes all its deposits and ends its job in one transaction; false when the lease was
    /// lost, or `cancel` came between two files. Running twice makes them once: their ids follow from the cut.
    ///
    /// # Errors
    /// `quota-exceeded`, with nothing stored; when blob store or database do not answer.
    pub async fn finish_cut(
        &self,
        claim: &ClaimedJob,
        cut: CutId,
        files: Vec<CutFile>,
        cancel: &CancellationToken,
    ) -> Result<bool> {
        let (cut, source) = self
            .database()
            .read(move |c| {
                let cut = cuts::get_for(c, &Viewer::System, cut)?;
                let source = deposits::get_for(c, &Viewer::System, cut.deposit_id)?;
                Ok((cut, source))
            })
            .await?;
        let school = source.school_id;
        let mut parts = Vec::with_capacity(files.len());
        for (place, file) in (0_u32..).zip(files) {
            if cancel.is_cancelled() {
                break;
            }
            let stored = self.objects().put_file(school, part_id(cut.id, place), &file.file).await?;
            parts.push(Part { stored, title: file.title });
        }
        let finished = if cancel.is_cancelled() {
            Ok(false)
        } else {
            let (app, claim, asked) = (self.clone(), claim.clone(), cut.clone());
            self.database().write(move |tx| app.record_parts(tx, &claim, &asked, &source, &parts)).await
        };
        let is_full = finished.as_ref().is_err_and(|error| error.kind() == ErrorKind::Full);
        // Another attempt stores its files under the same names; only what nobody will record any more goes.
        if is_full || self.has_failed(cut.id).await? {
            self.discard_parts(&cut).await?;
        }
        self.announce_jobs();
        finished
    }

    /// Removes what a worker stored of a cut that has failed, whichever parts those were.
    pub(crate) async fn discard_parts(&self, cut: &Cut) -> Result<()> {
        let wish: Option<CutWish> = serde_json::from_str(&cut.wish).ok();
        let most = wish.map_or(MAX_PARTS, |wish| wish.most_parts());
        for place in 0..u32::try_from(most).unwrap_or(u32::MAX) {
            self.objects().delete_deposit(cut.school_id, part_id(cut.id, place)).await?;
        }
        Ok(())
    }

    async fn has_failed(&self, cut: CutId) -> Result<bool> {
        let read = move |c: &mut Conn| Ok(cuts::get_for(c, &Viewer::System, cut)?.state == CutState::Failed);
        self.database().read(read).await
    }

    fn record_parts(
        &self,
        tx: &mut Tx<'_>,
        claim: &ClaimedJob,
        cut: &Cut,
        source: &Deposit,
        parts: &[Part],
    ) -> Result<bool> {
        let scribe = self.scribe(&Viewer::System, source.school_id);
        if !jobs::complete(tx, claim.job.id, claim.lease, scribe.now)? {
            return Ok(false);
        }
        if cuts::get_for(tx, &Viewer::System, cut.id)?.state != CutState::Waiting {
            return Ok(true);
        }
        people::lock_person(tx, source.owner_id)?;
        let more = parts.iter().map(Part::size_bytes).fold(0, i64::saturating_add);
        refuse_over_quota(tx, source.owner_id, source.school_id, more)?;
        let school = people::get_school(tx, source.school_id)?;
        let mut made = Vec::with_capacity(parts.len());
        for (place, part) in (0_u32..).zip(parts) {
            let name = name_of(source, place, parts.len(), part.title.as_deref(), &school.locale);
            let deposit = part_of(source, part, name, &scribe)?;
            deposits::insert(tx, &deposit)?;
            scribe.journal(tx, "deposit.cut", "deposit", deposit.id.to_string())?;
            scribe.tell(tx, Event::DepositReceived { deposit: deposit.id })?;
            if let Some(family) = deposit.family {
                enqueue_transcode(tx, &scribe, deposit.id, family)?;
            }
            made.push(deposit.id);
        }
        if !cuts::set_done(tx, cut.id, &made, scribe.now)? {
            return Err(conflict("cut-not-waiting", "it was called off meanwhile"));
        }
        Ok(true)
    }

    /// A deposit of the viewer's own.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it.
    pub(crate) async fn own_deposit(&self, viewer: &Viewer, deposit: DepositId) -> Result<Deposit> {
        let owner = viewer.person().map(|person| person.id);
        let viewer = viewer.clone();
        let found = self.database().read(move |c| Ok(deposits::get_for(c, &viewer, deposit)?)).await?;
        if owner == Some(found.owner_id) { Ok(found) } else { Err(not_found("deposit")) }
    }
}

fn enqueue(tx: &mut Tx<'_>, scribe: &Scribe, deposit: DepositId, wish: &CutWish) -> Result<Cut> {
    let deposit = deposits::get_for(tx, &Viewer::System, deposit)?;
    people::lock_person(tx, deposit.owner_id)?;
    let (source, duration_ms) = source_of(tx, &deposit)?;
    let family = deposit.family.ok_or_else(|| conflict("cut-not-ready", "its family is not known"))?;
    let kept = wish.settle(duration_ms).map_err(Failure::from)?;
    if cuts::count_waiting(tx, deposit.owner_id)? >= MOST_WAITING {
        return Err(Failure::new(ErrorKind::TooMany, "cut-waiting", "too many cuts wait").into());
    }
    let kept_ms: i64 = kept.iter().map(|stretch| stretch.duration_ms()).sum();
    let expected = i128::from(source.size_bytes) * i128::from(kept_ms) / i128::from(duration_ms.max(1));
    let expected = i64::try_from(expected).unwrap_or(i64::MAX);
    refuse_over_quota(tx, deposit.owner_id, deposit.school_id, expected)?;
    let wish = serde_json::to_string(wish).map_err(|error| invalid("cut-unreadable", error.to_string()))?;
    let cut = Cut {
        id: CutId::generate(scribe.clock()),
        deposit_id: deposit.id,
        school_id: deposit.school_id,
        requested_by: deposit.owner_id,
        wish,
        state: CutState::Waiting,
        failure_code: None,
        created_at: scribe.now,
        finished_at: None,
    };
    cuts::insert(tx, &cut)?;
    scribe.journal(tx, "cut.request", "cut", cut.id.to_string())?;
    scribe.enqueue(tx, Work::Cut { cut: cut.id, family }, PRIORITY)?;
    Ok(cut)
}

/// The finished file a deposit is cut from, and its playing time.
fn source_of(c: &mut Conn, deposit: &Deposit) -> Result<(Rendition, i64)> {
    let not_ready = || conflict("cut-not-ready", "the deposit is not ready");
    if deposit.state != DepositState::Ready {
        return Err(not_ready());
    }
    let Some(family @ (Family::Audio | Family::Video)) = deposit.family else {
        return Err(invalid("cut-not-media", "neither sound nor film"));
    };
    let made = renditions::list_of_deposits(c, &Viewer::System, &[deposit.id])?;
    let source = made.into_iter().find(|one| one.kind == family.enclosure_kind()).ok_or_else(not_ready)?;
    let duration_ms = source.duration_ms.filter(|ms| *ms > 0).ok_or_else(not_ready)?;
    Ok((source, duration_ms))
}

/// Follows from the cut and the place of the part, so that an attempt that is repeated stores its files over its own.
fn part_id(cut: CutId, place: u32) -> DepositId {
    DepositId::from_uuid(Uuid::new_v5(&cut.uuid(), place.to_string().as_bytes()))
}

fn part_of(source: &Deposit, part: &Part, name: String, scribe: &Scribe) -> Result<Deposit> {
    let media_type = match source.family {
        Some(Family::Audio) => "audio/mpeg",
        Some(Family::Video) => "video/mp4",
        _ => return Err(invalid("cut-not-media", "neither sound nor film")),
    };
    Ok(Deposit {
        id: part.stored.blob.deposit,
        original_name: name,
        media_type: Some(media_type.to_owned()),
        state: DepositState::Received,
        size_bytes: part.size_bytes(),
        sha256: Some(part.stored.blob.sha256.clone()),
        failure_code: None,
        derived_from: Some(source.id),
        created_at: scribe.now,
        received_at: Some(scribe.now),
        ready_at: None,
        ..source.clone()
    })
}

/// The name of the source with what tells the part: its chapter, its number, or that it is an extract.
fn name_of(source: &Deposit, place: u32, parts: usize, title: Option<&str>, locale: &str) -> String {
    let name = &source.original_name;
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let extension = if source.family == Some(Family::Video) { "mp4" } else { "mp3" };
    let part = match (title, parts) {
        (Some(title), _) => format!("{} {title}", place + 1),
        (None, 1) if locale.starts_with("en") => "extract".to_owned(),
        (None, 1) => "extrait".to_owned(),
        (None, _) => (place + 1).to_string(),
    };
    let room = NAME_CHARACTERS.saturating_sub(part.chars().count() + extension.len() + 4);
    let stem: String = stem.chars().take(room).collect();
    format!("{stem} – {part}.{extension}")
}
