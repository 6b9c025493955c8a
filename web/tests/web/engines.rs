//! The same service past one machine: two front ends on one PostgreSQL database and one S3 bucket.

use super::client::Ask;
use super::served::Served;
use balado_domain::deposit::RenditionKind;
use balado_testkit::transcoder::content_of;
use balado_testkit::{builders, postgres, s3};

#[tokio::test]
async fn two_front_ends_share_uploads_feeds_and_files() {
    let (database, bucket) = (postgres::fresh_database(), s3::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("instance.key").display().to_string();
    let (url, objects) = (database.url(), format!("s3://{}", bucket.bucket));
    let settings = [
        ("BALADO_DATABASE_URL", url.as_str()),
        ("BALADO_DATABASE_CONNECTIONS", "4"),
        ("BALADO_OBJECTS_URL", objects.as_str()),
        ("BALADO_OBJECTS_S3_ENDPOINT", bucket.endpoint.as_str()),
        ("BALADO_OBJECTS_S3_ACCESS_KEY", bucket.access_key.as_str()),
        ("BALADO_OBJECTS_S3_SECRET_KEY", bucket.secret_key.as_str()),
        ("BALADO_DATA_INSTANCE_KEY", key.as_str()),
    ];
    let (here, there) = (Served::start_with(&settings).await, Served::start_with(&settings).await);
    let deposit = sent_to_both(&here, &there).await;
    let lou = here.kit.teacher("lou").await;
    let group = here.ask_as(&lou, Ask::get("/api/groups")).await.json()["items"][0]["id"].clone();
    let new = serde_json::json!({ "deposit": deposit, "title": "Écoute", "groups": [group] });
    assert_eq!(here.ask_as(&lou, Ask::post("/api/publications").json(&new)).await.status, 201);
    there.kit.works().await;
    let ines = there.kit.pupil("ines").await;
    let view = ines.subscribes_to("5eB").await;
    let feed = there.path_of(view.address.as_deref().unwrap());
    let (first, second) = (here.ask(Ask::get(&feed)).await, there.ask(Ask::get(&feed)).await);
    assert_eq!(first.header("etag"), second.header("etag"), "a poll may land anywhere");
    let enclosure = second.text().split("<enclosure url=\"").nth(1).unwrap().to_owned();
    let path = there.path_of(enclosure.split('"').next().unwrap());
    let sound = content_of(RenditionKind::Mp3);
    assert_eq!(here.ask(Ask::get(&path)).await.body, sound);
    let part = here.ask(Ask::get(&path).with("Range", "bytes=100-199")).await;
    assert_eq!((part.status, &part.body[..]), (206, &sound[100..200]));
    super::cuts::cuts_in_two(&there).await;
    let subscription = format!("/api/subscriptions/{}", view.subscription.id);
    assert_eq!(there.ask_as(&ines, Ask::new("DELETE", subscription)).await.status, 200);
    for served in [&here, &there] {
        assert_eq!(served.ask(Ask::get(&feed)).await.status, 410);
        assert_eq!(served.ask(Ask::get(&path)).await.status, 410);
    }
}

/// Sends one half of a file to each front end; gives the id of the deposit, whose original has been compared.
async fn sent_to_both(here: &Served, there: &Served) -> String {
    let bytes = builders::fixture("answer.wav");
    let lou = here.kit.teacher("lou").await;
    let tus = |ask: Ask| ask.with("Tus-Resumable", "1.0.0").bearer(&lou.token);
    let create = tus(Ask::post("/api/uploads")).with("Upload-Length", bytes.len().to_string());
    let upload = here.ask(create).await.header("location").unwrap().to_owned();
    let half = bytes.len() / 2;
    for (served, from, to) in [(here, 0, half), (there, half, bytes.len())] {
        let patch = tus(Ask::new("PATCH", &upload))
            .with("Content-Type", "application/offset+octet-stream")
            .with("Upload-Offset", from.to_string())
            .bytes(&bytes[from..to]);
        let reply = served.ask(patch).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }
    let id = upload.rsplit('/').next().unwrap().to_owned();
    let original = Ask::get(format!("/media/deposits/{id}/original")).bearer(&lou.token);
    assert_eq!(here.ask(original).await.body, bytes);
    id
}
