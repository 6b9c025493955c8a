//! The podcasts of a person: each feed they may read, what is in it, and the subscriptions to it.

use crate::error::Result;
use crate::start::App;
use crate::subscriptions::{FeedView, SubscriptionView};
use balado_domain::feed::FeedScope;
use balado_domain::{Timestamp, Viewer};
use balado_store::{homework, people, publications};

/// A podcast as its reader sees it.
#[derive(Debug, Clone)]
pub struct ShowView {
    /// The feed.
    pub feed: FeedView,
    /// How many episodes it has now.
    pub episodes: usize,
    /// When the newest one appeared.
    pub latest: Option<Timestamp>,
    /// The live subscriptions of that reader, newest first.
    pub subscriptions: Vec<HeldSubscription>,
}

/// A subscription and the short name of who manages it.
#[derive(Debug, Clone)]
pub struct HeldSubscription {
    /// The subscription.
    pub view: SubscriptionView,
    /// `Lou M.`
    pub holder: String,
}

impl App {
    /// The podcasts the viewer (a guardian: their child) may listen to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shows(&self, viewer: &Viewer) -> Result<Vec<ShowView>> {
        let Some(reader) = viewer.reader().map(|reader| reader.id) else { return Ok(Vec::new()) };
        let feeds = self.feeds(viewer).await?;
        let mut live = self.subscriptions(viewer, reader).await?;
        live.retain(|view| view.subscription.revoked_at.is_none());
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let mut held = Vec::with_capacity(live.len());
                for view in live {
                    let holder = people::get_person(c, view.subscription.holder_id)?.short_name();
                    held.push(HeldSubscription { view, holder });
                }
                let mut shows = Vec::with_capacity(feeds.len());
                for feed in feeds {
                    let dates: Vec<Option<Timestamp>> = match feed.feed.scope {
                        FeedScope::Group(group) => publications::list_of_feed(c, &viewer, group, now)?
                            .into_iter()
                            .map(|publication| publication.pub_date)
                            .collect(),
                        FeedScope::Assignment(id) => homework::list_submissions_for(c, &viewer, id)?
                            .into_iter()
                            .map(|answer| Some(answer.submitted_at))
                            .collect(),
                    };
                    let subscriptions =
                        held.iter().filter(|one| one.view.feed.id == feed.feed.id).cloned().collect();
                    let latest = dates.iter().flatten().max().copied();
                    shows.push(ShowView { episodes: dates.len(), latest, subscriptions, feed });
                }
                Ok(shows)
            })
            .await
    }
}
