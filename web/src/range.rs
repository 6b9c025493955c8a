//! Which bytes of a representation a request asks for, and whether it has them already (RFC 9110 §13 and §14).
//!
//! Pure: header texts in, a decision out. For everything that serves media or feeds. Several ranges in one request are
//! answered with the whole, which the standard allows and which makes a header of ten thousand ranges cost nothing.

/// What to send of a representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Everything: 200.
    Whole,
    /// The bytes from `first` to `last`, both included: 206.
    Part {
        /// First byte.
        first: u64,
        /// Last byte, included.
        last: u64,
    },
    /// The range lies outside: 416.
    Outside,
}

/// What a `Range` header selects of `size` bytes whose strong validator is `etag`, given the `If-Range` header.
#[must_use]
pub fn select(range: Option<&str>, if_range: Option<&str>, etag: &str, size: u64) -> Selection {
    let Some(range) = range else { return Selection::Whole };
    // A date never matches, because media carry no Last-Modified; neither does a weak validator.
    if if_range.is_some_and(|known| known.trim() != etag) {
        return Selection::Whole;
    }
    parsed(range, size).unwrap_or(Selection::Whole)
}

/// `None` when the header is malformed, names another unit or several ranges: it is then ignored.
fn parsed(range: &str, size: u64) -> Option<Selection> {
    let (unit, set) = range.trim().split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", "") => None,
        ("", suffix) => {
            let wanted = number(suffix)?.min(size);
            Some(if wanted == 0 { Selection::Outside } else { part(size - wanted, size - 1) })
        }
        (first, last) => {
            let first = number(first)?;
            let last = if last.is_empty() { u64::MAX } else { number(last)? };
            if last < first {
                return None;
            }
            Some(if first >= size { Selection::Outside } else { part(first, last.min(size - 1)) })
        }
    }
}

fn part(first: u64, last: u64) -> Selection {
    Selection::Part { first, last }
}

/// Digits only (no sign); a number too large for us is as good as the largest.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// Whether an `If-None-Match` header names `etag` (or is `*`), compared weakly: answer 304.
#[must_use]
pub fn names(if_none_match: Option<&str>, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    if_none_match.is_some_and(|list| {
        list.trim() == "*" || list.split(',').any(|known| known.trim().trim_start_matches("W/") == opaque)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: &str = "\"abc\"";

    fn of(range: &str) -> Selection {
        select(Some(range), None, ETAG, 1000)
    }

    #[test]
    fn single_ranges_select_exactly_their_bytes() {
        assert_eq!(of("bytes=0-"), part(0, 999));
        assert_eq!(of("bytes=0-0"), part(0, 0));
        assert_eq!(of("bytes=10-19"), part(10, 19));
        assert_eq!(of("Bytes = 990-5000"), part(990, 999));
        assert_eq!(of("bytes=-1"), part(999, 999));
        assert_eq!(of("bytes=-5000"), part(0, 999));
        assert_eq!(of("bytes=999-18446744073709551616"), part(999, 999));
    }

    #[test]
    fn ranges_outside_are_unsatisfiable() {
        assert_eq!(of("bytes=1000-"), Selection::Outside);
        assert_eq!(of("bytes=99999999999999999999999-"), Selection::Outside);
        assert_eq!(of("bytes=-0"), Selection::Outside);
        assert_eq!(select(Some("bytes=0-"), None, ETAG, 0), Selection::Outside);
        assert_eq!(select(Some("bytes=-3"), None, ETAG, 0), Selection::Outside);
    }

    #[test]
    fn malformed_and_multiple_ranges_are_ignored() {
        let many = format!("bytes={}", vec!["0-0"; 10_000].join(","));
        for range in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-1", "bytes=+1-2", "bytes=a-b", "lines=0-1", &many]
        {
            assert_eq!(of(range), Selection::Whole, "{}", range.get(..20).unwrap_or(range));
        }
        assert_eq!(select(None, None, ETAG, 10), Selection::Whole);
    }

    #[test]
    fn if_range_lets_a_part_through_only_for_the_same_bytes() {
        assert_eq!(select(Some("bytes=1-2"), Some(ETAG), ETAG, 10), part(1, 2));
        for known in ["\"other\"", "W/\"abc\"", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(select(Some("bytes=1-2"), Some(known), ETAG, 10), Selection::Whole);
        }
    }

    #[test]
    fn if_none_match_is_a_list_compared_weakly() {
        for header in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", " * "] {
            assert!(names(Some(header), ETAG), "{header}");
        }
        for header in ["", "abc", "\"x\"", "\"abc"] {
            assert!(!names(Some(header), ETAG), "{header}");
        }
        assert!(!names(None, ETAG));
    }
}
