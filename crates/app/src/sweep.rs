//! Housekeeping: unfinished uploads nobody came back for, pieces of finished ones, files of cuts nobody will record, copies
//! of dead processes, sessions that ended. Every step may run twice, and two sweeps may run at once. What cannot be swept
//! never holds up the rest.

use crate::error::Result;
use crate::secrets::fresh_secret;
use crate::start::App;
use balado_domain::{DepositId, Viewer};
use balado_store::{cuts, deposits, jobs, sessions, uploads};
use chrono::TimeDelta;

/// Uploads given up in one sweep.
const BATCH: i64 = 200;
/// How long ago a cut failed whose files are looked for: no worker is still storing any, and some sweep has run since.
const FAILED_CUT: [TimeDelta; 2] = [TimeDelta::days(2), TimeDelta::minutes(10)];
/// How long the sweep keeps writers off an upload, in seconds.
const HOLD_SECONDS: u32 = 30;

impl App {
    /// Forgets ended sessions and old failed sign-ins, gives up expired uploads, and removes what processes left that died
    /// before they could: pieces of finished uploads, files of failed cuts, copies. An upload that is being written, or was continued meanwhile, is left alone; one whose
    /// every byte is here is finished instead.
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
        self.sweep_pieces().await?;
        if let Err(error) = self.objects().sweep().await {
            tracing::warn!(%error, "unfinished copies could not be swept");
        }
        let [oldest, youngest] = FAILED_CUT.map(|age| now - age);
        let failed = self.database().read(move |c| Ok(cuts::list_failed(c, oldest, youngest)?)).await?;
        for cut in failed {
            if let Err(error) = self.discard_parts(&cut).await {
                tracing::warn!(%error, cut = %cut.id, "the files of a failed cut could not be swept");
            }
        }
        Ok(())
    }

    /// Pieces of uploads that have ended: a second copy of what is kept, or of what nobody may keep.
    async fn sweep_pieces(&self) -> Result<()> {
        let ended = self.database().read(|c| Ok(uploads::list_ended(c, BATCH)?)).await?;
        for id in ended {
            if let Err(error) = self.discard_ended(id).await {
                tracing::warn!(%error, deposit = %id, "the pieces of an upload could not be swept");
            }
        }
        Ok(())
    }

    /// Bytes first, rows after: a process that dies in between leaves a row for the next sweep, never bytes nobody knows of.
    async fn give_up(&self, id: DepositId) -> Result<()> {
        let _turn = self.writers().take(id).await?;
        let now = self.now();
        let is_mine = self
            .database()
            .write(move |tx| {
                let held = uploads::try_take_writer(tx, id, &fresh_secret(), HOLD_SECONDS)?;
                Ok(held.is_some_and(|upload| upload.expires_at <= now))
            })
            .await?;
        if !is_mine {
            return Ok(());
        }
        self.objects().discard_upload(id).await?;
        let app = self.clone();
        self.database()
            .write(move |tx| {
                let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                uploads::delete(tx, id)?;
                deposits::set_abandoned(tx, id)?;
                jobs::cancel_for_deposit(tx, id, now)?;
                let scribe = app.scribe(&Viewer::System, deposit.school_id);
                scribe.journal(tx, "deposit.expire", "deposit", id.to_string())
            })
            .await?;
        self.arrivals().announce(id);
        Ok(())
    }
}
