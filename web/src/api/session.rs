//! Signing in and out.

use super::Problem;
use crate::cookies::{self, Kind};
use crate::error::{Error, Result};
use crate::extract::{JsonBody, PeerAddress, SignedIn, refuse_foreign_origin};
use crate::site::Site;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use balado_app::sign_in::SignedIn as Opened;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A login and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Name to sign in with.
    login: String,
    /// Password.
    password: String,
}

/// An open session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionShape {
    /// Send it as `X-Balado-Csrf` with every request that changes something.
    csrf: String,
}

/// Opens a session; its cookie comes with the answer.
#[utoipa::path(
    post, path = "/api/session", tag = "session", request_body = Credentials,
    responses(
        (status = 200, body = SessionShape),
        (status = 401, body = Problem, description = "`sign-in-refused`"),
        (status = 429, body = Problem, description = "`sign-in-too-often`")
    ),
    security(())
)]
pub(crate) async fn open(
    request: HttpRequest,
    site: Data<Site>,
    peer: PeerAddress,
    body: JsonBody<Credentials>,
) -> Result<HttpResponse> {
    refuse_foreign_origin(&request, &site)?;
    let JsonBody(Credentials { login, password }) = body;
    let opened = enter(&request, &site, &peer, &login, password).await?;
    let csrf = site.app.form_token(&opened.cookie);
    let cookie = cookies::set(&site, Kind::Session, opened.cookie);
    Ok(HttpResponse::Ok().cookie(cookie).json(SessionShape { csrf }))
}

/// Proves login and password, and ends the session this browser had before.
pub(crate) async fn enter(
    request: &HttpRequest,
    site: &Site,
    peer: &PeerAddress,
    login: &str,
    password: String,
) -> Result<Opened> {
    let opened = site.app.sign_in(login, password, &peer.0).await?;
    if let Some(before) = cookies::read(request, site, Kind::Session)
        && let Ok(session) = site.app.session(&before).await
    {
        site.app.sign_out(&session).await?;
    }
    Ok(opened)
}

/// Ends your session.
#[utoipa::path(
    delete, path = "/api/session", tag = "session",
    responses((status = 204), (status = 400, body = Problem, description = "`session-missing`: a bearer token has none"))
)]
pub(crate) async fn close(site: Data<Site>, who: SignedIn) -> Result<HttpResponse> {
    let session =
        who.session.ok_or_else(|| Error::invalid("session-missing", "a bearer token has no session"))?;
    site.app.sign_out(&session).await?;
    Ok(HttpResponse::NoContent().cookie(cookies::forget(&site, Kind::Session)).finish())
}
