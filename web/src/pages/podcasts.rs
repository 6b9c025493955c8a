//! Podcasts: subscribing, and the private address of each subscription.

use super::frame::{Page, Reader, go_saying};
use super::pieces::{Chip, Show};
use super::qr;
use crate::error::{Error, Result};
use crate::extract::SignedForm;
use crate::site::Site;
use crate::words::Words;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use balado_app::screens::ShowView;
use balado_domain::feed::FeedScope;
use balado_domain::{FeedId, PersonId, SubscriptionId};

#[derive(Template)]
#[template(path = "podcasts.html")]
struct Podcasts {
    l: Words,
    page: Page,
    pupil: Option<String>,
    shows: Vec<Show>,
}

#[derive(Template)]
#[template(path = "subscription.html")]
struct SubscriptionPage {
    l: Words,
    page: Page,
    id: String,
    back: String,
    title: String,
    chip: Chip,
    label: String,
    for_child: Option<String>,
    revoked: bool,
    address: String,
    qr_svg: String,
    apps: Vec<AppLink>,
}

/// A way to hand an address to an app that fetches by itself, without telling it to anybody else's server.
#[derive(Debug, Clone)]
struct AppLink {
    name: String,
    href: String,
    platform: String,
}

/// `GET /podcasts`.
pub(crate) async fn list(reader: Reader) -> Result<HttpResponse> {
    let views = reader.site.app.shows(reader.viewer()).await?;
    let shows = views.iter().filter(|view| is_shown(view)).map(|view| Show::new(view, &reader.dates));
    let words = reader.frame.words;
    let page = reader.frame.page(words.t("podcasts-title"), "podcasts", "podcasts");
    reader.frame.show(&Podcasts { l: words, page, pupil: None, shows: shows.collect() })
}

/// The answers to an assignment are subscribed to from its page; here only once they are.
fn is_shown(view: &ShowView) -> bool {
    matches!(view.feed.feed.scope, FeedScope::Group(_)) || !view.subscriptions.is_empty()
}

/// `POST /podcasts/{feed}/subscribe`: for oneself, or for a child of the reader.
pub(crate) async fn subscribe(
    site: Data<Site>,
    form: SignedForm,
    feed: Path<FeedId>,
) -> Result<HttpResponse> {
    let (app, feed) = (&site.app, feed.into_inner());
    let mut viewer = form.who.viewer.clone();
    if !form.fields.one("pupil").is_empty() {
        let pupil: PersonId = form.fields.one("pupil").parse().map_err(|_| Error::not_found())?;
        viewer = app.guardian_viewer(&viewer, pupil).await?;
    }
    let mut label = form.fields.one("label").to_owned();
    if label.is_empty() {
        let known = app.feeds(&viewer).await?;
        label =
            known.into_iter().find(|view| view.feed.id == feed).map(|view| view.title).unwrap_or_default();
    }
    let made = app.subscribe(&viewer, feed, &label).await?;
    Ok(go_saying(&site, &format!("/subscriptions/{}", made.subscription.id), "done-subscribed"))
}

/// `GET /subscriptions/{id}`.
pub(crate) async fn show(reader: Reader, id: Path<SubscriptionId>) -> Result<HttpResponse> {
    let view = reader.site.app.subscription(reader.viewer(), id.into_inner()).await?;
    let beneficiary = view.subscription.beneficiary_id;
    let child = reader.portrait.children.iter().find(|child| child.id == beneficiary);
    let is_own = beneficiary == reader.who.person.id;
    let words = reader.frame.words;
    let address = view.address.unwrap_or_default();
    reader.frame.show(&SubscriptionPage {
        l: words,
        page: reader.frame.page(
            view.feed_title.clone(),
            if is_own { "podcasts" } else { "children" },
            "subscription",
        ),
        id: view.subscription.id.to_string(),
        back: child.map_or_else(|| "/podcasts".to_owned(), |child| format!("/children/{}", child.id)),
        chip: Chip::named(&view.feed_title),
        title: view.feed_title,
        label: view.subscription.label,
        for_child: child.map(|child| child.given_name.clone()),
        revoked: view.subscription.revoked_at.is_some(),
        qr_svg: if address.is_empty() { String::new() } else { qr::svg(&address) },
        apps: apps(&address, words),
        address,
    })
}

/// Only apps that ask this service themselves: the address opens the podcast to whoever holds it.
fn apps(address: &str, words: Words) -> Vec<AppLink> {
    let Some((_, rest)) = address.split_once("://") else { return Vec::new() };
    let link = |name: String, scheme: &str, platform: &str| AppLink {
        name,
        href: format!("{scheme}://{rest}"),
        platform: platform.to_owned(),
    };
    vec![
        link("AntennaPod".to_owned(), "antennapod-subscribe", "android"),
        link("Apple Podcasts".to_owned(), "podcast", "ios"),
        link(words.t("app-other"), "feed", "any"),
    ]
}

/// `POST /subscriptions/{id}/rotate`.
pub(crate) async fn rotate(
    site: Data<Site>,
    form: SignedForm,
    id: Path<SubscriptionId>,
) -> Result<HttpResponse> {
    let view = site.app.rotate_subscription(&form.who.viewer, id.into_inner()).await?;
    Ok(go_saying(&site, &format!("/subscriptions/{}", view.subscription.id), "done-rotated"))
}

/// `POST /subscriptions/{id}/revoke`.
pub(crate) async fn revoke(
    site: Data<Site>,
    form: SignedForm,
    id: Path<SubscriptionId>,
) -> Result<HttpResponse> {
    let view = site.app.revoke_subscription(&form.who.viewer, id.into_inner()).await?;
    Ok(go_saying(&site, &format!("/subscriptions/{}", view.subscription.id), "done-revoked"))
}
