//! The query of a page's address, and lists narrowed by it.

use super::frame::Reader;
use super::pieces::{Choice, Filter};
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use balado_app::screens::Wanted;
use balado_domain::people::Group;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

/// How many lines a page of a list has.
const PAGE_LENGTH: usize = 20;

/// The query of an address. What it holds beyond what a page asks for is ignored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The value of a field, trimmed; empty when it is absent.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether a field is there, with or without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// A field as an id or state; none when absent or unreadable.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.one(name).parse().ok()
    }

    /// What a list narrowed by `q`, `state`, `group` and `page` shows.
    pub(crate) fn wanted<State: FromStr, Id: FromStr>(&self) -> Wanted<State, Id> {
        Wanted {
            text: self.one("q").chars().take(200).collect(),
            state: self.parsed("state"),
            group: self.parsed("group"),
            after: self.parsed("page"),
            limit: PAGE_LENGTH,
        }
    }

    /// The fields a list is narrowed by, as they stand.
    pub(crate) fn filter<State: Display>(&self, states: &[State], groups: &[Group]) -> Filter {
        let choice = |name: &str, value: String, label: String| {
            let chosen = self.one(name) == value;
            Choice { value, label, chosen }
        };
        Filter {
            q: self.one("q").to_owned(),
            states: states.iter().map(|one| choice("state", one.to_string(), String::new())).collect(),
            groups: groups.iter().map(|one| choice("group", one.id.to_string(), one.name.clone())).collect(),
            active: ["q", "state", "group"].iter().any(|name| !self.one(name).is_empty()),
        }
    }

    /// The address of the next page of a list.
    pub(crate) fn next_page(&self, path: &str, next: Option<impl Display>) -> Option<String> {
        let next = next?;
        let mut address = format!("{path}?");
        for name in ["q", "state", "group"] {
            let value = self.one(name);
            if !value.is_empty() {
                address.push_str(&format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)));
            }
        }
        address.push_str(&format!("page={next}"));
        Some(address)
    }
}

impl FromRequest for Query {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let fields = form_urlencoded::parse(request.query_string().as_bytes()).into_owned();
        ready(Ok(Self(fields.take(32).collect())))
    }
}

/// The classes a teacher's lists can be narrowed to.
pub(crate) fn own_classes(reader: &Reader) -> &[Group] {
    &reader.portrait.taught
}
