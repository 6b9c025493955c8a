//! Recording what workers make of a deposit: each output in its own fenced transaction, sound first.
//!
//! The output that a waiting publication needs as its enclosure puts the publication into its feeds in the transaction
//! that records it (DESIGN §4.5).

use crate::error::{Result, not_found};
use crate::happenings::Scribe;
use crate::publications::{offer, scopes_of};
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Family, Rendition, RenditionKind};
use balado_domain::event::Event;
use balado_domain::feed::FeedScope;
use balado_domain::job::ClaimedJob;
use balado_domain::{DepositId, RenditionId, Viewer};
use balado_media::wire::Output;
use balado_objects::BlobKey;
use balado_store::{Tx, deposits, feeds, homework, jobs, people, publications, renditions};
use std::path::Path;

/// What a transcode job has to work with.
#[derive(Debug, Clone)]
pub struct TranscodeTask {
    /// The deposit.
    pub deposit: Deposit,
    /// Where its original is.
    pub original: BlobKey,
    /// Outputs an earlier attempt has already recorded.
    pub have: Vec<RenditionKind>,
}

impl App {
    /// What a transcode job has to work with; `None` when the deposit is no longer waiting for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn transcode_task(&self, deposit: DepositId, recipe: &str) -> Result<Option<TranscodeTask>> {
        let recipe = recipe.to_owned();
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &Viewer::System, deposit)?;
                if deposit.state != DepositState::Received {
                    return Ok(None);
                }
                let sha256 = deposit.sha256.clone().ok_or_else(|| not_found("original"))?;
                let made = renditions::list_of_deposits(c, &Viewer::System, &[deposit.id])?;
                let have = made.into_iter().filter(|r| r.recipe == recipe).map(|r| r.kind).collect();
                let original = BlobKey::new(deposit.school_id, deposit.id, sha256);
                Ok(Some(TranscodeTask { deposit, original, have }))
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
        file: &Path,
    ) -> Result<bool> {
        let key = BlobKey::new(deposit.school_id, deposit.id, output.sha256.clone());
        self.objects().put_file(&key, file).await?;
        let scribe = self.scribe(&Viewer::System, deposit.school_id);
        let rendition = Rendition {
            id: RenditionId::generate(self.clock().as_ref()),
            deposit_id: deposit.id,
            school_id: deposit.school_id,
            kind: output.kind,
            recipe: recipe.to_owned(),
            size_bytes: output.size_bytes,
            sha256: output.sha256.clone(),
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
                    announce_output(tx, &scribe, &rendition)?;
                }
                Ok(true)
            })
            .await?;
        self.announce_jobs();
        Ok(recorded)
    }

    /// Every required output exists: the deposit is ready and the job done, in one transaction. False when the lease
    /// was lost.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_transcode(&self, claim: &ClaimedJob, deposit: DepositId) -> Result<bool> {
        let (job, lease) = (claim.job.id, claim.lease);
        let app = self.clone();
        let finished = self
            .database()
            .write(move |tx| {
                if !jobs::complete(tx, job, lease, app.now())? {
                    return Ok(false);
                }
                let found = deposits::get_for(tx, &Viewer::System, deposit)?;
                let scribe = app.scribe(&Viewer::System, found.school_id);
                deposits::set_ready(tx, deposit, scribe.now)?;
                scribe.tell(tx, Event::DepositReady { deposit })?;
                Ok(true)
            })
            .await?;
        self.announce_jobs();
        Ok(finished)
    }
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
