//! A pupil: listening, subscribing, handing in.

use super::browser::{Browser, between, heading_of};
use crate::web::served::Served;
use chrono::TimeDelta;

#[tokio::test]
async fn what_is_published_plays_at_once_and_is_new_until_it_was_fetched() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let publication = lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    let mut browser = Browser::signed_in(&served, "ines").await;
    assert!(!browser.get("/").await.text().contains("Écoute du lundi"), "not before it can be played");
    served.kit.works().await;
    let home = browser.get("/").await.text();
    let sound = format!("/media/publications/{publication}/mp3");
    assert!(
        home.contains(&format!("<audio controls preload=\"none\" src=\"{sound}\""))
            && home.contains("card-new")
    );
    let page = browser.get(&format!("/publications/{publication}")).await;
    assert_eq!((page.status, heading_of(&page).as_str()), (200, "Écoute du lundi"));
    assert!(
        page.text().contains("Lou M.")
            && !page.text().contains("Martin")
            && !page.text().contains("/withdraw\"")
    );
    assert_eq!(browser.get(&sound).await.status, 200);
    served.kit.app().flush_fetches().await.unwrap();
    assert!(!browser.get("/").await.text().contains("card-new"));
    let mut other_class = Browser::signed_in(&served, "zoe").await;
    assert!(!other_class.get("/").await.text().contains("Écoute du lundi"));
    assert_eq!(other_class.get(&format!("/publications/{publication}")).await.status, 404);
    assert_eq!(browser.get(&format!("/publications/{publication}/edit")).await.status, 404);
}

#[tokio::test]
async fn a_long_list_goes_on_on_the_next_page() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let deposit = lou.deposits("answer.wav").await;
    served.kit.works().await;
    for _ in 0..14 {
        deposit.publishes_to(&["5eB"]).await;
        served.kit.clock().advance(TimeDelta::minutes(1));
    }
    let mut browser = Browser::signed_in(&served, "ines").await;
    let first = browser.get("/").await.text();
    assert_eq!(first.matches("<article class=\"card").count(), 12);
    let more = between(&first, "href=\"/?page=", "\"").unwrap();
    let second = browser.get(&format!("/?page={more}")).await.text();
    assert_eq!(second.matches("<article class=\"card").count(), 2);
    assert!(!second.contains("rel=\"next\""));
}

#[tokio::test]
async fn a_subscription_shows_its_address_changes_it_and_stops() {
    let served = Served::start().await;
    let ines = served.kit.pupil("ines").await;
    let feed = ines.feed_of("5eB").await;
    let mut browser = Browser::signed_in(&served, "ines").await;
    let list = browser.get("/podcasts").await.text();
    assert!(list.contains(&format!("id=\"feed-{feed}\"")) && list.contains("aucun épisode"));
    let made = browser.post(&format!("/podcasts/{feed}/subscribe"), &[("label", "Mon téléphone")]).await;
    let page = made.header("location").unwrap().to_owned();
    let shown = browser.get(&page).await.text();
    let address = between(&shown, "readonly value=\"", "\"").unwrap();
    assert!(address.starts_with(&format!("http://{}/f/", served.address)), "{address}");
    assert!(
        shown.contains("L’adresse est prête")
            && shown.contains("<svg xmlns=")
            && shown.contains("Mon téléphone")
    );
    assert!(shown.contains("href=\"podcast://"));
    let path = served.path_of(&address);
    assert_eq!(browser.get(&path).await.status, 200);
    assert!(browser.get("/podcasts").await.text().contains("Mon téléphone"));
    browser.get(&page).await;
    assert_eq!(browser.post(&format!("{page}/rotate"), &[]).await.header("location"), Some(page.as_str()));
    let rotated = browser.get(&page).await.text();
    let next = between(&rotated, "readonly value=\"", "\"").unwrap();
    assert!(next != address && rotated.contains("L’ancienne ne marche plus"));
    assert_eq!(browser.get(&path).await.status, 410);
    browser.get(&page).await;
    browser.post(&format!("{page}/revoke"), &[]).await;
    let stopped = browser.get(&page).await.text();
    assert!(stopped.contains("Cet abonnement est arrêté") && !stopped.contains("/f/"));
    assert!(!browser.get("/podcasts").await.text().contains("Mon téléphone"));
    let mut noe = Browser::signed_in(&served, "noe").await;
    assert_eq!(noe.get(&page).await.status, 404);
    assert_eq!(noe.post(&format!("{page}/rotate"), &[]).await.status, 404);
}

#[tokio::test]
async fn work_to_hand_in_says_how_long_is_left_and_gives_a_receipt() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let assignment = lou.sets_homework_for("5eB").await;
    let page = format!("/assignments/{assignment}/hand-in");
    let mut browser = Browser::signed_in(&served, "ines").await;
    assert!(browser.get("/").await.text().contains(&page));
    assert!(browser.get("/assignments").await.text().contains("Encore 7 jours"));
    let sent = browser.get(&format!("/assignments/{assignment}")).await;
    assert_eq!((sent.status, sent.header("location")), (303, Some(page.as_str())));
    let form = browser.get(&page).await.text();
    assert!(form.contains("<balado-recorder") && form.contains("accept=\"audio/*,video/*\""));
    assert!(form.contains("Une minute.") && !form.contains("Votre travail est rendu"));
    ines.hands_in(assignment).await;
    served.kit.works().await;
    let receipt = browser.get(&format!("{page}?done")).await.text();
    assert_eq!(receipt.matches("Votre travail est rendu").count(), 2, "said, and kept as a receipt");
    assert!(receipt.contains("Remplacer ma réponse") && receipt.contains("<audio controls"));
    assert!(!browser.get("/").await.text().contains(&page));
    assert!(browser.get("/assignments").await.text().contains("Déjà passés"));
    served.kit.clock().advance(TimeDelta::days(15));
    let mut later = Browser::signed_in(&served, "ines").await;
    let closed = later.get(&page).await.text();
    assert!(closed.contains("Il n’est plus possible") && !closed.contains("<balado-recorder"));
    let mut zoe = Browser::signed_in(&served, "zoe").await;
    assert_eq!(zoe.get(&page).await.status, 404);
}

#[tokio::test]
async fn notices_are_counted_until_they_were_seen() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let mut browser = Browser::signed_in(&served, "ines").await;
    assert!(browser.get("/").await.text().contains("<b class=\"count\">1"));
    let inbox = browser.get("/inbox").await.text();
    assert!(inbox.contains("Écoute du lundi") && inbox.contains("notice-new"));
    assert!(!browser.get("/").await.text().contains("<b class=\"count\">"));
    assert!(!browser.get("/inbox").await.text().contains("notice-new"));
}

#[tokio::test]
async fn the_agenda_shows_what_is_due_and_gives_a_private_address() {
    let served = Served::start().await;
    served.kit.teacher("lou").await.sets_homework_for("5eB").await;
    let mut browser = Browser::signed_in(&served, "ines").await;
    let agenda = browser.get("/agenda").await.text();
    assert!(
        agenda.contains("Lire à voix haute")
            && agenda.contains("entry-due")
            && agenda.contains(">5eB</span>")
    );
    assert!(!agenda.contains("/c/"), "no address before it was asked for");
    assert_eq!(browser.post("/agenda/address", &[]).await.header("location"), Some("/agenda"));
    let first = between(&browser.get("/agenda").await.text(), "readonly value=\"", "\"").unwrap();
    let calendar = browser.get(&served.path_of(&first)).await;
    assert!(calendar.status == 200 && calendar.text().contains("Lire à voix haute"));
    browser.get("/agenda").await;
    browser.post("/agenda/address", &[]).await;
    let second = between(&browser.get("/agenda").await.text(), "readonly value=\"", "\"").unwrap();
    assert_ne!(first, second);
    assert_eq!(browser.get(&served.path_of(&first)).await.status, 410);
}
