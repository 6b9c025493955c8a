//! Renders a feed: RSS 2.0 with the Atom, content, iTunes and podcast namespaces.
//!
//! Items are rendered one by one into [`Fragment`]s, which depend on nothing but their item, so that `app` renders each
//! item once per revision and shares it between all feeds that show it. Dates never say when rendering happened.

use crate::address::{FEED_PREFIX, FEED_SUFFIX, MEDIA_PREFIX, POSTER_NAME, cover_tail, media_tail};
use crate::html::write_content;
use crate::model::{FeedModel, ItemModel};
use crate::segment::{Rendered, Segment};
use crate::text::{description, one_line, one_line_or};
use crate::xml::{Piece, XmlWriter};
use balado_domain::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// For which readers a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// Podcast apps: one enclosure per item, of whatever kind.
    Podcast,
}

impl Dialect {
    /// Permanent name, for cache keys and entity tags.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Podcast => "podcast",
        }
    }
}

/// One rendered item. Cloning shares its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    id: Uuid,
    pub_date: Timestamp,
    segments: Arc<[Segment]>,
}

impl Fragment {
    /// Id of the item.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Bytes this fragment keeps in memory, about, for a cache that counts them.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let texts = self.segments.iter().map(|segment| match segment {
            Segment::Bytes(bytes) => bytes.len(),
            _ => 0,
        });
        texts.sum::<usize>() + size_of_val(&*self.segments) + size_of::<Self>()
    }
}

/// Renders a feed of those items: newest first whatever their order, each id once.
#[must_use]
pub fn render(feed: &FeedModel, items: &[Fragment], dialect: Dialect) -> Rendered {
    let Dialect::Podcast = dialect;
    let mut head = XmlWriter::default();
    write_head(&mut head, feed);
    let mut tail = XmlWriter::default();
    tail.close("channel");
    tail.close("rss");

    let mut segments = head.finish();
    for item in newest_first(items) {
        segments.extend_from_slice(&item.segments);
    }
    segments.append(&mut tail.finish());
    Rendered { segments }
}

fn newest_first(items: &[Fragment]) -> Vec<&Fragment> {
    let mut seen = HashSet::with_capacity(items.len());
    let mut ordered: Vec<&Fragment> = items.iter().filter(|item| seen.insert(item.id)).collect();
    ordered.sort_by(|a, b| b.pub_date.cmp(&a.pub_date).then_with(|| b.id.cmp(&a.id)));
    ordered
}

fn write_head(xml: &mut XmlWriter, feed: &FeedModel) {
    xml.declaration();
    xml.open(
        "rss",
        &[
            ("version", &[Piece::Text("2.0")]),
            ("xmlns:atom", &[Piece::Text("http://www.w3.org/2005/Atom")]),
            ("xmlns:content", &[Piece::Text("http://purl.org/rss/1.0/modules/content/")]),
            ("xmlns:itunes", &[Piece::Text("http://www.itunes.com/dtds/podcast-1.0.dtd")]),
            ("xmlns:podcast", &[Piece::Text("https://podcastindex.org/namespace/1.0")]),
        ],
    );
    xml.open("channel", &[]);
    write_channel(xml, feed);
    write_channel_itunes(xml, feed);
    write_channel_podcast(xml, feed);
}

fn write_channel(xml: &mut XmlWriter, feed: &FeedModel) {
    let title = feed_title(feed);
    xml.leaf("title", &title);
    let page = [Piece::Origin, Piece::Text(&feed.page_path)];
    xml.element("link", &[], &page);
    xml.leaf("description", &description_or(&feed.description, &title));
    xml.leaf("language", &one_line_or(&feed.language, "fr"));
    xml.leaf("lastBuildDate", &rfc_2822(feed.revised_at));
    xml.leaf("generator", "Balado");
    let address = [Piece::Origin, Piece::Text(FEED_PREFIX), Piece::FeedToken, Piece::Text(FEED_SUFFIX)];
    xml.empty(
        "atom:link",
        &[
            ("href", &address),
            ("rel", &[Piece::Text("self")]),
            ("type", &[Piece::Text("application/rss+xml")]),
        ],
    );
    let tail = cover_tail(&feed.cover_name);
    let cover = [Piece::Origin, Piece::Text(MEDIA_PREFIX), Piece::MediaKey, Piece::Text(&tail)];
    xml.open("image", &[]);
    xml.element("url", &[], &cover);
    xml.leaf("title", &title);
    xml.element("link", &[], &page);
    xml.close("image");
    // After <image>: podcastparser, and so gPodder, keeps the later of the two.
    xml.empty("itunes:image", &[("href", &cover)]);
}

fn write_channel_itunes(xml: &mut XmlWriter, feed: &FeedModel) {
    let author = one_line_or(&feed.author, "Balado");
    xml.leaf("itunes:author", &author);
    xml.open("itunes:owner", &[]);
    xml.leaf("itunes:name", &author);
    xml.leaf("itunes:email", &one_line(&feed.owner_email));
    xml.close("itunes:owner");
    xml.empty("itunes:category", &[("text", &[Piece::Text("Education")])]);
    xml.leaf("itunes:explicit", "false");
    xml.leaf("itunes:type", "episodic");
    // Apple honours this value only, in this case.
    xml.leaf("itunes:block", "Yes");
}

fn write_channel_podcast(xml: &mut XmlWriter, feed: &FeedModel) {
    xml.leaf("podcast:guid", &feed.guid.as_hyphenated().to_string());
    let owner = one_line(&feed.owner_email);
    xml.element("podcast:locked", &[("owner", &[Piece::Text(&owner)])], &[Piece::Text("yes")]);
    xml.leaf("podcast:medium", "course");
    xml.leaf("podcast:block", "yes");
}

/// Renders one item.
#[must_use]
pub fn render_item(item: &ItemModel, dialect: Dialect) -> Fragment {
    let Dialect::Podcast = dialect;
    let mut xml = XmlWriter::default();
    xml.open("item", &[]);
    write_item(&mut xml, item);
    write_item_itunes(&mut xml, item);
    xml.close("item");
    Fragment { id: item.id, pub_date: item.pub_date, segments: xml.finish().into() }
}

fn write_item(xml: &mut XmlWriter, item: &ItemModel) {
    let title = item_title(item);
    xml.leaf("title", &title);
    if let Some(path) = &item.page_path {
        xml.element("link", &[], &[Piece::Origin, Piece::Text(path)]);
    }
    let guid = format!("urn:uuid:{}", item.id.as_hyphenated());
    xml.element("guid", &[("isPermaLink", &[Piece::Text("false")])], &[Piece::Text(&guid)]);
    xml.leaf("pubDate", &rfc_2822(item.pub_date));
    xml.leaf("description", &description_or(&item.description, &title));
    xml.open_cdata("content:encoded");
    write_content(xml, item, &title);
    xml.close_cdata("content:encoded");

    let enclosure = &item.enclosure;
    let tail = media_tail(item.id, &enclosure.file_name);
    let length = enclosure.size_bytes.max(0).to_string();
    xml.empty(
        "enclosure",
        &[
            ("url", &[Piece::Origin, Piece::Text(MEDIA_PREFIX), Piece::MediaKey, Piece::Text(&tail)]),
            ("length", &[Piece::Text(&length)]),
            ("type", &[Piece::Text(enclosure.kind.media_type())]),
        ],
    );
    for tag in item.tags.iter().map(|tag| one_line(tag)).filter(|tag| !tag.is_empty()) {
        xml.leaf("category", &tag);
    }
}

fn write_item_itunes(xml: &mut XmlWriter, item: &ItemModel) {
    xml.leaf("itunes:title", &item_title(item));
    let author = one_line(&item.author);
    if !author.is_empty() {
        xml.leaf("itunes:author", &author);
    }
    if let Some(seconds) = item.enclosure.duration_ms.and_then(whole_seconds) {
        xml.leaf("itunes:duration", &seconds.to_string());
    }
    if item.has_poster {
        let tail = media_tail(item.id, POSTER_NAME);
        let poster = [Piece::Origin, Piece::Text(MEDIA_PREFIX), Piece::MediaKey, Piece::Text(&tail)];
        xml.empty("itunes:image", &[("href", &poster)]);
    }
    xml.leaf("itunes:explicit", "false");
    xml.leaf("itunes:episodeType", "full");
}

fn feed_title(feed: &FeedModel) -> String {
    one_line_or(&one_line_or(&feed.title, &feed.author), "Balado")
}

/// A title is required: the file name stands in for it, the id for a file name of control characters only.
fn item_title(item: &ItemModel) -> String {
    let title = one_line_or(&item.title, &item.enclosure.file_name);
    one_line_or(&title, &item.id.as_hyphenated().to_string())
}

fn description_or(text: &str, otherwise: &str) -> String {
    let text = description(text);
    if text.is_empty() { otherwise.to_owned() } else { text }
}

/// Apps read whole seconds; less than one would read as "unknown".
fn whole_seconds(duration_ms: i64) -> Option<i64> {
    (duration_ms > 0).then(|| (duration_ms.saturating_add(500) / 1000).max(1))
}

pub(crate) fn rfc_2822(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
