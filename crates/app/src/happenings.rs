//! What every use case writes beside its state change, in the same transaction: events with the jobs that deliver them
//! to interested modules, and lines of the audit journal.

use crate::error::Result;
use crate::start::App;
use balado_domain::audit::AuditEntry;
use balado_domain::event::{Event, EventEnvelope};
use balado_domain::feed::{Feed, FeedScope};
use balado_domain::job::{NewJob, Work};
use balado_domain::{AuditId, Clock, EventId, JobId, PersonId, SchoolId, Timestamp, Viewer};
use balado_ent::Registry;
use balado_media::recipe::RecipeBook;
use balado_store::{Tx, audit, events, feeds, jobs, portal};
use std::sync::Arc;

/// Priority of work nobody waits for on a screen.
const DISPATCH_PRIORITY: i32 = 20;

/// The pen of one use case: who acts, where, when. Made before the transaction, used inside it.
#[derive(Clone)]
pub(crate) struct Scribe {
    clock: Arc<dyn Clock>,
    registry: Registry,
    recipes: RecipeBook,
    pub(crate) now: Timestamp,
    pub(crate) school: SchoolId,
    actor: Option<PersonId>,
    on_behalf_of: Option<PersonId>,
    origin: String,
}

impl App {
    /// A pen for what `viewer` does in `school`.
    pub(crate) fn scribe(&self, viewer: &Viewer, school: SchoolId) -> Scribe {
        let on_behalf_of = match viewer {
            Viewer::Guardian { pupil, .. } => Some(pupil.id),
            _ => None,
        };
        Scribe {
            clock: self.clock(),
            registry: self.registry().clone(),
            recipes: self.recipes().clone(),
            now: self.now(),
            school,
            actor: viewer.actor(),
            on_behalf_of,
            origin: self.configuration().server.origin.clone(),
        }
    }
}

impl Scribe {
    pub(crate) fn recipes(&self) -> &RecipeBook {
        &self.recipes
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The feed of a scope, made when it is first needed. Its `podcast:guid` comes from an address without token.
    pub(crate) fn ensure_feed(&self, tx: &mut Tx<'_>, scope: FeedScope) -> Result<Feed> {
        let name = match scope {
            FeedScope::Group(id) => format!("groups/{id}"),
            FeedScope::Assignment(id) => format!("assignments/{id}"),
        };
        let guid = balado_feeds::podcast_guid(&format!("{}/feeds/{name}", self.origin));
        Ok(feeds::ensure(tx, scope, self.school, guid, self.now)?)
    }

    /// Appends an event and one `DispatchEvent` job per module that is interested and switched on in the school.
    pub(crate) fn tell(&self, tx: &mut Tx<'_>, event: Event) -> Result<EventId> {
        let kind = event.kind();
        let id = EventId::generate(self.clock());
        events::append(
            tx,
            &EventEnvelope { id, school_id: self.school, actor_id: self.actor, at: self.now, event },
        )?;
        for module in self.registry.interested_in(kind) {
            let name = module.id();
            let chosen = portal::module_enabled(tx, self.school, name.as_str())?;
            if chosen.unwrap_or(module.manifest().enabled_by_default) {
                self.enqueue(
                    tx,
                    Work::DispatchEvent { event: id, module: name.to_string() },
                    DISPATCH_PRIORITY,
                )?;
            }
        }
        Ok(id)
    }

    /// Queues a job that is due now.
    pub(crate) fn enqueue(&self, tx: &mut Tx<'_>, work: Work, priority: i32) -> Result<bool> {
        let job = NewJob {
            id: JobId::generate(self.clock()),
            school_id: Some(self.school),
            deposit_id: work.deposit(),
            work,
            priority,
            run_at: self.now,
        };
        Ok(jobs::enqueue(tx, &job, self.now)?)
    }

    /// Writes a line of the journal.
    pub(crate) fn journal(
        &self,
        tx: &mut Tx<'_>,
        verb: &str,
        object_kind: &str,
        object_id: String,
    ) -> Result<()> {
        Ok(audit::append(
            tx,
            &AuditEntry {
                id: AuditId::generate(self.clock()),
                at: self.now,
                actor_id: self.actor,
                on_behalf_of: self.on_behalf_of,
                verb: verb.to_owned(),
                object_kind: object_kind.to_owned(),
                object_id,
                school_id: Some(self.school),
            },
        )?)
    }
}
