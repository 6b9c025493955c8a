//! The interface for scripts: proof, forms of errors, and the way from a deposit to a publication.

use super::client::Ask;
use super::served::Served;
use balado_web::routes::{self, Class};
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn the_openapi_document_and_the_route_table_hold_the_same_routes() {
    let document = serde_json::to_value(balado_web::api::openapi::document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            documented.insert((method.to_ascii_uppercase(), path.clone()));
            let said =
                operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default();
            assert!(!said.is_empty(), "{method} {path} says nothing of itself");
        }
    }
    let known: BTreeSet<_> = routes::table()
        .filter(|route| matches!(route.class, Class::Api | Class::Upload) && route.path.starts_with("/api/"))
        .map(|route| (route.method.as_str().to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(known, documented);
}

#[test]
fn no_route_is_listed_twice() {
    let mut seen = BTreeSet::new();
    for route in routes::table() {
        assert!(seen.insert((route.method.as_str(), route.path)), "{} {}", route.method.as_str(), route.path);
    }
}

#[tokio::test]
async fn a_session_lives_until_it_is_closed_and_its_cookie_is_kept_from_scripts() {
    let served = Served::start().await;
    let (cookie, csrf) = served.signs_in("lou").await;
    let me = served.ask(Ask::get("/api/me").with("Cookie", &cookie)).await;
    assert_eq!((me.status, me.json()["name"].as_str()), (200, Some("Lou Martin")));
    assert_eq!(me.json()["csrf"], json!(csrf));
    let close = Ask::new("DELETE", "/api/session").with("Cookie", &cookie).with("X-Balado-Csrf", &csrf);
    let closed = served.ask(close).await;
    assert_eq!(closed.status, 204);
    assert!(closed.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(served.ask(Ask::get("/api/me").with("Cookie", &cookie)).await.status, 401);
    let sign_in = json!({ "login": "lou", "password": balado_testkit::app::PASSWORD });
    let again = served.ask(Ask::post("/api/session").json(&sign_in)).await;
    let set = again.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
}

#[tokio::test]
async fn under_https_the_cookie_is_kept_to_this_host_and_to_https() {
    let served = Served::start_with(&[("BALADO_SERVER_ORIGIN", "https://balado.example")]).await;
    let sign_in = json!({ "login": "lou", "password": balado_testkit::app::PASSWORD });
    let reply = served.ask(Ask::post("/api/session").json(&sign_in)).await;
    let set = reply.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-balado=") && set.contains("Secure"), "{set}");
    assert!(reply.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let served = Served::start().await;
    let (first, _) = served.signs_in("lou").await;
    let sign_in = json!({ "login": "lou", "password": balado_testkit::app::PASSWORD });
    let second = served.ask(Ask::post("/api/session").with("Cookie", &first).json(&sign_in)).await;
    assert_eq!(second.status, 200);
    assert_eq!(served.ask(Ask::get("/api/me").with("Cookie", &first)).await.status, 401);
}

#[tokio::test]
async fn guessing_passwords_is_refused_and_slowed_down_in_the_readers_language() {
    let served = Served::start().await;
    let wrong = Ask::post("/api/session").json(&json!({ "login": "lou", "password": "non" }));
    let reply = served.ask(wrong.clone().with("Accept-Language", "en")).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "sign-in-refused"));
    let english = reply.json()["message"].clone();
    let french = served.ask(wrong.clone()).await.json()["message"].clone();
    assert_ne!(english, french);
    let nobody = Ask::post("/api/session").json(&json!({ "login": "nobody", "password": "non" }));
    assert_eq!(served.ask(nobody).await.code(), "sign-in-refused");
    let mut last = 401;
    for _ in 0..30 {
        last = served.ask(wrong.clone()).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let served = Served::start().await;
    let (cookie, csrf) = served.signs_in("lou").await;
    let rotate = || Ask::post("/api/calendar/rotate").with("Cookie", &cookie);
    let bare = served.ask(rotate()).await;
    assert_eq!((bare.status, bare.code().as_str()), (403, "form-forged"));
    assert_eq!(served.ask(rotate().with("X-Balado-Csrf", "wrong")).await.status, 403);
    let guarded = || rotate().with("X-Balado-Csrf", &csrf);
    assert_eq!(served.ask(guarded().with("Sec-Fetch-Site", "cross-site")).await.status, 403);
    assert_eq!(served.ask(guarded().with("Origin", "https://elsewhere.example")).await.status, 403);
    let own = format!("http://{}", served.address);
    let from_ours = guarded().with("Origin", own).with("Sec-Fetch-Site", "same-origin");
    assert_eq!(served.ask(from_ours).await.status, 200);
}

#[tokio::test]
async fn a_session_ends_after_an_hour_without_requests() {
    let served = Served::start().await;
    let (cookie, _) = served.signs_in("lou").await;
    served.kit.clock().advance(TimeDelta::minutes(59));
    assert_eq!(served.ask(Ask::get("/api/me").with("Cookie", &cookie)).await.status, 200);
    served.kit.clock().advance(TimeDelta::minutes(61));
    assert_eq!(served.ask(Ask::get("/api/me").with("Cookie", &cookie)).await.status, 401);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_code() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let unknown = json!({ "deposit": lou.person.id, "title": "x", "groups": [], "author": "me" });
    let refused = [
        (Ask::post("/api/publications").json(&unknown), 400, "json-unreadable"),
        (Ask::post("/api/publications").bytes("{}"), 415, "json-expected"),
        (
            Ask::post("/api/publications").json(&json!({ "title": "x".repeat(300_000) })),
            413,
            "request-too-large",
        ),
        (Ask::get("/api/publications?before=x"), 400, "query-unreadable"),
        (Ask::get("/api/publications?nonsense=1"), 400, "query-unreadable"),
        (Ask::get("/api/deposits/not-an-id"), 404, "not-found"),
        (Ask::get("/api/nothing"), 404, "not-found"),
        (Ask::new("DELETE", "/api/me"), 405, "method-not-allowed"),
    ];
    for (ask, status, code) in refused {
        let reply = served.ask_as(&lou, ask.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{ask:?}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
    let wrong_method = served.ask_as(&lou, Ask::new("DELETE", "/api/me")).await;
    assert_eq!(wrong_method.header("allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn a_deposit_becomes_a_publication_that_its_class_sees() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let deposit = lou.deposits("answer.wav").await;
    let path = format!("/api/deposits/{}", deposit.id);
    let waiting = served.ask_as(&lou, Ask::get(&path)).await.json();
    assert_eq!((waiting["state"].as_str(), waiting["family"].as_str()), (Some("received"), Some("audio")));
    let group = served.ask_as(&lou, Ask::get("/api/groups")).await.json()["items"][0]["id"].clone();
    let new = json!({ "deposit": deposit.id, "title": "Écoute", "groups": [group], "tags": ["Conte"] });
    let made = served.ask_as(&lou, Ask::post("/api/publications").json(&new)).await;
    assert_eq!((made.status, made.json()["state"].as_str()), (201, Some("awaiting-media")));
    assert!(
        served.ask_as(&ines, Ask::get("/api/publications")).await.json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    served.kit.works().await;
    let ready = served.ask_as(&lou, Ask::get(&path)).await.json();
    assert_eq!((ready["state"].as_str(), ready["renditions"].as_array().unwrap().len()), (Some("ready"), 3));
    let seen = served.ask_as(&ines, Ask::get("/api/publications")).await.json()["items"][0].clone();
    assert_eq!((seen["title"].as_str(), seen["author"].as_str()), (Some("Écoute"), Some("Lou M.")));
    assert_eq!((seen["deposit"].is_null(), seen["reached"].is_null()), (true, true));
    let media = seen["media"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(served.ask_as(&ines, Ask::get(media)).await.status, 200);
    let publication = made.header("location").unwrap().to_owned();
    let edit = Ask::new("PATCH", &publication).json(&json!({ "title": "Écoute bien", "until": null }));
    assert_eq!(served.ask_as(&lou, edit).await.json()["title"].as_str(), Some("Écoute bien"));
    let withdrawn = served.ask_as(&lou, Ask::post(format!("{publication}/withdraw"))).await;
    assert_eq!(withdrawn.json()["state"].as_str(), Some("withdrawn"));
    assert_eq!(served.ask_as(&ines, Ask::get(publication)).await.status, 404);
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let deposit = lou.deposits("answer.wav").await;
    served.kit.works().await;
    for _ in 0..3 {
        deposit.publishes_to(&["5eB"]).await;
        served.kit.clock().advance(TimeDelta::seconds(1));
    }
    let first = served.ask_as(&ines, Ask::get("/api/publications?limit=2")).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = first["next"].as_str().unwrap();
    let rest =
        served.ask_as(&ines, Ask::get(format!("/api/publications?limit=2&before={next}"))).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["next"].is_null()), (1, true));
    assert_ne!(rest["items"][0]["id"], first["items"][1]["id"]);
}

#[tokio::test]
async fn homework_is_handed_in_heard_and_seen_by_nobody_else() {
    let served = Served::start().await;
    let (lou, ines, noe) =
        (served.kit.teacher("lou").await, served.kit.pupil("ines").await, served.kit.pupil("noe").await);
    let assignment = lou.sets_homework_for("5eB").await;
    let (_, deposit) = ines.hands_in(assignment).await;
    served.kit.works().await;
    let rows = Ask::get(format!("/api/assignments/{assignment}/submissions"));
    let answers = served.ask_as(&lou, rows.clone()).await.json();
    let handed: Vec<_> =
        answers["items"].as_array().unwrap().iter().filter(|row| !row["submission"].is_null()).collect();
    assert_eq!((handed.len(), handed[0]["pupil"]["name"].as_str()), (1, Some("Inès Benali")));
    assert!(handed[0]["submission"]["heard_at"].is_null());
    let sound = Ask::get(format!("/media/deposits/{deposit}/mp3"));
    assert_eq!(served.ask_as(&noe, sound.clone()).await.status, 404);
    assert_eq!(served.ask_as(&ines, sound.clone()).await.status, 200);
    assert_eq!(served.ask_as(&lou, sound).await.status, 200);
    let shown = served.ask_as(&lou, Ask::get(format!("/api/assignments/{assignment}"))).await.json();
    assert_eq!(
        (shown["answers"]["received"].as_i64(), shown["answers"]["unheard"].as_i64()),
        (Some(1), Some(0))
    );
    assert_eq!(served.ask_as(&noe, rows).await.status, 404);
}

#[tokio::test]
async fn an_administrator_switches_a_module_off_and_its_pages_are_gone() {
    let served = Served::start().await;
    let (ada, lou) = (served.kit.person("ada").await, served.kit.teacher("lou").await);
    let assignment = lou.sets_homework_for("5eB").await;
    let module = format!("/api/modules/{}/homework", ada.school());
    let off = Ask::new("PUT", &module).json(&json!({ "enabled": false }));
    assert_eq!(served.ask_as(&lou, off.clone()).await.status, 403);
    assert_eq!(served.ask_as(&ada, off).await.json()["enabled"], json!(false));
    let path = format!("/api/assignments/{assignment}");
    assert_eq!(served.ask_as(&lou, Ask::get(path)).await.status, 404);
}

#[tokio::test]
async fn the_service_says_whether_it_is_well() {
    let served = Served::start().await;
    assert_eq!(served.ask(Ask::get("/healthz")).await.json()["status"].as_str(), Some("ok"));
    served.stops().await;
}
