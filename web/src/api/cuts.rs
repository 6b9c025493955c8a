//! Cutting: new deposits made of pieces of a finished one.

use super::deposits::FailureShape;
use super::{Listing, Problem};
use crate::error::Result;
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use balado_app::cuts::{CutView, CutWish, Precision, Span, Split};
use balado_domain::{CutId, DepositId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A piece that is kept, on the clock of the finished sound or film.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanShape {
    /// First moment kept.
    from_ms: i64,
    /// First moment no longer kept; the end when left out.
    #[serde(default)]
    to_ms: Option<i64>,
}

/// What to cut.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCut {
    /// Pieces to keep, in order, not overlapping, 200 at most. May be left out when the split is `silences` or `chapters`:
    /// then everything is kept.
    #[serde(default)]
    keep: Vec<SpanShape>,
    /// `none`: one new deposit of all pieces. `spans`: one for each piece. `silences`: a new one in the middle of each
    /// silence of two seconds. `chapters`: a new one where a chapter of the original begins. 100 at most.
    #[serde(default = "whole")]
    #[schema(value_type = Option<String>)]
    split: Split,
    /// For films: `true`, as when left out, cuts at the very picture and encodes what lies between it and the next key
    /// frame; `false` cuts at the key frames around each piece, which keeps a few seconds more on either side: ten at most,
    /// and where the next key frame is farther, or nothing would be left out between two pieces, the edge is encoded. Sound
    /// is always cut where asked.
    #[serde(default = "at_the_picture")]
    exact: bool,
}

/// What was meant to be left out must not stay in because nothing was said.
fn at_the_picture() -> bool {
    true
}

fn whole() -> Split {
    Split::None
}

impl From<NewCut> for CutWish {
    fn from(new: NewCut) -> Self {
        let span = |shape: &SpanShape| Span { from_ms: shape.from_ms, to_ms: shape.to_ms };
        Self {
            keep: new.keep.iter().map(span).collect(),
            split: new.split,
            precision: if new.exact { Precision::Exact } else { Precision::Fast },
        }
    }
}

/// A cut and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CutShape {
    /// Its id.
    id: Uuid,
    /// `waiting`, `done` or `failed` (with the code `cancelled` when it was called off). The source never changes.
    state: String,
    /// Why it could not be made.
    failure: Option<FailureShape>,
    /// Thousandths of the work done, while it runs.
    progress_permille: Option<i32>,
    /// What is left of it by its pace so far; null until that can be told.
    remaining_ms: Option<i64>,
    /// The new deposits, in order; none before it is done. They are prepared like any other.
    deposits: Vec<Uuid>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it was done or failed.
    finished_at: Option<DateTime<Utc>>,
}

impl CutShape {
    fn new(view: &CutView, message: impl Fn(&str) -> String) -> Self {
        let failure = |code: &String| FailureShape { code: code.clone(), message: message(code) };
        Self {
            id: view.cut.id.uuid(),
            state: view.cut.state.to_string(),
            failure: view.cut.failure_code.as_ref().map(failure),
            progress_permille: view.job.as_ref().map(|job| job.progress_permille),
            remaining_ms: view.job.as_ref().and_then(|job| job.remaining_ms),
            deposits: view.deposits.iter().map(|id| id.uuid()).collect(),
            created_at: view.cut.created_at,
            finished_at: view.cut.finished_at,
        }
    }
}

/// Cuts a finished deposit of yours into new ones.
#[utoipa::path(
    post, path = "/api/deposits/{id}/cuts", tag = "deposits", params(("id" = Uuid, Path)), request_body = NewCut,
    responses(
        (status = 202, body = CutShape, description = "The new deposits appear in the list of cuts when they exist."),
        (status = 400, body = Problem, description = "`cut-nothing`, `cut-empty`, `cut-out-of-order`, `cut-beyond`, `cut-too-many`, `cut-not-media`"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`cut-not-ready`"),
        (status = 429, body = Problem, description = "`cut-waiting`"),
        (status = 507, body = Problem, description = "`quota-exceeded`")
    )
)]
pub(crate) async fn create(
    site: Data<Site>,
    who: SignedIn,
    id: Path<DepositId>,
    new: JsonBody<NewCut>,
) -> Result<HttpResponse> {
    let view = site.app.request_cut(&who.viewer, id.into_inner(), new.0.into()).await?;
    Ok(HttpResponse::Accepted().json(CutShape::new(&view, |code| who.words().k("failure", code))))
}

/// Calls off a cut that is not made yet. It is `failed` with the code `cancelled`, and no deposit comes of it.
#[utoipa::path(
    post, path = "/api/deposits/{id}/cuts/{cut}/cancel", tag = "deposits",
    params(("id" = Uuid, Path), ("cut" = Uuid, Path)),
    responses(
        (status = 204), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`cut-not-waiting`")
    )
)]
pub(crate) async fn cancel(
    site: Data<Site>,
    who: SignedIn,
    path: Path<(DepositId, CutId)>,
) -> Result<HttpResponse> {
    let (deposit, cut) = path.into_inner();
    site.app.cancel_cut(&who.viewer, deposit, cut).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The cuts of a deposit of yours, newest first, fifty at most.
#[utoipa::path(
    get, path = "/api/deposits/{id}/cuts", tag = "deposits", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listing<CutShape>), (status = 404, body = Problem))
)]
pub(crate) async fn list(
    site: Data<Site>,
    who: SignedIn,
    id: Path<DepositId>,
) -> Result<Json<Listing<CutShape>>> {
    let found = site.app.cuts_of(&who.viewer, id.into_inner()).await?;
    let shape = |view: &CutView| CutShape::new(view, |code| who.words().k("failure", code));
    Ok(Json(Listing::whole(found.iter().map(shape).collect())))
}
