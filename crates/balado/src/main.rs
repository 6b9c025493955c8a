//! The program: `balado serve | worker | import | admin | doctor | transcode | settings`. Composition root; no rules here.

mod command;
mod logging;
mod stopping;

use balado_app::configuration::Configuration;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A school podcast service (baladodiffusion).
#[derive(Parser)]
#[command(name = "balado", version, about)]
struct Arguments {
    /// Settings file (TOML). Every setting also has a BALADO_… variable; `balado settings` lists them.
    #[arg(long, global = true, env = "BALADO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages, feeds and uploads; also work, unless worker.embedded is false.
    Serve(command::serve::Serve),
    /// Work only: for machines that share the database and blob store of a `serve` elsewhere.
    Worker,
    /// Load schools, classes, people and guardians.
    Import(command::import::Import),
    /// Manage accounts and tokens.
    Admin(command::admin::Admin),
    /// Say what this machine lacks and how to install it.
    Doctor,
    /// Run the pipeline on one file, without any server.
    Transcode(Box<command::transcode::Transcode>),
    /// List every setting with its default and meaning.
    Settings,
}

fn main() -> ExitCode {
    // rustls needs to be told once which cryptography to use; a second call would only say that it was done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("balado: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Command::Settings => return command::settings::print(),
        Command::Transcode(transcode) => return transcode.run().await,
        _ => {}
    }
    let variables = std::env::vars().filter(|(name, _)| name != "BALADO_CONFIG" && name != "BALADO_LOG");
    let configuration = match Configuration::load(arguments.config.as_deref(), variables) {
        Ok(configuration) => configuration,
        Err(error) => {
            eprintln!("balado: these settings are wrong:\n{error}\n\n`balado settings` lists every setting.");
            return ExitCode::from(2);
        }
    };
    logging::start();
    let done = match arguments.command {
        Command::Serve(serve) => serve.run(configuration).await,
        Command::Worker => command::worker::run(configuration).await,
        Command::Import(import) => import.run(configuration).await,
        Command::Admin(admin) => admin.run(configuration).await,
        Command::Doctor => command::doctor::run(configuration).await,
        Command::Transcode(_) | Command::Settings => Ok(ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        eprintln!("balado: {error:#}");
        ExitCode::FAILURE
    })
}
