//! Help for each page, in three short paragraphs.

use super::frame::{Frame, Page, Reader};
use crate::error::{Error, Result};
use crate::extract::Visitor;
use crate::site::Site;
use crate::words::Words;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// Who a topic is for.
#[derive(Clone, Copy)]
enum For {
    Everybody,
    Teachers,
    Pupils,
    Guardians,
    Administrators,
}

const TOPICS: &[(&str, For)] = &[
    ("home", For::Everybody),
    ("record", For::Teachers),
    ("deposit", For::Teachers),
    ("deposits", For::Teachers),
    ("publish", For::Teachers),
    ("publications", For::Teachers),
    ("assignments", For::Teachers),
    ("hand-in", For::Pupils),
    ("podcasts", For::Everybody),
    ("subscription", For::Everybody),
    ("children", For::Guardians),
    ("agenda", For::Everybody),
    ("inbox", For::Everybody),
    ("account", For::Everybody),
    ("admin", For::Administrators),
    ("sign-in", For::Everybody),
];

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    l: Words,
    page: Page,
    topic: String,
    topics: Vec<String>,
}

/// `GET /help/{topic}`.
pub(crate) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    visitor: Visitor,
    topic: Path<String>,
) -> Result<HttpResponse> {
    let topic = topic.into_inner();
    if !TOPICS.iter().any(|(known, _)| *known == topic) {
        return Err(Error::not_found());
    }
    let frame = match visitor.who {
        Some(who) => Reader::of(&request, who).await?.frame,
        None => Frame::of_visitor(&request, &site).await?,
    };
    let words = frame.words;
    let page = frame.page(words.k("help-title", &topic), "none", &topic);
    let useful = TOPICS.iter().filter(|(_, whom)| is_for(*whom, &page));
    let topics = useful.map(|(known, _)| (*known).to_owned()).collect();
    frame.show(&Help { l: words, page, topic, topics })
}

fn is_for(whom: For, page: &Page) -> bool {
    match whom {
        For::Everybody => true,
        For::Teachers => page.teaches,
        For::Pupils => page.learns,
        For::Guardians => page.guards,
        For::Administrators => page.administers,
    }
}
