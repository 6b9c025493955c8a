//! Changing a publication and taking it back. Every change grows the revision of each feed that shows it.

use super::{PublicationView, PublicationWish, own_deposit, refuse_foreign_audience, scopes_of};
use crate::error::{Result, conflict, forbidden, not_found};
use crate::start::App;
use balado_domain::event::Event;
use balado_domain::publication::{Publication, Stage};
use balado_domain::{PublicationId, Timestamp, Viewer};
use balado_store::{Tx, feeds, people, publications};

impl App {
    /// Replaces title, description, dates, audience and lists of the viewer's own publication. The deposit, the enclosure
    /// and the file name stay.
    ///
    /// # Errors
    /// `not-found` unless the viewer is its author; `publication-withdrawn`; the codes of [`PublicationWish`].
    pub async fn edit_publication(
        &self,
        viewer: &Viewer,
        id: PublicationId,
        wish: PublicationWish,
    ) -> Result<PublicationView> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person publishes"))?.clone();
        let wish = wish.checked(self.now())?;
        let reader = viewer.clone();
        let school = self.publication(viewer, id).await?.publication.school_id;
        let scribe = self.scribe(viewer, school);
        self.database()
            .write(move |tx| {
                // A companion may be taken back right now.
                people::lock_person(tx, person.id)?;
                let before = own(tx, &reader, id, scribe.now)?;
                if before.stage == Stage::Withdrawn {
                    return Err(conflict("publication-withdrawn", "it was taken back"));
                }
                refuse_foreign_audience(tx, &person, before.school_id, &wish.audience)?;
                for companion in wish.companions.iter().filter(|id| !before.companions.contains(id)) {
                    own_deposit(tx, &reader, &person, *companion)?;
                }
                let mut scopes = scopes_of(&before.audience);
                let publish_at = wish.publish_at.unwrap_or(before.publish_at);
                let after = Publication {
                    title: wish.title,
                    description: wish.description,
                    language: wish.language,
                    publish_at,
                    until: wish.until,
                    audience: wish.audience,
                    tags: wish.tags,
                    links: wish.links,
                    companions: wish.companions,
                    updated_at: scribe.now,
                    pub_date: before.pub_date.map(|date| redated(date, publish_at, scribe.now)),
                    ..before
                };
                for scope in scopes_of(&after.audience) {
                    if !scopes.contains(&scope) {
                        scopes.push(scope);
                    }
                }
                publications::update(tx, &after)?;
                for scope in &scopes {
                    scribe.ensure_feed(tx, *scope)?;
                }
                feeds::bump(tx, &scopes, scribe.now)?;
                scribe.journal(tx, "publication.edit", "publication", id.to_string())?;
                scribe.tell(tx, Event::PublicationUpdated { publication: id })?;
                Ok(())
            })
            .await?;
        self.announce_jobs();
        self.publication(viewer, id).await
    }

    /// Takes the viewer's own publication back, from feeds and media addresses at once. The deposit stays (R31). Doing it
    /// twice changes nothing.
    ///
    /// # Errors
    /// `not-found` unless the viewer is its author.
    pub async fn withdraw_publication(&self, viewer: &Viewer, id: PublicationId) -> Result<PublicationView> {
        let reader = viewer.clone();
        let school = self.publication(viewer, id).await?.publication.school_id;
        let scribe = self.scribe(viewer, school);
        self.database()
            .write(move |tx| {
                let publication = own(tx, &reader, id, scribe.now)?;
                if publication.stage == Stage::Withdrawn {
                    return Ok(());
                }
                publications::set_withdrawn(tx, id, scribe.now)?;
                feeds::bump(tx, &scopes_of(&publication.audience), scribe.now)?;
                scribe.journal(tx, "publication.withdraw", "publication", id.to_string())?;
                scribe.tell(tx, Event::PublicationWithdrawn { publication: id })?;
                Ok(())
            })
            .await?;
        self.announce_jobs();
        self.publication(viewer, id).await
    }
}

/// The date feeds show after an edit: unchanged for what was visible and stays so, never in the future of its appearance.
fn redated(date: Timestamp, publish_at: Timestamp, now: Timestamp) -> Timestamp {
    if date <= now && publish_at <= now { date } else { publish_at.max(now) }
}

/// The viewer's own publication; somebody else's does not exist for them here.
fn own(tx: &mut Tx<'_>, viewer: &Viewer, id: PublicationId, now: Timestamp) -> Result<Publication> {
    let publication = publications::get_for(tx, viewer, id, now)?;
    if viewer.person().map(|person| person.id) == Some(publication.author_id) {
        Ok(publication)
    } else {
        Err(not_found("publication"))
    }
}
