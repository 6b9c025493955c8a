//! `balado worker`: workers alone, on a machine that shares database and blob store with a `serve` elsewhere.

use crate::stopping;
use anyhow::{Context, Result};
use balado_app::App;
use balado_app::configuration::Configuration;
use std::process::ExitCode;

/// Works until told to stop.
pub(crate) async fn run(configuration: Configuration) -> Result<ExitCode> {
    let app = App::start(configuration)?;
    let stop = stopping::on_signal().context("listen for signals")?;
    tracing::info!("working");
    balado_worker::run(app, stop).await?;
    Ok(ExitCode::SUCCESS)
}
