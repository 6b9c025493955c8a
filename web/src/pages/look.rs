//! The colour a school chose, as a style sheet: pages hold no style of their own.

use crate::error::{Error, Result};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use balado_domain::people::School;

/// Text colours to choose from, with their relative luminance (WCAG 2.2).
const LIGHT: (&str, f64) = ("#fff", 1.0);
const DARK: (&str, f64) = ("#1b1613", 0.0084);

/// The address of a school's sheet, when it chose a colour.
pub(crate) fn address(school: &School) -> Option<String> {
    let digits = school.accent.as_deref()?.strip_prefix('#')?;
    channels(digits).map(|_| format!("/look/{}.css", digits.to_ascii_lowercase()))
}

/// `/look/{rrggbb}.css`: the same for every school of that colour, for ever.
pub(crate) async fn show(name: Path<String>) -> Result<HttpResponse> {
    let digits = name.strip_suffix(".css").ok_or_else(Error::not_found)?;
    let on = text_on(channels(digits).ok_or_else(Error::not_found)?);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(format!(":root{{--school-accent:#{digits};--school-on-accent:{on}}}")))
}

fn channels(digits: &str) -> Option<[u8; 3]> {
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// The text colour that contrasts more with a background.
fn text_on(channels: [u8; 3]) -> &'static str {
    let linear = channels.map(|value| {
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    let [red, green, blue] = linear;
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let contrast = |other: f64| (other.max(luminance) + 0.05) / (other.min(luminance) + 0.05);
    if contrast(LIGHT.1) >= contrast(DARK.1) { LIGHT.0 } else { DARK.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_contrasts_with_the_colour_of_the_school() {
        assert_eq!(text_on([0x1d, 0x4e, 0x89]), "#fff");
        assert_eq!(text_on([0xff, 0xd1, 0x66]), "#1b1613");
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        for text in ["fff", "12345g", "1234567", "é2345", "}body{"] {
            assert_eq!(channels(text), None, "{text}");
        }
        assert_eq!(channels("0a141e"), Some([10, 20, 30]));
    }
}
