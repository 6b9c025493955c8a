//! Looking at publications, as a reader or as their author.

use crate::error::{Result, forbidden};
use crate::start::App;
use balado_domain::deposit::{DepositState, Family, Rendition};
use balado_domain::people::Group;
use balado_domain::publication::{Publication, PublicationState};
use balado_domain::{GroupId, PublicationId, Timestamp, Viewer};
use balado_store::{Conn, deposits, fetches, people, publications, renditions};
use std::collections::HashMap;

/// A publication with what a page or feed shows beside it.
#[derive(Debug, Clone)]
pub struct PublicationView {
    /// The publication.
    pub publication: Publication,
    /// Where it stands now.
    pub state: PublicationState,
    /// `Lou M.`
    pub author_name: String,
    /// Classes and groups of its audience.
    pub groups: Vec<Group>,
    /// What it is, once known.
    pub family: Option<Family>,
    /// Outputs that exist; empty for somebody who may not see it yet.
    pub renditions: Vec<Rendition>,
    /// Where its deposit stands; for its author.
    pub deposit_state: DepositState,
    /// How many people have fetched it; for its author.
    pub reached: usize,
    /// Companion documents: deposit, name shown, output to serve.
    pub companions: Vec<Companion>,
}

/// A companion document of a publication.
#[derive(Debug, Clone)]
pub struct Companion {
    /// Its deposit.
    pub deposit: balado_domain::DepositId,
    /// The name its file had.
    pub name: String,
    /// The output shown, once it exists.
    pub rendition: Option<Rendition>,
}

/// Which publications to list.
#[derive(Debug, Clone, Default)]
pub struct PublicationFilter {
    /// Only those addressed to this class or group.
    pub group: Option<GroupId>,
    /// Only those that appeared before this instant and id (paging).
    pub before: Option<(Timestamp, PublicationId)>,
    /// At most this many.
    pub limit: i64,
}

impl App {
    /// One publication, if the viewer may see it now.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn publication(&self, viewer: &Viewer, id: PublicationId) -> Result<PublicationView> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let publication = publications::get_for(c, &viewer, id, now)?;
                let own = viewer.person().is_some_and(|person| person.id == publication.author_id);
                let reached =
                    if own { fetches::count_of_publications(c, &viewer, &[id])? } else { HashMap::new() };
                let reached = reached.get(&id).copied().unwrap_or(0);
                Ok(PublicationView { reached, ..view_of(c, publication, now)? })
            })
            .await
    }

    /// What the viewer may see now, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn visible_publications(
        &self,
        viewer: &Viewer,
        filter: PublicationFilter,
    ) -> Result<Vec<PublicationView>> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let wanted =
                    publications::PublicationFilter { group: filter.group, school: None, since: None };
                let limit = filter.limit.clamp(1, 200);
                let found = publications::list_visible(c, &viewer, &wanted, limit, filter.before, now)?;
                found.into_iter().map(|publication| view_of(c, publication, now)).collect()
            })
            .await
    }

    /// The viewer's own publications in every state, newest first.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn own_publications(&self, viewer: &Viewer, limit: i64) -> Result<Vec<PublicationView>> {
        if viewer.person().is_none() {
            return Err(forbidden("only a person has publications"));
        }
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let found = publications::list_for_author(c, &viewer, limit.clamp(1, 200), None)?;
                let ids: Vec<_> = found.iter().map(|publication| publication.id).collect();
                let reached = fetches::count_of_publications(c, &viewer, &ids)?;
                found
                    .into_iter()
                    .map(|publication| {
                        let count = reached.get(&publication.id).copied().unwrap_or(0);
                        Ok(PublicationView { reached: count, ..view_of(c, publication, now)? })
                    })
                    .collect()
            })
            .await
    }
}

/// Adds what is shown beside a publication. The caller has already established that it may be seen.
pub(crate) fn view_of(c: &mut Conn, publication: Publication, now: Timestamp) -> Result<PublicationView> {
    let deposit = deposits::get_for(c, &Viewer::System, publication.deposit_id)?;
    let groups: Vec<_> = publication.audience.group_ids().collect();
    let companions = publication
        .companions
        .iter()
        .map(|id| {
            let deposit = deposits::get_for(c, &Viewer::System, *id)?;
            let shown = deposit.family.map(Family::enclosure_kind);
            let made = renditions::list_of_deposit(c, &Viewer::System, *id, now)?;
            let rendition = made.into_iter().find(|rendition| Some(rendition.kind) == shown);
            Ok(Companion { deposit: *id, name: deposit.original_name, rendition })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(PublicationView {
        state: publication.state_at(now),
        author_name: people::get_person(c, publication.author_id)?.short_name(),
        groups: people::list_groups(c, &groups)?,
        family: deposit.family,
        renditions: renditions::list_of_deposit(c, &Viewer::System, deposit.id, now)?,
        deposit_state: deposit.state,
        reached: 0,
        companions,
        publication,
    })
}
