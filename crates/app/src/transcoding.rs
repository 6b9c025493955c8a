//! Recording what workers make of a deposit: each output in its own fenced transaction, sound first.
//!
//! Three jobs make the outputs of a film: its sound, then its pictures, which make it ready, then, when nothing else waits,
//! its light video. Anything else is one job. The end of each job queues the next in its own transaction.
//!
//! The output that a waiting publication needs as its enclosure puts the publication into its feeds in the transaction
//! that records it (DESIGN §4.5).

use crate::error::{Error, Result, not_found};
use crate::happenings::Scribe;
use crate::publications::{offer, scopes_of};
use crate::screens::fold;
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Family, Rendition, RenditionKind};
use balado_domain::event::Event;
use balado_domain::feed::FeedScope;
use balado_domain::job::{ClaimedJob, Work};
use balado_domain::{DepositId, ErrorKind, Failure, RenditionId, Timestamp, Viewer};
use balado_media::Recipe;
use balado_media::recipe::Need;
use balado_media::wire::Output;
use balado_objects::BlobKey;
use balado_store::{Conn, Tx, deposits, feeds, homework, jobs, people, publications, renditions, words};
use std::fs::File;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// The cost classes of films: the longest playing time in milliseconds, the largest size in bytes, the priority. A short
/// film does not wait for long ones.
const FILM_CLASSES: [(i64, i64, i32); 2] = [(5 * 60_000, 200 << 20, 50), (20 * 60_000, 800 << 20, 55)];
/// The priority of every longer film.
const LONG_FILM_PRIORITY: i32 = 60;
/// A light video waits for every film.
const LIGHT_VIDEO_PRIORITY: i32 = 90;

/// What a transcode job has to work with.
#[derive(Debug, Clone)]
pub struct TranscodeTask {
    /// The deposit.
    pub deposit: Deposit,
    /// Where the file to work on is: the original, or the finished video for a light one.
    pub source: BlobKey,
    /// Where the sound is that an earlier job of this film encoded for its MP4, if it had to be encoded.
    pub sound: Option<BlobKey>,
    /// Outputs an earlier attempt, or an earlier job of this deposit, has already recorded.
    pub have: Vec<RenditionKind>,
}

impl TranscodeTask {
    /// Whether `work` has nothing left to make: its worker died between its last output and its end.
    #[must_use]
    pub fn is_made(&self, work: &Work, recipe: &Recipe) -> bool {
        let Some(family) = self.deposit.family else { return false };
        let has = |kind: &RenditionKind| self.have.contains(kind);
        let of_sound = |(kind, _): &(RenditionKind, Need)| kind.is_of_sound();
        match work {
            Work::Transcode { .. } if family == Family::Video => {
                recipe.outputs_for(family).iter().filter(|one| of_sound(one)).all(|(kind, _)| has(kind))
            }
            Work::LightVideo { .. } => has(&RenditionKind::Light),
            _ => recipe.required_for(family).all(|kind| has(&kind)),
        }
    }
}

impl App {
    /// What a transcode job has to work with; `None` when the deposit is no longer waiting for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn transcode_task(&self, work: &Work) -> Result<Option<TranscodeTask>> {
        let (Some(deposit), Some(recipe)) = (work.deposit(), work.recipe().map(str::to_owned)) else {
            return Ok(None);
        };
        let is_light = matches!(work, Work::LightVideo { .. });
        let awaited = if is_light { DepositState::Ready } else { DepositState::Received };
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &Viewer::System, deposit)?;
                if deposit.state != awaited {
                    return Ok(None);
                }
                let made = made_of(c, deposit.id, &recipe)?;
                let video = made.iter().find(|one| one.kind == RenditionKind::Mp4);
                let sha256 = if is_light { video.map(|one| &one.sha256) } else { deposit.sha256.as_ref() };
                let sha256 = sha256.ok_or_else(|| not_found("source"))?;
                let key = |sha256: &String| BlobKey::new(deposit.school_id, deposit.id, sha256.clone());
                let source = key(sha256);
                let sound =
                    made.iter().find(|one| one.kind == RenditionKind::Aac).map(|one| key(&one.sha256));
                let have = made.iter().map(|one| one.kind).collect();
                Ok(Some(TranscodeTask { deposit, source, sound, have }))
            })
            .await
    }

    /// The transcoder looked at the file and knows its family for certain.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_family(
        &self,
        claim: &ClaimedJob,
        deposit: DepositId,
        family: Family,
    ) -> Result<bool> {
        let (job, lease) = (claim.job.id, claim.lease);
        self.database()
            .write(move |tx| {
                if !jobs::holds(tx, job, lease)? {
                    return Ok(false);
                }
                deposits::set_family(tx, deposit, family)?;
                Ok(true)
            })
            .await
    }

    /// Stores a finished output and records it; false when the lease was lost and the output must be forgotten.
    /// Recording the same output twice changes nothing.
    ///
    /// # Errors
    /// When blob store or database do not answer.
    pub async fn record_output(
        &self,
        claim: &ClaimedJob,
        deposit: &Deposit,
        recipe: &str,
        output: &Output,
        file: &Arc<File>,
    ) -> Result<bool> {
        let stored = self.objects().put_file(deposit.school_id, deposit.id, file).await?;
        let words = match output.kind {
            RenditionKind::Text => Some(words_of(file).await?),
            _ => None,
        };
        let scribe = self.scribe(&Viewer::System, deposit.school_id);
        let rendition = Rendition {
            id: RenditionId::generate(self.clock().as_ref()),
            deposit_id: deposit.id,
            school_id: deposit.school_id,
            kind: output.kind,
            recipe: recipe.to_owned(),
            size_bytes: stored.size_bytes.try_into().unwrap_or(i64::MAX),
            sha256: stored.blob.sha256,
            duration_ms: output.duration_ms,
            width: output.width,
            height: output.height,
            pages: output.pages,
            created_at: scribe.now,
        };
        let (job, lease, owner) = (claim.job.id, claim.lease, deposit.owner_id);
        let recorded = self
            .database()
            .write(move |tx| {
                if !jobs::holds(tx, job, lease)? {
                    return Ok(false);
                }
                // Somebody publishing or handing in this deposit right now sees the output, or is seen.
                people::lock_person(tx, owner)?;
                if renditions::insert(tx, &rendition)? {
                    if let Some(text) = &words {
                        words::set(tx, rendition.deposit_id, text)?;
                    }
                    if !rendition.kind.is_interim() {
                        announce_output(tx, &scribe, &rendition)?;
                    }
                }
                Ok(true)
            })
            .await?;
        self.announce_jobs();
        Ok(recorded)
    }

    /// A job has made all its outputs: it ends, and in the same transaction the deposit is ready or the job that makes
    /// what it still lacks is queued. What only served to make something else is forgotten. False when the lease was lost.
    ///
    /// # Errors
    /// `outputs-missing` when nobody will make what the deposit still lacks; when the database does not answer.
    pub async fn finish_transcode(&self, claim: &ClaimedJob) -> Result<bool> {
        let (app, claim) = (self.clone(), claim.clone());
        let finished = self
            .database()
            .write(move |tx| {
                if !jobs::complete(tx, claim.job.id, claim.lease, app.now())? {
                    return Ok(None);
                }
                match &claim.job.work {
                    Some(work) if settles(tx, work, app.now())? => app.follow_up(tx, work).map(Some),
                    _ => Ok(Some(Vec::new())),
                }
            })
            .await?;
        self.announce_jobs();
        let Some(forgotten) = finished else { return Ok(false) };
        for one in forgotten {
            let blob = BlobKey::new(one.school_id, one.deposit_id, one.sha256);
            // It goes with its deposit at the latest.
            if let Err(error) = self.objects().delete(&blob).await {
                tracing::warn!(%error, "a file nobody needs could not be removed");
            }
        }
        Ok(true)
    }

    /// What comes after a job that made all its outputs. Gives those that have served their purpose.
    fn follow_up(&self, tx: &mut Tx<'_>, work: &Work) -> Result<Vec<Rendition>> {
        let (Some(deposit), Some(recipe)) = (work.deposit(), work.recipe()) else { return Ok(Vec::new()) };
        if matches!(work, Work::LightVideo { .. }) {
            return Ok(Vec::new());
        }
        let found = deposits::get_for(tx, &Viewer::System, deposit)?;
        let scribe = self.scribe(&Viewer::System, found.school_id);
        let rules = self.recipes().find(recipe).ok_or_else(|| not_found("recipe"))?;
        let made = made_of(tx, deposit, recipe)?;
        let lacking = found.family.and_then(|family| {
            rules.required_for(family).find(|kind| made.iter().all(|one| one.kind != *kind))
        });
        let recipe = recipe.to_owned();
        match lacking {
            Some(_) if found.family == Some(Family::Video) && !matches!(work, Work::Pictures { .. }) => {
                let class = film_class(&made, found.size_bytes);
                scribe.enqueue(tx, Work::Pictures { deposit, recipe }, class)?;
                Ok(Vec::new())
            }
            Some(kind) => {
                let detail = format!("the transcoder is done and made no {kind}");
                Err(Failure::new(ErrorKind::Internal, "outputs-missing", detail).into())
            }
            None => {
                deposits::set_ready(tx, deposit, scribe.now)?;
                scribe.tell(tx, Event::DepositReady { deposit })?;
                if made.iter().any(|one| is_worth_lightening(one, rules)) {
                    scribe.enqueue(tx, Work::LightVideo { deposit, recipe }, LIGHT_VIDEO_PRIORITY)?;
                }
                Ok(renditions::delete_kind(tx, deposit, RenditionKind::Aac)?)
            }
        }
    }
}

/// The words of a document as search compares them. The transcoder cut them to the recipe's limit; whatever it says, no
/// more than a recipe can allow is read.
async fn words_of(file: &File) -> Result<String> {
    const MOST_BYTES: u64 = 8 << 20;
    let unreadable = |cause| Error::File { what: "read the words of a document", cause };
    let mut bytes = Vec::new();
    let mut opened = tokio::fs::File::from_std(file.try_clone().map_err(unreadable)?);
    opened.rewind().await.map_err(unreadable)?;
    opened.take(MOST_BYTES).read_to_end(&mut bytes).await.map_err(unreadable)?;
    Ok(fold(&String::from_utf8_lossy(&bytes)).replace('\0', " "))
}

/// Whether the end of this job is the end of its work. A follower ends the queued job it has done the work of; when that
/// is over already, somebody else was faster and has seen to the rest.
fn settles(tx: &mut Tx<'_>, work: &Work, now: Timestamp) -> Result<bool> {
    let Work::Follow { deposit, recipe } = work else { return Ok(true) };
    let done = Work::Transcode { deposit: *deposit, recipe: recipe.clone() };
    Ok(jobs::settle(tx, &done.unique_key(), now)?)
}

/// What a recipe has made of a deposit so far.
fn made_of(c: &mut Conn, deposit: DepositId, recipe: &str) -> Result<Vec<Rendition>> {
    let mut made = renditions::list_of_deposits(c, &Viewer::System, &[deposit])?;
    made.retain(|one| one.recipe == recipe);
    Ok(made)
}

/// The priority of a film by the playing time of its sound; of a silent one, by its size.
fn film_class(made: &[Rendition], size_bytes: i64) -> i32 {
    let duration_ms = made.iter().find_map(|one| one.duration_ms);
    let fits = |(longest, largest, _): &&(i64, i64, i32)| {
        duration_ms.map_or(size_bytes <= *largest, |duration_ms| duration_ms <= *longest)
    };
    FILM_CLASSES.iter().find(fits).map_or(LONG_FILM_PRIORITY, |(_, _, priority)| *priority)
}

/// Whether a light video would be lighter than this video: not when it fits the light box and bit rate already.
fn is_worth_lightening(video: &Rendition, recipe: &Recipe) -> bool {
    let light = &recipe.video.light;
    let fits = |side: Option<i32>, most: u32| side.is_some_and(|side| i64::from(side) <= i64::from(most));
    let (long, short) = (video.width.max(video.height), video.width.min(video.height));
    let bits_allowed = |duration_ms: i64| {
        i64::from(light.max_bit_rate.saturating_add(light.aac_bit_rate)).saturating_mul(duration_ms) / 1000
    };
    let is_thin = video.duration_ms.is_some_and(|ms| video.size_bytes.saturating_mul(8) <= bits_allowed(ms));
    let is_small = fits(long, light.max_long_side) && fits(short, light.max_short_side);
    video.kind == RenditionKind::Mp4 && !(is_small && is_thin)
}

fn announce_output(tx: &mut Tx<'_>, scribe: &Scribe, rendition: &Rendition) -> Result<()> {
    let deposit = rendition.deposit_id;
    scribe.tell(tx, Event::RenditionReady { deposit, rendition: rendition.id, output: rendition.kind })?;
    refresh_feeds(tx, scribe, deposit)?;
    let family = deposits::get_for(tx, &Viewer::System, deposit)?.family;
    if family.is_some_and(|family| family.enclosure_kind() == rendition.kind) {
        for id in publications::list_awaiting(tx, deposit)? {
            let publication = publications::get_for(tx, &Viewer::System, id, scribe.now)?;
            offer(tx, scribe, &publication, rendition)?;
        }
        if let Some(submission) = homework::find_submission_by_deposit(tx, &Viewer::System, deposit)? {
            feeds::bump(tx, &[FeedScope::Assignment(submission.assignment_id)], scribe.now)?;
        }
    }
    Ok(())
}

/// An output that came after the enclosure (a poster, a companion document) changes what feeds already show.
fn refresh_feeds(tx: &mut Tx<'_>, scribe: &Scribe, deposit: DepositId) -> Result<()> {
    for id in publications::list_showing(tx, deposit)? {
        let publication = publications::get_for(tx, &Viewer::System, id, scribe.now)?;
        publications::update(tx, &publication)?;
        feeds::bump(tx, &scopes_of(&publication.audience), scribe.now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::film_class;

    #[test]
    fn a_short_film_goes_before_a_long_one() {
        let silent = |megabytes: i64| film_class(&[], megabytes << 20);
        assert_eq!([silent(10), silent(500), silent(4_000)], [50, 55, 60]);
    }
}
