//! Files as apps and browsers fetch them, and what is counted of it.

use super::client::{Ask, Reply};
use super::served::Served;
use balado_domain::deposit::RenditionKind;
use balado_testkit::transcoder::content_of;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The enclosure address of the only item of a feed, as a path.
fn enclosure_of(served: &Served, feed: &Reply) -> String {
    let text = feed.text();
    let start = text.split("<enclosure url=\"").nth(1).unwrap();
    served.path_of(start.split('"').next().unwrap())
}

async fn listened(served: &Served) -> (String, String) {
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let feed = served.path_of(&ines.subscribes_to("5eB").await.address.unwrap());
    let reply = served.ask(Ask::get(&feed)).await;
    (feed, enclosure_of(served, &reply))
}

fn sound() -> Bytes {
    content_of(RenditionKind::Mp3)
}

#[tokio::test]
async fn an_enclosure_is_exactly_what_its_feed_says() {
    let served = Served::start().await;
    let (feed, path) = listened(&served).await;
    let feed = served.ask(Ask::get(feed)).await;
    let whole = served.ask(Ask::get(&path)).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(whole.body, sound());
    assert!(feed.text().contains(&format!("length=\"{}\"", whole.body.len())));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("cache-control"), Some("private, no-cache"));
    assert_eq!((whole.header("content-encoding"), whole.header("transfer-encoding")), (None, None));
    let head = served.ask(Ask::new("HEAD", &path)).await;
    assert_eq!((head.status, head.body.len(), head.comparable()), (200, 0, whole.comparable()));
    let packed = served.ask(Ask::get(&path).with("Accept-Encoding", "gzip")).await;
    assert_eq!((packed.header("content-encoding"), packed.body.len()), (None, whole.body.len()));
}

#[tokio::test]
async fn a_part_is_exactly_the_part_that_was_asked_for() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let bytes = sound();
    let size = bytes.len();
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=-5", size - 5, size - 1),
        ("bytes=100-", 100, size - 1),
    ] {
        let part = served.ask(Ask::get(&path).with("Range", range)).await;
        assert_eq!((part.status, &part.body[..]), (206, &bytes[first..=last]), "{range}");
        let told = format!("bytes {first}-{last}/{size}");
        assert_eq!(part.header("content-range"), Some(told.as_str()));
        assert_eq!(part.header("content-length"), Some((last - first + 1).to_string().as_str()));
        let head = served.ask(Ask::new("HEAD", &path).with("Range", range)).await;
        assert_eq!(head.comparable(), part.comparable());
    }
    let outside = served.ask(Ask::get(&path).with("Range", format!("bytes={size}-"))).await;
    let told = format!("bytes */{size}");
    assert_eq!((outside.status, outside.header("content-range")), (416, Some(told.as_str())));
    for range in ["bytes=5-1", "bytes=0-1,3-4", "lines=0-1"] {
        let whole = served.ask(Ask::get(&path).with("Range", range)).await;
        assert_eq!((whole.status, whole.body.len()), (200, size), "{range}");
    }
}

#[tokio::test]
async fn a_download_goes_on_only_when_the_file_is_the_same() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let etag = served.ask(Ask::get(&path)).await.header("etag").unwrap().to_owned();
    let go_on = |known: &str| Ask::get(&path).with("Range", "bytes=10-").with("If-Range", known);
    assert_eq!(served.ask(go_on(&etag)).await.status, 206);
    assert_eq!(served.ask(go_on("\"other\"")).await.status, 200);
    assert_eq!(served.ask(go_on("Mon, 05 Oct 2026 08:00:00 GMT")).await.status, 200);
    let known = served.ask(Ask::get(&path).with("If-None-Match", &etag)).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
}

#[tokio::test]
async fn a_download_is_counted_once_all_bytes_were_sent_and_only_then() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let (ines, paul) = (served.kit.pupil("ines").await, served.kit.guardian("paul").await);
    let fetched = Ask::get(format!("/api/children/{}/fetches", ines.person.id));
    let etag = served.ask(Ask::new("HEAD", &path)).await.header("etag").unwrap().to_owned();
    served.ask(Ask::get(&path).with("Range", "bytes=0-99")).await;
    served.ask(Ask::get(&path).with("If-None-Match", &etag)).await;
    served.kit.app().flush_fetches().await.unwrap();
    assert!(served.ask_as(&paul, fetched.clone()).await.json()["items"].as_array().unwrap().is_empty());
    served.ask(Ask::get(&path)).await;
    served.kit.app().flush_fetches().await.unwrap();
    let items = served.ask_as(&paul, fetched).await.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
    assert_eq!(
        (items[0]["title"].as_str(), items[0]["kind"].as_str()),
        (Some("Écoute du lundi"), Some("mp3"))
    );
    assert_eq!(items[0]["through"].as_str(), Some("Téléphone"));
    let lou = served.kit.teacher("lou").await;
    let own = served.ask_as(&lou, Ask::get("/api/publications?author=me")).await.json();
    assert_eq!(own["items"][0]["reached"].as_i64(), Some(1));
}

#[tokio::test]
async fn the_whole_asked_for_as_a_range_is_counted_as_browsers_do_when_they_play() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let (ines, paul) = (served.kit.pupil("ines").await, served.kit.guardian("paul").await);
    assert_eq!(served.ask(Ask::get(&path).with("Range", "bytes=0-")).await.status, 206);
    served.kit.app().flush_fetches().await.unwrap();
    let fetched = Ask::get(format!("/api/children/{}/fetches", ines.person.id));
    assert_eq!(served.ask_as(&paul, fetched).await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_download_that_breaks_off_is_not_counted() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let publication = lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    // Larger than what the two sockets can hold, so that the server cannot have sent it all.
    let large = Bytes::from(vec![0xff_u8; 24 * 1024 * 1024]);
    served
        .kit
        .works_making(|kind| if kind == RenditionKind::Mp3 { large.clone() } else { content_of(kind) })
        .await;
    let ask = Ask::get(format!("/media/publications/{publication}/mp3")).bearer(&ines.token);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(ask.head(served.address, 0).as_bytes()).await.unwrap();
    let mut some = vec![0; 64 * 1024];
    stream.read_exact(&mut some).await.unwrap();
    drop(stream);
    let since = served.kit.app().now() - chrono::TimeDelta::days(1);
    let counted = async || {
        served.kit.app().flush_fetches().await.unwrap();
        served.kit.app().fetches(&ines.viewer, ines.person.id, since).await.unwrap().len()
    };
    assert_eq!(counted().await, 0);
    assert_eq!(served.ask(ask).await.body.len(), large.len());
    assert_eq!(counted().await, 1, "the broken one is still not there");
}

#[tokio::test]
async fn a_revoked_subscription_closes_its_files_too() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let ines = served.kit.pupil("ines").await;
    let cover = format!("/m/{}/cover.png", path.split('/').nth(2).unwrap());
    let picture = served.ask(Ask::get(&cover)).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    assert_eq!(picture.body.get(1..4), Some(&b"PNG"[..]));
    let other = path.rsplit_once('/').unwrap().0.to_owned() + "/other.mp3";
    assert_eq!(served.ask(Ask::get(other)).await.status, 404);
    let list = served.ask_as(&ines, Ask::get("/api/subscriptions")).await.json();
    let id = list["items"][0]["id"].as_str().unwrap();
    served.ask_as(&ines, Ask::new("DELETE", format!("/api/subscriptions/{id}"))).await;
    for path in [&path, &cover] {
        assert_eq!(served.ask(Ask::get(path)).await.status, 410);
    }
}

#[tokio::test]
async fn a_withdrawn_episode_is_not_served_any_more() {
    let served = Served::start().await;
    let (_, path) = listened(&served).await;
    let lou = served.kit.teacher("lou").await;
    let own = served.ask_as(&lou, Ask::get("/api/publications?author=me")).await.json();
    let id = own["items"][0]["id"].as_str().unwrap().to_owned();
    served.ask_as(&lou, Ask::post(format!("/api/publications/{id}/withdraw"))).await;
    assert_eq!(served.ask(Ask::get(path)).await.status, 404);
}

#[tokio::test]
async fn an_original_is_a_download_in_a_sandbox_whatever_it_is() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let html = Bytes::from_static(b"<!doctype html><script>alert(1)</script>");
    let name = "a\";b.html";
    let deposit = lou.gives(name, html.clone(), balado_domain::deposit::Purpose::Resource).await;
    let reply = served.ask_as(&lou, Ask::get(format!("/media/deposits/{}/original", deposit.id))).await;
    assert_eq!((reply.status, &reply.body[..]), (200, &html[..]));
    assert_eq!(reply.header("content-type"), Some("application/octet-stream"));
    assert_eq!(reply.header("content-security-policy"), Some("sandbox; default-src 'none'"));
    assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let disposition = reply.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"a__b.html\";"), "{disposition}");
}
