//! What a feed shows, as plain values: filled by `app` from rows the viewer may see.
//!
//! Texts may hold anything; rendering drops control characters, trims, shortens and escapes. A feed of the answers to
//! an assignment uses the same model, with submissions as its items.

use balado_domain::Timestamp;
use balado_domain::deposit::RenditionKind;
use uuid::Uuid;

/// The feed itself, without its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedModel {
    /// `podcast:guid`, assigned once.
    pub guid: Uuid,
    /// ISO 639 language, e.g. `fr`.
    pub language: String,
    /// Title, e.g. `5eB · Anglais`.
    pub title: String,
    /// Plain text; the title when empty.
    pub description: String,
    /// Who speaks here: the school's name.
    pub author: String,
    /// A role address such as `contact@…`, never a person's.
    pub owner_email: String,
    /// Path of the feed's page on this service, percent-encoded, starting with `/`.
    pub page_path: String,
    /// File name of the square picture, e.g. `cover.png`. Apps keep pictures by address: change it with the picture.
    pub cover_name: String,
    /// When what the feed shows last changed.
    pub revised_at: Timestamp,
}

/// One item of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemModel {
    /// Id of the publication or submission: the item's guid for ever, and its folder in media addresses.
    pub id: Uuid,
    /// Title; the file name when empty.
    pub title: String,
    /// Plain text, may be empty.
    pub description: String,
    /// Short name of the author, e.g. `Lou M.`.
    pub author: String,
    /// When it entered the feed.
    pub pub_date: Timestamp,
    /// Path of the item's page on this service, percent-encoded, starting with `/`; absent when it has none.
    pub page_path: Option<String>,
    /// What apps download.
    pub enclosure: EnclosureModel,
    /// Whether a picture of it exists at `poster.jpg` (a frame, or page 1).
    pub has_poster: bool,
    /// Keywords.
    pub tags: Vec<String>,
    /// Links, in order. Those that are not `http` or `https` are left out.
    pub links: Vec<LinkModel>,
    /// Documents that go with it, in order.
    pub companions: Vec<CompanionModel>,
}

/// The file apps download for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnclosureModel {
    /// Which output; decides the media type.
    pub kind: RenditionKind,
    /// Exact bytes a GET returns.
    pub size_bytes: i64,
    /// Playing time.
    pub duration_ms: Option<i64>,
    /// Name with extension; the last segment of its address.
    pub file_name: String,
}

/// A link shown under an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkModel {
    /// Absolute `http` or `https` address.
    pub url: String,
    /// What to show; the address itself when empty.
    pub label: String,
}

/// A document that goes with an item, served below the item: `/m/{media key}/{item}/{deposit}/{file name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanionModel {
    /// Id of the companion deposit.
    pub deposit: Uuid,
    /// Name with extension; the last segment of its address.
    pub file_name: String,
    /// What to show; the file name when empty.
    pub label: String,
}
