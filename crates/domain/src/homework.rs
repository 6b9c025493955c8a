//! Homework: assignments and the answers pupils hand in.

use crate::audience::Audience;
use crate::deposit::Family;
use crate::{
    AssignmentId, DepositId, PersonId, PublicationId, SchoolId, SchoolYearId, SubmissionId, Timestamp,
};

/// A homework assignment (devoir).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Its school.
    pub school_id: SchoolId,
    /// Its school year.
    pub school_year_id: SchoolYearId,
    /// The teacher who set it.
    pub author_id: PersonId,
    /// Title.
    pub title: String,
    /// Instructions, plain text.
    pub instructions: String,
    /// A publication to listen to first.
    pub model_id: Option<PublicationId>,
    /// From when pupils see it and may hand in.
    pub opens_at: Timestamp,
    /// When it is due; later answers are marked late.
    pub due_at: Timestamp,
    /// When the box closes; `None` means never.
    pub closes_at: Option<Timestamp>,
    /// Families of file it takes.
    pub accepts: Vec<Family>,
    /// To whom.
    pub audience: Audience,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

impl Assignment {
    /// Whether pupils may hand in at `now`.
    #[must_use]
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none()
            && self.opens_at <= now
            && self.closes_at.is_none_or(|closes| now < closes)
    }
}

/// A pupil's answer (copie). Handing in again before closing replaces the earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// What it answers.
    pub assignment_id: AssignmentId,
    /// Its school.
    pub school_id: SchoolId,
    /// The pupil.
    pub pupil_id: PersonId,
    /// The recording or file.
    pub deposit_id: DepositId,
    /// Who pressed the button: the pupil, or an adult for them (R09).
    pub submitted_by: PersonId,
    /// When.
    pub submitted_at: Timestamp,
    /// When a later answer took its place.
    pub replaced_at: Option<Timestamp>,
    /// When the teacher first listened.
    pub heard_at: Option<Timestamp>,
}
