//! Who is signed in.

use super::groups::{GroupShape, shapes};
use crate::error::Result;
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::web::{Data, Json};
use balado_domain::people::{Person, School};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A school.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchoolShape {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its name.
    pub(crate) name: String,
    /// IANA time zone, e.g. `Europe/Paris`.
    pub(crate) timezone: String,
}

impl From<School> for SchoolShape {
    fn from(school: School) -> Self {
        Self { id: school.id.uuid(), name: school.name, timezone: school.timezone }
    }
}

/// Somebody, by full name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonShape {
    /// Their id.
    pub(crate) id: Uuid,
    /// `Lou Martin`.
    pub(crate) name: String,
}

impl From<Person> for PersonShape {
    fn from(person: Person) -> Self {
        Self { id: person.id.uuid(), name: person.full_name() }
    }
}

/// You.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Your id.
    id: Uuid,
    /// `Lou Martin`.
    name: String,
    /// `fr` or `en`; null when you chose none.
    locale: Option<String>,
    /// Your schools.
    schools: Vec<SchoolShape>,
    /// What you are: `pupil`, `teacher`, `assistant`, `librarian`, `guardian`, `inspector`, `principal`, `administrator`.
    roles: Vec<String>,
    /// Classes and groups you teach.
    taught: Vec<GroupShape>,
    /// Classes and groups you attend.
    attended: Vec<GroupShape>,
    /// Pupils you are a guardian of.
    children: Vec<PersonShape>,
    /// Send it as `X-Balado-Csrf` with every request that changes something; null with a bearer token, which needs none.
    csrf: Option<String>,
}

/// Who you are.
#[utoipa::path(get, path = "/api/me", tag = "people", responses((status = 200, body = Me)))]
pub(crate) async fn show(site: Data<Site>, who: SignedIn) -> Result<Json<Me>> {
    let portrait = site.app.portrait(&who.viewer).await?;
    Ok(Json(Me {
        id: portrait.person.id.uuid(),
        name: portrait.person.full_name(),
        locale: portrait.person.locale.clone(),
        schools: portrait.schools.into_iter().map(SchoolShape::from).collect(),
        roles: portrait.roles.iter().map(ToString::to_string).collect(),
        taught: shapes(portrait.taught),
        attended: shapes(portrait.attended),
        children: portrait.children.into_iter().map(PersonShape::from).collect(),
        csrf: Some(who.form_token().to_owned()).filter(|token| !token.is_empty()),
    }))
}
