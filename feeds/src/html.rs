//! The HTML shown under an item: paragraphs, links and documents, for `content:encoded`.
//!
//! Only `p`, `ul`, `li` and `a` are used: what every podcast app keeps. People write plain text, never HTML.

use crate::address::{MEDIA_PREFIX, companion_tail};
use crate::model::{CompanionModel, ItemModel, LinkModel};
use crate::text::{lines, one_line_or, web_address};
use crate::xml::{Piece, XmlWriter};
use quick_xml::escape::escape;
use uuid::Uuid;

/// Writes the content of an item as CDATA, inside an element already opened by [`XmlWriter::open_cdata`].
pub(crate) fn write_content(xml: &mut XmlWriter, item: &ItemModel, title: &str) {
    let paragraphs = lines(&item.description);
    if paragraphs.is_empty() {
        paragraph(xml, title);
    }
    for text in &paragraphs {
        paragraph(xml, text);
    }
    let links: Vec<&LinkModel> = item.links.iter().filter(|link| is_web(&link.url)).collect();
    if links.is_empty() && item.companions.is_empty() {
        return;
    }
    xml.html(&[Piece::Text("<ul>")]);
    for companion in &item.companions {
        document(xml, item.id, companion);
    }
    for link in links {
        let label = one_line_or(&link.label, &link.url);
        let line = format!("<li><a href=\"{}\">{}</a></li>", escape(web_address(&link.url)), escape(label));
        xml.html(&[Piece::Text(&line)]);
    }
    xml.html(&[Piece::Text("</ul>")]);
}

fn paragraph(xml: &mut XmlWriter, text: &str) {
    xml.html(&[Piece::Text(&format!("<p>{}</p>", escape(text)))]);
}

fn document(xml: &mut XmlWriter, item: Uuid, companion: &CompanionModel) {
    let tail = companion_tail(item, companion.deposit, &companion.file_name);
    let label = format!("\">{}</a></li>", escape(one_line_or(&companion.label, &companion.file_name)));
    xml.html(&[
        Piece::Text("<li><a href=\""),
        Piece::Origin,
        Piece::Text(MEDIA_PREFIX),
        Piece::MediaKey,
        Piece::Text(&tail),
        Piece::Text(&label),
    ]);
}

fn is_web(url: &str) -> bool {
    let start = url.trim_start().get(..8).unwrap_or(url.trim_start()).to_ascii_lowercase();
    start.starts_with("https://") || start.starts_with("http://")
}
