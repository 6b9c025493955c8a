//! Calling off the work on a deposit ("arrêter la conversion"). What was made stays, and so does the original.

use crate::error::{Result, conflict, not_found};
use crate::start::App;
use balado_domain::deposit::DepositState;
use balado_domain::event::Event;
use balado_domain::people::Role;
use balado_domain::{DepositId, Viewer};
use balado_store::{deposits, jobs};

/// Stable code of a deposit or a cut whose work somebody called off; worded like a failure.
pub(crate) const CANCELLED: &str = "cancelled";

impl App {
    /// Calls off the work on a deposit: what is queued is gone at once, what runs loses its fence and is stopped by its
    /// worker within seconds. The deposit counts as failed and can be tried again.
    ///
    /// # Errors
    /// `not-found` unless the viewer owns it or administers its school; `deposit-not-working` when no work is under way.
    pub async fn cancel_deposit(&self, viewer: &Viewer, id: DepositId) -> Result<()> {
        let person = viewer.person().ok_or_else(|| not_found("deposit"))?.clone();
        let (app, viewer) = (self.clone(), viewer.clone());
        self.database()
            .write(move |tx| {
                let deposit = deposits::get_for(tx, &Viewer::System, id)?;
                let is_owner = deposit.owner_id == person.id;
                if !is_owner && !person.has_role(deposit.school_id, Role::Administrator) {
                    return Err(not_found("deposit"));
                }
                if deposit.state != DepositState::Received {
                    return Err(conflict("deposit-not-working", "no work is under way"));
                }
                let scribe = app.scribe(&viewer, deposit.school_id);
                jobs::cancel_for_deposit(tx, id, scribe.now)?;
                deposits::set_failed(tx, id, CANCELLED)?;
                if !is_owner {
                    // Its owner did not ask for it and must learn of it.
                    scribe.tell(tx, Event::DepositFailed { deposit: id })?;
                }
                scribe.journal(tx, "deposit.cancel", "deposit", id.to_string())
            })
            .await
    }
}
