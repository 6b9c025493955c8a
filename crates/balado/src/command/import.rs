//! `balado import csv FILE`: loads a roster; a bad line is named and nothing is changed.

use anyhow::{Context, Result};
use balado_app::App;
use balado_app::configuration::Configuration;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `balado import`.
#[derive(Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Subcommand)]
enum Source {
    /// One CSV file, one person per line; columns are described in crates/directory/README.md.
    Csv {
        /// The file.
        file: PathBuf,
    },
}

impl Import {
    pub(crate) async fn run(self, configuration: Configuration) -> Result<ExitCode> {
        let Source::Csv { file } = self.source;
        let input = std::fs::File::open(&file).with_context(|| file.display().to_string())?;
        let roster = match balado_app::roster::read_csv(input) {
            Ok(roster) => roster,
            Err(error) => {
                eprintln!("balado: nothing was imported.\n{error}");
                return Ok(ExitCode::from(2));
            }
        };
        let report = App::start(configuration)?.import_roster(roster).await?;
        println!(
            "{} schools, {} classes and groups, {} people made; {} known already; {} guardian links",
            report.schools, report.groups, report.people, report.known, report.guardianships
        );
        for (login, password) in report.passwords {
            println!("{login}\t{password}");
        }
        Ok(ExitCode::SUCCESS)
    }
}
