//! Cuts: new deposits made of pieces of a finished one. What is kept and how it is split is said in `balado-media`'s words;
//! here a cut is only what was asked, by whom, and what became of it.

use crate::{CutId, DepositId, PersonId, SchoolId, Timestamp, text_enum};

text_enum! {
    /// Where a cut stands.
    pub enum CutState {
        /// Its job is queued or running.
        Waiting = "waiting",
        /// Its deposits exist.
        Done = "done",
        /// It cannot be made, or every attempt failed. The source is as it was.
        Failed = "failed",
    }
}

/// One cut of one deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Its id.
    pub id: CutId,
    /// The deposit it is made from, which it never changes.
    pub deposit_id: DepositId,
    /// The school of that deposit.
    pub school_id: SchoolId,
    /// Who asked: the owner of the deposit, and of the new ones.
    pub requested_by: PersonId,
    /// What was asked, as JSON.
    pub wish: String,
    /// Where it stands.
    pub state: CutState,
    /// Stable code of the failure, when failed.
    pub failure_code: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
}
