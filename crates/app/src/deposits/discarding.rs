//! Taking a deposit back ("recommencer", "supprimer"): nothing of it stays but the line that there was one.
//!
//! Rows first, with one left that says that files may be there; then the files. A worker that is still storing one when
//! its job is called off may come after that, so the sweep looks again.

use crate::error::{Result, conflict};
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState};
use balado_domain::{DepositId, Viewer};
use balado_store::{Tx, cuts, deposits, homework, jobs, people, publications, renditions, uploads};
use chrono::TimeDelta;

/// How long after the end of a deposit a worker may still be storing something of it.
const STRAGGLERS: TimeDelta = TimeDelta::hours(1);

impl App {
    /// Takes a deposit back that nobody else has seen: the work on it is called off, and its original and all that was made
    /// of it are removed. One that is still arriving is given up. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it; `deposit-published`, also when the publication was withdrawn or has it as a
    /// companion; `deposit-handed-in`, also when the answer was replaced; `deposit-cut-from`, also while the cut waits.
    pub async fn discard_deposit(&self, viewer: &Viewer, id: DepositId) -> Result<()> {
        let found = self.own_deposit(viewer, id).await?;
        if found.state == DepositState::Receiving {
            match self.abandon_upload(viewer, id).await {
                // Its last byte came meanwhile.
                Err(error) if error.code() == "upload-finished" => {}
                given_up => return given_up,
            }
        }
        let scribe = self.scribe(viewer, found.school_id);
        let is_new = self
            .database()
            .write(move |tx| {
                // Jobs, then person, then deposit: as whoever records what a job made.
                jobs::cancel_for_deposit(tx, id, scribe.now)?;
                people::lock_person(tx, found.owner_id)?;
                let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                if deposit.state == DepositState::Abandoned {
                    return Ok(false);
                }
                refuse_what_others_use(tx, id)?;
                forget(tx, &deposit, scribe.now + STRAGGLERS)?;
                scribe.journal(tx, "deposit.discard", "deposit", id.to_string())?;
                Ok(true)
            })
            .await?;
        if is_new {
            self.arrivals().announce(id);
            if let Err(error) = self.discard_ended(id).await {
                tracing::warn!(%error, deposit = %id, "files of a discarded deposit stay until the next sweep");
            }
        }
        Ok(())
    }

    /// Removes what is left of an upload that has ended: its pieces and, when its deposit was given up, every file. Then
    /// the row that says so, unless more may come.
    pub(crate) async fn discard_ended(&self, id: DepositId) -> Result<()> {
        let (deposit, upload) = self
            .database()
            .read(move |c| {
                Ok((deposits::get_for(c, &Viewer::System, id)?, uploads::get_for(c, &Viewer::System, id)?))
            })
            .await?;
        if deposit.state == DepositState::Abandoned {
            self.objects().delete_deposit(deposit.school_id, id).await?;
            if upload.expires_at > self.now() {
                return Ok(self.objects().discard_upload(id).await?);
            }
        }
        self.discard_pieces(id).await
    }
}

fn refuse_what_others_use(tx: &mut Tx<'_>, id: DepositId) -> Result<()> {
    if publications::is_published(tx, id)? {
        return Err(conflict("deposit-published", "a publication has it"));
    }
    if homework::find_submission_by_deposit(tx, &Viewer::System, id)?.is_some() {
        return Err(conflict("deposit-handed-in", "an assignment has it"));
    }
    if cuts::is_source(tx, id)? {
        return Err(conflict("deposit-cut-from", "other deposits were made of it"));
    }
    Ok(())
}

fn forget(tx: &mut Tx<'_>, deposit: &Deposit, until: balado_domain::Timestamp) -> Result<()> {
    renditions::delete_of_deposit(tx, deposit.id)?;
    deposits::set_discarded(tx, deposit.id)?;
    Ok(uploads::remember_ended(tx, deposit, until)?)
}
