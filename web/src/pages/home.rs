//! The first page of each reader: what is to do and what is new.

use super::deposits::quota_of;
use super::frame::{Page, Reader, go};
use super::pieces::{Deposit, Due, Given, Publication, Quota};
use super::publications;
use super::query::Query;
use crate::error::Result;
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;
use balado_app::screens::Wanted;
use balado_domain::deposit::DepositState;
use balado_domain::people::Role;
use balado_domain::publication::PublicationState;
use chrono::TimeDelta;

/// How many publications a home shows.
const RECENT: usize = 8;
/// How many of one's own things are looked through for those that are still under way.
const LOOKED_THROUGH: usize = 40;
/// A failed deposit is no news after this.
const FAILED_FOR: TimeDelta = TimeDelta::days(14);

#[derive(Template)]
#[template(path = "home_teacher.html")]
struct HomeTeacher {
    l: Words,
    page: Page,
    given_name: String,
    to_hear: Vec<Given>,
    preparing: Vec<Deposit>,
    waiting: Vec<Publication>,
    recent: Vec<Publication>,
    quota: Quota,
}

#[derive(Template)]
#[template(path = "home_pupil.html")]
struct HomePupil {
    l: Words,
    page: Page,
    given_name: String,
    items: Vec<Publication>,
    due: Vec<Due>,
    podcasts_known: bool,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "home_plain.html")]
struct HomePlain {
    l: Words,
    page: Page,
    given_name: String,
    items: Vec<Publication>,
    more: Option<String>,
}

/// `GET /`.
pub(crate) async fn show(reader: Reader, query: Query) -> Result<HttpResponse> {
    if reader.has().teaches {
        return of_teacher(&reader).await;
    }
    if reader.has().learns {
        return of_pupil(&reader, &query).await;
    }
    if reader.portrait.roles.as_slice() == [Role::Guardian] {
        return Ok(go("/children"));
    }
    let (items, more) = publications::heard(&reader, &query).await?;
    let (l, page, given_name) = greeting(&reader);
    reader.frame.show(&HomePlain { l, page, given_name, items, more })
}

fn greeting(reader: &Reader) -> (Words, Page, String) {
    let words = reader.frame.words;
    (words, reader.frame.page(words.t("nav-home"), "home", "home"), reader.portrait.person.given_name.clone())
}

async fn of_teacher(reader: &Reader) -> Result<HttpResponse> {
    let (app, viewer, dates) = (&reader.site.app, reader.viewer(), &reader.dates);
    let mut to_hear = Vec::new();
    if reader.has().homework {
        let set = app.assignments(viewer).await?;
        to_hear.extend(set.iter().filter(|view| view.unheard > 0).map(|view| Given::new(view, dates)));
    }
    let found = app.find_deposits(viewer, all(LOOKED_THROUGH)).await?;
    let mut preparing = Vec::new();
    for view in &found.items {
        let is_news = match view.deposit.state {
            DepositState::Receiving | DepositState::Received => true,
            DepositState::Failed => dates.now() - view.deposit.created_at < FAILED_FOR,
            DepositState::Ready | DepositState::Abandoned => false,
        };
        if is_news {
            preparing.push(Deposit::new(view, &[], dates, reader.who.language));
        }
    }
    let own = app.find_publications(viewer, all(LOOKED_THROUGH)).await?.items;
    let (recent, waiting): (Vec<_>, Vec<_>) = own
        .into_iter()
        .filter(|view| !matches!(view.state, PublicationState::Withdrawn | PublicationState::Expired))
        .partition(|view| view.state == PublicationState::Published);
    let recent = publications::authored(reader, recent.into_iter().take(RECENT).collect()).await?;
    let waiting = publications::authored(reader, waiting).await?;
    let quota = quota_of(reader).await?;
    let (l, page, given_name) = greeting(reader);
    reader.frame.show(&HomeTeacher { l, page, given_name, to_hear, preparing, waiting, recent, quota })
}

async fn of_pupil(reader: &Reader, query: &Query) -> Result<HttpResponse> {
    let (app, viewer) = (&reader.site.app, reader.viewer());
    let (items, more) = publications::heard(reader, query).await?;
    let mut due = Vec::new();
    if reader.has().homework {
        let set = app.assignments(viewer).await?;
        let waiting = set.iter().filter(|view| view.is_open && view.own.is_none());
        due.extend(waiting.map(|view| Due::new(view, &reader.dates)));
    }
    let subscriptions = app.subscriptions(viewer, reader.who.person.id).await?;
    let podcasts_known = subscriptions.iter().any(|view| view.subscription.revoked_at.is_none());
    let (l, page, given_name) = greeting(reader);
    reader.frame.show(&HomePupil { l, page, given_name, items, due, podcasts_known, more })
}

/// The newest of one's own things, whatever their state.
fn all<State, Id>(limit: usize) -> Wanted<State, Id> {
    Wanted { text: String::new(), state: None, group: None, after: None, limit }
}
