//! Counting what was really downloaded, and when apps last asked: kept in memory, written every few seconds, so that a
//! poll or a play never costs a write of its own. No address of a reader is ever kept.

use crate::error::Result;
use crate::start::App;
use balado_domain::deposit::RenditionKind;
use balado_domain::feed::Fetch;
use balado_domain::{FetchId, PersonId, PublicationId, SchoolId, SubscriptionId, Timestamp, Viewer};
use balado_store::{fetches, people, publications, subscriptions};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What `web` hands back once every byte of a full answer was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchTicket {
    pub(crate) school: SchoolId,
    pub(crate) subscription: Option<SubscriptionId>,
    pub(crate) beneficiary: PersonId,
    pub(crate) publication: PublicationId,
    pub(crate) kind: RenditionKind,
}

/// A counted download as a parent or teacher sees it.
#[derive(Debug, Clone)]
pub struct FetchView {
    /// The download.
    pub fetch: Fetch,
    /// Title of what was downloaded.
    pub title: String,
    /// Short name of who published it.
    pub by: String,
    /// The label of the subscription it came through, if any.
    pub through: Option<String>,
}

#[derive(Default)]
pub(crate) struct FetchLog {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    fetches: Vec<Fetch>,
    polls: HashMap<SubscriptionId, Timestamp>,
}

impl FetchLog {
    pub(crate) fn note_poll(&self, subscription: SubscriptionId, at: Timestamp) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).polls.insert(subscription, at);
    }
}

impl App {
    /// Counts one complete download. Cheap: it is written with the next batch.
    pub fn count_fetch(&self, ticket: FetchTicket) {
        let fetch = Fetch {
            id: FetchId::generate(self.clock().as_ref()),
            school_id: ticket.school,
            subscription_id: ticket.subscription,
            beneficiary_id: ticket.beneficiary,
            publication_id: ticket.publication,
            kind: ticket.kind,
            fetched_at: self.now(),
        };
        self.fetch_log().waiting.lock().unwrap_or_else(PoisonError::into_inner).fetches.push(fetch);
    }

    /// Writes what was counted since the last time. Called every few seconds and at the end of the process; what cannot be
    /// written is kept for the next time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flush_fetches(&self) -> Result<()> {
        let batch = {
            let mut waiting = self.fetch_log().waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if batch.fetches.is_empty() && batch.polls.is_empty() {
            return Ok(());
        }
        let polls: Vec<_> = batch.polls.into_iter().collect();
        let kept = (batch.fetches.clone(), polls.clone());
        let written = self
            .database()
            .write(move |tx| {
                fetches::insert_many(tx, &batch.fetches)?;
                Ok(subscriptions::touch_polled(tx, &polls)?)
            })
            .await;
        if written.is_err() {
            let mut waiting = self.fetch_log().waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.fetches.extend(kept.0);
            for (subscription, at) in kept.1 {
                waiting.polls.entry(subscription).or_insert(at);
            }
        }
        written
    }

    /// What was downloaded for a person since an instant, newest first: for themselves, or for a guardian of theirs.
    ///
    /// # Errors
    /// `not-found` for anybody else.
    pub async fn fetches(
        &self,
        viewer: &Viewer,
        person: PersonId,
        since: Timestamp,
    ) -> Result<Vec<FetchView>> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let found = fetches::list_of_beneficiary(c, &viewer, person, since, 500)?;
                found
                    .into_iter()
                    .map(|fetch| {
                        let publication =
                            publications::get_for(c, &Viewer::System, fetch.publication_id, now)?;
                        let through = fetch
                            .subscription_id
                            .map(|id| subscriptions::get_for(c, &Viewer::System, id))
                            .transpose()?
                            .map(|subscription| subscription.label);
                        let by = people::get_person(c, publication.author_id)?.short_name();
                        Ok(FetchView { title: publication.title, by, through, fetch })
                    })
                    .collect()
            })
            .await
    }
}
