//! Deposits: what was given, what was made of it, and how far the work is.

use super::{Listing, Problem, limited, place, token_of};
use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use balado_app::deposits::{DepositFilter, DepositView};
use balado_domain::DepositId;
use balado_domain::deposit::{DepositState, Rendition};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A file somebody gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepositShape {
    /// Its id.
    id: Uuid,
    /// The name its file had.
    name: String,
    /// The deposit it was cut from.
    derived_from: Option<Uuid>,
    /// `resource` or `submission`.
    purpose: String,
    /// `receiving`, `received` (work is queued or running), `ready`, `failed` or `abandoned`.
    state: String,
    /// `audio`, `video`, `image` or `document`; null until known.
    family: Option<String>,
    /// Bytes received so far; the size of the file once all are there.
    size_bytes: i64,
    /// Why nothing could be made of it.
    failure: Option<FailureShape>,
    /// Thousandths of all the work done, while some of it runs.
    progress_permille: Option<i32>,
    /// What is left of that work by its pace so far; null until that can be told.
    remaining_ms: Option<i64>,
    /// What was made of it so far.
    renditions: Vec<RenditionShape>,
    /// The publications that show it.
    publications: Vec<Uuid>,
    /// When it was opened.
    created_at: DateTime<Utc>,
}

/// Why something failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureShape {
    /// Stable kebab-case name.
    pub(crate) code: String,
    /// What happened, in the reader's language.
    pub(crate) message: String,
}

/// One output.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenditionShape {
    /// `mp3`, `mp4`, `light`, `jpeg`, `pdf`, `poster`, `sprite`, `waveform`, `peaks` or `text`.
    pub(crate) kind: String,
    /// The type it is served as.
    pub(crate) media_type: String,
    /// Exact bytes of a download.
    pub(crate) size_bytes: i64,
    /// Playing time.
    pub(crate) duration_ms: Option<i64>,
    /// Pixels across.
    pub(crate) width: Option<i32>,
    /// Pixels down.
    pub(crate) height: Option<i32>,
    /// Pages.
    pub(crate) pages: Option<i32>,
    /// Path to fetch it from.
    pub(crate) url: String,
}

impl RenditionShape {
    /// The shape of an output that is served below `folder`.
    pub(crate) fn new(rendition: &Rendition, folder: &str) -> Self {
        Self {
            kind: rendition.kind.to_string(),
            media_type: rendition.kind.media_type().to_owned(),
            size_bytes: rendition.size_bytes,
            duration_ms: rendition.duration_ms,
            width: rendition.width,
            height: rendition.height,
            pages: rendition.pages,
            url: format!("{folder}/{}", rendition.kind),
        }
    }
}

impl DepositShape {
    /// The shape of a deposit; `message` words a failure.
    pub(crate) fn new(view: &DepositView, message: impl Fn(&str) -> String) -> Self {
        let deposit = &view.deposit;
        let folder = format!("/media/deposits/{}", deposit.id);
        let shown = view.renditions.iter().filter(|one| !one.kind.is_interim());
        let running = view.job.as_ref().filter(|_| deposit.state == DepositState::Received);
        Self {
            id: deposit.id.uuid(),
            name: deposit.original_name.clone(),
            derived_from: deposit.derived_from.map(DepositId::uuid),
            purpose: deposit.purpose.to_string(),
            state: deposit.state.to_string(),
            family: deposit.family.map(|family| family.to_string()),
            size_bytes: deposit.size_bytes,
            failure: deposit
                .failure_code
                .as_ref()
                .map(|code| FailureShape { code: code.clone(), message: message(code) }),
            progress_permille: running.map(|job| job.progress_permille),
            remaining_ms: running.and_then(|job| job.remaining_ms),
            renditions: shown.map(|one| RenditionShape::new(one, &folder)).collect(),
            publications: view.publications.iter().map(|id| id.uuid()).collect(),
            created_at: deposit.created_at,
        }
    }
}

/// Which deposits to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state; without one, all but the abandoned.
    #[param(value_type = Option<String>)]
    state: Option<DepositState>,
    /// `next` of the list before.
    before: Option<String>,
    /// At most this many, 200 at most.
    limit: Option<i64>,
}

/// Your own deposits, newest first.
#[utoipa::path(
    get, path = "/api/deposits", tag = "deposits", params(Wanted),
    responses((status = 200, body = Listing<DepositShape>))
)]
pub(crate) async fn list(
    site: Data<Site>,
    who: SignedIn,
    wanted: Query<Wanted>,
) -> Result<Json<Listing<DepositShape>>> {
    let limit = limited(wanted.limit);
    let filter = DepositFilter {
        state: wanted.state,
        before: wanted.before.as_deref().map(place).transpose()?,
        limit,
    };
    let found = site.app.deposits(&who.viewer, filter).await?;
    let is_full = i64::try_from(found.len()) == Ok(limit);
    let next =
        found.last().filter(|_| is_full).map(|view| token_of(view.deposit.created_at, view.deposit.id));
    let items =
        found.iter().map(|view| DepositShape::new(view, |code| who.words().k("failure", code))).collect();
    Ok(Json(Listing { items, next }))
}

/// One deposit: yours, or one that was handed in to you.
#[utoipa::path(
    get, path = "/api/deposits/{id}", tag = "deposits", params(("id" = Uuid, Path)),
    responses((status = 200, body = DepositShape), (status = 404, body = Problem))
)]
pub(crate) async fn show(site: Data<Site>, who: SignedIn, id: Path<DepositId>) -> Result<Json<DepositShape>> {
    let view = site.app.deposit(&who.viewer, id.into_inner()).await?;
    Ok(Json(DepositShape::new(&view, |code| who.words().k("failure", code))))
}

/// Works on a failed deposit again.
#[utoipa::path(
    post, path = "/api/deposits/{id}/retry", tag = "deposits", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = DepositShape), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`deposit-not-failed`")
    )
)]
pub(crate) async fn retry(
    site: Data<Site>,
    who: SignedIn,
    id: Path<DepositId>,
) -> Result<Json<DepositShape>> {
    let view = site.app.retry_deposit(&who.viewer, id.into_inner()).await?;
    Ok(Json(DepositShape::new(&view, |code| who.words().k("failure", code))))
}

/// Takes a deposit of yours back that nobody else has: its original and all that was made of it are removed, and it is
/// `abandoned`. One that is still arriving is given up. Doing it twice changes nothing.
#[utoipa::path(
    delete, path = "/api/deposits/{id}", tag = "deposits", params(("id" = Uuid, Path)),
    responses(
        (status = 204), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`deposit-published`, `deposit-handed-in` or `deposit-cut-from`")
    )
)]
pub(crate) async fn discard(site: Data<Site>, who: SignedIn, id: Path<DepositId>) -> Result<HttpResponse> {
    site.app.discard_deposit(&who.viewer, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Calls off the work on a deposit: yours, or one of a school you administer. What was made stays, and so does the original;
/// the deposit is `failed` with the code `cancelled` and can be tried again.
#[utoipa::path(
    post, path = "/api/deposits/{id}/cancel", tag = "deposits", params(("id" = Uuid, Path)),
    responses(
        (status = 204), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`deposit-not-working`")
    )
)]
pub(crate) async fn cancel(site: Data<Site>, who: SignedIn, id: Path<DepositId>) -> Result<HttpResponse> {
    site.app.cancel_deposit(&who.viewer, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
