//! How a module presents itself, and the switches a school has on it.

use crate::locale::Locale;
use serde_json::Value;

/// A text in both languages of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Label {
    /// The text in that language.
    #[must_use]
    pub fn read_in(self, locale: Locale) -> &'static str {
        match locale {
            Locale::French => self.fr,
            Locale::English => self.en,
        }
    }
}

/// A switch a school can set on a module; stored as a JSON boolean under its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Kebab-case name, unique in the module.
    pub key: &'static str,
    /// What the switch does, as one says it.
    pub label: Label,
    /// Its position until the school chooses.
    pub on_by_default: bool,
}

/// How a module presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its name on the screens.
    pub label: Label,
    /// One sentence that says what it does.
    pub summary: Label,
    /// Name of its icon in the page's sprite.
    pub icon: &'static str,
    /// Whether a school that never chose has it.
    pub enabled_by_default: bool,
    /// Its switches.
    pub settings: &'static [Setting],
}

impl Manifest {
    /// Whether a switch is on in a school's stored settings. A value that is absent or no boolean is the default; an
    /// unknown key is off.
    #[must_use]
    pub fn is_on(&self, stored: &Value, key: &str) -> bool {
        let setting = self.settings.iter().find(|setting| setting.key == key);
        setting.is_some_and(|s| stored.get(key).and_then(Value::as_bool).unwrap_or(s.on_by_default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BOTH: Label = Label { fr: "Essai", en: "Trial" };
    const MANIFEST: Manifest = Manifest {
        label: BOTH,
        summary: BOTH,
        icon: "bell",
        enabled_by_default: true,
        settings: &[Setting { key: "loud", label: BOTH, on_by_default: true }],
    };

    #[test]
    fn a_switch_keeps_its_default_until_a_boolean_is_stored() {
        assert!(MANIFEST.is_on(&Value::Null, "loud"));
        assert!(MANIFEST.is_on(&json!({"loud": "no"}), "loud"));
        assert!(!MANIFEST.is_on(&json!({"loud": false}), "loud"));
        assert!(!MANIFEST.is_on(&json!({"quiet": true}), "quiet"));
    }

    #[test]
    fn a_label_reads_in_both_languages() {
        assert_eq!((BOTH.read_in(Locale::French), BOTH.read_in(Locale::English)), ("Essai", "Trial"));
    }
}
