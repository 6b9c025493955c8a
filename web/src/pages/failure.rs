//! The page of a failure: what happened, what is safe, what to do now.

use super::frame::{Frame, Page};
use crate::cookies::{self, Kind};
use crate::finish::Refusal;
use crate::site::site_of;
use crate::words::Words;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use balado_domain::ErrorKind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    l: Words,
    page: Page,
    kind: String,
    message: Option<String>,
    reference: Option<String>,
    signed_in: bool,
}

/// Where to sign in, or what happened, in the reader's language.
pub(crate) fn refused(request: &HttpRequest, refusal: &Refusal, words: Words) -> HttpResponse {
    let Some(site) = site_of(request) else { return HttpResponse::build(refusal.status).finish() };
    let session = cookies::read(request, site, Kind::Session);
    if refusal.kind == ErrorKind::Unauthenticated {
        return HttpResponse::SeeOther()
            .insert_header((LOCATION, sign_in(request, session.is_some())))
            .finish();
    }
    let frame = Frame::left_by(request, words).unwrap_or_else(|| Frame::of_guest(request, site));
    let kind = crate::error::name_of(refusal.kind);
    let view = ErrorPage {
        l: words,
        page: frame.page(words.k("error-title", kind), "none", "home"),
        kind: kind.to_owned(),
        message: said_more(words, refusal),
        reference: refusal.status.is_server_error().then(|| refusal.reference.clone()),
        signed_in: session.is_some(),
    };
    frame.show_as(refusal.status, &view).unwrap_or_else(|_| HttpResponse::build(refusal.status).finish())
}

/// The way back after signing in leads to what was asked for; a form cannot be sent again, so its sender goes home.
fn sign_in(request: &HttpRequest, had_session: bool) -> String {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let next = if request.method().is_safe() && path != "/" {
        format!("next={}&", utf8_percent_encode(path, NON_ALPHANUMERIC))
    } else {
        String::new()
    };
    let why = if had_session { "why=signed-out" } else { "" };
    let query = format!("{next}{why}");
    let query = query.trim_end_matches('&');
    if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") }
}

/// The words of the code, when they say more than the kind does.
fn said_more(words: Words, refusal: &Refusal) -> Option<String> {
    let text = words.k("code", refusal.code);
    let says_more = refusal.kind != ErrorKind::NotFound && text != words.t("code-other");
    says_more.then_some(text)
}
