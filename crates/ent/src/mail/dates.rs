//! Dates as people say them, in the school's time zone: `jeudi 26 novembre à 14 h 30`.

use crate::locale::Locale;
use balado_domain::Timestamp;
use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

const DAYS_FR: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Day, month and time of an instant in that IANA time zone; UTC when the zone is unknown.
pub(crate) fn say(at: Timestamp, timezone: &str, locale: Locale) -> String {
    let local = at.with_timezone(&timezone.parse::<Tz>().unwrap_or(Tz::UTC));
    let weekday = usize::try_from(local.weekday().num_days_from_monday()).unwrap_or(0);
    let month = usize::try_from(local.month0()).unwrap_or(0);
    let name = |names: &[&'static str], index: usize| names.get(index).copied().unwrap_or_default();
    let (hour, minute) = (local.hour(), local.minute());
    match locale {
        Locale::French => {
            let day = if local.day() == 1 { "1er".to_owned() } else { local.day().to_string() };
            let time = if minute == 0 { format!("{hour} h") } else { format!("{hour} h {minute:02}") };
            format!("{} {day} {} à {time}", name(&DAYS_FR, weekday), name(&MONTHS_FR, month))
        }
        Locale::English => {
            let (day, month) = (local.day(), name(&MONTHS_EN, month));
            format!("{} {day} {month} at {hour:02}:{minute:02}", name(&DAYS_EN, weekday))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_is_said_in_the_school_s_own_time() {
        let winter = at("2026-11-26T13:30:00Z");
        assert_eq!(say(winter, "Europe/Paris", Locale::French), "jeudi 26 novembre à 14 h 30");
        assert_eq!(say(winter, "Europe/Paris", Locale::English), "Thursday 26 November at 14:30");
        assert_eq!(say(winter, "Indian/Reunion", Locale::French), "jeudi 26 novembre à 17 h 30");
    }

    #[test]
    fn summer_time_and_whole_hours_and_the_first_of_a_month_read_well() {
        assert_eq!(
            say(at("2026-06-30T22:00:00Z"), "Europe/Paris", Locale::French),
            "mercredi 1er juillet à 0 h"
        );
        assert_eq!(
            say(at("2026-06-30T22:00:00Z"), "Europe/Paris", Locale::English),
            "Wednesday 1 July at 00:00"
        );
    }

    #[test]
    fn an_unknown_zone_is_universal_time() {
        assert_eq!(say(at("2026-03-02T08:05:00Z"), "Moon/Base", Locale::French), "lundi 2 mars à 8 h 05");
    }
}
