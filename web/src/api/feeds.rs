//! Feeds one may subscribe to.

use super::Listing;
use super::groups::GroupShape;
use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::web::{Data, Json};
use balado_app::subscriptions::FeedView;
use balado_domain::feed::{FeedKind, FeedScope};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedShape {
    /// Its id.
    id: Uuid,
    /// What it is called.
    title: String,
    /// `group` or `assignment`.
    kind: String,
    /// Its class or group, when it has one.
    group: Option<GroupShape>,
}

impl From<FeedView> for FeedShape {
    fn from(view: FeedView) -> Self {
        let kind = match view.feed.scope {
            FeedScope::Group(_) => FeedKind::Group,
            FeedScope::Assignment(_) => FeedKind::Assignment,
        };
        Self {
            id: view.feed.id.uuid(),
            title: view.title,
            kind: kind.to_string(),
            group: view.group.map(GroupShape::from),
        }
    }
}

/// The feeds you may subscribe to.
#[utoipa::path(get, path = "/api/feeds", tag = "feeds", responses((status = 200, body = Listing<FeedShape>)))]
pub(crate) async fn list(site: Data<Site>, who: SignedIn) -> Result<Json<Listing<FeedShape>>> {
    let found = site.app.feeds(&who.viewer).await?;
    Ok(Json(Listing::whole(found.into_iter().map(FeedShape::from).collect())))
}
