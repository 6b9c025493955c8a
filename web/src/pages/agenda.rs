//! The agenda: what appears and what is due, and the private address for one's own calendar.

use super::figures;
use super::frame::{Page, Reader, go};
use super::pieces::{Chip, chips};
use crate::error::Result;
use crate::extract::SignedForm;
use crate::site::Site;
use crate::words::Words;
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use balado_app::calendar::{DateRange, Entry, EntryKind};
use chrono::TimeDelta;

/// How far ahead the page looks.
const REACH: TimeDelta = TimeDelta::days(92);

#[derive(Template)]
#[template(path = "agenda.html")]
struct Agenda {
    l: Words,
    page: Page,
    days: Vec<AgendaDay>,
    address: Option<CalendarAddress>,
}

/// A day with what it holds.
#[derive(Debug, Clone)]
struct AgendaDay {
    said: String,
    entries: Vec<AgendaEntry>,
}

/// One dated thing.
#[derive(Debug, Clone)]
struct AgendaEntry {
    at: String,
    kind: String,
    title: String,
    href: String,
    hue: u8,
    chips: Vec<Chip>,
}

/// The private address for one's own calendar.
#[derive(Debug, Clone)]
struct CalendarAddress {
    https: String,
    webcal: String,
}

/// `GET /agenda`.
pub(crate) async fn show(reader: Reader) -> Result<HttpResponse> {
    reader.must(reader.has().agenda)?;
    let app = &reader.site.app;
    let from = reader.dates.start_of_today();
    let mut entries = app.agenda(reader.viewer(), DateRange { from, until: from + REACH }).await?;
    entries.sort_by_key(moment);
    let mut days: Vec<AgendaDay> = Vec::new();
    let mut today = None;
    for entry in &entries {
        let at = moment(entry);
        if today != Some(reader.dates.date(at)) {
            today = Some(reader.dates.date(at));
            days.push(AgendaDay { said: reader.dates.day(at), entries: Vec::new() });
        }
        let shown = line(&reader, entry).await;
        if let Some(day) = days.last_mut() {
            day.entries.push(shown);
        }
    }
    let words = reader.frame.words;
    let known = app.known_calendar_address(reader.viewer()).await?;
    let address = known.map(|https| {
        let rest = https.split_once("://").map_or(https.as_str(), |(_, rest)| rest);
        CalendarAddress { webcal: format!("webcal://{rest}"), https }
    });
    let page = reader.frame.page(words.t("agenda-title"), "agenda", "agenda");
    reader.frame.show(&Agenda { l: words, page, days, address })
}

/// The instant an entry is about: when something appears, or when work is due.
fn moment(entry: &Entry) -> balado_domain::Timestamp {
    match entry.kind {
        EntryKind::Publication => entry.starts_at,
        EntryKind::Due => entry.ends_at,
    }
}

async fn line(reader: &Reader, entry: &Entry) -> AgendaEntry {
    let groups = groups_of(reader, entry).await.unwrap_or_default();
    AgendaEntry {
        at: reader.dates.clock(moment(entry)),
        kind: entry.kind.to_string(),
        title: entry.title.clone(),
        href: entry.path.clone(),
        hue: groups.first().map_or_else(|| figures::hue(&entry.by), |chip| chip.hue),
        chips: groups,
    }
}

/// The classes an entry is for, when the reader may open what it is about.
async fn groups_of(reader: &Reader, entry: &Entry) -> Option<Vec<Chip>> {
    let (app, viewer) = (&reader.site.app, reader.viewer());
    let groups = match entry.kind {
        EntryKind::Publication => app.publication(viewer, entry.subject_id.parse().ok()?).await.ok()?.groups,
        EntryKind::Due => app.assignment(viewer, entry.subject_id.parse().ok()?).await.ok()?.groups,
    };
    Some(chips(&groups))
}

/// `POST /agenda/address`: makes the address, or another one in its place.
pub(crate) async fn change_address(site: Data<Site>, form: SignedForm) -> Result<HttpResponse> {
    match site.app.known_calendar_address(&form.who.viewer).await? {
        Some(_) => site.app.rotate_calendar(&form.who.viewer).await?,
        None => site.app.calendar_address(&form.who.viewer).await?,
    };
    Ok(go("/agenda"))
}
