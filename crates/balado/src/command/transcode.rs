//! `balado transcode FILE --out FOLDER [--keep SPANS …] [--json]`: the pipeline on one file, without any server.

use balado_worker::cut_file::cut_file;
use balado_worker::transcode_file::{Conclusion, MadeFile, Step, transcode_file};
use balado_worker::{CutError, CutWish, Precision, Recipe, RecipeBook, Split, Supervisor, parse_spans};
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
    /// Keep these pieces only, such as 0:10-1:20,2:00-3:30; either end may be left out.
    #[arg(long, value_name = "SPANS", allow_hyphen_values = true)]
    keep: Option<String>,
    /// Cut films at the very picture, not at the key frames around each piece.
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    split: SplitArguments,
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

/// How what is kept becomes files; at most one.
#[derive(Args)]
#[group(multiple = false)]
struct SplitArguments {
    /// One file for each piece.
    #[arg(long, requires = "keep")]
    split: bool,
    /// A new file in the middle of each silence of two seconds.
    #[arg(long)]
    split_silences: bool,
    /// A new file where a chapter begins.
    #[arg(long)]
    split_chapters: bool,
}

impl SplitArguments {
    fn split(&self) -> Split {
        match (self.split, self.split_silences, self.split_chapters) {
            (true, _, _) => Split::Spans,
            (_, true, _) => Split::Silences,
            (_, _, true) => Split::Chapters,
            _ => Split::None,
        }
    }
}

impl Transcode {
    pub(crate) async fn run(self) -> ExitCode {
        let conclusion = match self.wish() {
            Ok(wish) => self.convert(wish).await,
            Err(error) => Conclusion::Misfit(error),
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

    async fn convert(&self, wish: Option<CutWish>) -> Conclusion {
        let configured = std::env::var_os("BALADO_WORKER_TRANSCODER").map(PathBuf::from);
        let supervisor = match Supervisor::locate(configured.as_deref()) {
            Ok(supervisor) => supervisor,
            Err(error) => {
                return Conclusion::Missing { what: "balado-transcoder".to_owned(), how: error.to_string() };
            }
        };
        let (recipe, heard) = (self.recipe.clone(), |step| self.tell(step));
        match wish {
            Some(wish) => cut_file(&supervisor, &self.file, &self.out, recipe, &wish, heard).await,
            None => transcode_file(&supervisor, &self.file, &self.out, recipe, heard).await,
        }
    }

    /// What to cut; nothing when the whole file is wanted in one.
    fn wish(&self) -> Result<Option<CutWish>, CutError> {
        let split = self.split.split();
        if self.keep.is_none() && split == Split::None {
            return Ok(None);
        }
        let keep = self.keep.as_deref().map(parse_spans).transpose()?.unwrap_or_default();
        let precision = if self.exact { Precision::Exact } else { Precision::Fast };
        Ok(Some(CutWish { keep, split, precision }))
    }

    fn tell(&self, step: Step) {
        match step {
            Step::Made(made) if self.json => println!("{}", as_line(&made)),
            Step::Made(made) => println!("{}", made.path.display()),
            Step::Kept { part, pieces } if self.json => {
                println!("{}", json!({ "part": part, "kept": pieces }))
            }
            Step::Progress(permille) if !self.json => eprint!("\r{} %  ", permille / 10),
            Step::Progress(_) | Step::Kept { .. } => {}
        }
    }
}

fn as_line(made: &MadeFile) -> String {
    serde_json::to_string(made).unwrap_or_default()
}
