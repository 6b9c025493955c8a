//! The modules a program has, asked and told together.

use crate::draft::{Draft, Review};
use crate::entry::{DateRange, Entry, Scope};
use crate::error::ModuleError;
use crate::host::{Host, HostRead};
use crate::module::{EntModule, ModuleId};
use crate::modules::{Agenda, Homework, Messaging};
use balado_domain::SchoolId;
use balado_domain::event::{EventEnvelope, EventKind};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long all gates together may take; the caller then holds with [`GATE_UNAVAILABLE`] (DESIGN §8).
pub const GATE_DEADLINE: Duration = Duration::from_secs(2);

/// The reason of a hold when a gate failed or did not answer in time.
pub const GATE_UNAVAILABLE: &str = "gate-unavailable";

/// The modules a program has. Cloning shares them.
#[derive(Clone)]
pub struct Registry {
    modules: Arc<[Arc<dyn EntModule>]>,
}

impl Registry {
    /// The modules Balado comes with.
    #[must_use]
    pub fn built_in() -> Self {
        Self { modules: Arc::new([Arc::new(Messaging), Arc::new(Homework), Arc::new(Agenda)]) }
    }

    /// These modules and one more.
    ///
    /// # Errors
    /// [`ModuleError::Unregistrable`] when its name is not kebab-case or is taken.
    pub fn with(&self, module: Arc<dyn EntModule>) -> Result<Self, ModuleError> {
        let id = module.id();
        if !id.is_well_formed() || self.find(id.as_str()).is_some() {
            return Err(ModuleError::Unregistrable(id.to_string()));
        }
        Ok(Self { modules: self.modules.iter().cloned().chain([module]).collect() })
    }

    /// Every module, in the order of the screens.
    pub fn modules(&self) -> impl Iterator<Item = &dyn EntModule> {
        self.modules.iter().map(AsRef::as_ref)
    }

    /// The module of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&dyn EntModule> {
        self.modules().find(|module| module.id().as_str() == name)
    }

    /// The modules to which events of that kind are delivered, in schools that have them.
    pub fn interested_in(&self, kind: EventKind) -> impl Iterator<Item = &dyn EntModule> {
        self.modules().filter(move |module| module.interests().contains(&kind))
    }

    /// Delivers one event to one module, by its stored name. Does nothing when the school has switched it off meanwhile.
    ///
    /// # Errors
    /// [`ModuleError::UnknownModule`] when there is none of that name, else what the module or the host answers.
    pub fn dispatch(
        &self,
        module: &str,
        event: &EventEnvelope,
        host: &mut dyn Host,
    ) -> Result<(), ModuleError> {
        let module = self.find(module).ok_or_else(|| ModuleError::UnknownModule(module.to_owned()))?;
        if is_enabled(module, event.school_id, host)? {
            module.handle(event, host)?;
        }
        Ok(())
    }

    /// Asks every gate the school has; the strictest answer wins. A host that fails means a hold.
    #[must_use]
    pub fn review(&self, draft: &Draft, host: &dyn HostRead) -> Review {
        self.modules().fold(Review::Allow, |so_far, module| {
            so_far.and(match is_enabled(module, draft.school(), host) {
                Ok(true) => module.review(draft, host),
                Ok(false) => Review::Allow,
                Err(_) => Review::Hold(GATE_UNAVAILABLE),
            })
        })
    }

    /// What every module the school has shows in that range, by start then name.
    ///
    /// # Errors
    /// What the first failing module answers: a calendar with holes would make readers drop what is missing.
    pub fn entries(
        &self,
        scope: &Scope,
        range: DateRange,
        host: &dyn HostRead,
    ) -> Result<Vec<Entry>, ModuleError> {
        let mut entries = Vec::new();
        for module in self.modules() {
            if is_enabled(module, scope.school, host)? {
                entries.extend(module.entries(scope, range, host)?);
            }
        }
        entries.sort_by_cached_key(|entry| (entry.starts_at, entry.uid()));
        Ok(entries)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.modules().map(|module| module.id().as_str())).finish()
    }
}

fn is_enabled(module: &dyn EntModule, school: SchoolId, host: &dyn HostRead) -> Result<bool, ModuleError> {
    let id: ModuleId = module.id();
    host.module_enabled(school, id, &module.manifest())
}
