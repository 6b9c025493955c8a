//! Portal modules, for administrators.

use super::{Listing, Problem};
use crate::error::{Error, Result};
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use crate::words::Language;
use actix_web::web::{Data, Json, Path};
use balado_app::modules::{ModuleView, Switch};
use balado_domain::SchoolId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A portal module.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModuleShape {
    /// Permanent kebab-case name.
    name: String,
    /// What it is called, in your language.
    label: String,
    /// What it does.
    summary: String,
    /// Whether the school has it.
    enabled: bool,
}

impl ModuleShape {
    fn new(view: &ModuleView, language: Language) -> Self {
        let said = |french: &str, english: &str| match language {
            Language::French => french.to_owned(),
            Language::English => english.to_owned(),
        };
        Self {
            name: view.name.to_owned(),
            label: said(view.label.fr, view.label.en),
            summary: said(view.summary.fr, view.summary.en),
            enabled: view.enabled,
        }
    }
}

/// The position of the switch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleChange {
    /// Whether the school shall have it.
    enabled: bool,
}

/// The modules of a school you administer.
#[utoipa::path(
    get, path = "/api/modules/{school}", tag = "modules", params(("school" = Uuid, Path)),
    responses((status = 200, body = Listing<ModuleShape>), (status = 403, body = Problem))
)]
pub(crate) async fn list(
    site: Data<Site>,
    who: SignedIn,
    school: Path<SchoolId>,
) -> Result<Json<Listing<ModuleShape>>> {
    let found = site.app.modules(&who.viewer, school.into_inner()).await?;
    Ok(Json(Listing::whole(found.iter().map(|view| ModuleShape::new(view, who.language)).collect())))
}

/// One module of a school you administer.
#[utoipa::path(
    get, path = "/api/modules/{school}/{name}", tag = "modules",
    params(("school" = Uuid, Path), ("name" = String, Path)),
    responses((status = 200, body = ModuleShape), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    who: SignedIn,
    path: Path<(SchoolId, String)>,
) -> Result<Json<ModuleShape>> {
    let (school, name) = path.into_inner();
    one(&site, &who, school, &name).await.map(Json)
}

/// Switches a module of a school you administer on or off.
#[utoipa::path(
    put, path = "/api/modules/{school}/{name}", tag = "modules", request_body = ModuleChange,
    params(("school" = Uuid, Path), ("name" = String, Path)),
    responses((status = 200, body = ModuleShape), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub(crate) async fn switch(
    site: Data<Site>,
    who: SignedIn,
    path: Path<(SchoolId, String)>,
    body: JsonBody<ModuleChange>,
) -> Result<Json<ModuleShape>> {
    let (school, name) = path.into_inner();
    let position = if body.0.enabled { Switch::On } else { Switch::Off };
    site.app.switch_module(&who.viewer, school, &name, position).await?;
    one(&site, &who, school, &name).await.map(Json)
}

async fn one(site: &Site, who: &SignedIn, school: SchoolId, name: &str) -> Result<ModuleShape> {
    let found = site.app.modules(&who.viewer, school).await?;
    let view = found.iter().find(|view| view.name == name).ok_or_else(Error::not_found)?;
    Ok(ModuleShape::new(view, who.language))
}
