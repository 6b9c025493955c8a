//! `balado transcode FILE --out FOLDER [--json]`: the pipeline on one file, without any server.

use balado_worker::transcode_file::{Conclusion, MadeFile, Step, transcode_file};
use balado_worker::{Recipe, Supervisor};
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
}

impl Transcode {
    pub(crate) async fn run(self) -> ExitCode {
        let configured = std::env::var_os("BALADO_WORKER_TRANSCODER").map(PathBuf::from);
        let conclusion = match Supervisor::locate(configured.as_deref()) {
            Ok(supervisor) => {
                transcode_file(&supervisor, &self.file, &self.out, Recipe::standard(), |step| self.tell(step))
                    .await
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
