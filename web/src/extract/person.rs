//! Who is asking: a browser with a live session, or a script with a bearer token.

use super::guard::{TOKEN_HEADER, is_token, refuse_foreign_origin};
use super::language::remember_language;
use crate::cookies::{self, Kind};
use crate::error::{Error, Result};
use crate::site::{Site, site_of};
use crate::words::{Language, Words};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use balado_app::sign_in::Session;
use balado_domain::Viewer;
use balado_domain::people::Person;
use futures::future::LocalBoxFuture;

/// A person who proved who they are. By session, a request that changes something must also carry the token of the
/// session in a header; a form carries it in a field and is taken by [`super::SignedForm`] instead.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) viewer: Viewer,
    /// The session; absent for a bearer token.
    pub(crate) session: Option<Session>,
    /// The language they read.
    pub(crate) language: Language,
}

impl SignedIn {
    /// The words of the language they read.
    pub(crate) fn words(&self) -> Words {
        Words::new(self.language)
    }

    /// The value every form and script of this browser must send; empty for a bearer token, which needs none.
    pub(crate) fn form_token(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.form_token.as_str())
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let site = site_of(&request).ok_or_else(Error::unauthenticated)?;
            let who = identified(&request, site).await?;
            if let Some(session) = &who.session
                && !request.method().is_safe()
            {
                refuse_foreign_origin(&request, site)?;
                let presented = request.headers().get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
                if !is_token(presented.unwrap_or_default(), &session.form_token) {
                    return Err(Error::forged());
                }
            }
            Ok(who)
        })
    }
}

/// Somebody who may or may not be signed in, reading a page.
pub(crate) struct Visitor {
    pub(crate) who: Option<SignedIn>,
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let site = site_of(&request).ok_or_else(Error::unauthenticated)?;
            let who = match identified(&request, site).await {
                Ok(who) => Some(who),
                Err(error) if error.kind() == balado_domain::ErrorKind::Unauthenticated => None,
                Err(error) => return Err(error),
            };
            Ok(Self { who })
        })
    }
}

/// The person behind a bearer token or session cookie. A request with an `Authorization` header is judged by it alone.
pub(super) async fn identified(request: &HttpRequest, site: &Site) -> Result<SignedIn> {
    let (person, viewer, session) = if let Some(header) = request.headers().get(AUTHORIZATION) {
        let secret = header.to_str().ok().and_then(bearer).ok_or_else(Error::unauthenticated)?;
        let (person, viewer) = site.app.viewer_of_api_token(secret).await?;
        (person, viewer, None)
    } else {
        let cookie = cookies::read(request, site, Kind::Session).ok_or_else(Error::unauthenticated)?;
        let session = site.app.session(&cookie).await?;
        (session.person.clone(), session.viewer.clone(), Some(session))
    };
    remember_language(request, &person);
    Ok(SignedIn { person, viewer, session, language: super::language_of(request) })
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim()).filter(|secret| !secret.is_empty())
}
