//! An application over a real SQLite file and a real folder of blobs, with two schools and the people of [`PEOPLE`].
//!
//! No server and no worker: `web` tests put their own server in front, and [`TestApp::works`] plays the worker.

use crate::builders::Actor;
use crate::clock::FakeClock;
use crate::must;
use balado_app::App;
use balado_app::configuration::Configuration;
use balado_domain::Clock;
use balado_domain::people::Role;
use balado_ent::Registry;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;

/// The password of everybody.
pub const PASSWORD: &str = "cheval-nuage-42";

/// Everybody: two schools that both have a class `5eB`, so that mixing schools up shows.
///
/// - `lou` teaches 5eB, `max` 5eA; `ines` and `noe` attend 5eB, `zoe` 5eA
/// - `paul` is the guardian of `ines`, `rita` of `zoe`
/// - `ana` is an assistant, `ada` administers
/// - `sam` teaches and `kim` attends the 5eB of the other school, which `bob` administers
pub const PEOPLE: &str = "\
school;uai;year;role;login;given_name;family_name;classes;subjects;children;password
Collège des Tilleuls;0541234X;2026-2027;teacher;lou;Lou;Martin;5eB;Français;;@
Collège des Tilleuls;0541234X;2026-2027;teacher;max;Max;Petit;5eA;Anglais;;@
Collège des Tilleuls;0541234X;2026-2027;pupil;ines;Inès;Benali;5eB;;;@
Collège des Tilleuls;0541234X;2026-2027;pupil;noe;Noé;Fabre;5eB;;;@
Collège des Tilleuls;0541234X;2026-2027;pupil;zoe;Zoé;Garcia;5eA;;;@
Collège des Tilleuls;0541234X;2026-2027;guardian;paul;Paul;Benali;;;ines;@
Collège des Tilleuls;0541234X;2026-2027;guardian;rita;Rita;Garcia;;;zoe;@
Collège des Tilleuls;0541234X;2026-2027;assistant;ana;Ana;Roux;;;;@
Collège des Tilleuls;0541234X;2026-2027;administrator;ada;Ada;Blanc;;;;@
Lycée du Phare;0291234Y;2026-2027;teacher;sam;Sam;Le Goff;5eB;Musique;;@
Lycée du Phare;0291234Y;2026-2027;pupil;kim;Kim;Riou;5eB;;;@
Lycée du Phare;0291234Y;2026-2027;administrator;bob;Bob;Morvan;;;;@
";

/// An application with people in it.
pub struct TestApp {
    app: App,
    clock: Arc<FakeClock>,
    folder: TempDir,
}

impl TestApp {
    /// An application whose public address nobody listens on.
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 1)), &[]).await
    }

    /// An application that is reached at `address`, with more settings, named as in the environment.
    ///
    /// # Panics
    /// When an engine cannot be opened or the people cannot be loaded.
    pub async fn start_at(address: SocketAddr, settings: &[(&str, &str)]) -> Self {
        let folder = must(tempfile::tempdir(), "make a folder");
        let own = [
            ("BALADO_DATA_FOLDER", folder.path().join("data").display().to_string()),
            ("BALADO_SERVER_ADDRESS", address.to_string()),
            ("BALADO_SERVER_THREADS", "1".to_owned()),
        ];
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let all: Vec<_> = own.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(more).collect();
        let configuration = must(Configuration::load(None, all.into_iter()), "read the settings");
        let clock = Arc::new(FakeClock::default());
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let app = must(App::start_with(configuration, shared, Registry::built_in()), "start the application");
        let people = PEOPLE.replace('@', PASSWORD);
        let roster = must(balado_directory::read_csv(people.as_bytes()), "read the people");
        must(app.import_roster(roster).await, "load the people");
        Self { app, clock, folder }
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// A folder that goes away with the application, for scratch files.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Somebody, by login.
    ///
    /// # Panics
    /// When nobody has that login.
    pub async fn person(&self, login: &str) -> Actor<'_> {
        let token = must(self.app.issue_api_token(login, "test").await, login);
        let (person, viewer) = must(self.app.viewer_of_api_token(&token).await, login);
        Actor { kit: self, person, viewer, token }
    }

    /// A teacher, by login.
    ///
    /// # Panics
    /// When nobody has that login, or somebody else has it.
    pub async fn teacher(&self, login: &str) -> Actor<'_> {
        self.person(login).await.who_is(Role::Teacher)
    }

    /// A pupil, by login.
    ///
    /// # Panics
    /// As [`TestApp::teacher`].
    pub async fn pupil(&self, login: &str) -> Actor<'_> {
        self.person(login).await.who_is(Role::Pupil)
    }

    /// A guardian, by login.
    ///
    /// # Panics
    /// As [`TestApp::teacher`].
    pub async fn guardian(&self, login: &str) -> Actor<'_> {
        self.person(login).await.who_is(Role::Guardian)
    }
}
