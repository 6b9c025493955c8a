//! What guardians see of their children: subscriptions, and what was downloaded.

use super::me::PersonShape;
use super::subscriptions::{NewSubscription, SubscriptionShape, made};
use super::{Listing, Problem};
use crate::error::Result;
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use balado_app::fetches::FetchView;
use balado_domain::{FeedId, PersonId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How far back downloads are shown when nothing is said.
const REACH: TimeDelta = TimeDelta::days(30);

/// One complete download.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FetchShape {
    /// What was downloaded.
    publication: Uuid,
    /// Its title.
    title: String,
    /// Which file of it: `mp3`, `mp4`, `jpeg` or `pdf`.
    kind: String,
    /// The label of the subscription it came through; null for a page.
    through: Option<String>,
    /// When the last byte was sent.
    fetched_at: DateTime<Utc>,
}

impl From<FetchView> for FetchShape {
    fn from(view: FetchView) -> Self {
        Self {
            publication: view.fetch.publication_id.uuid(),
            title: view.title,
            kind: view.fetch.kind.to_string(),
            through: view.through,
            fetched_at: view.fetch.fetched_at,
        }
    }
}

/// The pupils you are a guardian of.
#[utoipa::path(get, path = "/api/children", tag = "children", responses((status = 200, body = Listing<PersonShape>)))]
pub(crate) async fn list(site: Data<Site>, who: SignedIn) -> Result<Json<Listing<PersonShape>>> {
    let portrait = site.app.portrait(&who.viewer).await?;
    Ok(Json(Listing::whole(portrait.children.into_iter().map(PersonShape::from).collect())))
}

/// The subscriptions of a child of yours.
#[utoipa::path(
    get, path = "/api/children/{id}/subscriptions", tag = "children", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listing<SubscriptionShape>), (status = 404, body = Problem))
)]
pub(crate) async fn subscriptions(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PersonId>,
) -> Result<Json<Listing<SubscriptionShape>>> {
    let child = id.into_inner();
    let guardian = site.app.guardian_viewer(&who.viewer, child).await?;
    let found = site.app.subscriptions(&guardian, child).await?;
    Ok(Json(Listing::whole(found.into_iter().map(SubscriptionShape::from).collect())))
}

/// Subscribes a child of yours to a feed.
#[utoipa::path(
    post, path = "/api/children/{id}/subscriptions", tag = "children", params(("id" = Uuid, Path)),
    request_body = NewSubscription,
    responses((status = 201, body = SubscriptionShape), (status = 404, body = Problem))
)]
pub(crate) async fn subscribe(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PersonId>,
    body: JsonBody<NewSubscription>,
) -> Result<HttpResponse> {
    let guardian = site.app.guardian_viewer(&who.viewer, id.into_inner()).await?;
    let view = site.app.subscribe(&guardian, FeedId::from_uuid(body.0.feed), &body.0.label).await?;
    Ok(made(view))
}

/// Since when to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// Only downloads from then on; the last thirty days when left out.
    since: Option<DateTime<Utc>>,
}

/// What was downloaded for a child of yours, complete downloads only, newest first.
#[utoipa::path(
    get, path = "/api/children/{id}/fetches", tag = "children", params(("id" = Uuid, Path), Since),
    responses((status = 200, body = Listing<FetchShape>), (status = 404, body = Problem))
)]
pub(crate) async fn fetches(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PersonId>,
    since: Query<Since>,
) -> Result<Json<Listing<FetchShape>>> {
    let child = id.into_inner();
    let guardian = site.app.guardian_viewer(&who.viewer, child).await?;
    let since = since.since.unwrap_or_else(|| site.app.now() - REACH);
    let found = site.app.fetches(&guardian, child, since).await?;
    Ok(Json(Listing::whole(found.into_iter().map(FetchShape::from).collect())))
}
