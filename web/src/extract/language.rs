//! The language a request is answered in: the person's own, else the one chosen before sign-in, else the browser's.

use crate::cookies::{self, Kind};
use crate::site::site_of;
use crate::words::Language;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{HttpMessage, HttpRequest};
use balado_domain::people::Person;

/// The language of the reader of a request.
pub(crate) fn language_of(request: &HttpRequest) -> Language {
    if let Some(own) = request.extensions().get::<Language>() {
        return *own;
    }
    let chosen = site_of(request).and_then(|site| cookies::read(request, site, Kind::Language));
    if let Some(chosen) = chosen.and_then(|tag| Language::from_tag(&tag)) {
        return chosen;
    }
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::accepted(accepted.unwrap_or_default())
}

/// Notes the language of a person who has proved who they are.
pub(super) fn remember_language(request: &HttpRequest, person: &Person) {
    if let Some(language) = person.locale.as_deref().and_then(Language::from_tag) {
        request.extensions_mut().insert(language);
    }
}
