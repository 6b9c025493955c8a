//! `/api/openapi.json`: what scripts may ask, generated from the handlers.

use super::{
    assignments, calendar, children, cuts, deposits, feeds, groups, inbox, me, modules, publications,
    session, subscriptions, uploads,
};
use actix_web::web::Json;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The whole document.
#[derive(OpenApi)]
#[openapi(
    info(title = "Balado", description = "Interface for scripts. Errors are `{code, message}`; times are UTC."),
    modifiers(&Proofs),
    security(("bearer" = []), ("session" = [], "csrf" = [])),
    paths(
        show, session::open, session::close, me::show, groups::list, uploads::describe, uploads::create,
        uploads::describe_one, uploads::status, uploads::append, uploads::terminate, uploads::overridden,
        deposits::list, deposits::show, deposits::retry, cuts::create, cuts::list, cuts::cancel,
        deposits::cancel, deposits::discard,
        publications::list, publications::create, publications::show, publications::edit, publications::withdraw,
        feeds::list, subscriptions::list, subscriptions::create, subscriptions::show, subscriptions::rotate,
        subscriptions::revoke, children::list, children::subscriptions, children::subscribe, children::fetches,
        assignments::list, assignments::create, assignments::show, assignments::submissions, assignments::hand_in,
        assignments::heard, inbox::list, inbox::read, calendar::show, calendar::rotate,
        modules::list, modules::show, modules::switch,
    )
)]
struct Document;

/// The ways to prove who you are.
struct Proofs;

impl Modify for Proofs {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("balado")));
        let csrf = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Balado-Csrf")));
        components.add_security_scheme("bearer", bearer);
        components.add_security_scheme("session", session);
        components.add_security_scheme("csrf", csrf);
    }
}

/// The document, for tests and for whoever wants it in a file.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "session", responses((status = 200, description = "OpenAPI 3.1")),
    security(())
)]
pub(crate) async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
