//! Subscriptions and their private addresses.

use super::{Listing, Problem};
use crate::error::Result;
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use balado_app::subscriptions::SubscriptionView;
use balado_domain::{FeedId, SubscriptionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionShape {
    /// Its id.
    id: Uuid,
    /// The feed.
    feed: FeedName,
    /// What its holder calls it.
    label: String,
    /// Its private address; null once revoked. Whoever has it can listen.
    address: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When an app last asked.
    last_polled_at: Option<DateTime<Utc>>,
    /// When it was stopped.
    revoked_at: Option<DateTime<Utc>>,
}

/// A feed by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedName {
    /// Its id.
    id: Uuid,
    /// What it is called.
    title: String,
}

impl From<SubscriptionView> for SubscriptionShape {
    fn from(view: SubscriptionView) -> Self {
        Self {
            id: view.subscription.id.uuid(),
            feed: FeedName { id: view.feed.id.uuid(), title: view.feed_title },
            label: view.subscription.label,
            address: view.address,
            created_at: view.subscription.created_at,
            last_polled_at: view.subscription.last_polled_at,
            revoked_at: view.subscription.revoked_at,
        }
    }
}

/// A feed to subscribe to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSubscription {
    /// The feed.
    pub(crate) feed: Uuid,
    /// What to call it, e.g. `Téléphone`.
    #[serde(default)]
    pub(crate) label: String,
}

/// The answer that a subscription was made.
pub(crate) fn made(view: SubscriptionView) -> HttpResponse {
    let location = format!("/api/subscriptions/{}", view.subscription.id);
    HttpResponse::Created().insert_header((LOCATION, location)).json(SubscriptionShape::from(view))
}

/// Your own subscriptions.
#[utoipa::path(
    get, path = "/api/subscriptions", tag = "feeds",
    responses((status = 200, body = Listing<SubscriptionShape>))
)]
pub(crate) async fn list(site: Data<Site>, who: SignedIn) -> Result<Json<Listing<SubscriptionShape>>> {
    let found = site.app.subscriptions(&who.viewer, who.person.id).await?;
    Ok(Json(Listing::whole(found.into_iter().map(SubscriptionShape::from).collect())))
}

/// Subscribes you to a feed. One per app or player is fine.
#[utoipa::path(
    post, path = "/api/subscriptions", tag = "feeds", request_body = NewSubscription,
    responses((status = 201, body = SubscriptionShape), (status = 404, body = Problem))
)]
pub(crate) async fn create(
    site: Data<Site>,
    who: SignedIn,
    body: JsonBody<NewSubscription>,
) -> Result<HttpResponse> {
    let view = site.app.subscribe(&who.viewer, FeedId::from_uuid(body.0.feed), &body.0.label).await?;
    Ok(made(view))
}

/// One subscription of yours, or of a child of yours.
#[utoipa::path(
    get, path = "/api/subscriptions/{id}", tag = "feeds", params(("id" = Uuid, Path)),
    responses((status = 200, body = SubscriptionShape), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    who: SignedIn,
    id: Path<SubscriptionId>,
) -> Result<Json<SubscriptionShape>> {
    Ok(Json(site.app.subscription(&who.viewer, id.into_inner()).await?.into()))
}

/// Gives it a new address; the old one is dead at once, files included.
#[utoipa::path(
    post, path = "/api/subscriptions/{id}/rotate", tag = "feeds", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = SubscriptionShape), (status = 404, body = Problem),
        (status = 410, body = Problem, description = "`subscription-revoked`")
    )
)]
pub(crate) async fn rotate(
    site: Data<Site>,
    who: SignedIn,
    id: Path<SubscriptionId>,
) -> Result<Json<SubscriptionShape>> {
    Ok(Json(site.app.rotate_subscription(&who.viewer, id.into_inner()).await?.into()))
}

/// Stops it for good.
#[utoipa::path(
    delete, path = "/api/subscriptions/{id}", tag = "feeds", params(("id" = Uuid, Path)),
    responses((status = 200, body = SubscriptionShape), (status = 404, body = Problem))
)]
pub(crate) async fn revoke(
    site: Data<Site>,
    who: SignedIn,
    id: Path<SubscriptionId>,
) -> Result<Json<SubscriptionShape>> {
    Ok(Json(site.app.revoke_subscription(&who.viewer, id.into_inner()).await?.into()))
}
