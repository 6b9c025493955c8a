//! Portal modules: switching them on and off, asking their gates, delivering events to them, sending what they wrote.

mod delivery;
mod host;

pub(crate) use host::StoreHost;

use crate::error::{Result, forbidden, not_found};
use crate::start::App;
use balado_domain::people::Role;
use balado_domain::{EventId, SchoolId, Viewer};
use balado_ent::{Draft, Label, Review};
use balado_store::{Conn, events, portal};

/// A module as an administrator sees it.
#[derive(Debug, Clone)]
pub struct ModuleView {
    /// Permanent kebab-case name.
    pub name: &'static str,
    /// What it is called.
    pub label: Label,
    /// What it does, in a sentence.
    pub summary: Label,
    /// Whether the school has it.
    pub enabled: bool,
}

impl App {
    /// The modules of a school, for its administrators.
    ///
    /// # Errors
    /// `forbidden` for anybody else.
    pub async fn modules(&self, viewer: &Viewer, school: SchoolId) -> Result<Vec<ModuleView>> {
        refuse_unless_administrator(viewer, school)?;
        let app = self.clone();
        self.database()
            .read(move |c| {
                let mut views = Vec::new();
                for module in app.registry().modules() {
                    let (name, manifest) = (module.id().as_str(), module.manifest());
                    views.push(ModuleView {
                        name,
                        label: manifest.label,
                        summary: manifest.summary,
                        enabled: app.module_is_on_in(c, school, name)?,
                    });
                }
                Ok(views)
            })
            .await
    }

    /// Switches a module of a school on or off.
    ///
    /// # Errors
    /// `forbidden` unless the viewer administers the school; `not-found` for an unknown module.
    pub async fn switch_module(
        &self,
        viewer: &Viewer,
        school: SchoolId,
        name: &str,
        on: Switch,
    ) -> Result<()> {
        refuse_unless_administrator(viewer, school)?;
        let module = self.registry().find(name).ok_or_else(|| not_found("module"))?.id().as_str();
        let scribe = self.scribe(viewer, school);
        self.database()
            .write(move |tx| {
                let before = portal::get_settings(tx, school, module)?;
                let choice = portal::ModuleChoice {
                    school_id: school,
                    module: module.to_owned(),
                    enabled: on == Switch::On,
                    settings: before.map_or(serde_json::Value::Null, |choice| choice.settings),
                };
                portal::set_module(tx, &choice)?;
                scribe.journal(tx, "module.switch", "module", module.to_owned())
            })
            .await
    }

    /// Whether a school has a module.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn module_is_on(&self, school: SchoolId, name: &'static str) -> Result<bool> {
        let app = self.clone();
        self.database().read(move |c| app.module_is_on_in(c, school, name)).await
    }

    pub(crate) fn module_is_on_in(&self, c: &mut Conn, school: SchoolId, name: &str) -> Result<bool> {
        let Some(module) = self.registry().find(name) else { return Ok(false) };
        Ok(portal::module_enabled(c, school, name)?.unwrap_or(module.manifest().enabled_by_default))
    }

    /// Asks the gates of the school's modules, outside any transaction. Late or failing gates mean Hold.
    pub(crate) async fn ask_gates(&self, draft: Draft) -> Review {
        let (app, now) = (self.clone(), self.now());
        let asked = self.database().read(move |c| {
            let host = StoreHost::reading(c, now, app.relay().is_some());
            Ok(app.registry().review(&draft, &host))
        });
        match tokio::time::timeout(balado_ent::GATE_DEADLINE, asked).await {
            Ok(Ok(review)) => review,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a gate failed");
                Review::Hold(balado_ent::GATE_UNAVAILABLE)
            }
            Err(_) => Review::Hold(balado_ent::GATE_UNAVAILABLE),
        }
    }

    /// Hands one event to one module. What the module writes commits in one transaction; doing it twice changes nothing.
    ///
    /// # Errors
    /// When the module or the database fails; the job is tried again.
    pub async fn dispatch_event(&self, event: EventId, module: String) -> Result<()> {
        let (app, now) = (self.clone(), self.now());
        self.database()
            .write(move |tx| {
                let envelope = events::get(tx, event)?;
                let pen = host::Pen {
                    clock: app.clock(),
                    module: module.clone(),
                    event,
                    school: envelope.school_id,
                };
                let mut host = StoreHost::writing(tx, now, app.relay().is_some(), pen);
                Ok(app.registry().dispatch(&module, &envelope, &mut host)?)
            })
            .await?;
        self.announce_jobs();
        Ok(())
    }
}

/// A position of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// The school has the module.
    On,
    /// It has not.
    Off,
}

pub(crate) fn refuse_unless_administrator(viewer: &Viewer, school: SchoolId) -> Result<()> {
    let allowed = match viewer {
        Viewer::System => true,
        _ => viewer.person().is_some_and(|person| person.has_role(school, Role::Administrator)),
    };
    if allowed { Ok(()) } else { Err(forbidden("administrators only")) }
}
