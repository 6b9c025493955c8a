//! The answers pupils hand in.

use super::deposits::RenditionShape;
use super::me::PersonShape;
use balado_app::homework::{PupilRow, SubmissionView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An answer to an assignment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubmissionShape {
    /// Its id.
    id: Uuid,
    /// The assignment.
    assignment: Uuid,
    /// Full name of the pupil.
    pupil: String,
    /// The deposit that was handed in.
    deposit: Uuid,
    /// Where the deposit stands.
    deposit_state: String,
    /// When it was handed in.
    submitted_at: DateTime<Utc>,
    /// Whether that was after the due date.
    is_late: bool,
    /// When the teacher first listened.
    heard_at: Option<DateTime<Utc>>,
    /// Files to play or read.
    media: Vec<RenditionShape>,
}

impl From<&SubmissionView> for SubmissionShape {
    fn from(view: &SubmissionView) -> Self {
        let folder = format!("/media/deposits/{}", view.deposit.id);
        Self {
            id: view.submission.id.uuid(),
            assignment: view.submission.assignment_id.uuid(),
            pupil: view.pupil_name.clone(),
            deposit: view.deposit.id.uuid(),
            deposit_state: view.deposit.state.to_string(),
            submitted_at: view.submission.submitted_at,
            is_late: view.is_late,
            heard_at: view.submission.heard_at,
            media: view.renditions.iter().map(|one| RenditionShape::new(one, &folder)).collect(),
        }
    }
}

/// A pupil of the audience, with their answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PupilAnswer {
    /// The pupil.
    pupil: PersonShape,
    /// Their current answer; null when there is none yet.
    submission: Option<SubmissionShape>,
}

impl From<PupilRow> for PupilAnswer {
    fn from(row: PupilRow) -> Self {
        Self {
            submission: row.answer.as_ref().map(SubmissionShape::from),
            pupil: PersonShape::from(row.pupil),
        }
    }
}

/// What to hand in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSubmission {
    /// A deposit of yours, made with purpose `submission`.
    pub(crate) deposit: Uuid,
}
