//! The cookies of Balado: the session, the guest token of forms shown before sign-in, and the chosen language.

use crate::site::Site;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// A cookie by what it is for. Under https its name begins with `__Host-`, which browsers then keep to this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The session of a signed-in browser.
    Session,
    /// What guards the forms of a browser nobody has signed in with.
    Guest,
    /// The language chosen before sign-in.
    Language,
}

impl Kind {
    fn name(self, site: &Site) -> &'static str {
        match (self, site.is_secure()) {
            (Self::Session, true) => "__Host-balado",
            (Self::Session, false) => "balado",
            (Self::Guest, true) => "__Host-balado-guest",
            (Self::Guest, false) => "balado-guest",
            (Self::Language, true) => "__Host-balado-language",
            (Self::Language, false) => "balado-language",
        }
    }
}

/// The value of a cookie of ours in a request.
pub(crate) fn read(request: &HttpRequest, site: &Site, kind: Kind) -> Option<String> {
    request.cookie(kind.name(site)).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
}

/// A cookie to set. It lives as long as the browser's session: the server decides when a session ends.
pub(crate) fn set(site: &Site, kind: Kind, value: String) -> Cookie<'static> {
    Cookie::build(kind.name(site), value)
        .path("/")
        .http_only(true)
        .secure(site.is_secure())
        .same_site(SameSite::Lax)
        .finish()
}

/// The same cookie, forgotten.
pub(crate) fn forget(site: &Site, kind: Kind) -> Cookie<'static> {
    let mut cookie = set(site, kind, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
