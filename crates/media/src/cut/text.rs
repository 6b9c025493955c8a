//! Spans as people type them: `0:10-1:20,2:00-3:30`.

use super::{CutError, MAX_SPANS, Span};

/// Reads spans: `from-to`, separated by commas. A moment is `s`, `m:ss` or `h:mm:ss`, with up to three decimals of a
/// second; `-1:20` begins at the start and `2:00-` ends at the end.
///
/// # Errors
/// [`CutError::Unreadable`], which names the piece; [`CutError::TooMany`].
pub fn parse_spans(text: &str) -> Result<Vec<Span>, CutError> {
    if text.split(',').count() > MAX_SPANS {
        return Err(CutError::TooMany);
    }
    let read = |(place, piece): (usize, &str)| {
        parse_span(piece.trim()).ok_or_else(|| CutError::Unreadable {
            piece: place + 1,
            text: piece.trim().chars().take(40).collect(),
        })
    };
    text.split(',').enumerate().map(read).collect()
}

fn parse_span(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() && to.is_empty() {
        return None;
    }
    let from_ms = if from.is_empty() { 0 } else { parse_moment(from)? };
    let to_ms = if to.is_empty() { None } else { Some(parse_moment(to)?) };
    Some(Span { from_ms, to_ms })
}

/// A moment in milliseconds. After a colon, minutes and seconds stay below sixty and have two digits.
fn parse_moment(text: &str) -> Option<i64> {
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let fields: Vec<&str> = whole.split(':').collect();
    if fields.len() > 3 {
        return None;
    }
    let mut seconds = 0_i64;
    for (place, field) in fields.iter().enumerate() {
        let value = parse_digits(field, 6)?;
        if place > 0 && (field.len() != 2 || value > 59) {
            return None;
        }
        seconds = seconds * 60 + value;
    }
    let thousandths = match decimals {
        Some(digits) => parse_digits(digits, 3)? * [100, 10, 1].get(digits.len() - 1)?,
        None => 0,
    };
    Some(seconds * 1000 + thousandths)
}

fn parse_digits(text: &str, most: usize) -> Option<i64> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<(i64, Option<i64>)> {
        parse_spans(text).unwrap().iter().map(|span| (span.from_ms, span.to_ms)).collect()
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        assert_eq!(spans("0:10-1:20,2:00-3:30"), [(10_000, Some(80_000)), (120_000, Some(210_000))]);
        assert_eq!(spans("1:02:03.5-1:02:03.75"), [(3_723_500, Some(3_723_750))]);
        assert_eq!(spans("90 - 95.001"), [(90_000, Some(95_001))]);
        assert_eq!(spans("-1:20, 2:00-"), [(0, Some(80_000)), (120_000, None)]);
        assert_eq!(spans("100:00-"), [(6_000_000, None)]);
    }

    #[test]
    fn what_is_not_a_span_is_named() {
        for (text, piece) in [
            ("", 1),
            ("-", 1),
            ("0:10", 1),
            ("0:10-0:20,", 2),
            ("0:10-0:20,x-y", 2),
            ("1:2-3", 1),
            ("0:60-", 1),
            ("1:2:3:4-", 1),
            ("1.-2", 1),
            ("1.2345-", 1),
            ("9999999-", 1),
            ("٣-", 1),
            ("1--2", 1),
        ] {
            let found = parse_spans(text).unwrap_err();
            assert!(
                matches!(found, CutError::Unreadable { piece: named, .. } if named == piece),
                "{text}: {found}"
            );
        }
        assert_eq!(parse_spans(&"1-2,".repeat(MAX_SPANS + 1)), Err(CutError::TooMany));
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "[0-9:.,\\- a]{0,40}") {
            let _ = parse_spans(&text);
        }

        #[test]
        fn what_is_written_is_read_back(from_ms in 0_i64..40_000_000, length_ms in 1_i64..40_000_000) {
            let write = |ms: i64| {
                let (seconds, ms) = (ms / 1000, ms % 1000);
                format!("{}:{:02}:{:02}.{ms:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            };
            let text = format!("{}-{}", write(from_ms), write(from_ms + length_ms));
            assert_eq!(spans(&text), [(from_ms, Some(from_ms + length_ms))]);
        }
    }
}
