//! Writes entries as an iCalendar object (RFC 5545) that school portals and telephones read alike.
//!
//! Portals reject recurrence rules and to-dos and want an end strictly after the start (seen in the importer of the open
//! ENT NG calendar), so each entry is one VEVENT with its own end, in UTC, and nothing recurs. Same entries in, same bytes
//! out: DTSTAMP is when the entry last changed (RFC 5545 §3.8.7.2 allows it without METHOD), never the time of the request.

use crate::entry::{Entry, EntryKind};
use crate::host::SchoolInfo;
use crate::locale::Locale;
use chrono::TimeDelta;
use icalendar::{Calendar, Component, Event, EventLike, Property};

/// Names this program to readers (RFC 5545 §3.7.3).
const PRODUCT: &str = "-//Balado//Agenda//FR";
/// How often a reader is asked to come back (RFC 7986 §5.7, and the older name Outlook knows).
const REFRESH: &str = "PT1H";
/// Longest line, in octets without its end (RFC 5545 §3.1).
const LINE_OCTETS: usize = 75;

/// The calendar of one person. `origin` is the scheme and host of the service, e.g. `https://balado.example`, without a
/// slash at the end; it begins every link and ends every UID.
#[must_use]
pub fn render_calendar(entries: &[Entry], school: &SchoolInfo, locale: Locale, origin: &str) -> String {
    let mut calendar = Calendar::empty();
    let name = format!("Balado · {}", plain(&school.name));
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", &name),
        ("X-WR-TIMEZONE", &plain(&school.timezone)),
        ("X-PUBLISHED-TTL", REFRESH),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done(),
    );
    for entry in entries {
        calendar.push(event(entry, locale, origin));
    }
    fold(&calendar.to_string())
}

fn event(entry: &Entry, locale: Locale, origin: &str) -> Event {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let link = format!("{origin}{}", entry.path);
    let end = entry.ends_at.max(entry.starts_at + TimeDelta::seconds(1));
    let mut event = Event::new();
    event
        .uid(&format!("{}@{host}", entry.uid()))
        .timestamp(entry.revised_at)
        .last_modified(entry.revised_at)
        .starts(entry.starts_at)
        .ends(end)
        .summary(&summary(entry, locale))
        .description(&description(entry, &link))
        .url(&link)
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}

/// `À rendre : Lecture à voix haute`
fn summary(entry: &Entry, locale: Locale) -> String {
    let title = plain(&entry.title);
    match (entry.kind, locale) {
        (EntryKind::Publication, Locale::French) => format!("À écouter : {title}"),
        (EntryKind::Publication, Locale::English) => format!("To listen to: {title}"),
        (EntryKind::Due, Locale::French) => format!("À rendre : {title}"),
        (EntryKind::Due, Locale::English) => format!("Due: {title}"),
    }
}

fn description(entry: &Entry, link: &str) -> String {
    let by = plain(&entry.by);
    if by.is_empty() { link.to_owned() } else { format!("{by}\n{link}") }
}

/// One line without control characters, which RFC 5545 §3.1 forbids.
fn plain(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Folds lines again at 75 octets, the space that starts a continuation included (RFC 5545 §3.1): the library forgets
/// that space on the last one and writes 76.
fn fold(calendar: &str) -> String {
    let unfolded = calendar.replace("\r\n ", "");
    let mut folded = String::with_capacity(calendar.len() + calendar.len() / LINE_OCTETS);
    for line in unfolded.split_terminator("\r\n") {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > LINE_OCTETS {
                folded.push_str("\r\n ");
                octets = 1;
            }
            folded.push(character);
            octets += character.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}
