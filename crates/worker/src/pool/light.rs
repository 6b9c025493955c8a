//! Work without a child: events to modules, mail, housekeeping. Each may run twice; `app` names its idempotence key.

use super::{Attempt, Heartbeat};
use balado_app::App;
use balado_domain::ErrorKind;
use balado_domain::job::{ClaimedJob, Setback, Work};

/// Runs one light job.
pub(crate) async fn run(app: &App, claim: &ClaimedJob, work: &Work, heartbeat: &Heartbeat) -> Attempt {
    let running = async {
        match work {
            Work::DispatchEvent { event, module } => app.dispatch_event(*event, module.clone()).await,
            Work::Deliver { notice } => app.deliver_notice(*notice).await,
            Work::Sweep => app.sweep().await,
            Work::Transcode { .. }
            | Work::Pictures { .. }
            | Work::LightVideo { .. }
            | Work::Follow { .. }
            | Work::Cut { .. } => Ok(()),
        }
    };
    let done = tokio::select! {
        () = heartbeat.lost().cancelled() => return Attempt::LostLease,
        done = running => done,
    };
    match done {
        Ok(()) => match app.complete_job(claim).await {
            Ok(true) => Attempt::Finished,
            Ok(false) => Attempt::LostLease,
            Err(error) => Attempt::Failed(setback_of(&error)),
        },
        Err(error) => {
            tracing::warn!(job = %claim.job.id, %error, "an attempt failed");
            Attempt::Failed(setback_of(&error))
        }
    }
}

/// Whether another attempt can help: not when the thing is gone or makes no sense.
pub(crate) fn setback_of(error: &balado_app::Error) -> Setback {
    let code = error.code().to_owned();
    match error.kind() {
        ErrorKind::Invalid
        | ErrorKind::NotFound
        | ErrorKind::Gone
        | ErrorKind::Unsupported
        | ErrorKind::Forbidden => Setback::Permanent { code },
        _ => Setback::Retry { code },
    }
}
