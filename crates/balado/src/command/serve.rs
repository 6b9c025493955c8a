//! `balado serve`: pages, feeds and uploads, with workers beside them unless they run elsewhere.

use super::demonstration;
use crate::stopping;
use anyhow::{Context, Result};
use balado_app::App;
use balado_app::configuration::Configuration;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often counted downloads are written.
const FLUSH_EVERY: Duration = Duration::from_secs(5);

/// Arguments of `balado serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// Also set up a demonstration school from a folder with `school.csv` and media, and print how to sign in.
    #[arg(long, value_name = "FOLDER")]
    demo: Option<PathBuf>,
}

impl Serve {
    pub(crate) async fn run(self, configuration: Configuration) -> Result<ExitCode> {
        let embedded = configuration.worker.embedded;
        let address = configuration.server.address;
        let app = App::start(configuration)?;
        let stop = stopping::on_signal().context("listen for signals")?;
        let flusher = tokio::spawn(flush(app.clone(), stop.clone()));
        let worker = embedded.then(|| tokio::spawn(balado_worker::run(app.clone(), stop.clone())));
        if let Some(folder) = self.demo {
            let (app, stop) = (app.clone(), stop.clone());
            tokio::spawn(async move {
                if let Err(error) = demonstration::set_up(&app, &folder).await {
                    eprintln!("balado: the demonstration school could not be set up: {error:#}");
                    stop.cancel();
                }
            });
        }
        tracing::info!(%address, "listening");
        let served = balado_web::serve(app.clone(), stop.clone().cancelled_owned()).await;
        stop.cancel();
        if let Some(worker) = worker {
            worker.await.context("stop the workers")??;
        }
        flusher.await.context("stop writing downloads")?;
        served?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes counted downloads every few seconds, and once more at the end.
async fn flush(app: App, stop: CancellationToken) {
    loop {
        let stopping = tokio::time::timeout(FLUSH_EVERY, stop.cancelled()).await.is_ok();
        if let Err(error) = app.flush_fetches().await {
            tracing::warn!(%error, "downloads will be written later");
        }
        if stopping {
            return;
        }
    }
}
