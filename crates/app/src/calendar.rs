//! A person's private calendar address: publications and due dates, from every module that has dates to show.

use crate::error::{Result, forbidden, gone, not_found};
use crate::modules::StoreHost;
use crate::secrets::{Opens, hash_of};
use crate::sign_in::person_viewer;
use crate::start::App;
use balado_domain::{PersonId, Timestamp, Viewer};
use balado_ent::{HostRead, Scope, agenda};
use balado_store::{Conn, calendars, people};
use chrono::TimeDelta;

pub use balado_ent::{DateRange, Entry, EntryKind};

/// How far back and ahead a calendar reaches: one school year each way.
const REACH: TimeDelta = TimeDelta::days(366);

impl App {
    /// The viewer's private calendar address, made when first asked for.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn calendar_address(&self, viewer: &Viewer) -> Result<String> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has a calendar"))?.id;
        let (key, now) = (self.key().clone(), self.now());
        let token = self
            .database()
            .write(move |tx| {
                let address = calendars::ensure_for(tx, person, now)?;
                let token = key.token(Opens::Calendar, &address.id.to_string(), address.generation);
                calendars::insert_calendar_token(tx, &hash_of(&token), address.id, address.generation)?;
                Ok(token)
            })
            .await?;
        Ok(format!("{}/c/{token}/agenda.ics", self.configuration().server.origin))
    }

    /// Changes the viewer's calendar address; the old one is dead at once.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn rotate_calendar(&self, viewer: &Viewer) -> Result<String> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has a calendar"))?.id;
        let now = self.now();
        self.database()
            .write(move |tx| {
                let address = calendars::ensure_for(tx, person, now)?;
                Ok(calendars::rotate(tx, address.id)?)
            })
            .await?;
        self.calendar_address(viewer).await
    }

    /// The calendar behind an address, as iCalendar text.
    ///
    /// # Errors
    /// `not-found` for an unknown token, `calendar-revoked` (gone) for a dead one.
    pub async fn calendar(&self, token: &str) -> Result<String> {
        let (hash, now, app) = (hash_of(token), self.now(), self.clone());
        self.database()
            .read(move |c| {
                let found = calendars::find_by_calendar_token(c, &hash)?;
                let (address, generation) = found.ok_or_else(|| not_found("calendar"))?;
                let disabled = people::get_person(c, address.person_id)?.disabled_at.is_some();
                if disabled || address.revoked_at.is_some() || generation != address.generation {
                    return Err(gone("calendar-revoked"));
                }
                app.rendered_calendar(c, address.person_id, now)
            })
            .await
    }

    /// What the viewer's calendar holds between two instants, soonest first.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn agenda(&self, viewer: &Viewer, range: DateRange) -> Result<Vec<Entry>> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has a calendar"))?.id;
        let (app, now) = (self.clone(), self.now());
        self.database().read(move |c| app.entries_of(c, person, range, now)).await
    }

    fn entries_of(
        &self,
        c: &mut Conn,
        person: PersonId,
        range: DateRange,
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        let schools = person_viewer(c, person, now)?.schools();
        let host = StoreHost::reading(c, now, self.relay().is_some());
        let mut entries = Vec::new();
        for school in schools {
            entries.extend(self.registry().entries(&Scope { school, person }, range, &host)?);
        }
        entries.sort_by_key(|entry| entry.starts_at);
        Ok(entries)
    }

    fn rendered_calendar(&self, c: &mut Conn, person: PersonId, now: Timestamp) -> Result<String> {
        let range = DateRange { from: now - REACH, until: now + REACH };
        let entries = self.entries_of(c, person, range, now)?;
        let school = person_viewer(c, person, now)?
            .schools()
            .first()
            .copied()
            .ok_or_else(|| gone("calendar-revoked"))?;
        let host = StoreHost::reading(c, now, self.relay().is_some());
        let info = host.school(school)?.ok_or_else(|| not_found("school"))?;
        let locale = host.person(person)?.map_or(info.locale, |reader| reader.locale);
        Ok(agenda::render_calendar(&entries, &info, locale, &self.configuration().server.origin))
    }
}
