//! The modules of a school and the recipe of its deposits, for its administrators.

use super::frame::{Page, Reader, go_saying};
use crate::error::{Error, Result};
use crate::extract::SignedForm;
use crate::site::Site;
use crate::words::{Language, Words};
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use balado_app::modules::Switch;
use balado_domain::people::Role;
use balado_domain::{SchoolId, Viewer};

#[derive(Template)]
#[template(path = "admin_modules.html")]
struct AdminModules {
    l: Words,
    page: Page,
    modules: Vec<ModuleRow>,
    recipes: Vec<RecipeRow>,
}

/// A recipe and whether the school's deposits follow it.
#[derive(Debug, Clone)]
struct RecipeRow {
    name: String,
    title: String,
    summary: String,
    chosen: bool,
}

/// A module and whether the school has it.
#[derive(Debug, Clone)]
struct ModuleRow {
    id: String,
    label: String,
    description: String,
    on: bool,
}

/// `GET /admin/modules`.
pub(crate) async fn modules(reader: Reader) -> Result<HttpResponse> {
    let school = administered(reader.viewer())?;
    let words = reader.frame.words;
    let views = reader.site.app.modules(reader.viewer(), school).await?;
    let modules = views.into_iter().map(|view| ModuleRow {
        label: in_language(words.language(), view.label.fr, view.label.en),
        description: in_language(words.language(), view.summary.fr, view.summary.en),
        id: view.name.to_owned(),
        on: view.enabled,
    });
    let choice = reader.site.app.recipe_choice(reader.viewer(), school).await?;
    let recipes = choice.recipes.into_iter().map(|recipe| RecipeRow {
        title: in_language(words.language(), &recipe.title.french, &recipe.title.english),
        summary: in_language(words.language(), &recipe.summary.french, &recipe.summary.english),
        chosen: recipe.name == choice.chosen,
        name: recipe.name,
    });
    let page = reader.frame.page(words.t("modules-title"), "admin", "admin");
    let shown = AdminModules { l: words, page, modules: modules.collect(), recipes: recipes.collect() };
    reader.frame.show(&shown)
}

/// `POST /admin/recipe`.
pub(crate) async fn choose_recipe(site: Data<Site>, form: SignedForm) -> Result<HttpResponse> {
    let viewer = &form.who.viewer;
    let school = administered(viewer)?;
    site.app.choose_recipe(viewer, school, form.fields.one("recipe")).await?;
    Ok(go_saying(&site, "/admin/modules", "done-recipe"))
}

/// `POST /admin/modules`.
pub(crate) async fn switch(site: Data<Site>, form: SignedForm) -> Result<HttpResponse> {
    let viewer = &form.who.viewer;
    let position = if form.fields.one("on") == "true" { Switch::On } else { Switch::Off };
    let school = administered(viewer)?;
    site.app.switch_module(viewer, school, form.fields.one("module"), position).await?;
    Ok(go_saying(&site, "/admin/modules", "done-module"))
}

/// The school the person administers; for others these pages do not exist.
fn administered(viewer: &Viewer) -> Result<SchoolId> {
    let schools = viewer.person().map(|person| person.schools_as(Role::Administrator)).unwrap_or_default();
    schools.first().copied().ok_or_else(Error::not_found)
}

fn in_language(language: Language, french: &str, english: &str) -> String {
    match language {
        Language::French => french.to_owned(),
        Language::English => english.to_owned(),
    }
}
