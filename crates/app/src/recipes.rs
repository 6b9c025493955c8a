//! Which recipe the deposits of a school follow, and where recipes come from.
//!
//! Recipes are data: those of the program, and an administrator's own files in the folder `worker.recipes`. A deposit keeps
//! the recipe it was first queued with.

use crate::error::{Error, Result, invalid};
use crate::happenings::Scribe;
use crate::modules::refuse_unless_administrator;
use crate::start::App;
use balado_domain::{DepositId, SchoolId, Viewer};
use balado_media::Recipe;
use balado_media::recipe::{RecipeBook, STANDARD};
use balado_store::{Conn, jobs, people};
use std::path::Path;

/// Largest recipe file that is read, in bytes; a real one has about 2000.
const LARGEST_FILE: u64 = 64 * 1024;

/// The recipes of a school, for its administrators.
#[derive(Debug, Clone)]
pub struct RecipeChoice {
    /// All it can choose from.
    pub recipes: Vec<Recipe>,
    /// The name of the one its new deposits follow.
    pub chosen: String,
}

impl App {
    /// What a school can choose from, and what it chose.
    ///
    /// # Errors
    /// `forbidden` unless the viewer administers the school.
    pub async fn recipe_choice(&self, viewer: &Viewer, school: SchoolId) -> Result<RecipeChoice> {
        refuse_unless_administrator(viewer, school)?;
        let book = self.recipes().clone();
        self.database()
            .read(move |c| {
                let chosen = of_school(c, &book, school)?;
                Ok(RecipeChoice { recipes: book.all().to_vec(), chosen })
            })
            .await
    }

    /// Has the new deposits of a school follow a recipe.
    ///
    /// # Errors
    /// `forbidden` unless the viewer administers the school; `recipe-unknown`.
    pub async fn choose_recipe(&self, viewer: &Viewer, school: SchoolId, name: &str) -> Result<()> {
        refuse_unless_administrator(viewer, school)?;
        let Some(recipe) = self.recipes().find(name) else {
            let known: Vec<_> = self.recipes().all().iter().map(|recipe| recipe.name.as_str()).collect();
            return Err(invalid("recipe-unknown", format!("`{name}` is none of {}", known.join(", "))));
        };
        let (name, scribe) = (recipe.name.clone(), self.scribe(viewer, school));
        self.database()
            .write(move |tx| {
                let mut found = people::get_school(tx, school)?;
                found.recipe = Some(name);
                people::update_school(tx, &found)?;
                scribe.journal(tx, "school.recipe", "school", school.to_string())
            })
            .await
    }

    /// The same for whoever runs the program: the school is given by its national code or its exact name.
    ///
    /// # Errors
    /// `school-unknown`, `recipe-unknown`.
    pub async fn choose_recipe_of(&self, school: &str, name: &str) -> Result<()> {
        let wanted = school.to_owned();
        let found = self
            .database()
            .read(move |c| {
                let schools = people::list_schools(c)?;
                Ok(schools.into_iter().find(|one| one.uai.as_deref() == Some(&*wanted) || one.name == wanted))
            })
            .await?;
        let found = found.ok_or_else(|| invalid("school-unknown", format!("no school `{school}`")))?;
        self.choose_recipe(&Viewer::System, found.id, name).await
    }
}

/// The built-in recipes and those of a folder.
///
/// # Errors
/// [`Error::Settings`] with one line per file that is no recipe.
pub(crate) fn load(folder: Option<&Path>) -> Result<RecipeBook> {
    let mut book = RecipeBook::built_in();
    let Some(folder) = folder else { return Ok(book) };
    let mut faults = Vec::new();
    let mut paths = Vec::new();
    match std::fs::read_dir(folder) {
        Ok(entries) => paths.extend(entries.flatten().map(|entry| entry.path())),
        Err(error) => faults.push(format!("worker.recipes: {}: {error}", folder.display())),
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    for path in paths {
        if let Err(fault) = add_file(&mut book, &path) {
            faults.push(format!("worker.recipes: {}: {fault}", path.display()));
        }
    }
    if faults.is_empty() { Ok(book) } else { Err(Error::Settings(faults.join("\n"))) }
}

/// A recipe's file is named like the recipe, so that two files never mean the same one.
fn add_file(book: &mut RecipeBook, path: &Path) -> std::result::Result<(), String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > LARGEST_FILE {
        return Err(format!("{size} bytes are too many for a recipe"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let recipe = Recipe::parse(&text).map_err(|fault| fault.to_string())?;
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(&recipe.name) {
        return Err(format!("holds the recipe {0}; name it {0}.json", recipe.name));
    }
    book.add(recipe).map_err(|fault| fault.to_string())
}

/// The recipe the new deposits of a school follow. One whose file is gone gives way to the standard one: a teacher can do
/// nothing about it.
pub(crate) fn of_school(c: &mut Conn, book: &RecipeBook, school: SchoolId) -> Result<String> {
    let chosen = people::get_school(c, school)?.recipe;
    let known = chosen.as_deref().and_then(|name| book.find(name));
    if let (Some(name), None) = (&chosen, known) {
        tracing::warn!(%school, recipe = name, "the recipe of a school is gone; the standard one is used");
    }
    Ok(known.map_or(STANDARD, |recipe| recipe.name.as_str()).to_owned())
}

/// The recipe a deposit follows: the one it was first queued with, else that of its school.
pub(crate) fn of_deposit(c: &mut Conn, scribe: &Scribe, deposit: DepositId) -> Result<String> {
    let queued = jobs::list_for_deposit(c, deposit)?;
    let first = queued.iter().rev().find_map(|job| job.work.as_ref()?.recipe());
    match first.filter(|name| scribe.recipes().find(name).is_some()) {
        Some(name) => Ok(name.to_owned()),
        None => of_school(c, scribe.recipes(), scribe.school),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn named(name: &str) -> String {
        let recipe = Recipe { name: name.to_owned(), ..Recipe::standard() };
        serde_json::to_string(&recipe).unwrap()
    }

    #[test]
    fn own_recipes_stand_beside_the_built_in_ones() {
        let folder = folder_with(&[("college-1.json", named("college-1")), ("notes.txt", String::new())]);
        let book = load(Some(folder.path())).unwrap();
        assert!(book.find("college-1").is_some() && book.find(STANDARD).is_some());
        assert_eq!(book.all().len(), load(None).unwrap().all().len() + 1);
    }

    #[test]
    fn every_bad_file_is_named_at_once() {
        let broken = named("college-2").replace("\"crf_tenths\":234", "\"crf_tenths\":2340");
        let folder = folder_with(&[
            ("standard-1.json", named("standard-1")),
            ("college-1.json", named("college-9")),
            ("college-2.json", broken),
            ("college-3.json", "{".to_owned()),
        ]);
        let said = load(Some(folder.path())).unwrap_err().to_string();
        for part in
            ["named standard-1 already", "name it college-9.json", "video.crf_tenths: 2340", "college-3.json"]
        {
            assert!(said.contains(part), "{part} missing in {said}");
        }
        assert!(load(Some(&folder.path().join("absent"))).is_err());
    }
}
