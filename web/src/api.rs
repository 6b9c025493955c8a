//! The interface for scripts: JSON shapes and their handlers, one module per noun (DESIGN §3.6).
//!
//! Ids are UUIDs, times RFC 3339 in UTC with `Z`, durations end in `_ms`, sizes in `_bytes`, enumerations are kebab-case.
//! Every error is `{code, message}`. Requests with a field nobody asked for are refused. Only types of these modules are
//! ever serialised to a client.

pub(crate) mod assignments;
pub(crate) mod calendar;
pub(crate) mod children;
pub(crate) mod cuts;
pub(crate) mod deposits;
pub(crate) mod feeds;
pub(crate) mod groups;
pub(crate) mod inbox;
pub(crate) mod me;
pub(crate) mod modules;
pub mod openapi;
pub(crate) mod publications;
pub(crate) mod session;
pub(crate) mod submissions;
pub(crate) mod subscriptions;
pub(crate) mod uploads;

use crate::error::{Error, Result};
use balado_domain::Timestamp;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use utoipa::ToSchema;

/// Every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Stable kebab-case name.
    pub(crate) code: String,
    /// What happened, in the reader's language.
    pub(crate) message: String,
}

/// A list, newest first unless said otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// What was asked for.
    pub(crate) items: Vec<T>,
    /// Give it as `before` to go on; null at the end.
    pub(crate) next: Option<String>,
}

impl<T> Listing<T> {
    /// A list with nothing after it.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// How many to list when nothing is said.
const PAGE: i64 = 50;
/// Most that are listed at once.
const LARGEST_PAGE: i64 = 200;

/// The number of items to list.
pub(crate) fn limited(asked: Option<i64>) -> i64 {
    asked.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
}

/// What a client gives back to go on after an item of a list.
pub(crate) fn token_of(at: Timestamp, id: impl Display) -> String {
    format!("{}_{id}", at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The place in a list that a `next` stands for.
pub(crate) fn place<Id: FromStr>(next: &str) -> Result<(Timestamp, Id)> {
    let parts = next.split_once('_').and_then(|(at, id)| {
        Some((DateTime::parse_from_rfc3339(at).ok()?.with_timezone(&Utc), id.parse().ok()?))
    });
    parts.ok_or_else(|| Error::invalid("query-unreadable", "before is not a `next` of ours"))
}

/// Tells a field set to null apart from one that is absent.
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) fn given<'de, D, T>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_domain::PublicationId;

    #[test]
    fn a_place_in_a_list_is_read_back_or_refused() {
        let id = "0193a0f0-0000-7000-8000-000000000001";
        let (at, read) = place::<PublicationId>(&format!("2026-11-23T00:00:00.123Z_{id}")).unwrap();
        assert_eq!(token_of(at, read), format!("2026-11-23T00:00:00.123Z_{id}"));
        for text in ["", "_", "2026-11-23T00:00:00Z", "x_y"] {
            assert!(place::<PublicationId>(text).is_err());
        }
    }
}
