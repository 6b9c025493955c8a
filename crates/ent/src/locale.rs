//! The two languages of mails and calendars.

use serde::{Deserialize, Serialize};

/// A language Balado writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// French, also for languages Balado does not write.
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Locale {
    /// The language of a tag such as `fr`, `en` or `en-GB`; French for any other.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let language = tag.split(['-', '_']).next().unwrap_or(tag);
        if language.eq_ignore_ascii_case("en") { Self::English } else { Self::French }
    }

    /// `fr` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_tag_is_its_language_and_the_rest_is_french() {
        for (tag, locale) in [
            ("en", Locale::English),
            ("en-GB", Locale::English),
            ("EN_us", Locale::English),
            ("fr-CA", Locale::French),
            ("br", Locale::French),
            ("", Locale::French),
        ] {
            assert_eq!(Locale::from_tag(tag), locale, "{tag}");
        }
        assert_eq!(Locale::from_tag(Locale::English.tag()), Locale::English);
    }
}
