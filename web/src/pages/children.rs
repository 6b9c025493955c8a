//! What guardians see of their children: what they listen to, and what was downloaded.

use super::figures;
use super::frame::{Page, Reader};
use super::pieces::{Chip, Show, When};
use crate::error::Result;
use crate::words::Words;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use balado_app::fetches::FetchView;
use balado_app::screens::ShowView;
use balado_domain::people::Person;
use balado_domain::{PersonId, Viewer};
use chrono::TimeDelta;

/// How far back downloads are shown.
const REACH: TimeDelta = TimeDelta::days(30);
/// What counts as this week.
const WEEK: TimeDelta = TimeDelta::days(7);

#[derive(Template)]
#[template(path = "children.html")]
struct Children {
    l: Words,
    page: Page,
    children: Vec<ChildRow>,
}

/// A child in the list.
#[derive(Debug, Clone)]
struct ChildRow {
    id: String,
    name: String,
    initials: String,
    hue: u8,
    chips: Vec<Chip>,
    subscriptions: i64,
    fetched_week: i64,
    last_fetch: Option<When>,
}

#[derive(Template)]
#[template(path = "child.html")]
struct Child {
    l: Words,
    page: Page,
    child: ChildRow,
    pupil: Option<String>,
    subscriptions: Vec<ChildSubscription>,
    shows: Vec<Show>,
    days: Vec<FetchDay>,
}

/// A subscription of a child, whoever manages it.
#[derive(Debug, Clone)]
struct ChildSubscription {
    id: String,
    title: String,
    chip: Chip,
    label: String,
    holder: String,
    episodes: i64,
    last_contact: Option<When>,
}

/// A day with its downloads.
#[derive(Debug, Clone)]
struct FetchDay {
    said: String,
    fetches: Vec<FetchRow>,
}

/// One download.
#[derive(Debug, Clone)]
struct FetchRow {
    title: String,
    author: String,
    href: String,
    via: String,
    at: String,
}

/// `GET /children`.
pub(crate) async fn list(reader: Reader) -> Result<HttpResponse> {
    let mut children = Vec::with_capacity(reader.portrait.children.len());
    for child in &reader.portrait.children {
        let guardian = reader.site.app.guardian_viewer(reader.viewer(), child.id).await?;
        let (shows, fetches) = known_of(&reader, &guardian, child.id).await?;
        children.push(row(&reader, child, &shows, &fetches));
    }
    let words = reader.frame.words;
    let page = reader.frame.page(words.t("children-title"), "children", "children");
    reader.frame.show(&Children { l: words, page, children })
}

/// `GET /children/{id}`.
pub(crate) async fn show(reader: Reader, id: Path<PersonId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let guardian = reader.site.app.guardian_viewer(reader.viewer(), id).await?;
    let known = reader.portrait.children.iter().find(|child| child.id == id);
    let child = known.ok_or_else(crate::error::Error::not_found)?;
    let (views, fetches) = known_of(&reader, &guardian, id).await?;
    let words = reader.frame.words;
    let without_subscriptions =
        |view: &ShowView| Show { subscriptions: Vec::new(), ..Show::new(view, &reader.dates) };
    reader.frame.show(&Child {
        l: words,
        page: reader.frame.page(child.full_name(), "children", "children"),
        child: row(&reader, child, &views, &fetches),
        pupil: Some(id.to_string()),
        subscriptions: views.iter().flat_map(|view| held(&reader, view)).collect(),
        shows: views.iter().map(without_subscriptions).collect(),
        days: days(&reader, id, &fetches),
    })
}

async fn known_of(
    reader: &Reader,
    guardian: &Viewer,
    child: PersonId,
) -> Result<(Vec<ShowView>, Vec<FetchView>)> {
    let app = &reader.site.app;
    let fetches = app.fetches(guardian, child, reader.dates.now() - REACH).await?;
    Ok((app.shows(guardian).await?, fetches))
}

fn row(reader: &Reader, child: &Person, shows: &[ShowView], fetches: &[FetchView]) -> ChildRow {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let since = reader.dates.now() - WEEK;
    let name = child.full_name();
    ChildRow {
        id: child.id.to_string(),
        initials: figures::initials(&child.given_name, &child.family_name),
        hue: figures::hue(&name),
        chips: shows.iter().map(|view| Chip::named(&view.feed.title)).collect(),
        subscriptions: count(shows.iter().map(|view| view.subscriptions.len()).sum()),
        fetched_week: count(fetches.iter().filter(|view| view.fetch.fetched_at >= since).count()),
        last_fetch: fetches.first().map(|view| reader.dates.when(view.fetch.fetched_at)),
        name,
    }
}

fn held(reader: &Reader, view: &ShowView) -> Vec<ChildSubscription> {
    let subscription = |one: &balado_app::screens::HeldSubscription| ChildSubscription {
        id: one.view.subscription.id.to_string(),
        title: one.view.feed_title.clone(),
        chip: Chip::named(&one.view.feed_title),
        label: one.view.subscription.label.clone(),
        holder: one.holder.clone(),
        episodes: i64::try_from(view.episodes).unwrap_or(i64::MAX),
        last_contact: one.view.subscription.last_polled_at.map(|at| reader.dates.when(at)),
    };
    view.subscriptions.iter().map(subscription).collect()
}

fn days(reader: &Reader, child: PersonId, fetches: &[FetchView]) -> Vec<FetchDay> {
    let (dates, words) = (&reader.dates, reader.frame.words);
    let mut days: Vec<FetchDay> = Vec::new();
    let mut today = None;
    for view in fetches {
        let at = view.fetch.fetched_at;
        if today != Some(dates.date(at)) {
            today = Some(dates.date(at));
            days.push(FetchDay { said: dates.day(at), fetches: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.fetches.push(FetchRow {
                title: view.title.clone(),
                author: view.by.clone(),
                href: format!("/publications/{}?child={child}", view.fetch.publication_id),
                via: view.through.clone().unwrap_or_else(|| words.t("via-page")),
                at: dates.clock(at),
            });
        }
    }
    days
}
