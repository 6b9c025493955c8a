//! The frame around every page: who reads, what they can reach, in which language; and how a page is answered.

use super::dates::Dates;
use super::{figures, flash, look};
use crate::error::{Error, Result};
use crate::extract::{SignedIn, guest_token, language_of};
use crate::site::{Site, site_of};
use crate::words::Words;
use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use balado_app::people::Portrait;
use balado_domain::people::Role;
use balado_domain::{ErrorKind, Failure, SchoolId, Viewer};
use futures::future::LocalBoxFuture;

/// What the name of the instance is while no school is known.
const UNNAMED: &str = "Balado";
/// The time zone of a reader without a school.
const ZONE: &str = "Europe/Paris";

/// What every template reads of the frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) lang: String,
    pub(crate) title: String,
    pub(crate) school: String,
    pub(crate) csrf: String,
    pub(crate) assets: String,
    pub(crate) look: Option<String>,
    pub(crate) path: String,
    pub(crate) section: String,
    pub(crate) help: String,
    pub(crate) who: Option<Who>,
    pub(crate) teaches: bool,
    pub(crate) learns: bool,
    pub(crate) guards: bool,
    pub(crate) administers: bool,
    pub(crate) homework: bool,
    pub(crate) messaging: bool,
    pub(crate) agenda: bool,
    pub(crate) unread: i64,
    pub(crate) flash: Option<Flash>,
}

/// The reader, as the frame names them.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) initials: String,
    pub(crate) hue: u8,
}

/// What is said at the top after an action.
#[derive(Debug, Clone)]
pub(crate) struct Flash {
    pub(crate) tone: String,
    pub(crate) text: String,
}

/// A page about to be answered: its words, what its frame holds, and the cookies it sets.
pub(crate) struct Frame {
    pub(crate) words: Words,
    page: Page,
    cookies: Vec<Cookie<'static>>,
}

impl Frame {
    /// The frame of a page anybody may read.
    pub(crate) fn of_guest(request: &HttpRequest, site: &Site) -> Self {
        let language = language_of(request);
        let (csrf, guest) = guest_token(request, site);
        let words = Words::new(language);
        let said = flash::said(request, site, words);
        let flash = said.as_ref().map(|(flash, _)| flash.clone());
        let page = Page { school: UNNAMED.to_owned(), csrf, flash, ..bare(request, language.tag()) };
        let cookies = guest.into_iter().chain(said.map(|(_, forgotten)| forgotten)).collect();
        Self { words, page, cookies }
    }

    /// As [`Frame::of_guest`], under the name of the school when the instance has only one.
    pub(crate) async fn of_visitor(request: &HttpRequest, site: &Site) -> Result<Self> {
        let mut frame = Self::of_guest(request, site);
        if let [only] = site.app.schools().await?.as_slice() {
            frame.page.school.clone_from(&only.name);
            frame.page.look = look::address(only);
        }
        Ok(frame)
    }

    /// The frame that was made for a request before its handler failed.
    pub(crate) fn left_by(request: &HttpRequest, words: Words) -> Option<Self> {
        let page = request.extensions().get::<Page>().cloned()?;
        Some(Self { words, page, cookies: Vec::new() })
    }

    /// The frame with what is particular to one page.
    pub(crate) fn page(&self, title: String, section: &str, help: &str) -> Page {
        Page { title, section: section.to_owned(), help: help.to_owned(), ..self.page.clone() }
    }

    /// The path a page is shown under after a form was refused, for the language switch.
    pub(crate) fn set_path(&mut self, path: String) {
        self.page.path = path;
    }

    /// Answers with a page.
    pub(crate) fn show<T: Template>(&self, view: &T) -> Result<HttpResponse> {
        self.show_as(StatusCode::OK, view)
    }

    /// Answers with a form again, because what was typed cannot be used.
    pub(crate) fn show_again<T: Template>(&self, view: &T) -> Result<HttpResponse> {
        self.show_as(StatusCode::UNPROCESSABLE_ENTITY, view)
    }

    /// Answers with a page under a status.
    pub(crate) fn show_as<T: Template>(&self, status: StatusCode, view: &T) -> Result<HttpResponse> {
        let html = view
            .render()
            .map_err(|error| Error::from(Failure::new(ErrorKind::Internal, "internal", error.to_string())))?;
        let mut answer = HttpResponse::build(status);
        for cookie in &self.cookies {
            answer.cookie(cookie.clone());
        }
        Ok(answer.content_type(ContentType::html()).body(html))
    }
}

/// A signed-in person reading a page, with everything its frame needs.
pub(crate) struct Reader {
    pub(crate) site: Site,
    pub(crate) who: SignedIn,
    pub(crate) portrait: Portrait,
    pub(crate) dates: Dates,
    pub(crate) frame: Frame,
}

impl Reader {
    /// Gathers what the frame needs.
    pub(crate) async fn of(request: &HttpRequest, who: SignedIn) -> Result<Self> {
        let site = site_of(request).ok_or_else(Error::unauthenticated)?.clone();
        let portrait = site.app.portrait(&who.viewer).await?;
        let school = portrait.schools.first();
        let zone = school.map_or(ZONE, |school| school.timezone.as_str());
        let dates = Dates::new(zone, who.language, site.app.now());
        let messaging = has_module(&site, &portrait, "messaging").await?;
        let said = flash::said(request, &site, who.words());
        let person = &portrait.person;
        let page = Page {
            school: school.map_or_else(|| UNNAMED.to_owned(), |school| school.name.clone()),
            look: school.and_then(look::address),
            csrf: who.form_token().to_owned(),
            who: Some(Who {
                id: person.id.to_string(),
                name: person.full_name(),
                initials: figures::initials(&person.given_name, &person.family_name),
                hue: figures::hue(&person.full_name()),
            }),
            teaches: portrait.roles.contains(&Role::Teacher),
            learns: portrait.roles.contains(&Role::Pupil),
            guards: !portrait.children.is_empty(),
            administers: portrait.roles.contains(&Role::Administrator),
            homework: has_module(&site, &portrait, "homework").await?,
            agenda: has_module(&site, &portrait, "agenda").await?,
            unread: if messaging { site.app.unread_notices(&who.viewer).await? } else { 0 },
            messaging,
            flash: said.as_ref().map(|(flash, _)| flash.clone()),
            ..bare(request, who.language.tag())
        };
        request.extensions_mut().insert(page.clone());
        let cookies = said.map(|(_, forgotten)| forgotten).into_iter().collect();
        let frame = Frame { words: who.words(), page, cookies };
        Ok(Self { site, who, portrait, dates, frame })
    }

    /// The rights the reader has in their own name.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.who.viewer
    }

    /// What the frame says of the reader.
    pub(crate) fn has(&self) -> &Page {
        &self.frame.page
    }

    /// The school a new deposit counts for: where the reader teaches, else their first.
    pub(crate) fn school(&self) -> Result<SchoolId> {
        let taught = self.portrait.taught.first().map(|group| group.school_id);
        let first = self.portrait.schools.first().map(|school| school.id);
        taught.or(first).ok_or_else(Error::not_found)
    }

    /// Pages for those who publish do not exist for others.
    pub(crate) fn must_teach(&self) -> Result<()> {
        self.must(self.frame.page.teaches)
    }

    /// Pages that are not for this reader, or whose module is off, do not exist.
    pub(crate) fn must(&self, allowed: bool) -> Result<()> {
        if allowed { Ok(()) } else { Err(Error::not_found()) }
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (who, request) = (SignedIn::from_request(request, payload), request.clone());
        Box::pin(async move { Self::of(&request, who.await?).await })
    }
}

/// A redirect after an action.
pub(crate) fn go(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// A redirect after an action; the next page says what happened.
pub(crate) fn go_saying(site: &Site, path: &str, what: &'static str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).cookie(flash::saying(site, what)).finish()
}

async fn has_module(site: &Site, portrait: &Portrait, name: &'static str) -> Result<bool> {
    for school in &portrait.schools {
        if site.app.module_is_on(school.id, name).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn bare(request: &HttpRequest, lang: &str) -> Page {
    Page {
        lang: lang.to_owned(),
        assets: crate::assets::folder(),
        path: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        section: "none".to_owned(),
        help: "home".to_owned(),
        ..Page::default()
    }
}
