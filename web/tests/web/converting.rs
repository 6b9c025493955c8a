//! What becomes of a deposit, as its owner follows it: progress, calling it off, its lighter version, its school's quality.

use super::client::Ask;
use super::pages::browser::{Browser, between};
use super::served::Served;
use balado_domain::deposit::RenditionKind;
use balado_domain::job::Lane;
use balado_testkit::transcoder::content_of;

/// A film of `lou` of which 62 % is made, its sound and part of its pictures, with three minutes to go.
async fn half_made(served: &Served) -> String {
    let lou = served.kit.teacher("lou").await;
    let film = lou.deposits("clip.mp4").await.id;
    served.kit.works_once(Lane::Media, content_of).await;
    let claim = served.kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    assert!(served.kit.app().report_progress(&claim, 584, Some(170_000)).await.unwrap());
    film.to_string()
}

#[tokio::test]
async fn the_owner_sees_how_much_is_done_and_how_long_it_takes() {
    let served = Served::start().await;
    let film = half_made(&served).await;
    let lou = served.kit.teacher("lou").await;
    let told = served.ask_as(&lou, Ask::get(format!("/api/deposits/{film}"))).await.json();
    assert_eq!((told["state"].as_str(), told["progress_permille"].as_i64()), (Some("received"), Some(625)));
    assert_eq!(told["remaining_ms"].as_i64(), Some(170_000));
    let mut browser = Browser::signed_in(&served, "lou").await;
    for page in ["/deposits".to_owned(), format!("/deposits/{film}")] {
        let text = browser.get(&page).await.text();
        assert!(text.contains("62 %, encore 3 min"), "{page}: {text}");
        assert!(text.contains(&format!("action=\"/deposits/{film}/cancel\"")), "{page}");
    }
    browser.post("/language", &[("lang", "en"), ("back", "/")]).await;
    let text = browser.get("/deposits").await.text();
    assert!(text.contains("62%, 3 min left") && text.contains("Stop preparing"), "{text}");
}

#[tokio::test]
async fn the_owner_stops_the_work_and_starts_it_again() {
    let served = Served::start().await;
    let film = half_made(&served).await;
    let mut browser = Browser::signed_in(&served, "lou").await;
    browser.get("/deposits").await;
    let path = format!("/deposits/{film}/cancel");
    assert_eq!(browser.post_as_is(&path, &[("csrf", "guessed")]).await.status, 403);
    // The page of the refusal holds no form.
    browser.get("/deposits").await;
    let stopped = browser.post(&path, &[]).await;
    assert_eq!((stopped.status, stopped.header("location")), (303, Some(&*format!("/deposits/{film}"))));
    let text = browser.get(&format!("/deposits/{film}")).await.text();
    for said in ["C’est arrêté", "La préparation a été arrêtée", "Votre original est en sécurité", "/retry"]
    {
        assert!(text.contains(said), "{said} missing in {text}");
    }
    let lou = served.kit.teacher("lou").await;
    let told = served.ask_as(&lou, Ask::get(format!("/api/deposits/{film}"))).await.json();
    assert_eq!(
        (told["state"].as_str(), told["failure"]["code"].as_str()),
        (Some("failed"), Some("cancelled"))
    );
    let again = served.ask_as(&lou, Ask::post(format!("/api/deposits/{film}/cancel"))).await;
    assert_eq!((again.status, again.json()["code"].as_str()), (409, Some("deposit-not-working")));
    browser.post(&format!("/deposits/{film}/retry"), &[]).await;
    served.kit.works().await;
    let told = served.ask_as(&lou, Ask::get(format!("/api/deposits/{film}"))).await.json();
    assert_eq!(told["state"].as_str(), Some("ready"));
}

#[tokio::test]
async fn what_helps_a_page_reaches_nobody_whom_the_file_does_not() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    for (file, special) in [("clip.mp4", RenditionKind::Light), ("fiche.pdf", RenditionKind::Text)] {
        let deposit = lou.deposits(file).await;
        served.kit.works().await;
        let publication = deposit.publishes_to(&["5eB"]).await;
        let made = served.kit.app().deposit(&lou.viewer, deposit.id).await.unwrap().renditions;
        assert!(made.iter().any(|one| one.kind == special), "{made:?}");
        for kind in made.iter().map(|one| one.kind) {
            let (own, shown) = (
                format!("/media/deposits/{}/{kind}", deposit.id),
                format!("/media/publications/{publication}/{kind}"),
            );
            let reply = served.ask_as(&lou, Ask::get(&own)).await;
            assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind.media_type())), "{own}");
            assert_eq!(served.ask_as(&ines, Ask::get(&shown)).await.status, 200, "{shown}");
            assert_eq!(served.ask_as(&ines, Ask::get(&own)).await.status, 404, "{own}");
            for stranger in ["max", "zoe", "kim", "rita", "ada", "sam"] {
                let stranger = served.kit.person(stranger).await;
                for path in [&own, &shown] {
                    assert_eq!(served.ask_as(&stranger, Ask::get(path)).await.status, 404, "{path}");
                }
            }
            assert_eq!(served.ask(Ask::get(&shown)).await.status, 401, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_feeds_addresses_serve_nothing_but_what_the_feed_names() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    lou.deposits("fiche.pdf").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let feed = served.path_of(&ines.subscribes_to("5eB").await.address.unwrap());
    let text = served.ask(Ask::get(&feed)).await.text();
    let enclosure = served.path_of(&between(&text, "<enclosure url=\"", "\"").unwrap());
    let folder = enclosure.rsplit_once('/').unwrap().0;
    assert_eq!(served.ask(Ask::get(&enclosure)).await.status, 200);
    for name in ["text", "peaks", "light", "sprite", "original", "text.txt"] {
        assert_eq!(served.ask(Ask::get(format!("{folder}/{name}"))).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn a_film_is_offered_in_a_lighter_version_once_there_is_one() {
    let served = Served::start().await;
    let (lou, mut browser) = (served.kit.teacher("lou").await, Browser::signed_in(&served, "ines").await);
    let film = lou.deposits("clip.mp4").await;
    let publication = film.publishes_to(&["5eB"]).await;
    served.kit.works_once(Lane::Media, content_of).await;
    served.kit.works_once(Lane::Film, content_of).await;
    let page = format!("/publications/{publication}");
    assert!(!browser.get(&page).await.text().contains("data-light"));
    served.kit.works().await;
    let text = browser.get(&page).await.text();
    let link = between(&text, "<p class=\"quiet lighter\"><a href=\"", "\"").unwrap();
    assert_eq!(link, format!("/media/publications/{publication}/light"));
    assert!(text.contains("Connexion lente ?"), "{text}");
}

#[tokio::test]
async fn an_administrator_chooses_the_quality_of_the_next_deposits() {
    let served = Served::start().await;
    let mut browser = Browser::signed_in(&served, "ada").await;
    let text = browser.get("/admin/modules").await.text();
    for said in ["Standard", "Économe", "Détaillé", "value=\"standard-1\" checked"] {
        assert!(text.contains(said), "{said} missing in {text}");
    }
    let done = browser.post("/admin/recipe", &[("recipe", "economical-1")]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/admin/modules")));
    let text = browser.get("/admin/modules").await.text();
    assert!(text.contains("value=\"economical-1\" checked") && text.contains("suivront ce choix"), "{text}");
    let unknown = browser.post("/admin/recipe", &[("recipe", "best-9")]).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_storyboard_names_the_part_of_the_sprite_for_each_moment() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let publication = lou.deposits("clip.mp4").await.publishes_to(&["5eB"]).await;
    let path = format!("/media/publications/{publication}/storyboard.vtt");
    assert_eq!(served.ask_as(&ines, Ask::get(&path)).await.status, 404, "nothing to look at yet");
    served.kit.works().await;
    let told = served.ask_as(&ines, Ask::get(&path)).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("text/vtt; charset=utf-8")));
    let text = told.text();
    // 10.449 s: a picture every two seconds, the last one until the end.
    assert!(text.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nsprite#xywh=0,0,160,90\n"), "{text}");
    assert!(text.ends_with("00:00:10.000 --> 00:00:10.449\nsprite#xywh=800,0,160,90\n"), "{text}");
    let paul = served.kit.guardian("paul").await;
    let child = format!("{path}?child={}", ines.person.id);
    let told = served.ask_as(&paul, Ask::get(&child)).await.text();
    assert!(told.contains(&format!("sprite?child={}#xywh=", ines.person.id)), "{told}");
}

#[tokio::test]
async fn a_take_is_taken_back_and_what_is_published_is_not() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let take = format!("/api/deposits/{}", lou.deposits("memo.webm").await.id);
    assert_eq!(served.ask_as(&lou, Ask::new("DELETE", &take)).await.status, 204);
    assert_eq!(served.ask_as(&lou, Ask::new("DELETE", &take)).await.status, 204);
    assert_eq!(served.ask_as(&lou, Ask::get(&take)).await.json()["state"], "abandoned");
    let original = format!("{}/original", take.replace("/api/", "/media/"));
    assert_eq!(served.ask_as(&lou, Ask::get(original)).await.status, 404);

    let shown = lou.deposits("memo.webm").await;
    shown.publishes_to(&["5eB"]).await;
    let shown = format!("/api/deposits/{}", shown.id);
    for (language, sentence) in [("fr", "fait partie d’une publication"), ("en", "is part of a publication")]
    {
        let ask = Ask::new("DELETE", &shown).with("Accept-Language", language);
        let refused = served.ask_as(&lou, ask).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "deposit-published"));
        let said = refused.json()["message"].to_string();
        assert!(said.contains(sentence), "{said}");
    }
}
