//! What every module must do, checked on any module against any host: [`check`] is run by this package's tests on the
//! built-in modules and by testkit on the real host.
//!
//! It lists breaches instead of panicking, so that one run tells everything that is wrong with a module.

mod away;
mod strangers;

use crate::draft::{Draft, Review};
use crate::entry::{DateRange, Entry, Scope};
use crate::error::ModuleError;
use crate::host::{Host, HostRead};
use crate::module::{EntModule, ModuleId};
use away::HostAway;
use balado_domain::event::{EventEnvelope, EventKind};
use std::collections::BTreeSet;
use std::fmt::Display;

/// A small school to try a module in. Each check changes it and looks at what was written.
pub trait World {
    /// A person of the school who has something to see in `busy_range`, e.g. a pupil.
    fn reader(&self) -> Scope;

    /// A range in which there is something to see.
    fn busy_range(&self) -> DateRange;

    /// Things that happened in the school and whose subjects exist: at least one per kind the module is interested in.
    fn events(&self) -> Vec<EventEnvelope>;

    /// Drafts whose subjects exist.
    fn drafts(&self) -> Vec<Draft>;

    /// Lets `handle` deliver an event to that module in one transaction, committed when it returns `Ok`.
    ///
    /// # Errors
    /// What `handle` returned.
    fn deliver(
        &mut self,
        module: ModuleId,
        event: &EventEnvelope,
        handle: &mut dyn FnMut(&mut dyn Host) -> Result<(), ModuleError>,
    ) -> Result<(), ModuleError>;

    /// Lets `look` read.
    fn look(&self, look: &mut dyn FnMut(&dyn HostRead));

    /// Everything modules wrote so far, one text per row, without row ids, sorted.
    fn rows(&self) -> Vec<String>;
}

/// One thing a module does wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What must hold, as a claim.
    pub claim: &'static str,
    /// What was seen.
    pub seen: String,
}

/// Runs every check of the contract on one module; an empty answer is a pass.
pub fn check(module: &dyn EntModule, world: &mut dyn World) -> Vec<Breach> {
    let mut report = Report(Vec::new());
    presents_itself(module, &mut report);
    delivers_once(module, world, &mut report);
    ignores_strangers(module, world, &mut report);
    survives_an_absent_host(module, world, &mut report);
    answers_gates_alike(module, world, &mut report);
    shows_entries(module, world, &mut report);
    report.0
}

struct Report(Vec<Breach>);

impl Report {
    fn expect(&mut self, holds: bool, claim: &'static str, seen: impl Display) {
        if !holds {
            self.0.push(Breach { claim, seen: seen.to_string() });
        }
    }
}

fn presents_itself(module: &dyn EntModule, report: &mut Report) {
    let (id, manifest) = (module.id(), module.manifest());
    report.expect(id.is_well_formed(), "the name is kebab-case", id);
    report.expect(id == module.id(), "the name never changes", id);
    report.expect(manifest == module.manifest(), "the manifest is pure", id);
    let texts = manifest.settings.iter().map(|s| s.label).chain([manifest.label, manifest.summary]);
    for label in texts {
        let is_full = !label.fr.trim().is_empty() && !label.en.trim().is_empty();
        report.expect(is_full, "every label exists in both languages", format!("{label:?}"));
    }
    let keys: BTreeSet<_> = manifest.settings.iter().map(|setting| setting.key).collect();
    report.expect(keys.len() == manifest.settings.len(), "every setting has its own key", id);
    for key in keys {
        let is_kebab = ModuleId::new(key).is_well_formed();
        report.expect(is_kebab, "every setting's key is kebab-case", key);
    }
    let kinds: BTreeSet<_> = module.interests().iter().collect();
    report.expect(kinds.len() == module.interests().len(), "each interest is named once", id);
}

fn delivers_once(module: &dyn EntModule, world: &mut dyn World, report: &mut Report) {
    let events = world.events();
    for kind in module.interests() {
        let is_there = events.iter().any(|event| event.event.kind() == *kind);
        report.expect(is_there, "the world has an event of every kind the module wants", kind);
    }
    for event in &events {
        let kind = event.event.kind();
        let before = world.rows();
        let first = deliver(module, event, world);
        report.expect(
            first.is_ok(),
            "an event whose subject exists is handled",
            format!("{kind}: {first:?}"),
        );
        let once = world.rows();
        let is_wanted = module.interests().contains(&kind);
        report.expect(is_wanted || once == before, "an event it did not ask for changes nothing", kind);
        let second = deliver(module, event, world);
        report.expect(second.is_ok(), "a second delivery succeeds", format!("{kind}: {second:?}"));
        report.expect(world.rows() == once, "a second delivery changes nothing", kind);
    }
}

fn ignores_strangers(module: &dyn EntModule, world: &mut dyn World, report: &mut Report) {
    let events = world.events();
    let Some(known) = events.first() else { return };
    let unknown_subjects = EventKind::ALL.iter().map(|kind| strangers::of_kind(*kind, known));
    let unknown_school = events.iter().map(strangers::of_another_school);
    for event in unknown_subjects.chain(unknown_school) {
        let kind = event.event.kind();
        let before = world.rows();
        let answer = deliver(module, &event, world);
        let seen = format!("{kind}: {answer:?}");
        report.expect(answer.is_ok(), "a subject or school that is gone is no failure", seen);
        report.expect(world.rows() == before, "a subject or school that is gone changes nothing", kind);
    }
}

fn survives_an_absent_host(module: &dyn EntModule, world: &mut dyn World, report: &mut Report) {
    let now = world.busy_range().from;
    for event in world.events() {
        let kind = event.event.kind();
        let mut away = HostAway::at(now);
        let answer = module.handle(&event, &mut away);
        let lost = answer.is_ok() && module.interests().contains(&kind);
        report.expect(!lost, "an event is not taken as handled when the host failed", kind);
    }
    for draft in world.drafts() {
        let answer = module.review(&draft, &HostAway::at(now));
        let is_refusal = matches!(answer, Review::Refuse(_));
        report.expect(
            !is_refusal,
            "a gate that cannot tell holds, and refuses nothing",
            format!("{draft:?}"),
        );
    }
    let empty_handed = module.entries(&world.reader(), world.busy_range(), &HostAway::at(now));
    let mut shows = false;
    world.look(&mut |host| {
        shows = module
            .entries(&world.reader(), world.busy_range(), host)
            .is_ok_and(|entries| !entries.is_empty());
    });
    report.expect(
        !(shows && empty_handed.is_ok()),
        "entries that cannot be read are a failure, not an empty list",
        module.id(),
    );
}

fn answers_gates_alike(module: &dyn EntModule, world: &mut dyn World, report: &mut Report) {
    let drafts = world.drafts();
    let strangers = drafts.iter().map(strangers::draft_of_another_school);
    for draft in drafts.iter().cloned().chain(strangers) {
        let mut answers = Vec::new();
        world.look(&mut |host| answers.push(module.review(&draft, host)));
        world.look(&mut |host| answers.push(module.review(&draft, host)));
        let is_same = answers.windows(2).all(|pair| pair.first() == pair.last());
        report.expect(is_same, "a gate gives the same answer to the same draft", format!("{draft:?}"));
    }
}

fn shows_entries(module: &dyn EntModule, world: &mut dyn World, report: &mut Report) {
    let (reader, busy) = (world.reader(), world.busy_range());
    let backwards = DateRange { from: busy.until, until: busy.from };
    for range in [DateRange { from: busy.from, until: busy.from }, backwards] {
        let answer = entries(module, reader, range, world);
        let is_empty = answer.as_ref().is_ok_and(Vec::is_empty);
        report.expect(is_empty, "an empty range shows nothing", format!("{answer:?}"));
    }
    for stranger in strangers::scopes(reader) {
        let answer = entries(module, stranger, busy, world);
        let is_empty = answer.as_ref().is_ok_and(Vec::is_empty);
        report.expect(is_empty, "an unknown school or person is shown nothing", format!("{answer:?}"));
    }
    let answer = entries(module, reader, busy, world);
    let again = entries(module, reader, busy, world);
    report.expect(answer == again, "the same question gets the same entries", module.id());
    let shown = answer.unwrap_or_default();
    let names: BTreeSet<_> = shown.iter().map(Entry::uid).collect();
    report.expect(names.len() == shown.len(), "every entry has its own name", module.id());
    for entry in &shown {
        let uid = entry.uid();
        report.expect(entry.module == module.id(), "an entry names its module", &uid);
        report.expect(entry.starts_at < entry.ends_at, "an entry ends after it starts", &uid);
        report.expect(entry.path.starts_with('/'), "an entry leads to a page of the service", &entry.path);
    }
}

fn deliver(module: &dyn EntModule, event: &EventEnvelope, world: &mut dyn World) -> Result<(), ModuleError> {
    world.deliver(module.id(), event, &mut |host| module.handle(event, host))
}

fn entries(
    module: &dyn EntModule,
    scope: Scope,
    range: DateRange,
    world: &dyn World,
) -> Result<Vec<Entry>, ModuleError> {
    let mut answer = Ok(Vec::new());
    world.look(&mut |host| answer = module.entries(&scope, range, host));
    answer
}
