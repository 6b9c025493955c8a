//! Modules together: on and off, one more, order, the strictest gate.

use crate::school::Trial;
use balado_domain::ErrorKind;
use balado_domain::event::{EventEnvelope, EventKind};
use balado_ent::conformance::World;
use balado_ent::modules::{Agenda, Homework, Messaging};
use balado_ent::*;
use std::sync::Arc;

/// A gate that holds everything.
struct Careful(&'static str);

impl EntModule for Careful {
    fn id(&self) -> ModuleId {
        ModuleId::new(self.0)
    }

    fn manifest(&self) -> Manifest {
        const LABEL: Label = Label { fr: "Prudence", en: "Care" };
        Manifest { label: LABEL, summary: LABEL, icon: "eye", enabled_by_default: true, settings: &[] }
    }

    fn interests(&self) -> &[EventKind] {
        &[EventKind::PublicationWithdrawn]
    }

    fn review(&self, _draft: &Draft, _host: &dyn HostRead) -> Review {
        Review::Hold("look-first")
    }

    fn handle(&self, _event: &EventEnvelope, _host: &mut dyn Host) -> Result<(), ModuleError> {
        Ok(())
    }

    fn entries(&self, _: &Scope, _: DateRange, _: &dyn HostRead) -> Result<Vec<Entry>, ModuleError> {
        Ok(Vec::new())
    }
}

#[test]
fn one_more_module_joins_and_its_gate_counts() {
    let trial = Trial::new();
    let registry = Registry::built_in().with(Arc::new(Careful("care"))).unwrap();
    assert_eq!(registry.find("care").map(EntModule::id), Some(ModuleId::new("care")));
    let interested: Vec<_> =
        registry.interested_in(EventKind::PublicationWithdrawn).map(EntModule::id).collect();
    assert_eq!(interested, [ModuleId::new("care")]);
    for draft in trial.drafts() {
        assert_eq!(Registry::built_in().review(&draft, &trial.school), Review::Allow);
        assert_eq!(registry.review(&draft, &trial.school), Review::Hold("look-first"));
    }
}

#[test]
fn a_name_that_is_taken_or_malformed_cannot_join() {
    for name in ["agenda", "Care", ""] {
        let answer = Registry::built_in().with(Arc::new(Careful(name)));
        assert_eq!(answer.unwrap_err(), ModuleError::Unregistrable(name.to_owned()));
    }
}

#[test]
fn a_module_that_is_switched_off_is_neither_asked_nor_told_nor_shown() {
    let mut trial = Trial::new();
    for id in [Messaging.id(), Homework.id(), Agenda.id()] {
        trial.school.switches.insert(id, false);
    }
    let registry = Registry::built_in();
    for event in trial.events() {
        for module in registry.modules() {
            assert_eq!(registry.dispatch(module.id().as_str(), &event, &mut trial.school), Ok(()));
        }
    }
    assert_eq!(trial.rows(), Vec::<String>::new());
    assert_eq!(registry.entries(&trial.reader(), trial.busy_range(), &trial.school), Ok(Vec::new()));
    trial.school.now = trial.busy_range().until;
    for draft in trial.drafts() {
        assert_eq!(registry.review(&draft, &trial.school), Review::Allow);
    }
}

#[test]
fn an_event_for_a_module_this_program_lacks_fails_for_good() {
    let mut trial = Trial::new();
    let event = trial.events().remove(0);
    let error = Registry::built_in().dispatch("carnet", &event, &mut trial.school).unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.is_permanent()),
        (ErrorKind::NotFound, "module-unknown", true)
    );
}

#[test]
fn entries_of_all_modules_come_in_order_of_time() {
    let trial = Trial::new();
    let registry = Registry::built_in();
    let entries = registry.entries(&trial.reader(), trial.busy_range(), &trial.school).unwrap();
    let kinds: Vec<_> = entries.iter().map(|entry| (entry.module, entry.kind)).collect();
    assert_eq!(kinds, [(Agenda.id(), EntryKind::Publication), (Homework.id(), EntryKind::Due)]);
}
