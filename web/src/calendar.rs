//! `/c/{token}/agenda.ics`, as calendar programs poll it.

use crate::error::Result;
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path};

/// Answers with the calendar behind an address.
pub(crate) async fn show(site: Data<Site>, token: Path<String>) -> Result<HttpResponse> {
    let calendar = site.app.calendar(&token).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"agenda.ics\""))
        .body(calendar))
}
