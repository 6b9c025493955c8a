//! The audit journal (journal): who did what to what, without titles, names or tokens.

use crate::{AuditId, PersonId, SchoolId, Timestamp};

/// One line of the journal, written in the transaction it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who did it; absent for Balado itself.
    pub actor_id: Option<PersonId>,
    /// For whom, when an adult acts for a pupil or a delegate for an absent person.
    pub on_behalf_of: Option<PersonId>,
    /// What was done, e.g. `publication.withdraw`.
    pub verb: String,
    /// Kind of the object, e.g. `publication`.
    pub object_kind: String,
    /// Id of the object.
    pub object_id: String,
    /// The school concerned, when there is one.
    pub school_id: Option<SchoolId>,
}
