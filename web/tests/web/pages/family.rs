//! Parents: what a child listens to, and nothing of anybody else's.

use super::browser::{Browser, between, heading_of};
use crate::web::client::Ask;
use crate::web::served::Served;

#[tokio::test]
async fn a_parent_sees_what_their_child_subscribed_to_and_fetched() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let publication = lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let subscription = ines.subscribes_to("5eB").await.subscription.id;
    let sound = format!("/media/publications/{publication}/mp3");
    assert_eq!(served.ask_as(&ines, Ask::get(&sound)).await.status, 200);
    served.kit.app().flush_fetches().await.unwrap();
    let mut browser = Browser::signed_in(&served, "paul").await;
    assert_eq!(browser.get("/").await.header("location"), Some("/children"));
    let children = browser.get("/children").await.text();
    assert!(children.contains("Inès Benali") && children.contains("1 abonnement ·"));
    assert!(children.contains("1 téléchargement cette semaine"));
    let child = format!("/children/{}", ines.person.id);
    let page = browser.get(&child).await;
    assert_eq!((page.status, heading_of(&page).as_str()), (200, "Inès Benali"));
    for said in
        ["Téléphone", "par Inès B.", "1 épisode", "aujourd’hui", "Écoute du lundi", "Lou M.", "dans la page"]
    {
        assert!(page.text().contains(said), "{said}");
    }
    let opened = browser.get(&format!("/publications/{publication}?child={}", ines.person.id)).await;
    assert_eq!((opened.status, heading_of(&opened).as_str()), (200, "Écoute du lundi"));
    let heard = between(&opened.text(), "preload=\"none\" src=\"", "\"").unwrap();
    assert_eq!(browser.get(&heard).await.status, 200, "{heard}");
    served.kit.app().flush_fetches().await.unwrap();
    assert!(
        browser.get("/children").await.text().contains("1 téléchargement cette semaine"),
        "a parent is no pupil"
    );
    let stopped = browser.post(&format!("/subscriptions/{subscription}/revoke"), &[]).await;
    assert_eq!(stopped.status, 303);
    assert!(browser.get(&child).await.text().contains("Aucun abonnement pour l’instant"));
}

#[tokio::test]
async fn a_parent_subscribes_for_their_child() {
    let served = Served::start().await;
    let ines = served.kit.pupil("ines").await;
    let feed = ines.feed_of("5eB").await;
    let id = ines.person.id.to_string();
    let mut browser = Browser::signed_in(&served, "paul").await;
    let form = browser.get(&format!("/children/{id}")).await.text();
    assert!(form.contains(&format!("name=\"pupil\" value=\"{id}\"")));
    let made =
        browser.post(&format!("/podcasts/{feed}/subscribe"), &[("pupil", &id), ("label", "Baladeur")]).await;
    let page = made.header("location").unwrap().to_owned();
    let shown = browser.get(&page).await.text();
    assert!(shown.contains("Baladeur · Inès") && shown.contains(&format!("href=\"/children/{id}\"")));
    let address = between(&shown, "readonly value=\"", "\"").unwrap();
    assert_eq!(browser.get(&served.path_of(&address)).await.status, 200);
    assert!(browser.get(&format!("/children/{id}")).await.text().contains("par Paul B."));
    let without = browser.post(&format!("/podcasts/{feed}/subscribe"), &[("label", "Moi")]).await;
    assert_eq!(without.status, 404, "a parent has no class of their own");
}

#[tokio::test]
async fn a_parent_of_another_child_sees_nothing() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let publication = lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let subscription = ines.subscribes_to("5eB").await.subscription.id;
    let mut browser = Browser::signed_in(&served, "rita").await;
    assert!(!browser.get("/children").await.text().contains("Inès"));
    let child = ines.person.id;
    let elsewhere = [
        format!("/children/{child}"),
        format!("/publications/{publication}?child={child}"),
        format!("/media/publications/{publication}/mp3?child={child}"),
        format!("/subscriptions/{subscription}"),
    ];
    for path in elsewhere {
        assert_eq!(browser.get(&path).await.status, 404, "{path}");
    }
    let feed = ines.feed_of("5eB").await;
    let fields = [("pupil", child.to_string()), ("label", "x".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(browser.post(&format!("/podcasts/{feed}/subscribe"), &fields).await.status, 404);
}
