//! Pages as a browser without script meets them: what each reader finds where, and every form there and back.

pub(crate) mod browser;
mod family;
mod pupil;
mod teacher;

use super::client::Ask;
use super::served::Served;
use browser::{Browser, heading_of};
use chrono::TimeDelta;

#[tokio::test]
async fn each_reader_finds_their_pages_and_no_others() {
    let served = Served::start().await;
    let teacher: &[(&str, u16, &str)] = &[
        ("/", 200, "Bonjour Lou"),
        ("/record", 200, "Enregistrer"),
        ("/deposit", 200, "Déposer un fichier"),
        ("/deposits", 200, "Mes dépôts"),
        ("/publications", 200, "Mes publications"),
        ("/assignments", 200, "Travaux"),
        ("/assignments/new", 200, "Donner un travail"),
        ("/podcasts", 200, "Mes podcasts"),
        ("/inbox", 200, "Messages"),
        ("/agenda", 200, "Agenda"),
        ("/account", 200, "Mon compte"),
        ("/children", 200, "Mes enfants"),
        ("/admin/modules", 404, "Cette page n’existe pas"),
        ("/help/record", 200, "Enregistrer"),
        ("/help/nothing", 404, "Cette page n’existe pas"),
        ("/nowhere", 404, "Cette page n’existe pas"),
    ];
    let pupil: &[(&str, u16, &str)] = &[
        ("/", 200, "Bonjour Inès"),
        ("/assignments", 200, "À rendre"),
        ("/podcasts", 200, "Mes podcasts"),
        ("/inbox", 200, "Messages"),
        ("/agenda", 200, "Agenda"),
        ("/account", 200, "Mon compte"),
        ("/record", 404, "Cette page n’existe pas"),
        ("/deposit", 404, "Cette page n’existe pas"),
        ("/deposits", 404, "Cette page n’existe pas"),
        ("/publications", 404, "Cette page n’existe pas"),
        ("/assignments/new", 404, "Cette page n’existe pas"),
        ("/admin/modules", 404, "Cette page n’existe pas"),
    ];
    let administrator: &[(&str, u16, &str)] = &[
        ("/", 200, "Bonjour Ada"),
        ("/admin/modules", 200, "Modules"),
        ("/record", 404, "Cette page n’existe pas"),
    ];
    let assistant: &[(&str, u16, &str)] = &[("/", 200, "Bonjour Ana"), ("/podcasts", 200, "Mes podcasts")];
    let guardian: &[(&str, u16, &str)] =
        &[("/children", 200, "Mes enfants"), ("/account", 200, "Mon compte")];
    for (login, pages) in
        [("lou", teacher), ("ines", pupil), ("ada", administrator), ("ana", assistant), ("paul", guardian)]
    {
        let mut browser = Browser::signed_in(&served, login).await;
        for (path, status, heading) in pages {
            let reply = browser.get(path).await;
            assert_eq!((reply.status, heading_of(&reply).as_str()), (*status, *heading), "{login} {path}");
            assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
            assert!(reply.text().contains("<html lang=\"fr\">"), "{login} {path}");
        }
    }
}

#[tokio::test]
async fn a_visitor_signs_in_and_arrives_where_they_wanted_to_go() {
    let served = Served::start().await;
    let mut browser = Browser::new(&served);
    let asked = browser.get("/deposits?state=failed").await;
    assert_eq!(
        (asked.status, asked.header("location")),
        (303, Some("/sign-in?next=%2Fdeposits%3Fstate%3Dfailed"))
    );
    let form = browser.get("/sign-in?next=%2Fdeposits%3Fstate%3Dfailed").await;
    assert_eq!((form.status, heading_of(&form).as_str()), (200, "Bienvenue"));
    let wrong =
        browser.post("/sign-in", &[("login", "lou"), ("password", "non"), ("next", "/deposits")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Identifiant ou mot de passe incorrect"));
    assert!(
        wrong.text().contains("name=\"login\" value=\"lou\"") && wrong.text().contains("value=\"/deposits\"")
    );
    let right = [("login", "lou"), ("password", balado_testkit::app::PASSWORD), ("next", "/deposits")];
    let entered = browser.post("/sign-in", &right).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/deposits")));
    assert_eq!(browser.get("/deposits").await.status, 200);
    assert_eq!(browser.get("/sign-in").await.header("location"), Some("/"));
    let left = browser.post("/sign-out", &[]).await;
    assert_eq!(left.header("location"), Some("/sign-in"));
    assert_eq!(browser.get("/deposits").await.status, 303);
}

#[tokio::test]
async fn a_session_that_ended_says_so_and_nobody_is_sent_elsewhere() {
    let served = Served::start().await;
    let mut browser = Browser::signed_in(&served, "lou").await;
    served.kit.clock().advance(TimeDelta::hours(13));
    let asked = browser.get("/deposits").await;
    let path = asked.header("location").unwrap().to_owned();
    assert!(path.ends_with("why=signed-out"), "{path}");
    assert!(browser.get(&path).await.text().contains("Vous n’êtes plus connecté"));
    let fields = [("login", "lou"), ("password", balado_testkit::app::PASSWORD), ("next", "//evil.test/")];
    assert_eq!(browser.post("/sign-in", &fields).await.header("location"), Some("/"));
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let served = Served::start().await;
    let mut browser = Browser::signed_in(&served, "ada").await;
    browser.get("/admin/modules").await;
    let forged =
        browser.post_as_is("/admin/modules", &[("module", "homework"), ("on", "false"), ("csrf", "x")]).await;
    assert_eq!((forged.status, heading_of(&forged).as_str()), (403, "Cette page n’est pas pour vous"));
    let nobody =
        served.ask(Ask::post("/language").with("Content-Type", "application/x-www-form-urlencoded")).await;
    assert_eq!(nobody.status, 403);
    assert!(browser.get("/admin/modules").await.text().contains("value=\"homework\""));
    let mut lou = Browser::signed_in(&served, "lou").await;
    assert_eq!(lou.get("/assignments").await.status, 200);
}

#[tokio::test]
async fn every_page_is_read_in_the_language_of_its_reader() {
    let served = Served::start().await;
    let english = Ask::get("/sign-in").with("Accept-Language", "en-GB,en;q=0.8");
    assert_eq!(heading_of(&served.ask(english).await), "Welcome");
    let mut browser = Browser::signed_in(&served, "lou").await;
    browser.get("/deposits").await;
    let chosen = browser.post("/language", &[("lang", "en"), ("back", "/deposits")]).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, Some("/deposits")));
    let page = browser.get("/deposits").await;
    assert!(page.text().contains("<html lang=\"en\">") && heading_of(&page) != "Mes dépôts");
    let mut elsewhere = Browser::signed_in(&served, "lou").await;
    assert!(elsewhere.get("/").await.text().contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn a_module_that_is_off_takes_its_pages_and_its_navigation_with_it() {
    let served = Served::start().await;
    let mut admin = Browser::signed_in(&served, "ada").await;
    let mut lou = Browser::signed_in(&served, "lou").await;
    let mut sam = Browser::signed_in(&served, "sam").await;
    for (module, path) in [("homework", "/assignments"), ("agenda", "/agenda"), ("messaging", "/inbox")] {
        let link = format!("href=\"{path}\"");
        let before = lou.get("/").await;
        assert!(before.text().contains(&link), "{module}");
        admin.get("/admin/modules").await;
        let switched = admin.post("/admin/modules", &[("module", module), ("on", "false")]).await;
        assert_eq!((switched.status, switched.header("location")), (303, Some("/admin/modules")));
        assert!(admin.get("/admin/modules").await.text().contains("Le réglage est pris en compte"));
        assert!(!lou.get("/").await.text().contains(&link), "{module}");
        assert_eq!(lou.get(path).await.status, 404, "{module}");
        assert_eq!(sam.get(path).await.status, 200, "the other school keeps {module}");
    }
    assert_eq!(lou.get("/assignments/new").await.status, 404);
    let refused = lou.post("/admin/modules", &[("module", "homework"), ("on", "true")]).await;
    assert_eq!(refused.status, 404);
}

#[tokio::test]
async fn pages_ask_nothing_of_anybody_else_and_hold_no_script_or_style_of_their_own() {
    let served = Served::start().await;
    let mut browser = Browser::signed_in(&served, "lou").await;
    for path in
        ["/", "/record", "/deposit", "/deposits", "/publications", "/assignments/new", "/agenda", "/account"]
    {
        let text = browser.get(path).await.text();
        for tag in text.split('<').filter(|tag| tag.starts_with("script") || tag.starts_with("link")) {
            assert!(!tag.contains("http://") && !tag.contains("https://"), "{path}: {tag}");
            assert!(!tag.starts_with("script") || tag.contains(" src=\"/assets/"), "{path}: {tag}");
        }
        assert!(!text.contains("<style") && !text.contains(" style=\""), "{path}");
        let handlers = [" onclick=", " onload=", " onerror=", " onsubmit="];
        assert!(!handlers.iter().any(|handler| text.contains(handler)), "{path}");
    }
    let policy = browser.get("/").await;
    assert!(policy.header("content-security-policy").unwrap().contains("default-src 'self'"));
    assert_eq!(policy.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn leaving_everywhere_ends_every_session() {
    let served = Served::start().await;
    let mut here = Browser::signed_in(&served, "lou").await;
    let mut there = Browser::signed_in(&served, "lou").await;
    here.get("/account").await;
    let left = here.post("/account/sign-out-everywhere", &[]).await;
    assert_eq!(left.header("location"), Some("/sign-in"));
    assert!(here.get("/sign-in").await.text().contains("déconnectés"));
    assert_eq!((here.get("/").await.status, there.get("/").await.status), (303, 303));
}

#[tokio::test]
async fn the_colour_of_a_school_is_a_sheet_of_ours() {
    let served = Served::start().await;
    let sheet = served.ask(Ask::get("/look/1d4e89.css")).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert_eq!(sheet.text(), ":root{--school-accent:#1d4e89;--school-on-accent:#fff}");
    for path in ["/look/red.css", "/look/1d4e89", "/look/1d4e8%7D.css"] {
        assert_eq!(served.ask(Ask::get(path)).await.status, 404, "{path}");
    }
}
