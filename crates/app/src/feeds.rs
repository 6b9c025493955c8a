//! Feeds as podcast apps read them: a poll costs one look-up of the token; the feed is rendered once per change.
//!
//! The cache key is (feed, revision, last boundary): a boundary is the instant a date makes the feed different, so a
//! publication appears and vanishes on time with every worker stopped (DESIGN §3.8, §4.6, §4.7).

use crate::error::Result;
use crate::homework::answer_items;
use crate::publications::view_of;
use crate::start::App;
use crate::subscriptions::{OpenedToken, title_of, tokens_of};
use balado_domain::deposit::RenditionKind;
use balado_domain::feed::{Feed, FeedScope, TokenPurpose};
use balado_domain::people::School;
use balado_domain::{FeedId, Timestamp, Viewer};
use balado_feeds::{
    Address, CompanionModel, Dialect, EnclosureModel, FeedModel, Fragment, ItemModel, LinkModel, Rendered,
    render, render_item, splice,
};
use balado_store::{Conn, people, publications};
use moka::sync::Cache;
use std::sync::Arc;

/// The feed picture of a school that has none of its own.
pub const COVER_NAME: &str = "cover.png";
/// The address shown to directories that insist on one; nobody reads it.
const OWNER_EMAIL: &str = "podcast@balado.invalid";
/// Bytes of rendered feeds kept in memory.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Rendered feeds and items of this process.
pub(crate) struct FeedCache {
    feeds: Cache<FeedId, Arc<CachedFeed>>,
    items: Cache<(uuid::Uuid, i64), Fragment>,
}

struct CachedFeed {
    revision: i64,
    /// The last instant at or before rendering at which a date changed what the feed shows.
    since: Option<Timestamp>,
    /// The next one.
    changes_at: Option<Timestamp>,
    rendered: Rendered,
}

impl FeedCache {
    pub(crate) fn new() -> Self {
        let weigh = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            feeds: Cache::builder()
                .max_capacity(CACHE_BYTES)
                .weigher(move |_, feed: &Arc<CachedFeed>| weigh(feed.weight()))
                .build(),
            items: Cache::builder()
                .max_capacity(CACHE_BYTES)
                .weigher(move |_, item: &Fragment| weigh(item.weight_bytes()))
                .build(),
        }
    }
}

impl CachedFeed {
    fn weight(&self) -> usize {
        self.rendered
            .segments
            .iter()
            .map(|segment| match segment {
                balado_feeds::Segment::Bytes(bytes) => bytes.len(),
                _ => 32,
            })
            .sum()
    }

    fn is_current(&self, feed: &Feed, now: Timestamp) -> bool {
        // Both ends: a clock that is set back must not show what is not due yet.
        let begun = self.since.is_none_or(|since| since <= now);
        self.revision == feed.revision && begun && self.changes_at.is_none_or(|at| now < at)
    }
}

/// A feed ready to answer one poll: the validator is known, the body is made on demand.
pub struct PolledFeed {
    /// Strong validator, with its quotes.
    pub etag: String,
    cached: Arc<CachedFeed>,
    origin: String,
    feed_token: String,
    media_key: String,
}

impl PolledFeed {
    /// The XML with this subscriber's tokens in place.
    ///
    /// # Errors
    /// When the configured origin cannot stand in an address.
    pub fn body(&self) -> Result<Vec<u8>> {
        let address = Address::new(&self.origin, &self.feed_token, &self.media_key)
            .map_err(|error| crate::Error::Rule(error.into()))?;
        Ok(splice(&self.cached.rendered, &address))
    }
}

impl App {
    /// Answers a poll of a feed address.
    ///
    /// # Errors
    /// `not-found` for an unknown token, `subscription-revoked` (gone) for a dead one.
    pub async fn poll_feed(&self, token: &str) -> Result<PolledFeed> {
        let opened = self.open_token(token, TokenPurpose::Feed).await?;
        let now = self.now();
        let cached = match self.feed_cache().feeds.get(&opened.feed.id) {
            Some(cached) if cached.is_current(&opened.feed, now) => cached,
            _ => self.render_feed(&opened, now).await?,
        };
        self.fetch_log().note_poll(opened.subscription.id, now);
        let (feed_token, media_key) = tokens_of(self.key(), &opened.subscription);
        let since = cached.since.map_or(0, |at| at.timestamp_millis());
        let subject = format!("{}:{}:{since}:{}", opened.feed.id, cached.revision, Dialect::Podcast.as_str());
        let digest = crate::secrets::hash_of(&format!("{subject}:{feed_token}"));
        let etag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
        let origin = self.configuration().server.origin.clone();
        Ok(PolledFeed { etag, cached, origin, feed_token, media_key })
    }

    async fn render_feed(&self, opened: &OpenedToken, now: Timestamp) -> Result<Arc<CachedFeed>> {
        let (app, opened, id) = (self.clone(), opened.clone(), opened.feed.id);
        let cached = self
            .database()
            .read(move |c| {
                // The revision may have grown since the token was looked up; what is rendered carries the one read here.
                let feed = balado_store::feeds::get_for(c, &Viewer::System, opened.feed.id)?;
                let (since, changes_at) = match feed.scope {
                    FeedScope::Group(group) => publications::boundaries(c, group, now)?,
                    FeedScope::Assignment(_) => (None, None),
                };
                let items = app.items_of(c, &opened, &feed, now)?;
                let model = model_of(c, &feed, now)?;
                let rendered = render(&model, &items, Dialect::Podcast);
                Ok(Arc::new(CachedFeed { revision: feed.revision, since, changes_at, rendered }))
            })
            .await?;
        self.feed_cache().feeds.insert(id, Arc::clone(&cached));
        Ok(cached)
    }

    fn items_of(
        &self,
        c: &mut Conn,
        opened: &OpenedToken,
        feed: &Feed,
        now: Timestamp,
    ) -> Result<Vec<Fragment>> {
        let viewer = Viewer::FeedToken(opened.grant());
        let FeedScope::Group(group) = feed.scope else {
            let items = answer_items(c, &viewer, feed, now)?;
            return Ok(items.iter().map(|item| render_item(item, Dialect::Podcast)).collect());
        };
        let mut fragments = Vec::new();
        for publication in publications::list_of_feed(c, &viewer, group, now)? {
            let key = (publication.id.uuid(), publication.revision);
            if let Some(fragment) = self.feed_cache().items.get(&key) {
                fragments.push(fragment);
                continue;
            }
            let waits_for_companions = publication.companions.len();
            let Some((item, companions_ready)) = item_of(c, publication, now)? else { continue };
            let fragment = render_item(&item, Dialect::Podcast);
            if companions_ready == waits_for_companions {
                self.feed_cache().items.insert(key, fragment.clone());
            }
            fragments.push(fragment);
        }
        Ok(fragments)
    }
}

fn model_of(c: &mut Conn, feed: &Feed, now: Timestamp) -> Result<FeedModel> {
    let school: School = people::get_school(c, feed.school_id)?;
    let title = title_of(c, feed, now)?;
    let (description, page_path) = match feed.scope {
        FeedScope::Group(_) => {
            (format!("Les publications de {title}, {}.", school.name), "/podcasts".to_owned())
        }
        FeedScope::Assignment(id) => (format!("Les réponses à « {title} »."), format!("/assignments/{id}")),
    };
    Ok(FeedModel {
        guid: feed.guid,
        language: school.locale.clone(),
        title: format!("{title} · {}", school.name),
        description,
        author: school.name,
        owner_email: OWNER_EMAIL.to_owned(),
        page_path,
        cover_name: COVER_NAME.to_owned(),
        revised_at: feed.revised_at,
    })
}

/// A publication as a feed item, with how many of its companions exist; `None` while it has no enclosure.
fn item_of(
    c: &mut Conn,
    publication: balado_domain::publication::Publication,
    now: Timestamp,
) -> Result<Option<(ItemModel, usize)>> {
    let view = view_of(c, publication, now)?;
    let publication = view.publication;
    let (Some(enclosure), Some(file_name), Some(pub_date)) =
        (publication.enclosure, publication.file_name, publication.pub_date)
    else {
        return Ok(None);
    };
    let companions: Vec<CompanionModel> = view
        .companions
        .into_iter()
        .filter_map(|companion| {
            let rendition = companion.rendition?;
            let file_name = format!("document.{}", rendition.kind.extension());
            Some(CompanionModel { deposit: companion.deposit.uuid(), file_name, label: companion.name })
        })
        .collect();
    let ready = companions.len();
    let item = ItemModel {
        id: publication.id.uuid(),
        title: publication.title,
        description: publication.description,
        author: view.author_name,
        pub_date,
        page_path: Some(format!("/publications/{}", publication.id)),
        enclosure: EnclosureModel {
            kind: enclosure.kind,
            size_bytes: enclosure.size_bytes,
            duration_ms: enclosure.duration_ms,
            file_name,
        },
        has_poster: view.renditions.iter().any(|r| matches!(r.kind, RenditionKind::Poster)),
        tags: publication.tags,
        links: publication
            .links
            .into_iter()
            .map(|link| LinkModel { url: link.url, label: link.label })
            .collect(),
        companions,
    };
    Ok(Some((item, ready)))
}
