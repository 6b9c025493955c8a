//! Entering, leaving, and choosing a language.

use super::frame::{Frame, Page, go, go_saying};
use crate::api::session::enter;
use crate::cookies::{self, Kind};
use crate::error::{Error, Result};
use crate::extract::{GuestForm, PeerAddress, SignedForm, Visitor};
use crate::site::Site;
use crate::words::{Language, Words};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use balado_domain::ErrorKind;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    l: Words,
    page: Page,
    login: String,
    next: String,
    error: Option<String>,
}

/// Where to go after entering, and why one is asked to.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    why: String,
}

/// `GET /sign-in`.
pub(crate) async fn form(
    request: HttpRequest,
    site: Data<Site>,
    visitor: Visitor,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    let next = own_path(&asked.next);
    if visitor.who.is_some() {
        return Ok(go(or_home(next)));
    }
    let frame = Frame::of_visitor(&request, &site).await?;
    let error = (asked.why == "signed-out").then(|| "signed-out".to_owned());
    frame.show(&view(&frame, String::new(), next, error))
}

/// `POST /sign-in`.
pub(crate) async fn open(
    request: HttpRequest,
    site: Data<Site>,
    peer: PeerAddress,
    form: GuestForm,
) -> Result<HttpResponse> {
    let (login, next) = (form.fields.one("login"), own_path(form.fields.one("next")));
    let password = form.fields.untouched("password").to_owned();
    match enter(&request, &site, &peer, login, password).await {
        Ok(opened) => {
            let session = cookies::set(&site, Kind::Session, opened.cookie);
            let mut answer = HttpResponse::SeeOther();
            answer.insert_header((LOCATION, or_home(next))).cookie(session);
            Ok(answer.cookie(cookies::forget(&site, Kind::Guest)).finish())
        }
        Err(error) if matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::TooMany) => {
            let throttled = error.kind() == ErrorKind::TooMany;
            let status =
                if throttled { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
            let frame = Frame::of_visitor(&request, &site).await?;
            frame.show_as(status, &view(&frame, login.to_owned(), next, Some(error.code().to_owned())))
        }
        Err(error) => Err(error),
    }
}

fn view(frame: &Frame, login: String, next: &str, error: Option<String>) -> SignIn {
    let words = frame.words;
    let page = frame.page(words.t("sign-in-title"), "none", "sign-in");
    SignIn { l: words, page, login, next: next.to_owned(), error }
}

/// `POST /sign-out`.
pub(crate) async fn close(site: Data<Site>, form: SignedForm) -> Result<HttpResponse> {
    if let Some(session) = &form.who.session {
        site.app.sign_out(session).await?;
    }
    let mut answer = HttpResponse::SeeOther();
    Ok(answer.insert_header((LOCATION, "/sign-in")).cookie(cookies::forget(&site, Kind::Session)).finish())
}

/// `POST /account/sign-out-everywhere`: every browser of that person is out, this one included.
pub(crate) async fn close_everywhere(site: Data<Site>, form: SignedForm) -> Result<HttpResponse> {
    site.app.sign_out_everywhere(form.who.person.id).await?;
    let mut answer = go_saying(&site, "/sign-in", "done-signed-out-everywhere");
    answer
        .add_cookie(&cookies::forget(&site, Kind::Session))
        .map_err(|error| Error::invalid("request-invalid", error.to_string()))?;
    Ok(answer)
}

/// `POST /language`: kept with the person, and in the browser for when nobody is signed in.
pub(crate) async fn choose_language(
    site: Data<Site>,
    visitor: Visitor,
    form: GuestForm,
) -> Result<HttpResponse> {
    let chosen = Language::from_tag(form.fields.one("lang"))
        .ok_or_else(|| Error::invalid("language-unknown", "neither fr nor en"))?;
    if let Some(who) = &visitor.who {
        site.app.choose_language(&who.viewer, chosen.tag()).await?;
    }
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, or_home(own_path(form.fields.one("back")))));
    Ok(answer.cookie(cookies::set(&site, Kind::Language, chosen.tag().to_owned())).finish())
}

/// The path if it is one of ours; empty for anything that could lead elsewhere.
fn own_path(text: &str) -> &str {
    let elsewhere = text.starts_with("//") || text.contains(['\\', '\r', '\n', '\t']);
    if text.starts_with('/') && !elsewhere && text.is_ascii() { text } else { "" }
}

fn or_home(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_elsewhere_after_entering() {
        for text in ["//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nX: y", "javascript:x", ""] {
            assert_eq!(own_path(text), "", "{text}");
        }
        assert_eq!(own_path("/deposits?state=failed"), "/deposits?state=failed");
    }
}
