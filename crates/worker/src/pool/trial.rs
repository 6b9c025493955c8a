//! The trial of the box: before the first child gets a file, one tries to break out. As long as it can, this process
//! converts nothing; publication, mail and housekeeping go on.

use crate::supervisor::{Strictness, Supervisor};
use std::path::Path;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// How long until a box that did not hold is tried again: an administrator may have mended the machine.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Set once the box held; one trial serves the whole process.
static PASSED: OnceCell<()> = OnceCell::const_new();

/// Waits until the box holds. False when the process stops before that.
pub(super) async fn passes(supervisor: &Supervisor, scratch: &Path, stop: &CancellationToken) -> bool {
    loop {
        let waiting = PASSED.get_or_try_init(|| hold(supervisor, scratch));
        let passed = tokio::select! {
            () = stop.cancelled() => return false,
            passed = waiting => passed,
        };
        let Err(why) = passed else { return true };
        tracing::error!(why, "the sandbox does not hold: this machine converts no file; see `balado doctor`");
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(AGAIN_AFTER) => {}
        }
    }
}

/// Tries once. A developer's override turns a failure into a warning.
async fn hold(supervisor: &Supervisor, scratch: &Path) -> Result<(), String> {
    let verdict = attempt(supervisor, scratch).await;
    match (verdict, supervisor.strictness()) {
        (Ok(attempts), _) => {
            tracing::info!(attempts, "the sandbox holds");
            Ok(())
        }
        (Err(why), Strictness::FailClosed) => Err(why),
        (Err(why), Strictness::TolerateGaps) => {
            tracing::warn!(why, "WORKER.SANDBOX=TOLERATE-GAPS: FILES ARE CONVERTED IN A BOX WITH GAPS");
            Ok(())
        }
    }
}

/// How many attempts the box held against, or which it did not.
async fn attempt(supervisor: &Supervisor, scratch: &Path) -> Result<usize, String> {
    let folder = tempfile::Builder::new().prefix("trial-").tempdir_in(scratch).map_err(|e| e.to_string())?;
    let attempts = supervisor.prove_box(folder.path()).await.map_err(|e| e.to_string())?;
    let escapes: Vec<&str> =
        attempts.iter().filter(|attempt| !attempt.held).map(|attempt| attempt.what.as_str()).collect();
    if escapes.is_empty() { Ok(attempts.len()) } else { Err(format!("it could: {}", escapes.join("; "))) }
}
