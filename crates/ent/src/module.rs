//! What a portal module is.

use crate::draft::{Draft, Review};
use crate::entry::{DateRange, Entry, Scope};
use crate::error::ModuleError;
use crate::host::{Host, HostRead};
use crate::manifest::Manifest;
use balado_domain::event::{EventEnvelope, EventKind};
use serde::Serialize;
use std::fmt;

/// The permanent kebab-case name of a module, stored in the database beside what it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ModuleId(&'static str);

impl ModuleId {
    /// Names a module. The registry refuses a name that is not kebab-case.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the name is made of lower-case words of `a-z0-9` joined by single hyphens, the first starting with a letter.
    #[must_use]
    pub fn is_well_formed(self) -> bool {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        self.0.starts_with(|c: char| c.is_ascii_lowercase()) && self.0.split('-').all(is_word)
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One brick of the portal: messaging, homework, agenda… (DESIGN §8).
///
/// Every module passes [`crate::conformance::check`]. It keeps no state of its own: what it knows comes from the host,
/// what it does goes through the host.
pub trait EntModule: Send + Sync {
    /// Permanent kebab-case name, stored in the database.
    fn id(&self) -> ModuleId;

    /// Labels, icon and settings per school. Pure.
    fn manifest(&self) -> Manifest;

    /// The kinds of event to deliver. Pure.
    fn interests(&self) -> &[EventKind];

    /// Gate: whether this may be published or handed in. A host that fails means [`Review::Hold`].
    fn review(&self, draft: &Draft, host: &dyn HostRead) -> Review;

    /// Reacts to something that happened, after it was committed. Delivered at least once; what it writes commits in one
    /// transaction, and a second delivery changes nothing. A subject that is gone meanwhile is no error.
    ///
    /// # Errors
    /// When the host fails; the delivery is then rolled back and made again later.
    fn handle(&self, event: &EventEnvelope, host: &mut dyn Host) -> Result<(), ModuleError>;

    /// What the module has to show in that range, for that scope, in any order.
    ///
    /// # Errors
    /// When the host fails.
    fn entries(
        &self,
        scope: &Scope,
        range: DateRange,
        host: &dyn HostRead,
    ) -> Result<Vec<Entry>, ModuleError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kebab_case_names_a_module() {
        for good in ["agenda", "lesson-log", "x2"] {
            assert!(ModuleId::new(good).is_well_formed(), "{good}");
        }
        for bad in ["", "Agenda", "lesson_log", "-agenda", "agenda-", "a--b", "2x", "carnet de bord", "é"] {
            assert!(!ModuleId::new(bad).is_well_formed(), "{bad}");
        }
    }
}
