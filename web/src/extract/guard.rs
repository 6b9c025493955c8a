//! Whether a request that changes something really came from a page of ours (ASVS 3.5): the token of the session in a
//! header or form field, and what the browser itself says about where the request was made.

use crate::error::{Error, Result};
use crate::site::Site;
use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};
use subtle::ConstantTimeEq;

/// The header a script sends the token of its session in.
pub(crate) const TOKEN_HEADER: &str = "x-balado-csrf";

/// Refuses a request another site made the browser send. Programs that are no browser send neither header.
pub(crate) fn refuse_foreign_origin(request: &HttpRequest, site: &Site) -> Result<()> {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let fetched_from_ours =
        text("sec-fetch-site").is_none_or(|place| matches!(place, "same-origin" | "none"));
    let host = text(HOST.as_str()).unwrap_or_default();
    let origin_is_ours = text(ORIGIN.as_str()).is_none_or(|origin| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        origin == site.origin() || (!host.is_empty() && authority == Some(host))
    });
    if fetched_from_ours && origin_is_ours { Ok(()) } else { Err(Error::forged()) }
}

/// Whether a presented token is the expected one, in constant time.
pub(crate) fn is_token(presented: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(presented.as_bytes().ct_eq(expected.as_bytes()))
}
