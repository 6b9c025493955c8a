//! Publications: showing a deposit to classes, between two dates; changing it; taking it back.

mod editing;
mod file_name;
mod overview;
mod wish;

pub use overview::{Companion, PublicationFilter, PublicationView};
pub use wish::PublicationWish;

pub(crate) use overview::view_of;

use crate::error::{Result, conflict, forbidden, not_found};
use crate::happenings::Scribe;
use crate::start::App;
use balado_domain::audience::Audience;
use balado_domain::deposit::{Deposit, DepositState, Rendition};
use balado_domain::event::Event;
use balado_domain::feed::FeedScope;
use balado_domain::publication::{Publication, Stage};
use balado_domain::viewer::PersonViewer;
use balado_domain::{ErrorKind, Failure, PublicationId, SchoolId, Timestamp, Viewer};
use balado_ent::{Draft, PublicationDraft, Review};
use balado_store::publications::SetEnclosure;
use balado_store::{Conn, Tx, deposits, feeds, people, publications, renditions};

impl App {
    /// Publishes a deposit, ready or not, to classes and groups the viewer teaches.
    ///
    /// # Errors
    /// `not-found` for somebody else's deposit, `not-your-class`, `deposit-failed`, `title-missing` and the other codes of
    /// [`PublicationWish`], or the refusal of a portal module.
    pub async fn publish(&self, viewer: &Viewer, wish: PublicationWish) -> Result<PublicationView> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person publishes"))?.clone();
        let wish = wish.checked(self.now())?;
        let (reader, audience, deposit_id) = (viewer.clone(), wish.audience.clone(), wish.deposit);
        let companions = wish.companions.clone();
        let now = self.now();
        let deposit = self
            .database()
            .read(move |c| {
                let deposit = own_deposit(c, &reader, &person, deposit_id)?;
                for companion in companions {
                    own_deposit(c, &reader, &person, companion)?;
                }
                refuse_foreign_audience(c, &person, deposit.school_id, &audience)?;
                Ok(deposit)
            })
            .await?;
        let publication = self.drafted(viewer, &deposit, wish, now)?;
        let publication = self.reviewed(publication).await?;
        let id = publication.id;
        let scribe = self.scribe(viewer, deposit.school_id);
        let author = viewer.clone();
        // Gates take their time: what was judged before them is judged again where it counts.
        self.database()
            .write(move |tx| {
                let person = author.person().ok_or_else(|| forbidden("only a person publishes"))?;
                people::lock_person(tx, person.id)?;
                own_deposit(tx, &author, person, publication.deposit_id)?;
                for companion in &publication.companions {
                    own_deposit(tx, &author, person, *companion)?;
                }
                refuse_foreign_audience(tx, person, publication.school_id, &publication.audience)?;
                insert(tx, &scribe, publication)
            })
            .await?;
        self.announce_jobs();
        self.publication(viewer, id).await
    }

    fn drafted(
        &self,
        viewer: &Viewer,
        deposit: &Deposit,
        wish: PublicationWish,
        now: Timestamp,
    ) -> Result<Publication> {
        let author = viewer.actor().ok_or_else(|| forbidden("only a person publishes"))?;
        Ok(Publication {
            id: PublicationId::generate(self.clock().as_ref()),
            school_id: deposit.school_id,
            school_year_id: deposit.school_year_id,
            deposit_id: deposit.id,
            author_id: author,
            title: wish.title,
            description: wish.description,
            language: wish.language,
            stage: Stage::AwaitingMedia,
            hold_reason: None,
            publish_at: wish.publish_at.unwrap_or(now),
            until: wish.until,
            pub_date: None,
            withdrawn_at: None,
            enclosure: None,
            file_name: None,
            revision: 1,
            audience: wish.audience,
            tags: wish.tags,
            links: wish.links,
            companions: wish.companions,
            created_at: now,
            updated_at: now,
        })
    }

    /// Asks the gates of the school's modules. Outside any transaction: a gate may be slow, and its failure means Hold.
    async fn reviewed(&self, mut publication: Publication) -> Result<Publication> {
        let draft = Draft::Publication(PublicationDraft {
            id: publication.id,
            school: publication.school_id,
            author: publication.author_id,
            title: publication.title.clone(),
            publish_at: publication.publish_at,
            until: publication.until,
            audience: publication.audience.clone(),
        });
        match self.ask_gates(draft).await {
            Review::Allow => {}
            Review::Hold(code) => {
                publication.stage = Stage::Held;
                publication.hold_reason = Some(code.to_owned());
            }
            Review::Refuse(code) => {
                return Err(Failure::new(ErrorKind::Forbidden, code, "a gate refused the publication").into());
            }
        }
        Ok(publication)
    }
}

/// A deposit the person owns and that can still become something.
fn own_deposit(
    c: &mut Conn,
    viewer: &Viewer,
    person: &PersonViewer,
    id: balado_domain::DepositId,
) -> Result<Deposit> {
    let deposit = deposits::get_for(c, viewer, id)?;
    if deposit.owner_id != person.id {
        return Err(not_found("deposit"));
    }
    match deposit.state {
        DepositState::Failed => Err(conflict("deposit-failed", "nothing could be made of it")),
        DepositState::Abandoned => Err(not_found("deposit")),
        _ => Ok(deposit),
    }
}

/// A publisher reaches classes and groups taught, in the school of the deposit, and nobody else (R04).
pub(crate) fn refuse_foreign_audience(
    c: &mut Conn,
    person: &PersonViewer,
    school: SchoolId,
    audience: &Audience,
) -> Result<()> {
    let ids: Vec<_> = audience.group_ids().collect();
    let all_groups = ids.len() == audience.targets.len();
    let in_school = people::list_groups(c, &ids)?.iter().filter(|group| group.school_id == school).count();
    if ids.is_empty() || !all_groups || in_school != ids.len() || !ids.iter().all(|id| person.teaches(*id)) {
        return Err(
            Failure::new(ErrorKind::Forbidden, "not-your-class", "only classes and groups taught").into()
        );
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, scribe: &Scribe, publication: Publication) -> Result<()> {
    publications::insert(tx, &publication)?;
    scribe.journal(tx, "publication.publish", "publication", publication.id.to_string())?;
    for scope in scopes_of(&publication.audience) {
        scribe.ensure_feed(tx, scope)?;
    }
    if publication.stage == Stage::AwaitingMedia
        && let Some(rendition) = enclosure_of(tx, &publication, scribe.now)?
    {
        offer(tx, scribe, &publication, &rendition)?;
    }
    Ok(())
}

/// The rendition that can be the enclosure, if it exists already.
fn enclosure_of(c: &mut Conn, publication: &Publication, now: Timestamp) -> Result<Option<Rendition>> {
    let deposit = deposits::get_for(c, &Viewer::System, publication.deposit_id)?;
    let Some(family) = deposit.family else { return Ok(None) };
    let made = renditions::list_of_deposit(c, &Viewer::System, deposit.id, now)?;
    Ok(made.into_iter().find(|rendition| rendition.kind == family.enclosure_kind()))
}

/// Puts a publication into its feeds: enclosure, name, date, revision and event, in the caller's transaction.
pub(crate) fn offer(
    tx: &mut Tx<'_>,
    scribe: &Scribe,
    publication: &Publication,
    rendition: &Rendition,
) -> Result<()> {
    let pub_date = publication.publish_at.max(scribe.now);
    let name = file_name::assign(tx, publication, rendition.kind.extension())?;
    let enclosure = SetEnclosure {
        rendition_id: rendition.id,
        pub_date,
        file_name: &name,
        stage: Stage::Offered,
        at: scribe.now,
    };
    match publications::set_enclosure(tx, publication.id, &enclosure) {
        // Withdrawn meanwhile: it stays so.
        Err(error) if error.is_conflict_on("publications(enclosure_id)") => return Ok(()),
        other => other?,
    }
    feeds::bump(tx, &scopes_of(&publication.audience), scribe.now)?;
    scribe.tell(tx, Event::PublicationOffered { publication: publication.id })?;
    Ok(())
}

/// The feeds an audience's publications appear in.
pub(crate) fn scopes_of(audience: &Audience) -> Vec<FeedScope> {
    audience.group_ids().map(FeedScope::Group).collect()
}
