//! Classes and groups.

use super::Listing;
use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::web::{Data, Json};
use balado_domain::people::Group;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A class or group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupShape {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its name, e.g. `5eB`.
    pub(crate) name: String,
}

impl From<Group> for GroupShape {
    fn from(group: Group) -> Self {
        Self { id: group.id.uuid(), name: group.name }
    }
}

/// Several groups as shapes.
pub(crate) fn shapes(groups: Vec<Group>) -> Vec<GroupShape> {
    groups.into_iter().map(GroupShape::from).collect()
}

/// The classes and groups you teach, attend, or read by role.
#[utoipa::path(get, path = "/api/groups", tag = "people", responses((status = 200, body = Listing<GroupShape>)))]
pub(crate) async fn list(site: Data<Site>, who: SignedIn) -> Result<Json<Listing<GroupShape>>> {
    Ok(Json(Listing::whole(shapes(site.app.groups(&who.viewer).await?))))
}
