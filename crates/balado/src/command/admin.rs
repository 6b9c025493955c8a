//! `balado admin`: what an administrator does without a browser.

use anyhow::Result;
use balado_app::App;
use balado_app::configuration::Configuration;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Arguments of `balado admin`.
#[derive(Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a bearer token with a person's rights, for scripts. It is shown once.
    Token {
        /// The person's login.
        login: String,
        /// What it is for.
        #[arg(long, default_value = "script")]
        label: String,
    },
    /// Switch a person's account off: sessions, tokens and feeds are dead at once.
    Disable {
        /// The person's login.
        login: String,
    },
    /// List the recipes: what can be made of a deposit, and at what cost.
    Recipes,
    /// Have the new deposits of a school follow a recipe.
    Recipe {
        /// The school's national code or exact name.
        school: String,
        /// The recipe, e.g. economical-1.
        name: String,
    },
    /// Give a person a new password, shown once, and end their sessions.
    Password {
        /// The person's login.
        login: String,
    },
}

impl Admin {
    pub(crate) async fn run(self, configuration: Configuration) -> Result<ExitCode> {
        let app = App::start(configuration)?;
        match self.action {
            Action::Token { login, label } => println!("{}", app.issue_api_token(&login, &label).await?),
            Action::Disable { login } => app.disable_person(&login).await?,
            Action::Recipes => {
                for recipe in app.recipes().all() {
                    println!("{}: {}", recipe.name, recipe.summary.english);
                }
            }
            Action::Recipe { school, name } => app.choose_recipe_of(&school, &name).await?,
            Action::Password { login } => println!("{}", app.reset_password(&login).await?),
        }
        Ok(ExitCode::SUCCESS)
    }
}
