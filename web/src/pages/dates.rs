//! Instants as people say them, in the time zone of their school: « aujourd’hui 14 h », « jeudi 26 nov. ».
//!
//! For the pages only. It words, and reads what date fields of forms hold; it knows no clock but the instant it was
//! given.

use super::pieces::When;
use crate::words::Language;
use balado_domain::Timestamp;
use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone,
    Timelike,
};
use chrono_tz::Tz;

const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const FRENCH_MONTHS: [(&str, &str); 12] = [
    ("janvier", "janv."),
    ("février", "févr."),
    ("mars", "mars"),
    ("avril", "avril"),
    ("mai", "mai"),
    ("juin", "juin"),
    ("juillet", "juil."),
    ("août", "août"),
    ("septembre", "sept."),
    ("octobre", "oct."),
    ("novembre", "nov."),
    ("décembre", "déc."),
];
const ENGLISH_MONTHS: [(&str, &str); 12] = [
    ("January", "Jan"),
    ("February", "Feb"),
    ("March", "Mar"),
    ("April", "Apr"),
    ("May", "May"),
    ("June", "June"),
    ("July", "July"),
    ("August", "Aug"),
    ("September", "Sept"),
    ("October", "Oct"),
    ("November", "Nov"),
    ("December", "Dec"),
];
/// What a `datetime-local` field holds.
const FIELD: &str = "%Y-%m-%dT%H:%M";

/// Words instants for one reader at one instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dates {
    zone: Tz,
    language: Language,
    now: Timestamp,
}

impl Dates {
    /// For a reader of a school in that IANA time zone; UTC when the name is unknown.
    pub(crate) fn new(zone: &str, language: Language, now: Timestamp) -> Self {
        Self { zone: zone.parse().unwrap_or(Tz::UTC), language, now }
    }

    /// The instant everything is said from.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// An instant as a page shows it.
    pub(crate) fn when(&self, at: Timestamp) -> When {
        When {
            iso: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            said: self.said(at),
            exact: self.exact(at),
        }
    }

    /// « aujourd’hui 14 h », « hier 9 h 05 », « jeudi 26 nov. », « 26 nov. 2025 ».
    pub(crate) fn said(&self, at: Timestamp) -> String {
        let local = self.local(at);
        match self.near(local.date_naive()) {
            Some(day) => format!("{day} {}", self.hour(local.time())),
            None => self.day(at),
        }
    }

    /// « jeudi 26 novembre 2026 à 14:00 ».
    pub(crate) fn exact(&self, at: Timestamp) -> String {
        let local = self.local(at);
        let date = local.date_naive();
        let (weekday, (month, _)) = self.names(date);
        let at = if self.language == Language::French { "à" } else { "at" };
        format!("{weekday} {} {month} {} {at} {}", self.number(date), date.year(), local.format("%H:%M"))
    }

    /// « aujourd’hui », « mardi 24 nov. », « 24 nov. 2025 ».
    pub(crate) fn day(&self, at: Timestamp) -> String {
        let date = self.local(at).date_naive();
        if let Some(day) = self.near(date) {
            return day.to_owned();
        }
        let (weekday, (_, month)) = self.names(date);
        if (date - self.today()).num_days().abs() < 180 {
            format!("{weekday} {} {month}", self.number(date))
        } else {
            format!("{} {month} {}", self.number(date), date.year())
        }
    }

    /// The day an instant falls on, for grouping.
    pub(crate) fn date(&self, at: Timestamp) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// « 14:05 ».
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        self.local(at).format("%H:%M").to_string()
    }

    /// The first instant of today.
    pub(crate) fn start_of_today(&self) -> Timestamp {
        self.instant(self.today().and_time(NaiveTime::MIN)).unwrap_or(self.now)
    }

    /// How long until an instant, in its largest unit: « 2 jours », counted in nights; nothing once it has passed.
    pub(crate) fn time_left(&self, until: Timestamp) -> Option<String> {
        let left = until - self.now;
        if left <= TimeDelta::zero() {
            return None;
        }
        let french = self.language == Language::French;
        let nights = (self.date(until) - self.today()).num_days();
        let (number, one, many) = match (left.num_days(), left.num_hours(), french) {
            (1.., _, true) => (nights, "jour", "jours"),
            (1.., _, false) => (nights, "day", "days"),
            (_, hours @ 1.., true) => (hours, "heure", "heures"),
            (_, hours @ 1.., false) => (hours, "hour", "hours"),
            _ => (left.num_minutes().max(1), "minute", "minutes"),
        };
        Some(format!("{number}\u{a0}{}", if number > 1 { many } else { one }))
    }

    /// What a date field shows for an instant.
    pub(crate) fn field(&self, at: Timestamp) -> String {
        self.local(at).format(FIELD).to_string()
    }

    /// The instant a date field holds. An hour that summer time skips is the one after; one it repeats is the first.
    pub(crate) fn read_field(&self, text: &str) -> Option<Timestamp> {
        let minutes = text.get(..16).unwrap_or(text);
        self.instant(NaiveDateTime::parse_from_str(minutes, FIELD).ok()?)
    }

    /// The same hour so many days after today.
    pub(crate) fn days_from_now(&self, days: i64, hour: u32) -> Timestamp {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        self.instant((self.today() + TimeDelta::days(days)).and_time(time)).unwrap_or(self.now)
    }

    fn instant(&self, local: NaiveDateTime) -> Option<Timestamp> {
        let found = match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at,
            LocalResult::None => self.zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest()?,
        };
        Some(found.to_utc())
    }

    fn local(&self, at: Timestamp) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    fn today(&self) -> NaiveDate {
        self.local(self.now).date_naive()
    }

    /// Yesterday, today or tomorrow, by name.
    fn near(&self, date: NaiveDate) -> Option<&'static str> {
        let french = self.language == Language::French;
        match (date - self.today()).num_days() {
            -1 => Some(if french { "hier" } else { "yesterday" }),
            0 => Some(if french { "aujourd’hui" } else { "today" }),
            1 => Some(if french { "demain" } else { "tomorrow" }),
            _ => None,
        }
    }

    /// « 14 h », « 9 h 05 »; `14:00`, `9:05`.
    fn hour(&self, time: NaiveTime) -> String {
        match (self.language, time.hour(), time.minute()) {
            (Language::French, hour, 0) => format!("{hour}\u{a0}h"),
            (Language::French, hour, minute) => format!("{hour}\u{a0}h\u{a0}{minute:02}"),
            (Language::English, hour, minute) => format!("{hour}:{minute:02}"),
        }
    }

    fn names(&self, date: NaiveDate) -> (&'static str, (&'static str, &'static str)) {
        let day = date.weekday().num_days_from_monday() as usize;
        let month = date.month0() as usize;
        let (days, months) = match self.language {
            Language::French => (&FRENCH_DAYS, &FRENCH_MONTHS),
            Language::English => (&ENGLISH_DAYS, &ENGLISH_MONTHS),
        };
        (days.get(day).copied().unwrap_or_default(), months.get(month).copied().unwrap_or_default())
    }

    fn number(&self, date: NaiveDate) -> String {
        match (self.language, date.day()) {
            (Language::French, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A Thursday, 15:30 in Paris.
    fn paris(language: Language) -> Dates {
        Dates::new("Europe/Paris", language, at("2026-11-26T14:30:00Z"))
    }

    #[test]
    fn near_days_are_said_by_name_in_the_time_of_the_school() {
        let french = paris(Language::French);
        assert_eq!(french.said(at("2026-11-26T13:00:00Z")), "aujourd’hui 14\u{a0}h");
        assert_eq!(french.said(at("2026-11-25T08:05:00Z")), "hier 9\u{a0}h\u{a0}05");
        assert_eq!(french.said(at("2026-11-26T23:30:00Z")), "demain 0\u{a0}h\u{a0}30");
        assert_eq!(paris(Language::English).said(at("2026-11-27T08:05:00Z")), "tomorrow 9:05");
    }

    #[test]
    fn other_days_are_said_by_weekday_and_far_ones_by_year() {
        let french = paris(Language::French);
        assert_eq!(french.said(at("2026-12-01T10:00:00Z")), "mardi 1er déc.");
        assert_eq!(french.day(at("2025-11-24T10:00:00Z")), "24 nov. 2025");
        assert_eq!(french.exact(at("2026-11-26T13:00:00Z")), "jeudi 26 novembre 2026 à 14:00");
        assert_eq!(
            paris(Language::English).exact(at("2026-12-01T10:00:00Z")),
            "Tuesday 1 December 2026 at 11:00"
        );
    }

    #[test]
    fn what_is_left_is_said_in_its_largest_unit() {
        let french = paris(Language::French);
        assert_eq!(french.time_left(at("2026-11-28T15:00:00Z")).as_deref(), Some("2\u{a0}jours"));
        assert_eq!(french.time_left(at("2026-12-03T14:29:59Z")).as_deref(), Some("7\u{a0}jours"));
        assert_eq!(french.time_left(at("2026-11-26T15:30:00Z")).as_deref(), Some("1\u{a0}heure"));
        assert_eq!(french.time_left(at("2026-11-26T14:30:20Z")).as_deref(), Some("1\u{a0}minute"));
        assert_eq!(french.time_left(at("2026-11-26T14:30:00Z")), None);
        assert_eq!(
            paris(Language::English).time_left(at("2026-11-28T15:00:00Z")).as_deref(),
            Some("2\u{a0}days")
        );
    }

    #[test]
    fn a_date_field_is_local_time_and_comes_back_as_typed() {
        let dates = paris(Language::French);
        let instant = dates.read_field("2026-07-01T14:00").unwrap();
        assert_eq!(instant, at("2026-07-01T12:00:00Z"));
        assert_eq!(dates.field(instant), "2026-07-01T14:00");
        assert_eq!(dates.read_field("2026-07-01T14:00:30"), Some(instant));
        for nonsense in ["", "demain", "2026-13-01T14:00", "2026-07-01", "é26-07-01T14:00"] {
            assert_eq!(dates.read_field(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn hours_that_summer_time_skips_or_repeats_are_instants_too() {
        let dates = paris(Language::French);
        assert_eq!(dates.read_field("2026-03-29T02:30"), Some(at("2026-03-29T01:30:00Z")));
        assert_eq!(dates.read_field("2026-10-25T02:30"), Some(at("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn days_begin_at_midnight_of_the_school() {
        let dates = paris(Language::French);
        assert_eq!(dates.start_of_today(), at("2026-11-25T23:00:00Z"));
        assert_eq!(dates.days_from_now(7, 18), at("2026-12-03T17:00:00Z"));
        assert_eq!(dates.clock(at("2026-11-26T13:05:00Z")), "14:05");
        let unknown = Dates::new("Nowhere/Land", Language::French, at("2026-11-26T14:30:00Z"));
        assert_eq!(unknown.clock(at("2026-11-26T13:05:00Z")), "13:05");
    }
}
