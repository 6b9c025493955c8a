//! `balado transcode FILE --out FOLDER [--json]`: the pipeline on one file, without any server.

use balado_worker::transcode_file::{Conclusion, MadeFile, Step, transcode_file};
use balado_worker::{Recipe, RecipeBook, Supervisor};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `balado transcode`. Exit codes: 0 done, 2 refused, 3 this machine lacks something.
#[derive(Args)]
pub(crate) struct Transcode {
    /// The file to convert.
    file: PathBuf,
    /// Folder for the outputs; made when absent.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Print one JSON line per output, or `{code, message}` for a refusal.
    #[arg(long)]
    json: bool,
    /// What to make of it: a recipe of the program by name, or one of your own by its file.
    #[arg(long, value_name = "NAME|FILE", default_value = "standard-1", value_parser = recipe)]
    recipe: Recipe,
}

/// A built-in recipe by its name, or the recipe in a file.
fn recipe(text: &str) -> Result<Recipe, String> {
    if let Some(found) = RecipeBook::built_in().find(text) {
        return Ok(found.clone());
    }
    let content =
        std::fs::read_to_string(text).map_err(|error| format!("no such recipe and no file: {error}"))?;
    Recipe::parse(&content).map_err(|fault| fault.to_string())
}

impl Transcode {
    pub(crate) async fn run(self) -> ExitCode {
        let configured = std::env::var_os("BALADO_WORKER_TRANSCODER").map(PathBuf::from);
        let conclusion = match Supervisor::locate(configured.as_deref()) {
            Ok(supervisor) => {
                let recipe = self.recipe.clone();
                transcode_file(&supervisor, &self.file, &self.out, recipe, |step| self.tell(step)).await
            }
            Err(error) => {
                Conclusion::Missing { what: "balado-transcoder".to_owned(), how: error.to_string() }
            }
        };
        if let (Some(code), Some(message)) = (conclusion.code(), conclusion.message()) {
            if self.json {
                println!("{}", json!({ "code": code, "message": message }));
            } else {
                eprintln!("balado: {message}");
            }
        }
        ExitCode::from(conclusion.exit_code())
    }

    fn tell(&self, step: Step) {
        match step {
            Step::Made(made) if self.json => println!("{}", as_line(&made)),
            Step::Made(made) => println!("{}", made.path.display()),
            Step::Progress(permille) if !self.json => eprint!("\r{} %  ", permille / 10),
            Step::Progress(_) => {}
        }
    }
}

fn as_line(made: &MadeFile) -> String {
    serde_json::to_string(made).unwrap_or_default()
}
