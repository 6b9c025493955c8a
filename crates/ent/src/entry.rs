//! What a module has to show on a calendar: dated entries, asked for by scope and range.

use crate::module::ModuleId;
use balado_domain::{PersonId, SchoolId, Timestamp, text_enum};
use serde::{Deserialize, Serialize};

/// For whom entries are asked: one person in one school. A person of two schools is asked twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whose modules and items.
    pub school: SchoolId,
    /// Whose rights bound what is shown.
    pub person: PersonId,
}

/// Instants from `from` on and before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub until: Timestamp,
}

impl DateRange {
    /// Whether nothing can be inside, because it ends where or before it starts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.until <= self.from
    }

    /// Whether an instant is inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

text_enum! {
    /// What an entry tells.
    pub enum EntryKind {
        /// Something to listen to appears; the subject is a publication.
        Publication = "publication",
        /// Work is due; the subject is an assignment.
        Due = "due",
    }
}

/// One dated thing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The module that shows it.
    pub module: ModuleId,
    /// What it tells.
    pub kind: EntryKind,
    /// Id of the publication or assignment.
    pub subject_id: String,
    /// Title of the publication or assignment, as its author wrote it.
    pub title: String,
    /// Short name of who published or set it; empty when that person is gone.
    pub by: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends; always after the start.
    pub ends_at: Timestamp,
    /// When what it shows last changed.
    pub revised_at: Timestamp,
    /// Path of its page, starting with `/`.
    pub path: String,
}

impl Entry {
    /// A name that stays the same as long as the subject exists, unique among the entries of a person.
    #[must_use]
    pub fn uid(&self) -> String {
        format!("{}-{}", self.kind, self.subject_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_domain::clock::to_millisecond;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_range_holds_its_first_instant_and_not_its_last() {
        let from = to_millisecond(DateTime::UNIX_EPOCH);
        let range = DateRange { from, until: from + TimeDelta::hours(1) };
        assert!(range.contains(from) && !range.contains(range.until) && !range.is_empty());
        assert!(DateRange { from, until: from }.is_empty());
        assert!(DateRange { from, until: from - TimeDelta::hours(1) }.is_empty());
    }
}
