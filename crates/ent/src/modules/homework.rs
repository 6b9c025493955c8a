//! The homework box (casier): what it takes, and when work is due.
//!
//! Assignments and submissions are core entities with their own pages, shown where this module is on. Notices about them
//! are the messaging module's.

use crate::draft::{Draft, Review, SubmissionDraft};
use crate::entry::{DateRange, Entry, EntryKind, Scope};
use crate::error::ModuleError;
use crate::host::{AssignmentInfo, Host, HostRead};
use crate::manifest::{Label, Manifest};
use crate::module::{EntModule, ModuleId};
use crate::modules::agenda::short_name_of;
use crate::registry::GATE_UNAVAILABLE;
use balado_domain::event::{EventEnvelope, EventKind};
use balado_domain::people::Role;
use chrono::TimeDelta;

/// How long before the due instant its entry starts: it then ends exactly when work is due, on the same day.
const DUE_ENTRY: TimeDelta = TimeDelta::minutes(15);

/// The homework box.
#[derive(Debug, Clone, Copy)]
pub struct Homework;

impl EntModule for Homework {
    fn id(&self) -> ModuleId {
        ModuleId::new("homework")
    }

    fn manifest(&self) -> Manifest {
        Manifest {
            label: Label { fr: "Travaux", en: "Homework" },
            summary: Label {
                fr: "Donner un travail à une classe et écouter ce que les élèves rendent.",
                en: "Set work for a class and listen to what pupils hand in.",
            },
            icon: "homework",
            enabled_by_default: true,
            settings: &[],
        }
    }

    fn interests(&self) -> &[EventKind] {
        &[]
    }

    fn review(&self, draft: &Draft, host: &dyn HostRead) -> Review {
        match draft {
            Draft::Submission(submission) => {
                judge(submission, host).unwrap_or(Review::Hold(GATE_UNAVAILABLE))
            }
            Draft::Publication(_) => Review::Allow,
        }
    }

    fn handle(&self, _event: &EventEnvelope, _host: &mut dyn Host) -> Result<(), ModuleError> {
        Ok(())
    }

    fn entries(
        &self,
        scope: &Scope,
        range: DateRange,
        host: &dyn HostRead,
    ) -> Result<Vec<Entry>, ModuleError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        host.assignments_in(scope, range)?.iter().map(|assignment| self.due_entry(assignment, host)).collect()
    }
}

impl Homework {
    fn due_entry(&self, assignment: &AssignmentInfo, host: &dyn HostRead) -> Result<Entry, ModuleError> {
        Ok(Entry {
            module: self.id(),
            kind: EntryKind::Due,
            subject_id: assignment.id.to_string(),
            title: assignment.title.clone(),
            by: short_name_of(assignment.author, host)?,
            starts_at: assignment.due_at - DUE_ENTRY,
            ends_at: assignment.due_at,
            revised_at: assignment.created_at,
            path: format!("/assignments/{}", assignment.id),
        })
    }
}

/// The rules of the box, in the order a pupil would want to hear of them. Lateness refuses nothing: it is marked.
fn judge(draft: &SubmissionDraft, host: &dyn HostRead) -> Result<Review, ModuleError> {
    let known = host.assignment(draft.assignment)?.filter(|found| found.school == draft.school);
    let Some(assignment) = known else {
        return Ok(Review::Refuse("assignment-unknown"));
    };
    let pupils = host.people_in(assignment.school, &assignment.audience, &[Role::Pupil])?;
    if !pupils.contains(&draft.pupil) {
        return Ok(Review::Refuse("assignment-unknown"));
    }
    let now = host.now();
    Ok(if assignment.withdrawn_at.is_some() {
        Review::Refuse("assignment-withdrawn")
    } else if now < assignment.opens_at {
        Review::Refuse("assignment-not-open")
    } else if assignment.closes_at.is_some_and(|closes| closes <= now) {
        Review::Refuse("assignment-closed")
    } else {
        match draft.family {
            Some(family) if assignment.accepts.contains(&family) => Review::Allow,
            Some(_) => Review::Refuse("assignment-family-refused"),
            None => Review::Hold("deposit-not-known-yet"),
        }
    })
}
