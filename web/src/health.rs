//! `/healthz`: whether this process can serve, for whatever watches it.

use crate::error::{Error, Result};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use std::time::Duration;

/// How long the engines may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// 200 when database and blob store answer, 503 otherwise.
pub(crate) async fn show(site: Data<Site>) -> Result<HttpResponse> {
    match tokio::time::timeout(DEADLINE, site.app.check_health()).await {
        Ok(Ok(())) => Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))),
        Ok(Err(error)) => Err(Error::App(error).under(StatusCode::SERVICE_UNAVAILABLE)),
        Err(_) => {
            let late = balado_domain::Failure::new(
                balado_domain::ErrorKind::Unavailable,
                "engines-late",
                "no answer",
            );
            Err(late.into())
        }
    }
}
