//! Lengths, sizes, colours and initials as people read them.

use crate::words::Language;

/// « 2 min 10 », « 45 s », « 1 h 05 »: how long something plays. Milliseconds.
pub(crate) fn duration(ms: i64) -> String {
    let seconds = ms.max(0).saturating_add(500) / 1000;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest}\u{a0}s"),
        (0, minutes, 0) => format!("{minutes}\u{a0}min"),
        (0, minutes, rest) => format!("{minutes}\u{a0}min\u{a0}{rest:02}"),
        (hours, 0, _) => format!("{hours}\u{a0}h"),
        (hours, minutes, _) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    }
}

/// « 2 min »: how long something still takes, rounded up so that it never ends late. Milliseconds.
pub(crate) fn remaining(ms: i64) -> String {
    let seconds = ms.max(0).saturating_add(999) / 1000;
    match seconds {
        0..=59 => format!("{}\u{a0}s", seconds.max(1)),
        60..=3599 => format!("{}\u{a0}min", seconds.saturating_add(59) / 60),
        _ => format!("{}\u{a0}h", seconds.saturating_add(3599) / 3600),
    }
}

/// « 62 % »: thousandths, rounded down so that it never says 100 too early.
pub(crate) fn percent(permille: i32, language: Language) -> String {
    match language {
        Language::French => format!("{}\u{a0}%", permille / 10),
        Language::English => format!("{}%", permille / 10),
    }
}

/// « 300 ko », « 1,2 Mo »: bytes in powers of a thousand, with one decimal below ten.
pub(crate) fn size(bytes: i64, language: Language) -> String {
    let units = match language {
        Language::French => ["octets", "ko", "Mo", "Go", "To"],
        Language::English => ["bytes", "kB", "MB", "GB", "TB"],
    };
    let (mut scale, mut unit) = (1_i64, 0_usize);
    while bytes / scale >= 1000 && unit < 4 {
        scale = scale.saturating_mul(1000);
        unit += 1;
    }
    let name = units.get(unit).copied().unwrap_or_default();
    let tenths = bytes.max(0).saturating_mul(10) / scale;
    let comma = if language == Language::French { ',' } else { '.' };
    match (unit, tenths / 10, tenths % 10) {
        (0, ..) | (_, 10.., _) | (_, _, 0) => format!("{}\u{a0}{name}", tenths / 10),
        (_, whole, tenth) => format!("{whole}{comma}{tenth}\u{a0}{name}"),
    }
}

/// One of the twelve colours, the same for ever for the same text.
pub(crate) fn hue(text: &str) -> u8 {
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    u8::try_from(hash % 12).unwrap_or(0)
}

/// `LM` for Lou Martin.
pub(crate) fn initials(given_name: &str, family_name: &str) -> String {
    let first = |name: &str| name.chars().next().into_iter().flat_map(char::to_uppercase).collect::<String>();
    format!("{}{}", first(given_name), first(family_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        let said: Vec<String> =
            [0, 45_000, 60_000, 130_000, 3_600_000, 3_900_000].into_iter().map(duration).collect();
        assert_eq!(
            said,
            ["0\u{a0}s", "45\u{a0}s", "1\u{a0}min", "2\u{a0}min\u{a0}10", "1\u{a0}h", "1\u{a0}h\u{a0}05"]
        );
        assert_eq!((remaining(1), remaining(61_000)), ("1\u{a0}s".to_owned(), "2\u{a0}min".to_owned()));
    }

    #[test]
    fn what_is_done_is_never_said_too_early() {
        assert_eq!(percent(629, Language::French), "62\u{a0}%");
        assert_eq!(percent(999, Language::English), "99%");
    }

    #[test]
    fn sizes_use_the_units_of_the_language() {
        assert_eq!(size(1_234_567, Language::French), "1,2\u{a0}Mo");
        assert_eq!(size(1_234_567, Language::English), "1.2\u{a0}MB");
        assert_eq!(size(300_400, Language::French), "300\u{a0}ko");
        assert_eq!(size(999, Language::French), "999\u{a0}octets");
        assert_eq!(size(2_000_000_000, Language::French), "2\u{a0}Go");
    }

    #[test]
    fn a_class_keeps_its_colour() {
        assert_eq!(hue("5eB"), hue("5eB"));
        assert!(hue("5eB") < 12 && hue("") < 12);
        assert_eq!(initials("élodie", "Martin"), "ÉM");
    }
}
