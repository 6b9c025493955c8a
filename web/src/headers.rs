//! The security headers of each class of route (DESIGN §3.13; ASVS 3.2 and 3.4).
//!
//! Applied to every answer, errors included. A handler may set a header itself; what it sets stays.

use crate::routes::Class;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

const POLICY: &str = "content-security-policy";
const CACHE: &str = "cache-control";
const ROBOTS: &str = "x-robots-tag";
const PERMISSIONS: &str = "permissions-policy";
const RESOURCE: &str = "cross-origin-resource-policy";
const OPENER: &str = "cross-origin-opener-policy";
const REFERRER: &str = "referrer-policy";

const PAGE_POLICY: &str = "default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; object-src 'none'; \
                           base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const NOTHING_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// Our own outputs may be shown by the browser's own viewers, which count as embedded content, and do nothing else.
const MEDIA_POLICY: &str = "default-src 'none'; media-src 'self'; img-src 'self'; object-src 'self'; \
                            style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Header names, lower-case, with their values.
pub type Pairs = &'static [(&'static str, &'static str)];

const PAGE: Pairs = &[
    (POLICY, PAGE_POLICY),
    (PERMISSIONS, "microphone=(self), camera=(), geolocation=()"),
    (CACHE, "no-store"),
    (RESOURCE, "same-origin"),
    (OPENER, "same-origin"),
    // With `no-referrer` browsers send `Origin: null` when one of our forms is sent, which looks like another site's.
    (REFERRER, "same-origin"),
];
const API: Pairs = &[(POLICY, NOTHING_POLICY), (CACHE, "no-store"), (RESOURCE, "same-origin")];
const UPLOAD: Pairs =
    &[(POLICY, NOTHING_POLICY), (CACHE, "no-store"), (RESOURCE, "same-origin"), ("tus-resumable", "1.0.0")];
const FEED: Pairs = &[(POLICY, NOTHING_POLICY), (CACHE, "private, no-cache"), (ROBOTS, "noindex")];
const MEDIA: Pairs = &[(POLICY, MEDIA_POLICY), (CACHE, "private, no-cache"), (ROBOTS, "noindex")];
const ORIGINAL: Pairs = &[
    (POLICY, "sandbox; default-src 'none'"),
    (CACHE, "private, no-cache"),
    (RESOURCE, "same-origin"),
    (ROBOTS, "noindex"),
];
const ASSET: Pairs = &[(POLICY, NOTHING_POLICY), (RESOURCE, "same-origin")];

/// The names and values of the headers of a class.
#[must_use]
pub fn of(class: Class) -> Pairs {
    match class {
        Class::Page => PAGE,
        Class::Api => API,
        Class::Upload => UPLOAD,
        Class::Feed => FEED,
        Class::Media => MEDIA,
        Class::Original => ORIGINAL,
        Class::Asset => ASSET,
    }
}

/// Adds the headers of a class, and those of every answer, where the handler has not set them.
pub(crate) fn apply(headers: &mut HeaderMap, class: Class, secure: bool) {
    let everywhere = [("x-content-type-options", "nosniff"), (REFERRER, "no-referrer")];
    // Two years, as browsers ask before they preload a host.
    let transport = secure.then_some(("strict-transport-security", "max-age=63072000"));
    let all = of(class).iter().copied().chain(everywhere).chain(transport);
    for (name, value) in all {
        if !headers.contains_key(name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handler_set_stays_and_the_rest_is_added() {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(CACHE), HeaderValue::from_static("public"));
        apply(&mut headers, Class::Original, true);
        assert_eq!(headers.get(CACHE).unwrap(), "public");
        assert_eq!(headers.get(POLICY).unwrap(), "sandbox; default-src 'none'");
        assert_eq!(headers.get("x-content-type-options").unwrap(), "nosniff");
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn no_class_lets_scripts_of_others_run() {
        for class in
            [Class::Page, Class::Api, Class::Upload, Class::Feed, Class::Media, Class::Original, Class::Asset]
        {
            let policy = of(class).iter().find(|(name, _)| *name == POLICY).unwrap().1;
            assert!(
                policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
                "{class:?}"
            );
            assert!(!policy.contains("script-src") && !policy.contains("unsafe-eval"), "{class:?}");
        }
    }
}
