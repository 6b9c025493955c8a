//! The inbox.

use super::{Listing, Problem, limited};
use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use balado_app::inbox::InboxItem;
use balado_domain::NoticeId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeShape {
    /// Its id.
    id: Uuid,
    /// `publication-offered`, `assignment-created`, `submission-received` or `deposit-failed`.
    topic: String,
    /// Title of what it is about.
    title: String,
    /// Short name of who did it; may be empty.
    by: String,
    /// Path of the page to go to.
    path: String,
    /// When work is due, for an assignment.
    due_at: Option<DateTime<Utc>>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When you saw it.
    read_at: Option<DateTime<Utc>>,
}

impl From<InboxItem> for NoticeShape {
    fn from(item: InboxItem) -> Self {
        Self {
            id: item.notice.id.uuid(),
            topic: item.notice.topic.to_string(),
            title: item.subject.title,
            by: item.subject.by,
            path: item.subject.path,
            due_at: item.subject.due_at,
            created_at: item.notice.created_at,
            read_at: item.notice.read_at,
        }
    }
}

/// How many to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// At most this many, 200 at most.
    limit: Option<i64>,
}

/// Your notices, newest first.
#[utoipa::path(
    get, path = "/api/inbox", tag = "inbox", params(Wanted),
    responses((status = 200, body = Listing<NoticeShape>))
)]
pub(crate) async fn list(
    site: Data<Site>,
    who: SignedIn,
    wanted: Query<Wanted>,
) -> Result<Json<Listing<NoticeShape>>> {
    let found = site.app.inbox(&who.viewer, limited(wanted.limit)).await?;
    Ok(Json(Listing::whole(found.into_iter().map(NoticeShape::from).collect())))
}

/// Marks a notice as read.
#[utoipa::path(
    post, path = "/api/inbox/{id}/read", tag = "inbox", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn read(site: Data<Site>, who: SignedIn, id: Path<NoticeId>) -> Result<HttpResponse> {
    site.app.read_notice(&who.viewer, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
