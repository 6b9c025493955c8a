//! The one table of routes: method, path, class, the right it needs, and what answers.
//!
//! The service is configured from it, security headers follow its classes, and tests compare it with the OpenAPI document
//! and with the table of rights, so that a route cannot be added without either.

use crate::api::{
    assignments, calendar as calendar_address, children, cuts, deposits, feeds as feed_list, groups, inbox,
    me, modules, publications, session, subscriptions, uploads,
};
use crate::error::Error;
use crate::{api, assets, calendar, feeds, health, media, pages};
use actix_web::guard::{self, Guard};
use actix_web::web;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A method of the table. `Head` is listed only where `Get` does not exist: every `Get` answers `HEAD` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`, and `HEAD` with the same headers.
    Get,
    /// `HEAD` alone.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// `OPTIONS`.
    Options,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// What kind of answer a route gives: decides its security headers and the form of its errors (DESIGN §3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// HTML for people.
    Page,
    /// JSON for scripts.
    Api,
    /// As `Api`, speaking tus 1.0.
    Upload,
    /// Feeds and calendars behind a token in the path.
    Feed,
    /// Files we made ourselves.
    Media,
    /// A file as somebody gave it.
    Original,
    /// Style sheets, scripts and pictures of the pages.
    Asset,
}

/// Who may ask. What they then see is decided by the use case, from the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Anybody.
    Nothing,
    /// A signed-in person or a bearer token.
    Person,
    /// The token in the path.
    Token,
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with `{name}` for what varies.
    pub path: &'static str,
    /// Kind of answer.
    pub class: Class,
    /// Who may ask.
    pub need: Need,
    answer: fn() -> actix_web::Route,
}

impl Route {
    /// A route of the table.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        class: Class,
        need: Need,
        answer: fn() -> actix_web::Route,
    ) -> Self {
        Self { method, path, class, need, answer }
    }
}

use Class::{Api, Asset, Feed, Media, Original, Upload};
use Method::{Delete, Get, Head, Options, Patch, Post, Put};
use Need::{Nothing, Person, Token};

/// Everything but the pages, which list their own.
const TABLE: &[Route] = &[
    Route::new(Get, "/healthz", Api, Nothing, || web::to(health::show)),
    Route::new(Get, "/assets/{version}/{name}", Asset, Nothing, || web::to(assets::show)),
    Route::new(Get, "/f/{token}/feed.xml", Feed, Token, || web::to(feeds::show)),
    Route::new(Get, "/c/{token}/agenda.ics", Feed, Token, || web::to(calendar::show)),
    Route::new(Get, "/m/{key}/{name}", Media, Token, || web::to(media::cover)),
    Route::new(Get, "/m/{key}/{item}/{name}", Media, Token, || web::to(media::item)),
    Route::new(Get, "/m/{key}/{item}/{deposit}/{name}", Media, Token, || web::to(media::item_companion)),
    Route::new(Get, "/media/publications/{id}/storyboard.vtt", Media, Person, || {
        web::to(media::publication_storyboard)
    }),
    Route::new(Get, "/media/publications/{id}/{kind}", Media, Person, || web::to(media::publication)),
    Route::new(Get, "/media/publications/{id}/companions/{deposit}", Media, Person, || {
        web::to(media::companion)
    }),
    Route::new(Get, "/media/deposits/{id}/original", Original, Person, || web::to(media::original)),
    Route::new(Get, "/media/deposits/{id}/storyboard.vtt", Media, Person, || {
        web::to(media::deposit_storyboard)
    }),
    Route::new(Get, "/media/deposits/{id}/{kind}", Media, Person, || web::to(media::deposit)),
    Route::new(Get, "/api/openapi.json", Api, Nothing, || web::to(api::openapi::show)),
    Route::new(Post, "/api/session", Api, Nothing, || web::to(session::open)),
    Route::new(Delete, "/api/session", Api, Person, || web::to(session::close)),
    Route::new(Get, "/api/me", Api, Person, || web::to(me::show)),
    Route::new(Get, "/api/groups", Api, Person, || web::to(groups::list)),
    Route::new(Options, "/api/uploads", Upload, Nothing, || web::to(uploads::describe)),
    Route::new(Post, "/api/uploads", Upload, Person, || web::to(uploads::create)),
    Route::new(Options, "/api/uploads/{id}", Upload, Nothing, || web::to(uploads::describe_one)),
    Route::new(Head, "/api/uploads/{id}", Upload, Person, || web::to(uploads::status)),
    Route::new(Patch, "/api/uploads/{id}", Upload, Person, || web::to(uploads::append)),
    Route::new(Delete, "/api/uploads/{id}", Upload, Person, || web::to(uploads::terminate)),
    Route::new(Post, "/api/uploads/{id}", Upload, Person, || web::to(uploads::overridden)),
    Route::new(Get, "/api/deposits", Api, Person, || web::to(deposits::list)),
    Route::new(Get, "/api/deposits/{id}", Api, Person, || web::to(deposits::show)),
    Route::new(Delete, "/api/deposits/{id}", Api, Person, || web::to(deposits::discard)),
    Route::new(Post, "/api/deposits/{id}/retry", Api, Person, || web::to(deposits::retry)),
    Route::new(Get, "/api/deposits/{id}/cuts", Api, Person, || web::to(cuts::list)),
    Route::new(Post, "/api/deposits/{id}/cuts", Api, Person, || web::to(cuts::create)),
    Route::new(Post, "/api/deposits/{id}/cuts/{cut}/cancel", Api, Person, || web::to(cuts::cancel)),
    Route::new(Post, "/api/deposits/{id}/cancel", Api, Person, || web::to(deposits::cancel)),
    Route::new(Get, "/api/publications", Api, Person, || web::to(publications::list)),
    Route::new(Post, "/api/publications", Api, Person, || web::to(publications::create)),
    Route::new(Get, "/api/publications/{id}", Api, Person, || web::to(publications::show)),
    Route::new(Patch, "/api/publications/{id}", Api, Person, || web::to(publications::edit)),
    Route::new(Post, "/api/publications/{id}/withdraw", Api, Person, || web::to(publications::withdraw)),
    Route::new(Get, "/api/feeds", Api, Person, || web::to(feed_list::list)),
    Route::new(Get, "/api/subscriptions", Api, Person, || web::to(subscriptions::list)),
    Route::new(Post, "/api/subscriptions", Api, Person, || web::to(subscriptions::create)),
    Route::new(Get, "/api/subscriptions/{id}", Api, Person, || web::to(subscriptions::show)),
    Route::new(Delete, "/api/subscriptions/{id}", Api, Person, || web::to(subscriptions::revoke)),
    Route::new(Post, "/api/subscriptions/{id}/rotate", Api, Person, || web::to(subscriptions::rotate)),
    Route::new(Get, "/api/children", Api, Person, || web::to(children::list)),
    Route::new(Get, "/api/children/{id}/subscriptions", Api, Person, || web::to(children::subscriptions)),
    Route::new(Post, "/api/children/{id}/subscriptions", Api, Person, || web::to(children::subscribe)),
    Route::new(Get, "/api/children/{id}/fetches", Api, Person, || web::to(children::fetches)),
    Route::new(Get, "/api/assignments", Api, Person, || web::to(assignments::list)),
    Route::new(Post, "/api/assignments", Api, Person, || web::to(assignments::create)),
    Route::new(Get, "/api/assignments/{id}", Api, Person, || web::to(assignments::show)),
    Route::new(Get, "/api/assignments/{id}/submissions", Api, Person, || web::to(assignments::submissions)),
    Route::new(Post, "/api/assignments/{id}/submissions", Api, Person, || web::to(assignments::hand_in)),
    Route::new(Post, "/api/submissions/{id}/heard", Api, Person, || web::to(assignments::heard)),
    Route::new(Get, "/api/inbox", Api, Person, || web::to(inbox::list)),
    Route::new(Post, "/api/inbox/{id}/read", Api, Person, || web::to(inbox::read)),
    Route::new(Get, "/api/calendar", Api, Person, || web::to(calendar_address::show)),
    Route::new(Post, "/api/calendar/rotate", Api, Person, || web::to(calendar_address::rotate)),
    Route::new(Get, "/api/modules/{school}", Api, Person, || web::to(modules::list)),
    Route::new(Get, "/api/modules/{school}/{name}", Api, Person, || web::to(modules::show)),
    Route::new(Put, "/api/modules/{school}/{name}", Api, Person, || web::to(modules::switch)),
];

/// Every route of the service.
pub fn table() -> impl Iterator<Item = &'static Route> {
    TABLE.iter().chain(pages::ROUTES)
}

static CLASSES: LazyLock<HashMap<&'static str, Class>> =
    LazyLock::new(|| table().map(|route| (route.path, route.class)).collect());

/// The class of an answer: that of its route, or what its path looks like when it has none.
pub(crate) fn class_of(pattern: Option<&str>, path: &str) -> Class {
    let known = pattern.and_then(|pattern| CLASSES.get(pattern).copied());
    known.unwrap_or(if path.starts_with("/api/") { Api } else { Class::Page })
}

/// Registers every route of the table; a known path asked with another method is a 405 that says which ones there are.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&'static str> = Vec::new();
    for route in table() {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let mut resource = web::resource(path);
        let mut allowed = Vec::new();
        for route in table().filter(|route| route.path == path) {
            resource = resource.route((route.answer)().guard(ByMethod(route.method)));
            allowed.push(route.method.as_str());
            if route.method == Get {
                allowed.push(Head.as_str());
            }
        }
        let allow = allowed.join(", ");
        config.service(resource.default_service(web::to(move || {
            let allow = allow.clone();
            async move { Err::<&'static str, Error>(Error::Method { allow }) }
        })));
    }
    config.default_service(web::to(|| async { Err::<&'static str, Error>(Error::not_found()) }));
}

struct ByMethod(Method);

impl Guard for ByMethod {
    fn check(&self, context: &guard::GuardContext<'_>) -> bool {
        let asked = context.head().method.as_str();
        asked == self.0.as_str() || (self.0 == Get && asked == Head.as_str())
    }
}
