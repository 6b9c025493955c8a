//! The suite passes every built-in module, and finds what is wrong with a bad one.

use crate::school::Trial;
use balado_domain::event::{EventEnvelope, EventKind};
use balado_domain::notice::{Channel, NoticeTopic};
use balado_ent::conformance::{World, check};
use balado_ent::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

#[test]
fn every_built_in_module_keeps_the_contract() {
    for module in Registry::built_in().modules() {
        assert_eq!(check(module, &mut Trial::new()), [], "{}", module.id());
    }
}

#[test]
fn the_trial_school_gives_modules_something_to_do() {
    let mut trial = Trial::new();
    let registry = Registry::built_in();
    for event in trial.events() {
        for module in registry.interested_in(event.event.kind()) {
            trial.school.dispatch(module, &event);
        }
    }
    assert!(trial.rows().len() >= 5, "{:?}", trial.rows());
    let entries = registry.entries(&trial.reader(), trial.busy_range(), &trial.school).unwrap();
    assert_eq!(entries.len(), 2);
}

/// Breaks every promise it can: a shouted name, a half-translated label, repeated interests, one more row per delivery,
/// changing answers, entries out of nowhere.
struct Unruly {
    calls: AtomicU32,
}

impl EntModule for Unruly {
    fn id(&self) -> ModuleId {
        ModuleId::new("UNRULY")
    }

    fn manifest(&self) -> Manifest {
        const HALF: Label = Label { fr: "Turbulent", en: "" };
        const TWICE: Setting = Setting { key: "Loud", label: HALF, on_by_default: false };
        Manifest {
            label: HALF,
            summary: HALF,
            icon: "bell",
            enabled_by_default: true,
            settings: &[TWICE, TWICE],
        }
    }

    fn interests(&self) -> &[EventKind] {
        &[EventKind::PublicationOffered, EventKind::PublicationOffered, EventKind::SubscriptionCreated]
    }

    fn review(&self, _draft: &Draft, _host: &dyn HostRead) -> Review {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        if call.is_multiple_of(2) { Review::Refuse("mood") } else { Review::Allow }
    }

    fn handle(&self, event: &EventEnvelope, host: &mut dyn Host) -> Result<(), ModuleError> {
        let recipient = balado_domain::PersonId::from_uuid(uuid::Uuid::from_u128(
            self.calls.fetch_add(1, Ordering::Relaxed).into(),
        ));
        let notice = NoticeDraft {
            recipient,
            channel: Channel::Inbox,
            topic: NoticeTopic::PublicationOffered,
            subject_id: String::new(),
            due_at: event.at,
        };
        let _ = host.notify(notice);
        Ok(())
    }

    fn entries(
        &self,
        scope: &Scope,
        range: DateRange,
        _host: &dyn HostRead,
    ) -> Result<Vec<Entry>, ModuleError> {
        let entry = Entry {
            module: ModuleId::new("somebody-else"),
            kind: EntryKind::Due,
            subject_id: scope.person.to_string(),
            title: String::new(),
            by: String::new(),
            starts_at: range.from,
            ends_at: range.from,
            revised_at: range.from,
            path: "https://elsewhere.example/".to_owned(),
        };
        Ok(vec![entry.clone(), entry])
    }
}

#[test]
fn a_module_that_breaks_its_promises_is_found_out() {
    let breaches = check(&Unruly { calls: AtomicU32::new(0) }, &mut Trial::new());
    let claims: BTreeSet<_> = breaches.iter().map(|breach| breach.claim).collect();
    for claim in [
        "the name is kebab-case",
        "every label exists in both languages",
        "every setting has its own key",
        "every setting's key is kebab-case",
        "each interest is named once",
        "the world has an event of every kind the module wants",
        "an event it did not ask for changes nothing",
        "a second delivery changes nothing",
        "a subject or school that is gone changes nothing",
        "an event is not taken as handled when the host failed",
        "a gate that cannot tell holds, and refuses nothing",
        "a gate gives the same answer to the same draft",
        "entries that cannot be read are a failure, not an empty list",
        "an empty range shows nothing",
        "an unknown school or person is shown nothing",
        "every entry has its own name",
        "an entry names its module",
        "an entry ends after it starts",
        "an entry leads to a page of the service",
    ] {
        assert!(claims.contains(claim), "not found out: {claim}");
    }
}
