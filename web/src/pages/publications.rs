//! Publications: one's own with how far they reached, and those one may listen to.

use super::deposits::detail;
use super::frame::{Page, Reader, go_saying};
use super::pieces::{Chip, Filter, Link, Publication, When, paragraphs};
use super::qr;
use super::query::{Query, own_classes};
use crate::error::Result;
use crate::extract::SignedForm;
use crate::site::Site;
use crate::words::Words;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use balado_app::publications::{PublicationFilter, PublicationView};
use balado_domain::feed::FeedScope;
use balado_domain::publication::PublicationState;
use balado_domain::{ErrorKind, PublicationId};
use chrono::TimeDelta;
use std::collections::HashSet;

/// How long something not yet fetched counts as new.
const NEW_FOR: TimeDelta = TimeDelta::days(7);
/// How many cards a listener sees at a time.
const CARDS: i64 = 12;
/// The states a list of publications can be narrowed to.
const STATES: &[PublicationState] = &[
    PublicationState::Published,
    PublicationState::Scheduled,
    PublicationState::AwaitingMedia,
    PublicationState::Held,
    PublicationState::Expired,
    PublicationState::Withdrawn,
];

#[derive(Template)]
#[template(path = "publications.html")]
struct Publications {
    l: Words,
    page: Page,
    filter: Filter,
    items: Vec<Publication>,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "published.html")]
struct Published {
    l: Words,
    page: Page,
    item: Publication,
    joins: Vec<Join>,
}

/// Where a class subscribes: nobody's own address, so it may be shown to all.
#[derive(Debug, Clone)]
struct Join {
    chip: Chip,
    address: String,
    qr_svg: String,
}

#[derive(Template)]
#[template(path = "publication.html")]
struct PublicationPage {
    l: Words,
    page: Page,
    item: Publication,
    deposit_id: String,
    mine: bool,
    as_pupil: bool,
    may_withdraw: bool,
    hold_reason: Option<String>,
    paragraphs: Vec<String>,
    links: Vec<Link>,
    companions: Vec<Attached>,
    tags: Vec<String>,
    until: Option<When>,
}

/// A document that comes with a publication.
#[derive(Debug, Clone)]
struct Attached {
    href: String,
    name: String,
    detail: String,
}

/// The reader's own publications with how far they reached.
pub(crate) async fn authored(reader: &Reader, views: Vec<PublicationView>) -> Result<Vec<Publication>> {
    let ids = views.iter().map(|view| view.publication.id).collect();
    let reach = reader.site.app.reach(reader.viewer(), ids).await?;
    let shown = views.iter().map(|view| {
        let has_appeared = matches!(view.state, PublicationState::Published | PublicationState::Expired);
        let mut item = Publication::new(view, "", &reader.dates, reader.who.language);
        item.reach = reach.get(&view.publication.id).filter(|_| has_appeared).map(|reach| (*reach).into());
        item
    });
    Ok(shown.collect())
}

/// What the reader may listen to, newest first, and the address of the next page.
pub(crate) async fn heard(reader: &Reader, query: &Query) -> Result<(Vec<Publication>, Option<String>)> {
    let (app, viewer, now) = (&reader.site.app, reader.viewer(), reader.dates.now());
    let before = match query.parsed::<PublicationId>("page") {
        Some(id) => app.publication(viewer, id).await?.publication.pub_date.map(|date| (date, id)),
        None => None,
    };
    let filter = PublicationFilter { before, limit: CARDS + 1, ..PublicationFilter::default() };
    let mut views = app.visible_publications(viewer, filter).await?;
    let shown = usize::try_from(CARDS).unwrap_or(usize::MAX);
    let more = views.len() > shown;
    views.truncate(shown);
    let next = views.last().filter(|_| more).map(|last| last.publication.id);
    let fetched: HashSet<PublicationId> = app
        .fetches(viewer, reader.who.person.id, now - NEW_FOR)
        .await?
        .into_iter()
        .map(|view| view.fetch.publication_id)
        .collect();
    let items = views.iter().map(|view| {
        let publication = &view.publication;
        let is_recent = publication.pub_date.is_some_and(|date| now - date < NEW_FOR);
        let mut item = Publication::new(view, "", &reader.dates, reader.who.language);
        item.is_new = is_recent && !fetched.contains(&publication.id);
        item
    });
    Ok((items.collect(), query.next_page("/", next)))
}

/// `GET /publications`.
pub(crate) async fn list(reader: Reader, query: Query) -> Result<HttpResponse> {
    reader.must_teach()?;
    let found = reader.site.app.find_publications(reader.viewer(), query.wanted()).await?;
    let words = reader.frame.words;
    reader.frame.show(&Publications {
        l: words,
        page: reader.frame.page(words.t("publications-title"), "publications", "publications"),
        filter: query.filter(STATES, own_classes(&reader)),
        items: authored(&reader, found.items).await?,
        more: query.next_page("/publications", found.next),
    })
}

/// `GET /publications/{id}`: its page; `?done` right after publishing, `?as=pupil` as its listeners see it.
pub(crate) async fn show(reader: Reader, query: Query, id: Path<PublicationId>) -> Result<HttpResponse> {
    let (view, address) = seen(&reader, id.into_inner()).await?;
    let mine = view.publication.author_id == reader.who.person.id;
    if mine && query.has("done") {
        return published(&reader, view).await;
    }
    let as_pupil = mine && query.one("as") == "pupil";
    let words = reader.frame.words;
    let mut item = Publication::new(&view, &address, &reader.dates, reader.who.language);
    if mine && !as_pupil {
        item = authored(&reader, vec![view.clone()]).await?.pop().unwrap_or(item);
    }
    let section = if mine { "publications" } else { "home" };
    let publication = &view.publication;
    reader.frame.show(&PublicationPage {
        l: words,
        page: reader.frame.page(item.title.clone(), section, "publications"),
        deposit_id: publication.deposit_id.to_string(),
        mine: mine && !as_pupil,
        as_pupil,
        may_withdraw: mine && view.state != PublicationState::Withdrawn,
        hold_reason: publication.hold_reason.clone().filter(|_| mine && !as_pupil),
        paragraphs: paragraphs(&publication.description),
        links: publication.links.iter().map(named_link).collect(),
        companions: companions(&view, &address, words),
        tags: publication.tags.clone(),
        until: publication.until.map(|until| reader.dates.when(until)),
        item,
    })
}

/// A publication the reader may see, in their own name or as a guardian, and what goes behind its addresses then.
async fn seen(reader: &Reader, id: PublicationId) -> Result<(PublicationView, String)> {
    let app = &reader.site.app;
    let refused = match app.publication(reader.viewer(), id).await {
        Ok(view) => return Ok((view, String::new())),
        Err(error) => error,
    };
    if refused.kind() == ErrorKind::NotFound {
        for child in &reader.portrait.children {
            let guardian = app.guardian_viewer(reader.viewer(), child.id).await?;
            if let Ok(view) = app.publication(&guardian, id).await {
                return Ok((view, format!("?child={}", child.id)));
            }
        }
    }
    Err(refused.into())
}

fn named_link(link: &balado_domain::publication::Link) -> Link {
    let label = if link.label.is_empty() { &link.url } else { &link.label };
    Link { url: link.url.clone(), label: label.clone() }
}

fn companions(view: &PublicationView, address: &str, words: Words) -> Vec<Attached> {
    let folder = format!("/media/publications/{}/companions", view.publication.id);
    let attached = view.companions.iter().filter_map(|companion| {
        let made = companion.rendition.as_ref()?;
        let kind = made.kind.extension().to_uppercase();
        Some(Attached {
            href: format!("{folder}/{}{address}", companion.deposit),
            name: companion.name.clone(),
            detail: format!("{kind}, {}", detail(words, made.size_bytes, made.pages)),
        })
    });
    attached.collect()
}

async fn published(reader: &Reader, view: PublicationView) -> Result<HttpResponse> {
    let feeds = reader.site.app.feeds(reader.viewer()).await?;
    let joins = view.groups.iter().filter_map(|group| {
        let feed = feeds.iter().find(|feed| feed.feed.scope == FeedScope::Group(group.id))?;
        let address = format!("{}/podcasts#feed-{}", reader.site.origin(), feed.feed.id);
        Some(Join { chip: Chip::named(&group.name), qr_svg: qr::svg(&address), address })
    });
    let words = reader.frame.words;
    let item = Publication::new(&view, "", &reader.dates, reader.who.language);
    reader.frame.show(&Published {
        l: words,
        page: reader.frame.page(item.title.clone(), "publications", "publish"),
        joins: joins.collect(),
        item,
    })
}

/// `POST /publications/{id}/withdraw`.
pub(crate) async fn withdraw(
    site: Data<Site>,
    form: SignedForm,
    id: Path<PublicationId>,
) -> Result<HttpResponse> {
    let view = site.app.withdraw_publication(&form.who.viewer, id.into_inner()).await?;
    Ok(go_saying(&site, &format!("/publications/{}", view.publication.id), "done-withdrawn"))
}
