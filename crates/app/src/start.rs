//! The application: every engine behind one cheap handle.

use crate::clock::SystemClock;
use crate::configuration::Configuration;
use crate::database::Database;
use crate::deposits::{Arrivals, Writers};
use crate::error::Result;
use crate::feeds::FeedCache;
use crate::fetches::FetchLog;
use crate::secrets::InstanceKey;
use balado_domain::{Clock, Timestamp};
use balado_ent::Registry;
use balado_ent::mail::Relay;
use balado_media::recipe::RecipeBook;
use balado_objects::Objects;
use balado_sso::Hasher;
use balado_store::Db;
use std::sync::Arc;

/// Balado, as `web`, `worker` and the program use it. Cloning shares everything.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    configuration: Configuration,
    database: Database,
    db: Db,
    objects: Objects,
    key: InstanceKey,
    clock: Arc<dyn Clock>,
    registry: Registry,
    recipes: RecipeBook,
    relay: Option<Relay>,
    hasher: Hasher,
    proofs: tokio::sync::Semaphore,
    writers: Writers,
    arrivals: Arrivals,
    feeds: FeedCache,
    fetches: FetchLog,
    jobs_waiting: tokio::sync::Notify,
}

impl App {
    /// Opens every engine, brings the database up to date and loads the instance key.
    ///
    /// # Errors
    /// When an engine cannot be reached or is too old, or the instance key is unusable.
    pub fn start(configuration: Configuration) -> Result<Self> {
        Self::start_with(configuration, Arc::new(SystemClock), Registry::built_in())
    }

    /// As [`App::start`], with another clock and set of portal modules: for tests.
    ///
    /// # Errors
    /// As [`App::start`].
    pub fn start_with(
        configuration: Configuration,
        clock: Arc<dyn Clock>,
        registry: Registry,
    ) -> Result<Self> {
        let wrap = |cause| crate::Error::File { what: "make the data folder", cause };
        std::fs::create_dir_all(&configuration.data_folder).map_err(wrap)?;
        let recipes = crate::recipes::load(configuration.worker.recipes.as_deref())?;
        let key = InstanceKey::load_or_create(&configuration.instance_key)?;
        let db = Db::open(&configuration.database_url, configuration.database_connections)?;
        db.migrate()?;
        let objects = Objects::open(&configuration.objects_url, configuration.s3.as_ref())?;
        let relay = configuration.relay.as_ref().map(Relay::open).transpose()?;
        Ok(Self {
            inner: Arc::new(Inner {
                database: Database::new(db.clone()),
                db,
                objects,
                key,
                clock,
                registry,
                recipes,
                relay,
                hasher: Hasher::new()?,
                proofs: tokio::sync::Semaphore::new(
                    std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
                ),
                writers: Writers::default(),
                arrivals: Arrivals::default(),
                feeds: FeedCache::new(),
                fetches: FetchLog::default(),
                jobs_waiting: tokio::sync::Notify::new(),
                configuration,
            }),
        })
    }

    /// The settings of this process.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.inner.configuration
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The portal modules this program has.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The recipes this program has.
    #[must_use]
    pub fn recipes(&self) -> &RecipeBook {
        &self.inner.recipes
    }

    /// Answers when database and blob store both do: for `/healthz` and `doctor`.
    ///
    /// # Errors
    /// When either does not.
    pub async fn check_health(&self) -> Result<()> {
        let db = self.inner.db.clone();
        let joined = tokio::task::spawn_blocking(move || db.ping()).await;
        if let Ok(answer) = joined {
            answer?;
        }
        Ok(self.inner.objects.ping().await?)
    }

    /// Waits until this process queued a job, or the time has passed. A hint only: other processes queue jobs too.
    pub async fn wait_for_jobs(&self, at_most: std::time::Duration) {
        tokio::select! {
            () = self.inner.jobs_waiting.notified() => {}
            () = tokio::time::sleep(at_most) => {}
        }
    }

    pub(crate) fn announce_jobs(&self) {
        self.inner.jobs_waiting.notify_waiters();
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    /// The blob store: for `worker`, which reads originals and stores outputs, and for `web`, which streams blobs a use
    /// case has already opened to the viewer.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    pub(crate) fn key(&self) -> &InstanceKey {
        &self.inner.key
    }

    pub(crate) fn relay(&self) -> Option<&Relay> {
        self.inner.relay.as_ref()
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.inner.hasher
    }

    /// How many passwords are proven at once.
    pub(crate) fn proofs(&self) -> &tokio::sync::Semaphore {
        &self.inner.proofs
    }

    pub(crate) fn writers(&self) -> &Writers {
        &self.inner.writers
    }

    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.inner.arrivals
    }

    pub(crate) fn feed_cache(&self) -> &FeedCache {
        &self.inner.feeds
    }

    pub(crate) fn fetch_log(&self) -> &FetchLog {
        &self.inner.fetches
    }
}
