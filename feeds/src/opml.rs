//! Renders somebody's subscriptions as OPML 2.0, for an app that imports lists.
//!
//! The result holds feed tokens: it is for its owner only, and no cache.

use crate::text::{one_line_or, web_address};
use crate::xml::{Piece, XmlWriter};
use balado_domain::Timestamp;

/// A list of subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpmlModel {
    /// Title of the list.
    pub title: String,
    /// When the list was made.
    pub created_at: Timestamp,
    /// The subscriptions, in order.
    pub entries: Vec<OpmlEntry>,
}

/// One subscription of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpmlEntry {
    /// Title of the feed.
    pub title: String,
    /// Absolute address of the feed, with its token: [`crate::Address::feed_url`].
    pub feed_url: String,
    /// Absolute address of the feed's page.
    pub page_url: Option<String>,
}

/// The list as an OPML document in UTF-8.
#[must_use]
pub fn render_opml(list: &OpmlModel) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    xml.declaration();
    xml.open("opml", &[("version", &[Piece::Text("2.0")])]);
    xml.open("head", &[]);
    xml.leaf("title", &one_line_or(&list.title, "Balado"));
    xml.leaf("dateCreated", &crate::render::rfc_2822(list.created_at));
    xml.close("head");
    xml.open("body", &[]);
    for entry in &list.entries {
        write_entry(&mut xml, entry);
    }
    xml.close("body");
    xml.close("opml");
    xml.into_bytes()
}

fn write_entry(xml: &mut XmlWriter, entry: &OpmlEntry) {
    let title = one_line_or(&entry.title, &entry.feed_url);
    let feed = web_address(&entry.feed_url);
    let page = entry.page_url.as_deref().map(web_address);
    let title = [Piece::Text(&title)];
    let feed = [Piece::Text(&feed)];
    let mut attributes: Vec<(&str, &[Piece<'_>])> =
        vec![("type", &[Piece::Text("rss")]), ("text", &title), ("title", &title), ("xmlUrl", &feed)];
    let page = page.as_deref().map(|page| [Piece::Text(page)]);
    if let Some(page) = &page {
        attributes.push(("htmlUrl", page));
    }
    xml.empty("outline", &attributes);
}
