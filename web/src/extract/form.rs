//! Forms of our pages: their fields, and proof that they came from one of our pages.

use super::guard::{is_token, refuse_foreign_origin};
use super::json::{gathered, has_type};
use super::person::{SignedIn, identified};
use crate::cookies::{self, Kind};
use crate::error::{Error, Result};
use crate::site::{Site, site_of};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use balado_domain::{ErrorKind, Failure};
use futures::future::LocalBoxFuture;

/// The fields of a form, in order; a name may come several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field, trimmed; empty when it is absent.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.untouched(name).trim()
    }

    /// Every value of a field, trimmed.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> + 'f {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// The value of a field exactly as it was typed: for passwords.
    pub(crate) fn untouched(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A form sent by a signed-in person from one of our pages.
#[derive(Debug, Clone)]
pub(crate) struct SignedForm {
    pub(crate) who: SignedIn,
    pub(crate) fields: Fields,
}

impl FromRequest for SignedForm {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let site = site_of(&request).ok_or_else(Error::unauthenticated)?;
            let who = identified(&request, site).await?;
            refuse_foreign_origin(&request, site)?;
            let fields = read(&request, payload).await?;
            match &who.session {
                Some(session) if is_token(fields.one("csrf"), &session.form_token) => {
                    Ok(Self { who, fields })
                }
                None => Ok(Self { who, fields }),
                Some(_) => Err(Error::forged()),
            }
        })
    }
}

/// A form anybody may send from one of our pages: signing in, choosing a language.
#[derive(Debug, Clone)]
pub(crate) struct GuestForm {
    pub(crate) fields: Fields,
}

impl FromRequest for GuestForm {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let site = site_of(&request).ok_or_else(Error::unauthenticated)?;
            refuse_foreign_origin(&request, site)?;
            let fields = read(&request, payload).await?;
            let kinds = [Kind::Session, Kind::Guest];
            let known = kinds.into_iter().filter_map(|kind| cookies::read(&request, site, kind));
            let is_ours =
                known.into_iter().any(|cookie| is_token(fields.one("csrf"), &site.app.form_token(&cookie)));
            if is_ours { Ok(Self { fields }) } else { Err(Error::forged()) }
        })
    }
}

/// What guards the forms of a browser nobody has signed in with: the value for the form, and the cookie to set when the
/// browser has none yet.
pub(crate) fn guest_token(
    request: &HttpRequest,
    site: &Site,
) -> (String, Option<actix_web::cookie::Cookie<'static>>) {
    if let Some(known) = cookies::read(request, site, Kind::Guest) {
        return (site.app.form_token(&known), None);
    }
    let fresh = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    (site.app.form_token(&fresh), Some(cookies::set(site, Kind::Guest, fresh)))
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<Fields> {
    if !has_type(request, "application/x-www-form-urlencoded") {
        return Err(Failure::new(ErrorKind::Unsupported, "form-expected", "the body is not a form").into());
    }
    let bytes = gathered(payload).await?;
    Ok(Fields(form_urlencoded::parse(&bytes).into_owned().collect()))
}
