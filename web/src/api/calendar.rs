//! The private calendar address.

use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// A private address for calendar programs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarShape {
    /// Whoever has it can read your dates.
    address: String,
}

/// Your calendar address, made when first asked for.
#[utoipa::path(get, path = "/api/calendar", tag = "calendar", responses((status = 200, body = CalendarShape)))]
pub(crate) async fn show(site: Data<Site>, who: SignedIn) -> Result<Json<CalendarShape>> {
    Ok(Json(CalendarShape { address: site.app.calendar_address(&who.viewer).await? }))
}

/// Changes your calendar address; the old one is dead at once.
#[utoipa::path(post, path = "/api/calendar/rotate", tag = "calendar", responses((status = 200, body = CalendarShape)))]
pub(crate) async fn rotate(site: Data<Site>, who: SignedIn) -> Result<Json<CalendarShape>> {
    Ok(Json(CalendarShape { address: site.app.rotate_calendar(&who.viewer).await? }))
}
