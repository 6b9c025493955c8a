//! Private feeds as podcast apps meet them.

use super::client::Ask;
use super::served::Served;
use balado_domain::Clock;
use chrono::TimeDelta;

#[tokio::test]
async fn a_feed_is_answered_with_a_validator_and_not_sent_twice() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let path = served.path_of(&ines.subscribes_to("5eB").await.address.unwrap());
    let feed = served.ask(Ask::get(&path)).await;
    assert_eq!((feed.status, feed.header("content-type")), (200, Some("application/rss+xml; charset=utf-8")));
    assert_eq!(feed.header("cache-control"), Some("private, no-cache"));
    assert_eq!((feed.header("vary"), feed.header("last-modified")), (Some("Accept-Encoding"), None));
    assert_eq!(
        (feed.header("x-robots-tag"), feed.header("referrer-policy")),
        (Some("noindex"), Some("no-referrer"))
    );
    let etag = feed.header("etag").unwrap().to_owned();
    assert!(etag.starts_with('"') && feed.text().contains("Écoute du lundi"));
    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let again = served.ask(Ask::get(&path).with("If-None-Match", known)).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(etag.as_str())));
    }
    let head = served.ask(Ask::new("HEAD", &path)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.comparable(), feed.comparable());
}

#[tokio::test]
async fn gzip_is_another_representation_with_its_own_validator() {
    let served = Served::start().await;
    let ines = served.kit.pupil("ines").await;
    let path = served.path_of(&ines.subscribes_to("5eB").await.address.unwrap());
    let plain = served.ask(Ask::get(&path)).await;
    let packed = served.ask(Ask::get(&path).with("Accept-Encoding", "br, gzip")).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.body.get(..2), Some(&[0x1f, 0x8b][..]));
    assert!(packed.body.len() < plain.body.len());
    let (etag, packed_etag) = (plain.header("etag").unwrap(), packed.header("etag").unwrap());
    assert_ne!(etag, packed_etag);
    let again = Ask::get(&path).with("Accept-Encoding", "gzip").with("If-None-Match", packed_etag);
    assert_eq!(served.ask(again).await.status, 304);
}

#[tokio::test]
async fn two_subscribers_get_addresses_of_their_own_and_the_same_items() {
    let served = Served::start().await;
    let (lou, ines, noe) =
        (served.kit.teacher("lou").await, served.kit.pupil("ines").await, served.kit.pupil("noe").await);
    let publication = lou.deposits("answer.wav").await.publishes_to(&["5eB"]).await;
    served.kit.works().await;
    let mut feeds = Vec::new();
    for pupil in [&ines, &noe] {
        let address = pupil.subscribes_to("5eB").await.address.unwrap();
        let feed = served.ask(Ask::get(served.path_of(&address))).await;
        assert!(feed.text().contains(&address), "the feed names itself");
        feeds.push(feed);
    }
    assert_ne!(feeds[0].header("etag"), feeds[1].header("etag"));
    assert!(feeds.iter().all(|feed| feed.text().contains(&format!("{publication}</guid>"))));
}

#[tokio::test]
async fn a_dead_address_is_gone_at_once_and_an_unknown_one_was_never_there() {
    let served = Served::start().await;
    let ines = served.kit.pupil("ines").await;
    let view = ines.subscribes_to("5eB").await;
    let old = served.path_of(view.address.as_deref().unwrap());
    let subscription = format!("/api/subscriptions/{}", view.subscription.id);
    let rotated = served.ask_as(&ines, Ask::post(format!("{subscription}/rotate"))).await;
    let new = served.path_of(rotated.json()["address"].as_str().unwrap());
    assert_ne!(old, new);
    assert_eq!(served.ask(Ask::get(&old)).await.status, 410);
    assert_eq!(served.ask(Ask::get(&new)).await.status, 200);
    let revoked = served.ask_as(&ines, Ask::new("DELETE", &subscription)).await;
    assert!(revoked.json()["address"].is_null());
    let gone = served.ask(Ask::get(&new).with("If-None-Match", "*")).await;
    assert_eq!((gone.status, gone.header("www-authenticate")), (410, None));
    let unknown = served.ask(Ask::get(format!("/f/{}/feed.xml", "x".repeat(32)))).await;
    assert_eq!((unknown.status, unknown.header("www-authenticate")), (404, None));
    assert_eq!(served.ask_as(&ines, Ask::post(format!("{subscription}/rotate"))).await.status, 410);
}

#[tokio::test]
async fn an_episode_comes_and_goes_on_its_second_with_every_worker_stopped() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let deposit = lou.deposits("answer.wav").await;
    served.kit.works().await;
    let now = served.kit.clock().now();
    let (from, until) = (now + TimeDelta::hours(1), now + TimeDelta::hours(2));
    let publication = deposit.publishes_between(&["5eB"], Some(from), Some(until)).await;
    let feed = served.path_of(&ines.subscribes_to("5eB").await.address.unwrap());
    let media = format!("/media/publications/{publication}/mp3");
    let page = format!("/api/publications/{publication}");
    let calendar = served.ask_as(&ines, Ask::get("/api/calendar")).await.json()["address"].clone();
    let calendar = served.path_of(calendar.as_str().unwrap());
    served.kit.clock().set(from);
    let shown = served.ask(Ask::get(&feed)).await.text();
    let address = shown.split("<enclosure url=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let enclosure = served.path_of(&address);
    let mut etags = Vec::new();
    for (at, visible) in [
        (from - TimeDelta::seconds(1), false),
        (from, true),
        (until - TimeDelta::seconds(1), true),
        (until, false),
    ] {
        served.kit.clock().set(at);
        let reply = served.ask(Ask::get(&feed)).await;
        assert_eq!(reply.text().contains("Écoute du lundi"), visible, "{at}");
        let dated = served.ask(Ask::get(&calendar)).await;
        assert_eq!(dated.text().contains("Écoute du lundi"), visible, "calendar {at}");
        let by_key = served.ask(Ask::get(&enclosure)).await.status;
        assert_eq!(by_key, if visible { 200 } else { 404 }, "enclosure {at}");
        etags.push(reply.header("etag").unwrap().to_owned());
        for path in [&media, &page] {
            let status = served.ask_as(&ines, Ask::get(path)).await.status;
            assert_eq!(status, if visible { 200 } else { 404 }, "{path} {at}");
        }
    }
    assert!(etags[0] != etags[1] && etags[1] == etags[2] && etags[2] != etags[3], "{etags:?}");
}

#[tokio::test]
async fn a_calendar_address_is_private_and_can_be_changed() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    lou.sets_homework_for("5eB").await;
    let address = served.ask_as(&ines, Ask::get("/api/calendar")).await.json()["address"].clone();
    let path = served.path_of(address.as_str().unwrap());
    let calendar = served.ask(Ask::get(&path)).await;
    assert_eq!(
        (calendar.status, calendar.header("content-type")),
        (200, Some("text/calendar; charset=utf-8"))
    );
    assert!(calendar.text().contains("BEGIN:VEVENT") && calendar.text().contains("Lire à voix haute"));
    assert_eq!(calendar.header("cache-control"), Some("private, no-cache"));
    let new = served.ask_as(&ines, Ask::post("/api/calendar/rotate")).await.json()["address"].clone();
    assert_ne!(address, new);
    assert_eq!(served.ask(Ask::get(&path)).await.status, 410);
    assert_eq!(served.ask(Ask::get(served.path_of(new.as_str().unwrap()))).await.status, 200);
}
