//! Writes XML into segments, for the renderers of this package.
//!
//! Every text goes through here, so whatever people typed the result is well formed: characters XML cannot hold are
//! dropped, the rest escaped. Element and attribute names are ours and taken as they are.

use crate::segment::Segment;
use crate::text::is_writable;
use bytes::Bytes;
use quick_xml::escape::{escape, partial_escape};

/// A piece of a value: text, or a gap filled when the feed is sent. Gaps only ever hold characters that need no
/// escaping, see [`crate::Address`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Origin,
    FeedToken,
    MediaKey,
}

/// A document under construction.
#[derive(Debug, Default)]
pub(crate) struct XmlWriter {
    bytes: Vec<u8>,
    gaps: Vec<(usize, Segment)>,
}

impl XmlWriter {
    /// The XML declaration.
    pub(crate) fn declaration(&mut self) {
        self.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    /// `<name attribute="value">`.
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &[Piece<'_>])]) {
        self.start(name, attributes);
        self.raw(">\n");
    }

    /// `</name>`.
    pub(crate) fn close(&mut self, name: &str) {
        self.raw("</");
        self.raw(name);
        self.raw(">\n");
    }

    /// `<name attribute="value"/>`.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &[Piece<'_>])]) {
        self.start(name, attributes);
        self.raw("/>\n");
    }

    /// `<name>text</name>`.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, &[], &[Piece::Text(text)]);
    }

    /// `<name attribute="value">text</name>`.
    pub(crate) fn element(&mut self, name: &str, attributes: &[(&str, &[Piece<'_>])], text: &[Piece<'_>]) {
        self.start(name, attributes);
        self.raw(">");
        for piece in text {
            match piece {
                Piece::Text(text) => {
                    let text = clean(text);
                    self.raw(&partial_escape(text.as_str()));
                }
                gap => self.gap(gap),
            }
        }
        self.close(name);
    }

    /// `<name><![CDATA[`: what follows is HTML, written with [`Self::html`] until [`Self::close_cdata`].
    pub(crate) fn open_cdata(&mut self, name: &str) {
        self.start(name, &[]);
        self.raw("><![CDATA[");
    }

    /// `]]></name>`.
    pub(crate) fn close_cdata(&mut self, name: &str) {
        self.raw("]]>");
        self.close(name);
    }

    /// HTML inside CDATA, with gaps. Text of people in it is escaped for HTML already; a `]]>` is split all the same,
    /// because it would end the section.
    pub(crate) fn html(&mut self, html: &[Piece<'_>]) {
        for piece in html {
            match piece {
                Piece::Text(text) => self.raw(&clean(text).replace("]]>", "]]]]><![CDATA[>")),
                gap => self.gap(gap),
            }
        }
    }

    /// The document, cut at its gaps. One allocation is shared by all its bytes.
    pub(crate) fn finish(self) -> Vec<Segment> {
        let whole = Bytes::from(self.bytes);
        let mut segments = Vec::with_capacity(2 * self.gaps.len() + 1);
        let mut from = 0;
        for (at, gap) in self.gaps {
            if at > from {
                segments.push(Segment::Bytes(whole.slice(from..at)));
            }
            segments.push(gap);
            from = at;
        }
        if from < whole.len() {
            segments.push(Segment::Bytes(whole.slice(from..)));
        }
        segments
    }

    /// The bytes of a document without gaps.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &[Piece<'_>])]) {
        self.raw("<");
        self.raw(name);
        for (attribute, value) in attributes {
            self.raw(" ");
            self.raw(attribute);
            self.raw("=\"");
            for piece in *value {
                match piece {
                    Piece::Text(text) => {
                        let text = clean(text);
                        self.raw(&escape(text.as_str()));
                    }
                    gap => self.gap(gap),
                }
            }
            self.raw("\"");
        }
    }

    fn gap(&mut self, piece: &Piece<'_>) {
        let segment = match piece {
            Piece::Text(_) => return,
            Piece::Origin => Segment::Origin,
            Piece::FeedToken => Segment::FeedToken,
            Piece::MediaKey => Segment::MediaKey,
        };
        self.gaps.push((self.bytes.len(), segment));
    }

    fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| is_writable(*c)).collect()
}
