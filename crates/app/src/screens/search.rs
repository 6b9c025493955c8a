//! Looking for one's own deposits and publications, and how far publications have reached.

use crate::deposits::DepositView;
use crate::error::{Result, forbidden};
use crate::publications::{PublicationView, view_of};
use crate::start::App;
use balado_domain::deposit::DepositState;
use balado_domain::people::{Group, Role};
use balado_domain::publication::{Publication, PublicationState};
use balado_domain::{DepositId, GroupId, PublicationId, Timestamp, Viewer};
use balado_store::{Conn, deposits, fetches, people, publications, words};
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters that are looked for in documents at most.
const LONGEST_TEXT: usize = 200;
/// How many rows are read at a time while looking.
const BATCH: i64 = 200;

/// What somebody looks for among their own things.
#[derive(Debug, Clone)]
pub struct Wanted<State, Id> {
    /// Words of the title, name, tags or document; accents and capitals do not matter.
    pub text: String,
    /// Only those that stand there.
    pub state: Option<State>,
    /// Only those published to that class or group.
    pub group: Option<GroupId>,
    /// The last one of the page before.
    pub after: Option<Id>,
    /// At most this many.
    pub limit: usize,
}

/// One page of what was found, newest first.
#[derive(Debug, Clone)]
pub struct Found<Item, Id> {
    /// The items.
    pub items: Vec<Item>,
    /// What to give as `after` for the next page, when there is one.
    pub next: Option<Id>,
}

/// How far a publication has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// For how many different people it was downloaded.
    pub reached: usize,
    /// How many pupils it is for.
    pub expected: usize,
}

impl App {
    /// The viewer's own publications that match, newest first.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn find_publications(
        &self,
        viewer: &Viewer,
        wanted: Wanted<PublicationState, PublicationId>,
    ) -> Result<Found<PublicationView, PublicationId>> {
        if viewer.person().is_none() {
            return Err(forbidden("only a person has publications"));
        }
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let mut before = None;
                if let Some(id) = wanted.after {
                    before = Some((publications::get_for(c, &viewer, id, now)?.created_at, id));
                }
                let mut kept = Vec::new();
                loop {
                    let batch = publications::list_for_author(c, &viewer, BATCH, before)?;
                    before = batch.last().map(|last| (last.created_at, last.id));
                    let ended = i64::try_from(batch.len()).unwrap_or(BATCH) < BATCH;
                    let ids: Vec<DepositId> = batch.iter().map(|one| one.deposit_id).collect();
                    let saying = saying(c, &viewer, &ids, &fold(&wanted.text))?;
                    kept.extend(
                        batch.into_iter().filter(|one| publication_matches(one, &wanted, &saying, now)),
                    );
                    if ended || kept.len() > wanted.limit {
                        break;
                    }
                }
                let next = cut(&mut kept, wanted.limit, |publication| publication.id);
                let items = kept.into_iter().map(|one| view_of(c, one, now)).collect::<Result<_>>()?;
                Ok(Found { items, next })
            })
            .await
    }

    /// The viewer's own deposits that match, newest first; abandoned ones are left out.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn find_deposits(
        &self,
        viewer: &Viewer,
        wanted: Wanted<DepositState, DepositId>,
    ) -> Result<Found<DepositView, DepositId>> {
        let owner = viewer.person().ok_or_else(|| forbidden("only a person has deposits"))?.id;
        let (reader, now) = (viewer.clone(), self.now());
        let (ids, next) = self
            .database()
            .read(move |c| {
                let mut before = None;
                if let Some(id) = wanted.after {
                    before = Some((deposits::get_for(c, &reader, id)?.created_at, id));
                }
                let (text, mut kept) = (fold(&wanted.text), Vec::new());
                loop {
                    let filter = deposits::DepositFilter {
                        owner: Some(owner),
                        state: wanted.state,
                        before,
                        limit: BATCH,
                    };
                    let batch = deposits::list_for(c, &reader, &filter)?;
                    before = batch.last().map(|last| (last.created_at, last.id));
                    let ended = i64::try_from(batch.len()).unwrap_or(BATCH) < BATCH;
                    let ids: Vec<DepositId> = batch.iter().map(|one| one.id).collect();
                    let saying = saying(c, &reader, &ids, &text)?;
                    for one in batch {
                        let fits = (fold(&one.original_name).contains(&text) || saying.contains(&one.id))
                            && is_published_to(c, &reader, one.id, wanted.group, now)?;
                        if fits {
                            kept.push(one.id);
                        }
                    }
                    if ended || kept.len() > wanted.limit {
                        break;
                    }
                }
                let next = cut(&mut kept, wanted.limit, |id| *id);
                Ok((kept, next))
            })
            .await?;
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.push(self.deposit(viewer, id).await?);
        }
        Ok(Found { items, next })
    }

    /// The classes and groups each of the viewer's own deposits is published to now or will be, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups_of_deposits(
        &self,
        viewer: &Viewer,
        ids: Vec<DepositId>,
    ) -> Result<HashMap<DepositId, Vec<Group>>> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let mut found = HashMap::new();
                for id in ids {
                    let groups = groups_of(c, &viewer, id, now)?;
                    found.insert(id, people::list_groups(c, &groups)?);
                }
                Ok(found)
            })
            .await
    }

    /// How far the viewer's own publications have reached; others are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reach(
        &self,
        viewer: &Viewer,
        ids: Vec<PublicationId>,
    ) -> Result<HashMap<PublicationId, Reach>> {
        let (viewer, now) = (viewer.clone(), self.now());
        let author = viewer.person().map(|person| person.id);
        self.database()
            .read(move |c| {
                let counted = fetches::count_of_publications(c, &viewer, &ids)?;
                let mut found = HashMap::new();
                for publication in publications::get_many_for(c, &viewer, &ids, now)? {
                    if Some(publication.author_id) != author {
                        continue;
                    }
                    let pupils =
                        people::people_in_audience(c, &publication.audience, &[Role::Pupil], now)?.len();
                    let reached = counted.get(&publication.id).copied().unwrap_or(0);
                    found.insert(publication.id, Reach { reached, expected: pupils });
                }
                Ok(found)
            })
            .await
    }
}

/// Keeps one page and tells where the next begins.
fn cut<T, Id>(kept: &mut Vec<T>, limit: usize, id_of: impl Fn(&T) -> Id) -> Option<Id> {
    let more = kept.len() > limit;
    kept.truncate(limit);
    kept.last().filter(|_| more).map(id_of)
}

/// Those of these deposits whose documents say the text, as far as the viewer may see them.
fn saying(c: &mut Conn, viewer: &Viewer, ids: &[DepositId], text: &str) -> Result<HashSet<DepositId>> {
    if text.is_empty() || ids.is_empty() {
        return Ok(HashSet::new());
    }
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    Ok(words::list_containing(c, viewer, ids, &text)?.into_iter().collect())
}

fn publication_matches(
    publication: &Publication,
    wanted: &Wanted<PublicationState, PublicationId>,
    saying: &HashSet<DepositId>,
    now: Timestamp,
) -> bool {
    let text = fold(&wanted.text);
    let named = fold(&publication.title).contains(&text)
        || publication.tags.iter().any(|tag| fold(tag).contains(&text))
        || saying.contains(&publication.deposit_id);
    named
        && wanted.state.is_none_or(|state| publication.state_at(now) == state)
        && wanted.group.is_none_or(|group| publication.audience.group_ids().any(|id| id == group))
}

fn is_published_to(
    c: &mut Conn,
    viewer: &Viewer,
    deposit: DepositId,
    group: Option<GroupId>,
    now: Timestamp,
) -> Result<bool> {
    let Some(group) = group else { return Ok(true) };
    Ok(groups_of(c, viewer, deposit, now)?.contains(&group))
}

fn groups_of(c: &mut Conn, viewer: &Viewer, deposit: DepositId, now: Timestamp) -> Result<Vec<GroupId>> {
    let ids = publications::list_of_deposit(c, viewer, deposit)?;
    let mut groups = Vec::new();
    for publication in publications::get_many_for(c, viewer, &ids, now)? {
        let over =
            matches!(publication.state_at(now), PublicationState::Withdrawn | PublicationState::Expired);
        if !over {
            groups.extend(publication.audience.group_ids());
        }
    }
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// Lower case without accents: how people type what they look for.
pub(crate) fn fold(text: &str) -> String {
    text.trim().nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_needs_no_accents() {
        assert_eq!(fold(" L'ÉTÉ "), "l'ete");
    }

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let mut all = vec![1, 2, 3];
        assert_eq!(cut(&mut all, 2, |n| *n), Some(2));
        assert_eq!(cut(&mut all, 2, |n| *n), None);
        assert_eq!(cut(&mut Vec::<i32>::new(), 2, |n| *n), None);
    }
}
