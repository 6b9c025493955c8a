//! The whole path through real processes: deposit, transcode, publish, subscribe, poll, download, withdraw, revoke.

use super::instance::{Engine, Instance, PUPIL, TEACHER, fixture, items, on_both_engines};
use serde_json::{Value, json};
use std::process::Command;

on_both_engines! {
    a_voice_memo_reaches_a_podcast_app => memo_to_gpodder,
    a_revoked_address_is_dead_at_once_media_included => revoked,
}

async fn published(teacher: &super::instance::Client, file: &str, title: &str) -> Value {
    let deposit = teacher.deposit(&fixture(file)).await;
    teacher.wait_for(&deposit, "ready").await;
    let id = deposit.rsplit('/').next().unwrap();
    let body = json!({ "deposit": id, "title": title, "groups": teacher.groups().await });
    teacher.json("POST", "/api/publications", Some(body)).await
}

async fn subscribed(pupil: &super::instance::Client) -> (String, Value) {
    let feeds = pupil.json("GET", "/api/feeds", None).await;
    let feed = items(&feeds)[0]["id"].clone();
    let made = pupil.json("POST", "/api/subscriptions", Some(json!({ "feed": feed, "label": "Test" }))).await;
    (made["address"].as_str().unwrap().to_owned(), made["id"].clone())
}

/// The first enclosure of a feed: address and length.
fn enclosure(feed: &str) -> (String, usize) {
    let channel = rss::Channel::read_from(feed.as_bytes()).unwrap();
    let enclosure = channel.items()[0].enclosure().unwrap().clone();
    (enclosure.url().to_owned(), enclosure.length().parse().unwrap())
}

/// gPodder's command line subscribes, updates twice and downloads; what it saved is what the media address serves.
async fn memo_to_gpodder(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    instance.work();
    let (teacher, pupil) = (instance.client(TEACHER), instance.client(PUPIL));
    published(&teacher, "media/memo.webm", "Le corbeau").await;
    let (address, _) = subscribed(&pupil).await;
    let feed = pupil.http.get(&address).send().await.unwrap();
    let etag = feed.headers()["etag"].to_str().unwrap().to_owned();
    let text = feed.text().await.unwrap();
    let (media, length) = enclosure(&text);
    let bytes = pupil.http.get(&media).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes.len(), length);
    let again = pupil.http.get(&address).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 304);

    let home = tempfile::tempdir().unwrap();
    let gpo = |arguments: &[&str]| {
        let output = Command::new("gpo")
            .args(arguments)
            .env("GPODDER_HOME", home.path())
            .env("GPODDER_DOWNLOAD_DIR", home.path().join("downloads"))
            .env("HOME", home.path())
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpo {arguments:?}: {said}");
        said
    };
    gpo(&["subscribe", &address, "5eB"]);
    gpo(&["update"]);
    gpo(&["download"]);
    let saved = find_file(home.path(), "mp3").expect("gPodder saved no MP3");
    assert!(std::fs::read(saved).unwrap() == bytes, "gPodder saved other bytes");
    gpo(&["update"]);
    assert!(instance.logs().contains("304"), "the second update was not answered 304: {}", instance.logs());
}

async fn revoked(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    instance.work();
    let (teacher, pupil) = (instance.client(TEACHER), instance.client(PUPIL));
    let publication = published(&teacher, "media/memo.webm", "Le corbeau").await;
    let (address, id) = subscribed(&pupil).await;
    let text = pupil.http.get(&address).send().await.unwrap().text().await.unwrap();
    let (media, _) = enclosure(&text);
    let status = async |url: &str| pupil.http.get(url).send().await.unwrap().status().as_u16();

    let withdrawn = format!("/api/publications/{}/withdraw", publication["id"].as_str().unwrap());
    teacher.json("POST", &withdrawn, None).await;
    assert_eq!((status(&address).await, status(&media).await), (200, 404));
    pupil.json("DELETE", &format!("/api/subscriptions/{}", id.as_str().unwrap()), None).await;
    assert_eq!((status(&address).await, status(&media).await), (410, 410));
}

fn find_file(folder: &std::path::Path, extension: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find_file(&path, extension) {
                return Some(found);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            return Some(path);
        }
    }
    None
}
