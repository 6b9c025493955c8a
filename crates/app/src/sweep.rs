//! Housekeeping: unfinished uploads nobody came back for, sessions that ended. Every step may run twice, and two sweeps may
//! run at once.

use crate::error::Result;
use crate::start::App;
use balado_domain::Viewer;
use balado_store::{deposits, sessions, uploads};
use chrono::TimeDelta;

/// Uploads given up in one sweep.
const BATCH: i64 = 200;

impl App {
    /// Gives up expired uploads and forgets ended sessions. An upload that is being written is left alone.
    ///
    /// # Errors
    /// When database or blob store do not answer; the next sweep goes on.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now();
        let expired = self.database().read(move |c| Ok(uploads::list_expired(c, now, BATCH)?)).await?;
        for upload in expired {
            let id = upload.deposit_id;
            if upload.length == Some(upload.offset) {
                self.finish_interrupted(id).await?;
                continue;
            }
            let app = self.clone();
            self.database()
                .write(move |tx| {
                    let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                    uploads::delete(tx, id)?;
                    deposits::set_abandoned(tx, id)?;
                    let scribe = app.scribe(&Viewer::System, deposit.school_id);
                    scribe.journal(tx, "deposit.expire", "deposit", id.to_string())
                })
                .await?;
            self.objects().discard_upload(id).await?;
        }
        self.database()
            .write(move |tx| {
                sessions::delete_expired(tx, now)?;
                sessions::delete_failures_before(tx, now - TimeDelta::days(1))?;
                Ok(())
            })
            .await
    }
}
