//! Claims about cutting, asked as a script does, and as a page does without one.

use super::client::Ask;
use super::pages::browser::Browser;
use super::served::Served;
use serde_json::json;

/// Cuts a sound of `lou`'s in two and hears of both parts; the same on every engine.
pub(crate) async fn cuts_in_two(served: &Served) {
    let lou = served.kit.teacher("lou").await;
    let source = lou.deposits("answer.wav").await.id;
    let path = format!("/api/deposits/{source}/cuts");
    let keep = json!({ "keep": [{ "from_ms": 0, "to_ms": 2000 }, { "from_ms": 4000 }], "split": "spans" });
    let early = served.ask_as(&lou, Ask::post(&path).json(&keep)).await;
    assert_eq!((early.status, early.json()["code"].as_str()), (409, Some("cut-not-ready")));
    served.kit.works().await;
    let asked = served.ask_as(&lou, Ask::post(&path).json(&keep)).await;
    assert_eq!((asked.status, asked.json()["state"].as_str()), (202, Some("waiting")), "{}", asked.text());
    served.kit.works().await;
    let list = served.ask_as(&lou, Ask::get(&path)).await.json();
    let cut = &list["items"][0];
    assert_eq!((cut["id"].clone(), cut["state"].as_str()), (asked.json()["id"].clone(), Some("done")));
    let parts = cut["deposits"].as_array().unwrap().clone();
    assert_eq!(parts.len(), 2);
    for part in parts {
        let made = served.ask_as(&lou, Ask::get(format!("/api/deposits/{}", part.as_str().unwrap()))).await;
        let made = made.json();
        assert_eq!((made["state"].as_str(), made["family"].as_str()), (Some("ready"), Some("audio")));
        assert_eq!(made["derived_from"], json!(source.to_string()));
        let sound = made["renditions"][0]["url"].as_str().unwrap().to_owned();
        assert_eq!(served.ask_as(&lou, Ask::get(&sound)).await.status, 200);
    }
}

#[tokio::test]
async fn a_sound_is_cut_in_two() {
    cuts_in_two(&Served::start().await).await;
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_refused_with_a_code_and_a_sentence() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let source = lou.deposits("answer.wav").await.id;
    served.kit.works().await;
    let path = format!("/api/deposits/{source}/cuts");
    for (wish, status, code) in [
        (json!({ "keep": [] }), 400, "cut-nothing"),
        (json!({ "keep": [{ "from_ms": 5, "to_ms": 5 }] }), 400, "cut-empty"),
        (
            json!({ "keep": [{ "from_ms": 9, "to_ms": 20 }, { "from_ms": 1, "to_ms": 2 }] }),
            400,
            "cut-out-of-order",
        ),
        (json!({ "keep": [{ "from_ms": 3_600_000 }] }), 400, "cut-beyond"),
        (json!({ "keep": [{ "from_ms": 0 }], "split": "halves" }), 400, "json-unreadable"),
        (json!({ "keep": [{ "from_ms": 0, "until": 5 }] }), 400, "json-unreadable"),
    ] {
        let reply = served.ask_as(&lou, Ask::post(&path).json(&wish)).await;
        assert_eq!((reply.status, reply.json()["code"].as_str()), (status, Some(code)), "{wish}");
        assert!(reply.json()["message"].as_str().unwrap().len() > 15);
    }
}

#[tokio::test]
async fn the_page_of_a_deposit_shows_its_cuts_and_what_they_became() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let page = format!("/deposits/{}", lou.deposits("answer.wav").await.id);
    let mut browser = Browser::signed_in(&served, "lou").await;
    assert!(!browser.get(&page).await.text().contains("/cut\""), "nothing to cut yet");
    served.kit.works().await;
    let ready = browser.get(&page).await.text();
    assert!(!ready.contains("id=\"cuts\""));
    for said in
        ["name=\"keep\"", "value=\"none\" checked", "data-duration=\"", "data-waveform=\"/media/deposits/"]
    {
        assert!(ready.contains(said), "{said} missing in {ready}");
    }
    let form = [("keep", "0-2, 0:04-"), ("split", "spans")];
    let asked = browser.post(&format!("{page}/cut"), &form).await;
    assert_eq!((asked.status, asked.header("location")), (303, Some(&*format!("{page}#cuts"))));
    let waiting = browser.get(&page).await.text();
    assert!(waiting.contains("data-waiting=\"1\"") && waiting.contains("Découpage en cours…"), "{waiting}");
    served.kit.works().await;
    let done = browser.get(&page).await.text();
    assert!(done.contains("data-waiting=\"0\"") && !done.contains("Découpage en cours…"));
    for part in ["answer – 1.mp3", "answer – 2.mp3"] {
        assert!(done.contains(part), "{part} missing in {done}");
    }
}

#[tokio::test]
async fn a_cut_that_waits_is_called_off_from_the_page_and_by_a_script() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let deposit = lou.deposits("answer.wav").await.id;
    served.kit.works().await;
    let page = format!("/deposits/{deposit}");
    let mut browser = Browser::signed_in(&served, "lou").await;
    browser.post(&format!("{page}/cut"), &[("keep", "0-2"), ("split", "none")]).await;
    let waiting = browser.get(&page).await.text();
    let (_, rest) = waiting.split_once(&format!("action=\"{page}/cuts/")).unwrap();
    let (cut, _) = rest.split_once("/cancel\"").unwrap();
    let elsewhere = lou.deposits("answer.wav").await.id;
    let wrong = browser.post(&format!("/deposits/{elsewhere}/cuts/{cut}/cancel"), &[]).await;
    assert_eq!(wrong.status, 404, "not a cut of that deposit");
    browser.get(&page).await;
    let stopped = browser.post(&format!("{page}/cuts/{cut}/cancel"), &[]).await;
    assert_eq!(stopped.status, 303);
    served.kit.works().await;
    let after = browser.get(&page).await.text();
    assert!(after.contains("Découpage arrêté.") && !after.contains("extrait.mp3"), "{after}");
    let path = format!("/api/deposits/{deposit}/cuts");
    let asked = json!({ "keep": [{ "from_ms": 0, "to_ms": 2000 }] });
    let asked = served.ask_as(&lou, Ask::post(&path).json(&asked)).await.json();
    let cancel = format!("{path}/{}/cancel", asked["id"].as_str().unwrap());
    let ines = served.kit.pupil("ines").await;
    assert_eq!(served.ask_as(&ines, Ask::post(&cancel)).await.status, 404, "not hers");
    assert_eq!(served.ask_as(&lou, Ask::post(&cancel)).await.status, 204);
    let again = served.ask_as(&lou, Ask::post(&cancel)).await;
    assert_eq!((again.status, again.json()["code"].as_str()), (409, Some("cut-not-waiting")));
    let list = served.ask_as(&lou, Ask::get(&path)).await.json();
    let cut = &list["items"][0];
    assert_eq!((cut["state"].as_str(), cut["failure"]["code"].as_str()), (Some("failed"), Some("cancelled")));
    assert_eq!(cut["deposits"], json!([]));
}
