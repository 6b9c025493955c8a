//! Which recipe a deposit follows: its school's, and for ever the one it was first queued with.

use balado_domain::job::Lane;
use balado_testkit::transcoder::content_of;
use balado_testkit::{Actor, TestApp};

async fn recipe_queued(kit: &TestApp) -> String {
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    claim.job.work.unwrap().recipe().unwrap().to_owned()
}

async fn chooses(kit: &TestApp, who: &Actor<'_>, name: &str) -> Result<(), &'static str> {
    kit.app().choose_recipe(&who.viewer, who.school(), name).await.map_err(|error| error.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_follow_the_recipe_their_school_chose() {
    let kit = TestApp::start().await;
    let (lou, sam, ada) = (kit.teacher("lou").await, kit.teacher("sam").await, kit.person("ada").await);
    assert_eq!(kit.app().recipe_choice(&ada.viewer, ada.school()).await.unwrap().chosen, "standard-1");
    chooses(&kit, &ada, "economical-1").await.unwrap();
    assert_eq!(kit.app().recipe_choice(&ada.viewer, ada.school()).await.unwrap().chosen, "economical-1");
    lou.deposits("answer.wav").await;
    assert_eq!(recipe_queued(&kit).await, "economical-1");
    sam.deposits("answer.wav").await;
    assert_eq!(recipe_queued(&kit).await, "standard-1", "another school's choice is its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_keeps_the_recipe_it_was_queued_with() {
    let kit = TestApp::start().await;
    let (lou, ada) = (kit.teacher("lou").await, kit.person("ada").await);
    let film = lou.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    chooses(&kit, &ada, "detailed-1").await.unwrap();
    kit.app().cancel_deposit(&lou.viewer, film).await.unwrap();
    kit.app().retry_deposit(&lou.viewer, film).await.unwrap();
    kit.works().await;
    let made = kit.app().deposit(&lou.viewer, film).await.unwrap().renditions;
    assert!(made.iter().all(|one| one.recipe == "standard-1"), "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_chooses_and_only_among_what_there_is() {
    let kit = TestApp::start().await;
    let (lou, ada, bob) = (kit.teacher("lou").await, kit.person("ada").await, kit.person("bob").await);
    assert_eq!(chooses(&kit, &lou, "economical-1").await, Err("forbidden"));
    assert_eq!(chooses(&kit, &ada, "standard-9").await, Err("recipe-unknown"));
    let elsewhere = kit.app().choose_recipe(&bob.viewer, ada.school(), "economical-1").await;
    assert_eq!(elsewhere.unwrap_err().code(), "forbidden");
    kit.app().choose_recipe_of("0541234X", "economical-1").await.unwrap();
    assert_eq!(kit.app().recipe_choice(&ada.viewer, ada.school()).await.unwrap().chosen, "economical-1");
    assert_eq!(kit.app().choose_recipe_of("?", "economical-1").await.unwrap_err().code(), "school-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_whose_file_is_gone_gives_way_to_the_standard_one() {
    let folder = tempfile::tempdir().unwrap();
    let own = balado_media::Recipe { name: "college-1".to_owned(), ..balado_media::Recipe::standard() };
    std::fs::write(folder.path().join("college-1.json"), serde_json::to_string(&own).unwrap()).unwrap();
    let path = folder.path().to_str().unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let kit = TestApp::start_at(address, &[("BALADO_WORKER_RECIPES", path)]).await;
    let (lou, ada) = (kit.teacher("lou").await, kit.person("ada").await);
    chooses(&kit, &ada, "college-1").await.unwrap();
    lou.deposits("answer.wav").await;
    assert_eq!(recipe_queued(&kit).await, "college-1");

    let settings = [("BALADO_DATA_FOLDER".to_owned(), kit.folder().join("data").display().to_string())];
    let configuration = balado_app::configuration::Configuration::load(None, settings.into_iter()).unwrap();
    let without = balado_app::App::start(configuration).unwrap();
    assert_eq!(without.recipe_choice(&ada.viewer, ada.school()).await.unwrap().chosen, "standard-1");
}
