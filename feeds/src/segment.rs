//! A rendered feed: bytes that are the same for everybody, with gaps for what is not.

use crate::address::Address;
use bytes::Bytes;

/// A piece of a rendered feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes sent as they are. Clones share them.
    Bytes(Bytes),
    /// `https://host[:port]` goes here.
    Origin,
    /// The subscriber's feed token goes here.
    FeedToken,
    /// The subscriber's media key goes here.
    MediaKey,
}

impl Segment {
    fn filled<'a>(&'a self, address: &Address<'a>) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Origin => address.origin().as_bytes(),
            Self::FeedToken => address.feed_token().as_bytes(),
            Self::MediaKey => address.media_key().as_bytes(),
        }
    }
}

/// A whole feed for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// In order of sending.
    pub segments: Vec<Segment>,
}

impl Rendered {
    /// Bytes the feed has for that subscriber: its `Content-Length`.
    #[must_use]
    pub fn size_bytes(&self, address: &Address<'_>) -> usize {
        self.segments.iter().map(|segment| segment.filled(address).len()).sum()
    }
}

/// The feed as one subscriber receives it.
#[must_use]
pub fn splice(rendered: &Rendered, address: &Address<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rendered.size_bytes(address));
    for segment in &rendered.segments {
        bytes.extend_from_slice(segment.filled(address));
    }
    bytes
}
