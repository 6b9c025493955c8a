//! What a page says at its top after an action, carried over the redirect in a cookie that lives for one page.

use super::frame::Flash;
use crate::site::Site;
use crate::words::Words;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// Everything that may be said; a cookie that holds anything else is not ours.
const SAYABLE: &[&str] = &[
    "done-published",
    "done-saved",
    "done-withdrawn",
    "done-retried",
    "done-cut",
    "done-assigned",
    "done-handed-in",
    "done-subscribed",
    "done-rotated",
    "done-revoked",
    "done-signed-out-everywhere",
    "done-module",
    "done-recipe",
    "done-cancelled",
];
/// Long enough for a redirect, too short to surprise later.
const LIFE: Duration = Duration::seconds(60);

/// The cookie that makes the next page say so.
pub(crate) fn saying(site: &Site, what: &'static str) -> Cookie<'static> {
    Cookie::build(name(site), what)
        .path("/")
        .http_only(true)
        .secure(site.is_secure())
        .same_site(SameSite::Lax)
        .max_age(LIFE)
        .finish()
}

/// What this page says, and the cookie that forgets it.
pub(crate) fn said(request: &HttpRequest, site: &Site, words: Words) -> Option<(Flash, Cookie<'static>)> {
    let cookie = request.cookie(name(site))?;
    let what = SAYABLE.iter().find(|known| **known == cookie.value())?;
    let mut forgotten = saying(site, what);
    forgotten.set_max_age(Duration::ZERO);
    Some((done(words, what), forgotten))
}

/// What a page says of something that worked.
pub(crate) fn done(words: Words, what: &str) -> Flash {
    Flash { tone: "done".to_owned(), text: words.t(what) }
}

fn name(site: &Site) -> &'static str {
    if site.is_secure() { "__Host-balado-said" } else { "balado-said" }
}
