//! The words of screens and errors in French and English, read from the message files in `locales/`.
//!
//! Texts only: nothing here holds or makes HTML. Both files hold the same keys, which a test checks.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

static FRENCH: LazyLock<Bundle> = LazyLock::new(|| bundle("fr", include_str!("../locales/fr.ftl")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", include_str!("../locales/en.ftl")));

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// French, also for readers of languages Balado does not write.
    #[default]
    French,
    /// English.
    English,
}

impl Language {
    /// `fr` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The language of a tag such as `en` or `fr-CA`, when it is one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The first of our languages in an `Accept-Language` header, by its weights; French when there is none.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for part in header.split(',').take(32) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let Some(language) = Self::from_tag(tag) else { continue };
            let weight = thousandths(weight);
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map_or(Self::default(), |(_, language)| language)
    }
}

/// `q=0.8` as 800; 0 for what cannot be read.
fn thousandths(weight: &str) -> u16 {
    let value = weight.trim().strip_prefix("q=").unwrap_or("0");
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u16 = whole.parse().unwrap_or(0);
    whole.min(1) * 1000 + fraction.parse::<u16>().unwrap_or(0)
}

/// The words of one language. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of that language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self { language }
    }

    /// Which language they are in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key; the key itself when there is none, so that a gap is seen.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key that speaks of a number, its argument `$n`.
    #[must_use]
    pub fn n(&self, key: &str, n: &i64) -> String {
        self.with(key, "n", FluentValue::from(*n))
    }

    /// The text of a key with one text argument.
    #[must_use]
    pub fn a(&self, key: &str, name: &str, value: &str) -> String {
        self.with(key, name, FluentValue::from(value))
    }

    /// The text of `{prefix}-{value}`, or of `{prefix}-other` when there is none.
    #[must_use]
    pub fn k(&self, prefix: &str, value: &str) -> String {
        self.find(&format!("{prefix}-{value}"), None).unwrap_or_else(|| self.t(&format!("{prefix}-other")))
    }

    fn with(&self, key: &str, name: &str, value: FluentValue<'_>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name.to_owned(), value);
        self.find(key, Some(&arguments)).unwrap_or_else(|| key.to_owned())
    }

    fn find(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle: &Bundle = match self.language {
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        };
        let pattern = bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, arguments, &mut faults).into_owned();
        for fault in faults {
            tracing::warn!(key, %fault, "a message could not be worded");
        }
        Some(text)
    }
}

/// What cannot be parsed is left out here and fails the test below.
fn bundle(tag: &str, source: &str) -> Bundle {
    let locales = tag.parse().into_iter().collect();
    let mut bundle = Bundle::new_concurrent(locales);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, faults)| {
        tracing::error!(tag, count = faults.len(), "a message file has faults");
        partial
    });
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_media::Refusal;

    fn keys(source: &str) -> Vec<&str> {
        let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        source.lines().filter(starts).filter_map(|line| line.split_once(" =")).map(|(key, _)| key).collect()
    }

    #[test]
    fn both_message_files_are_whole_and_hold_the_same_keys() {
        let sources = [include_str!("../locales/fr.ftl"), include_str!("../locales/en.ftl")];
        for source in sources {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
        let [mut french, mut english] = sources.map(keys);
        french.sort_unstable();
        english.sort_unstable();
        assert_eq!(french, english);
        let count = french.len();
        french.dedup();
        assert_eq!(french.len(), count, "a key is there twice");
    }

    #[test]
    fn the_sentence_of_a_refusal_is_the_same_wherever_it_is_said() {
        for language in [Language::French, Language::English] {
            let words = Words::new(language);
            for refusal in Refusal::ALL {
                let said = match language {
                    Language::French => refusal.french(),
                    Language::English => refusal.english(),
                };
                assert_eq!(words.k("failure", refusal.as_str()), said, "{refusal}");
            }
        }
    }

    #[test]
    fn words_are_those_of_the_language() {
        let (french, english) = (Words::new(Language::French), Words::new(Language::English));
        assert_eq!(french.t("nav-home"), "Accueil");
        assert_ne!(english.t("nav-home"), french.t("nav-home"));
        assert_eq!(french.a("hello", "name", "Lou"), "Bonjour Lou");
        assert_eq!(french.n("answers-count", &1), "1 réponse");
        assert_eq!(french.n("answers-count", &2), "2 réponses");
        assert_eq!(french.k("code", "no-such-code"), french.t("code-other"));
        assert_eq!(french.t("no-such-key"), "no-such-key");
    }

    #[test]
    fn the_heaviest_language_of_ours_wins() {
        assert_eq!(Language::accepted("de, en;q=0.5, fr;q=0.4"), Language::English);
        assert_eq!(Language::accepted("en-GB;q=0.7,fr-FR;q=0.9"), Language::French);
        assert_eq!(Language::accepted("en;q=0, *"), Language::French);
        assert_eq!(Language::accepted("de,es;q=x"), Language::French);
        assert_eq!(Language::accepted(""), Language::French);
    }
}
