//! The addresses a feed holds: the one place that knows their shape. What answers at them is `web`'s.

use crate::error::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

/// Everything but RFC 3986 "unreserved": an address is plain ASCII and survives any client that decodes it once.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The three texts that differ between subscribers: where the service is, and what opens the feed and its media.
///
/// The constructor admits only characters that mean nothing to XML, HTML or a URL, so that they can be put anywhere in
/// a rendered feed without being escaped again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    origin: &'a str,
    feed_token: &'a str,
    media_key: &'a str,
}

impl<'a> Address<'a> {
    /// Takes `https://balado.example.org` (no slash at the end) and the two tokens of one subscription.
    ///
    /// # Errors
    /// [`Error::OriginMalformed`], [`Error::TokenMalformed`].
    pub fn new(origin: &'a str, feed_token: &'a str, media_key: &'a str) -> Result<Self, Error> {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        if !host.is_some_and(is_host) {
            return Err(Error::OriginMalformed);
        }
        if !is_token(feed_token) || !is_token(media_key) {
            return Err(Error::TokenMalformed);
        }
        Ok(Self { origin, feed_token, media_key })
    }

    /// `https://host[:port]`.
    #[must_use]
    pub fn origin(&self) -> &'a str {
        self.origin
    }

    /// What opens the feed.
    #[must_use]
    pub fn feed_token(&self) -> &'a str {
        self.feed_token
    }

    /// What opens the media of the feed.
    #[must_use]
    pub fn media_key(&self) -> &'a str {
        self.media_key
    }

    /// Where the feed itself is.
    #[must_use]
    pub fn feed_url(&self) -> String {
        format!("{}{FEED_PREFIX}{}{FEED_SUFFIX}", self.origin, self.feed_token)
    }

    /// Where a file of one item is: its enclosure by its file name, or its poster by [`POSTER_NAME`].
    #[must_use]
    pub fn media_url(&self, item: Uuid, file_name: &str) -> String {
        format!("{}{MEDIA_PREFIX}{}{}", self.origin, self.media_key, media_tail(item, file_name))
    }
}

/// File name of an item's picture below the item.
pub const POSTER_NAME: &str = "poster.jpg";

pub(crate) const FEED_PREFIX: &str = "/f/";
pub(crate) const FEED_SUFFIX: &str = "/feed.xml";
pub(crate) const MEDIA_PREFIX: &str = "/m/";

/// What follows the media key in the address of an item's file.
pub(crate) fn media_tail(item: Uuid, file_name: &str) -> String {
    format!("/{}/{}", item.as_hyphenated(), encode(file_name))
}

/// What follows the media key in the address of a companion's file.
pub(crate) fn companion_tail(item: Uuid, deposit: Uuid, file_name: &str) -> String {
    format!("/{}/{}/{}", item.as_hyphenated(), deposit.as_hyphenated(), encode(file_name))
}

/// What follows the media key in the address of the feed's own picture.
pub(crate) fn cover_tail(file_name: &str) -> String {
    format!("/{}", encode(file_name))
}

fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, RESERVED).to_string()
}

fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
