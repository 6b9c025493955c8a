//! Housekeeping: unfinished uploads nobody came back for, sessions that ended. Every step may run twice, and two sweeps may
//! run at once. One upload that cannot be swept never holds up the others.

use crate::error::Result;
use crate::secrets::fresh_secret;
use crate::start::App;
use balado_domain::{DepositId, Viewer};
use balado_store::{deposits, sessions, uploads};
use chrono::TimeDelta;

/// Uploads given up in one sweep.
const BATCH: i64 = 200;
/// How long the sweep keeps writers off an upload, in seconds.
const HOLD_SECONDS: u32 = 30;

impl App {
    /// Forgets ended sessions and old failed sign-ins, and gives up expired uploads. An upload that is being written, or
    /// was continued meanwhile, is left alone; one whose every byte is here is finished instead.
    ///
    /// # Errors
    /// When the database does not answer; the next sweep goes on.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now();
        self.database()
            .write(move |tx| {
                sessions::delete_expired(tx, now)?;
                sessions::delete_failures_before(tx, now - TimeDelta::days(1))?;
                Ok(())
            })
            .await?;
        let expired = self.database().read(move |c| Ok(uploads::list_expired(c, now, BATCH)?)).await?;
        for upload in expired {
            let id = upload.deposit_id;
            let swept = if upload.length == Some(upload.offset) {
                self.finish_interrupted(id).await
            } else {
                self.give_up(id).await
            };
            if let Err(error) = swept {
                tracing::warn!(%error, deposit = %id, "an upload could not be swept");
            }
        }
        Ok(())
    }

    async fn give_up(&self, id: DepositId) -> Result<()> {
        let _turn = self.writers().take(id).await?;
        let app = self.clone();
        let given_up = self
            .database()
            .write(move |tx| {
                let held = uploads::try_take_writer(tx, id, &fresh_secret(), HOLD_SECONDS)?;
                if held.is_none_or(|upload| upload.expires_at > app.now()) {
                    return Ok(false);
                }
                let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                uploads::delete(tx, id)?;
                deposits::set_abandoned(tx, id)?;
                let scribe = app.scribe(&Viewer::System, deposit.school_id);
                scribe.journal(tx, "deposit.expire", "deposit", id.to_string())?;
                Ok(true)
            })
            .await?;
        if given_up {
            self.objects().discard_upload(id).await?;
        }
        Ok(())
    }
}
