//! `balado doctor`: what this machine lacks, and how to install it.

use anyhow::Result;
use balado_app::App;
use balado_app::configuration::Configuration;
use std::process::ExitCode;

/// Prints one line per check; fails when something that is needed is missing.
pub(crate) async fn run(configuration: Configuration) -> Result<ExitCode> {
    let mut healthy = true;
    for check in balado_worker::examination::examine(configuration.worker.transcoder.as_deref()).await {
        healthy &= report(&check.what, check.remedy.as_deref());
    }
    let reachable = match App::start(configuration) {
        Ok(app) => app.check_health().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    healthy &= report("database and blob store", reachable.err().as_deref());
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn report(what: &str, trouble: Option<&str>) -> bool {
    match trouble {
        None => println!("ok       {what}"),
        Some(remedy) => println!("MISSING  {what}: {remedy}"),
    }
    trouble.is_none()
}
