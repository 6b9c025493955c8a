//! The agenda: what is new and what is due, as a page and as a private iCalendar address.
//!
//! Its own entries are publications; due dates are the homework module's. [`render_calendar`] writes both.

mod calendar;

use crate::draft::{Draft, Review};
use crate::entry::{DateRange, Entry, EntryKind, Scope};
use crate::error::ModuleError;
use crate::host::{Host, HostRead, PublicationInfo};
use crate::manifest::{Label, Manifest};
use crate::module::{EntModule, ModuleId};
use balado_domain::PersonId;
use balado_domain::event::{EventEnvelope, EventKind};
use chrono::TimeDelta;

pub use calendar::render_calendar;

/// How long the entry of a publication lasts on a calendar.
const PUBLICATION_ENTRY: TimeDelta = TimeDelta::minutes(15);

/// The agenda.
#[derive(Debug, Clone, Copy)]
pub struct Agenda;

impl EntModule for Agenda {
    fn id(&self) -> ModuleId {
        ModuleId::new("agenda")
    }

    fn manifest(&self) -> Manifest {
        Manifest {
            label: Label { fr: "Agenda", en: "Calendar" },
            summary: Label {
                fr: "Voir ce qui est à écouter et à rendre, aussi dans son propre agenda.",
                en: "See what to listen to and what is due, in one’s own calendar too.",
            },
            icon: "calendar",
            enabled_by_default: true,
            settings: &[],
        }
    }

    fn interests(&self) -> &[EventKind] {
        &[]
    }

    fn review(&self, _draft: &Draft, _host: &dyn HostRead) -> Review {
        Review::Allow
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
        host.publications_in(scope, range)?.iter().map(|found| self.entry(found, host)).collect()
    }
}

impl Agenda {
    fn entry(&self, publication: &PublicationInfo, host: &dyn HostRead) -> Result<Entry, ModuleError> {
        Ok(Entry {
            module: self.id(),
            kind: EntryKind::Publication,
            subject_id: publication.id.to_string(),
            title: publication.title.clone(),
            by: short_name_of(publication.author, host)?,
            starts_at: publication.publish_at,
            ends_at: publication.publish_at + PUBLICATION_ENTRY,
            revised_at: publication.updated_at,
            path: format!("/publications/{}", publication.id),
        })
    }
}

/// The short name of a person; empty when they are gone.
pub(crate) fn short_name_of(person: PersonId, host: &dyn HostRead) -> Result<String, ModuleError> {
    Ok(host.person(person)?.map_or_else(String::new, |found| found.short_name))
}
