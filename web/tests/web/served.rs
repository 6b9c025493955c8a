//! A whole service for one test: an application with people in it behind a real server on a free port.

use super::client::{Ask, Reply};
use balado_testkit::{Actor, TestApp};
use std::net::{SocketAddr, TcpListener};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The service, and everything behind it.
pub(crate) struct Served {
    pub(crate) kit: TestApp,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<balado_web::Result<()>>,
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let kit = TestApp::start_at(address, settings).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let app = kit.app().clone();
        let running = tokio::spawn(balado_web::serve_on(app, listener, async move {
            let _ = stopped.await;
        }));
        Self { kit, address, stop, running }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Reply {
        ask.send(self.address).await
    }

    /// Asks as somebody, by bearer token.
    pub(crate) async fn ask_as(&self, actor: &Actor<'_>, ask: Ask) -> Reply {
        self.ask(ask.bearer(&actor.token)).await
    }

    /// Asks for a thing again and again until it is as wanted; false when it never is.
    pub(crate) async fn sees(
        &self,
        actor: &Actor<'_>,
        path: &str,
        is_wanted: impl Fn(&serde_json::Value) -> bool,
    ) -> bool {
        for _ in 0..5_000 {
            if is_wanted(&self.ask_as(actor, Ask::get(path)).await.json()) {
                return true;
            }
        }
        false
    }

    /// Signs in with the password everybody has; gives the cookie and the form token.
    pub(crate) async fn signs_in(&self, login: &str) -> (String, String) {
        let password = balado_testkit::app::PASSWORD;
        let reply = self
            .ask(Ask::post("/api/session").json(&serde_json::json!({ "login": login, "password": password })))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (cookie, reply.json()["csrf"].as_str().unwrap().to_owned())
    }

    /// The path of an address of ours.
    pub(crate) fn path_of(&self, address: &str) -> String {
        address.strip_prefix(&format!("http://{}", self.address)).unwrap_or(address).to_owned()
    }

    /// Asks the service to stop and waits until it has.
    pub(crate) async fn stops(self) {
        let _ = self.stop.send(());
        self.running.await.unwrap().unwrap();
    }

    /// Asks the service to stop and gives what to wait for.
    pub(crate) fn begins_to_stop(self) -> (TestApp, JoinHandle<balado_web::Result<()>>) {
        let _ = self.stop.send(());
        (self.kit, self.running)
    }
}
