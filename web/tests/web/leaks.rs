//! What must never leave: tokens in the log, tokens in headers others could see.

use super::client::Ask;
use super::served::Served;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_token_password_or_cookie_is_ever_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // The server's threads log too, so the whole process does. Tests run in processes of their own.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let view = ines.subscribes_to("5eB").await;
    let feed = served.path_of(view.address.as_deref().unwrap());
    let text = served.ask(Ask::get(&feed)).await.text();
    let key = text.split("/m/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let calendar = served.kit.app().calendar_address(&ines.viewer).await.unwrap();
    let calendar = served.path_of(&calendar);
    let (cookie, csrf) = served.signs_in("ines").await;
    for path in [&calendar, &format!("/m/{key}/cover.png"), &format!("/m/{key}/x/y"), &format!("{feed}/x")] {
        served.ask(Ask::get(path)).await;
    }
    served.ask(Ask::get("/api/me").with("Cookie", &cookie)).await;
    served
        .ask(Ask::post("/api/session").json(&serde_json::json!({ "login": "ines", "password": "indice" })))
        .await;
    let revoke = Ask::new("DELETE", format!("/api/subscriptions/{}", view.subscription.id));
    served.ask_as(&ines, revoke).await;
    served.ask(Ask::get(&feed)).await;
    served.stops().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/f/{token}/feed.xml"), "the access log names routes:\n{log}");
    let token = |path: &str| path.split('/').nth(2).unwrap().to_owned();
    let secrets = [
        token(&feed),
        key,
        token(&calendar),
        cookie.split('=').nth(1).unwrap().to_owned(),
        csrf,
        "indice".to_owned(),
        balado_testkit::app::PASSWORD.to_owned(),
    ];
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn nothing_behind_a_token_tells_others_where_it_came_from() {
    let served = Served::start().await;
    let ines = served.kit.pupil("ines").await;
    let feed = served.path_of(ines.subscribes_to("5eB").await.address.as_deref().unwrap());
    let text = served.ask(Ask::get(&feed)).await.text();
    let key = text.split("/m/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    for path in [feed, format!("/m/{key}/cover.png"), "/f/unknown/feed.xml".to_owned()] {
        let reply = served.ask(Ask::get(path)).await;
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("x-robots-tag"), Some("noindex"));
        assert_eq!(reply.header("set-cookie"), None);
        assert_eq!(reply.header("location"), None);
    }
}
