//! The recipes a school can choose from: those embedded in the program, and an administrator's own.

use super::{Recipe, STANDARD};
use std::sync::{Arc, LazyLock};

/// The files of `crates/media/recipes`, the standard one first.
const FILES: [&str; 3] = [
    include_str!("../../recipes/standard-1.json"),
    include_str!("../../recipes/economical-1.json"),
    include_str!("../../recipes/detailed-1.json"),
];

static BUILT_IN: LazyLock<Vec<Recipe>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| Recipe::parse(text).ok()).collect());

/// Why a text is no recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeFault {
    /// It does not have the form of one.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// Some values make no sense; each is named with what it may be.
    #[error("{0}")]
    Values(String),
    /// A recipe of that name is there already. A name means the same values for ever.
    #[error("there is a recipe named {0} already; a change of values is a new version")]
    Taken(String),
}

/// Recipes by name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RecipeBook {
    recipes: Arc<Vec<Recipe>>,
}

impl Default for RecipeBook {
    fn default() -> Self {
        Self { recipes: Arc::new(BUILT_IN.clone()) }
    }
}

impl RecipeBook {
    /// The built-in recipes.
    #[must_use]
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`RecipeFault::Taken`].
    pub fn add(&mut self, recipe: Recipe) -> Result<(), RecipeFault> {
        if self.find(&recipe.name).is_some() {
            return Err(RecipeFault::Taken(recipe.name));
        }
        Arc::make_mut(&mut self.recipes).push(recipe);
        Ok(())
    }

    /// The recipe of that permanent name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Recipe> {
        self.recipes.iter().find(|recipe| recipe.name == name)
    }

    /// All of them, the standard one first.
    #[must_use]
    pub fn all(&self) -> &[Recipe] {
        &self.recipes
    }
}

impl Recipe {
    /// Reads a recipe file and checks its values.
    ///
    /// # Errors
    /// [`RecipeFault::Form`] or [`RecipeFault::Values`].
    pub fn parse(text: &str) -> Result<Self, RecipeFault> {
        let recipe: Self = serde_json::from_str(text)?;
        let faults = recipe.faults();
        if faults.is_empty() { Ok(recipe) } else { Err(RecipeFault::Values(faults.join("; "))) }
    }
}

/// The built-in recipe every school starts with.
#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(super) fn built_in_standard() -> Recipe {
    BUILT_IN.iter().find(|recipe| recipe.name == STANDARD).expect("standard-1 is embedded").clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_program_is_a_recipe() {
        for text in FILES {
            let recipe = Recipe::parse(text).unwrap();
            assert!(text.contains(&recipe.name));
        }
        let book = RecipeBook::built_in();
        assert_eq!(book.all().len(), FILES.len());
        assert_eq!(book.all()[0], Recipe::standard());
    }

    #[test]
    fn a_recipe_is_found_by_its_permanent_name_only() {
        let book = RecipeBook::built_in();
        assert_eq!(book.find("standard-1"), Some(&Recipe::standard()));
        assert_eq!(book.find("standard"), None);
    }

    #[test]
    fn a_name_means_the_same_values_for_ever() {
        let mut book = RecipeBook::built_in();
        let mut own = Recipe::standard();
        own.image.quality = 60;
        assert!(matches!(book.add(own.clone()), Err(RecipeFault::Taken(name)) if name == "standard-1"));
        assert_eq!(book.find("standard-1"), Some(&Recipe::standard()));
        own.name = "college-2".to_owned();
        book.add(own.clone()).unwrap();
        assert_eq!(book.find("college-2"), Some(&own));
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_where() {
        let mut recipe = Recipe::standard();
        recipe.name = "Mine".to_owned();
        recipe.video.crf_tenths = 999;
        recipe.audio.mono_bit_rate = 65_000;
        let said = Recipe::parse(&serde_json::to_string(&recipe).unwrap()).unwrap_err().to_string();
        for part in ["name", "video.crf_tenths: 999 is not between 150 and 400", "audio.mono_bit_rate"] {
            assert!(said.contains(part), "{part} missing in {said}");
        }
        assert!(matches!(Recipe::parse("{}"), Err(RecipeFault::Form(_))));
    }
}
