//! Homework: setting it, handing in, hearing the answers.

use super::groups::{GroupShape, shapes};
use super::publications::audience_of;
use super::submissions::{NewSubmission, PupilAnswer, SubmissionShape};
use super::{Listing, Problem};
use crate::error::Result;
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use balado_app::homework::{AssignmentView, AssignmentWish};
use balado_domain::deposit::Family;
use balado_domain::{AssignmentId, DepositId, PublicationId, SubmissionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Homework to hand in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentShape {
    /// Its id.
    id: Uuid,
    /// Title.
    title: String,
    /// Instructions, plain text.
    instructions: String,
    /// A publication to listen to first.
    model: Option<Uuid>,
    /// Short name of the teacher.
    author: String,
    /// Classes and groups it is for.
    groups: Vec<GroupShape>,
    /// From when pupils see it.
    opens_at: DateTime<Utc>,
    /// When it is due; later answers are marked late.
    due_at: DateTime<Utc>,
    /// When the box closes; null for never.
    closes_at: Option<DateTime<Utc>>,
    /// Families of file it takes: `audio`, `video`, `image`, `document`.
    accepts: Vec<String>,
    /// Whether pupils may hand in now.
    is_open: bool,
    /// Your own current answer, as a pupil.
    own: Option<SubmissionShape>,
    /// What its teacher sees.
    answers: Option<AnswersShape>,
}

/// How far an assignment is, for its teacher.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnswersShape {
    /// The private feed of the answers.
    feed: Option<Uuid>,
    /// How many there are.
    received: usize,
    /// How many of them were not heard yet.
    unheard: usize,
    /// How many pupils it is for.
    expected: usize,
}

impl AssignmentShape {
    fn new(view: AssignmentView, who: &SignedIn) -> Self {
        let assignment = view.assignment;
        let is_author = assignment.author_id == who.person.id;
        Self {
            id: assignment.id.uuid(),
            title: assignment.title,
            instructions: assignment.instructions,
            model: assignment.model_id.map(PublicationId::uuid),
            author: view.author_name,
            groups: shapes(view.groups),
            opens_at: assignment.opens_at,
            due_at: assignment.due_at,
            closes_at: assignment.closes_at,
            accepts: assignment.accepts.iter().map(ToString::to_string).collect(),
            is_open: view.is_open,
            own: view.own.as_ref().map(SubmissionShape::from),
            answers: is_author.then(|| AnswersShape {
                feed: view.feed.map(|feed| feed.uuid()),
                received: view.received,
                unheard: view.unheard,
                expected: view.expected,
            }),
        }
    }
}

/// Homework to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssignment {
    /// Title.
    title: String,
    /// Instructions, plain text.
    #[serde(default)]
    instructions: String,
    /// A publication to listen to first.
    #[serde(default)]
    model: Option<Uuid>,
    /// Classes and groups you teach.
    groups: Vec<Uuid>,
    /// From when pupils see it; now when left out.
    #[serde(default)]
    opens_at: Option<DateTime<Utc>>,
    /// When it is due.
    due_at: DateTime<Utc>,
    /// When the box closes; never when left out.
    #[serde(default)]
    closes_at: Option<DateTime<Utc>>,
    /// Families of file it takes; sound and video when left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    accepts: Vec<Family>,
}

/// The assignments you set or have to answer, soonest due first.
#[utoipa::path(
    get, path = "/api/assignments", tag = "homework",
    responses((status = 200, body = Listing<AssignmentShape>))
)]
pub(crate) async fn list(site: Data<Site>, who: SignedIn) -> Result<Json<Listing<AssignmentShape>>> {
    let found = site.app.assignments(&who.viewer).await?;
    Ok(Json(Listing::whole(found.into_iter().map(|view| AssignmentShape::new(view, &who)).collect())))
}

/// Sets homework for classes and groups you teach.
#[utoipa::path(
    post, path = "/api/assignments", tag = "homework", request_body = NewAssignment,
    responses(
        (status = 201, body = AssignmentShape),
        (status = 400, body = Problem, description = "`title-missing`, `dates-reversed`, …"),
        (status = 403, body = Problem, description = "`not-your-class`, or the school has no homework box")
    )
)]
pub(crate) async fn create(
    site: Data<Site>,
    who: SignedIn,
    body: JsonBody<NewAssignment>,
) -> Result<HttpResponse> {
    let new = body.0;
    let wish = AssignmentWish {
        title: new.title,
        instructions: new.instructions,
        model: new.model.map(PublicationId::from_uuid),
        audience: audience_of(&new.groups),
        opens_at: new.opens_at,
        due_at: new.due_at,
        closes_at: new.closes_at,
        accepts: new.accepts,
    };
    let view = site.app.set_assignment(&who.viewer, wish).await?;
    let location = format!("/api/assignments/{}", view.assignment.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(AssignmentShape::new(view, &who)))
}

/// One assignment you set or have to answer.
#[utoipa::path(
    get, path = "/api/assignments/{id}", tag = "homework", params(("id" = Uuid, Path)),
    responses((status = 200, body = AssignmentShape), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    who: SignedIn,
    id: Path<AssignmentId>,
) -> Result<Json<AssignmentShape>> {
    let view = site.app.assignment(&who.viewer, id.into_inner()).await?;
    Ok(Json(AssignmentShape::new(view, &who)))
}

/// Every pupil of an assignment you set, with their answer.
#[utoipa::path(
    get, path = "/api/assignments/{id}/submissions", tag = "homework", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listing<PupilAnswer>), (status = 404, body = Problem))
)]
pub(crate) async fn submissions(
    site: Data<Site>,
    who: SignedIn,
    id: Path<AssignmentId>,
) -> Result<Json<Listing<PupilAnswer>>> {
    let rows = site.app.answers(&who.viewer, id.into_inner()).await?;
    Ok(Json(Listing::whole(rows.into_iter().map(PupilAnswer::from).collect())))
}

/// Hands a deposit in; an earlier answer is replaced while the box is open.
#[utoipa::path(
    post, path = "/api/assignments/{id}/submissions", tag = "homework", params(("id" = Uuid, Path)),
    request_body = NewSubmission,
    responses(
        (status = 201, body = SubmissionShape), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "closed, kind not accepted, `deposit-used` or `deposit-failed`")
    )
)]
pub(crate) async fn hand_in(
    site: Data<Site>,
    who: SignedIn,
    id: Path<AssignmentId>,
    body: JsonBody<NewSubmission>,
) -> Result<HttpResponse> {
    let deposit = DepositId::from_uuid(body.0.deposit);
    let view = site.app.hand_in(&who.viewer, id.into_inner(), deposit).await?;
    Ok(HttpResponse::Created().json(SubmissionShape::from(&view)))
}

/// Notes that you, the teacher, have heard an answer.
#[utoipa::path(
    post, path = "/api/submissions/{id}/heard", tag = "homework", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn heard(site: Data<Site>, who: SignedIn, id: Path<SubmissionId>) -> Result<HttpResponse> {
    site.app.mark_heard(&who.viewer, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
