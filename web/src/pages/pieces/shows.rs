//! Podcasts and subscriptions as templates read them.

use super::{Chip, When};
use crate::pages::dates::Dates;
use balado_app::screens::ShowView;

/// A podcast.
#[derive(Debug, Clone)]
pub(crate) struct Show {
    pub(crate) feed_id: String,
    pub(crate) title: String,
    pub(crate) chip: Chip,
    pub(crate) episodes: i64,
    pub(crate) latest: Option<When>,
    pub(crate) subscriptions: Vec<Subscribed>,
}

/// A subscription in the list of its podcast.
#[derive(Debug, Clone)]
pub(crate) struct Subscribed {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) last_contact: Option<When>,
}

impl Show {
    /// A podcast with the subscriptions to it.
    pub(crate) fn new(view: &ShowView, dates: &Dates) -> Self {
        let subscribed = |one: &balado_app::screens::HeldSubscription| Subscribed {
            href: format!("/subscriptions/{}", one.view.subscription.id),
            label: one.view.subscription.label.clone(),
            last_contact: one.view.subscription.last_polled_at.map(|at| dates.when(at)),
        };
        Self {
            feed_id: view.feed.feed.id.to_string(),
            title: view.feed.title.clone(),
            chip: Chip::named(&view.feed.title),
            episodes: i64::try_from(view.episodes).unwrap_or(i64::MAX),
            latest: view.latest.map(|at| dates.when(at)),
            subscriptions: view.subscriptions.iter().map(subscribed).collect(),
        }
    }
}
