//! What the `rss` and `feed-rs` parsers, neither of them ours, read out of a feed.

use crate::sample::{address, at, feed, item, items, xml};
use balado_domain::deposit::RenditionKind;
use balado_feeds::{LinkModel, OpmlEntry, OpmlModel, render_opml};
use rss::validation::Validate;
use std::collections::HashSet;
use std::time::Duration;

fn channel(xml: &str) -> rss::Channel {
    rss::Channel::read_from(xml.as_bytes()).unwrap()
}

fn parsed(xml: &str) -> feed_rs::model::Feed {
    feed_rs::parser::parse(xml.as_bytes()).unwrap()
}

#[test]
fn the_feed_passes_validation_and_says_what_the_model_says() {
    let channel = channel(&xml(&items()));
    channel.validate().unwrap();
    assert_eq!(channel.title(), feed().title);
    assert_eq!(channel.description(), feed().description);
    assert_eq!(channel.link(), "https://balado.example.org/classes/5eB?a=1&b=2");
    assert_eq!(channel.language(), Some("fr"));
    assert_eq!(channel.last_build_date(), Some("Mon, 23 Nov 2026 08:05:09 GMT"));
    let image = channel.image().unwrap();
    assert_eq!(image.url(), "https://balado.example.org/m/media-key_B2/cover.png");
    assert_eq!((image.title(), image.link()), (channel.title(), channel.link()));
}

#[test]
fn the_self_link_is_the_address_the_subscriber_fetched() {
    let channel = channel(&xml(&items()));
    let link = channel.atom_ext().unwrap().links().first().unwrap().clone();
    assert_eq!((link.rel(), link.mime_type()), ("self", Some("application/rss+xml")));
    assert_eq!(link.href(), address().feed_url());
    assert_eq!(link.href(), "https://balado.example.org/f/feed-token_A1/feed.xml");
}

#[test]
fn apple_finds_every_tag_it_requires_or_recommends() {
    let channel = channel(&xml(&items()));
    let itunes = channel.itunes_ext().unwrap();
    assert_eq!(itunes.image(), channel.image().map(rss::Image::url));
    assert_eq!(itunes.categories().first().unwrap().text(), "Education");
    assert_eq!((itunes.explicit(), itunes.block()), (Some("false"), Some("Yes")));
    assert_eq!((itunes.author(), itunes.r#type()), (Some("Collège L’Été"), Some("episodic")));
    let owner = itunes.owner().unwrap();
    assert_eq!((owner.name(), owner.email()), (Some("Collège L’Été"), Some("podcast@college.example.org")));
    for item in channel.items() {
        let itunes = item.itunes_ext().unwrap();
        assert_eq!((itunes.explicit(), itunes.episode_type()), (Some("false"), Some("full")));
        assert!(item.title().is_some() && item.description().is_some() && item.pub_date().is_some());
    }
}

#[test]
fn podcast_apps_find_the_guid_the_lock_the_medium_and_the_block() {
    let channel = channel(&xml(&items()));
    let podcast = channel.extensions().get("podcast").unwrap();
    let only = |tag: &str| podcast.get(tag).unwrap().first().unwrap().clone();
    assert_eq!(only("guid").value(), Some(feed().guid.to_string().as_str()));
    assert_eq!(only("medium").value(), Some("course"));
    assert_eq!(only("block").value(), Some("yes"));
    assert_eq!(only("locked").value(), Some("yes"));
    assert_eq!(only("locked").attrs().get("owner").map(String::as_str), Some("podcast@college.example.org"));
    assert_eq!(channel.namespaces()["podcast"], "https://podcastindex.org/namespace/1.0");
    assert_eq!(channel.namespaces()["itunes"], "http://www.itunes.com/dtds/podcast-1.0.dtd");
}

#[test]
fn every_item_has_one_enclosure_of_exact_length_and_type() {
    let channel = channel(&xml(&items()));
    let enclosures: Vec<_> = channel.items().iter().map(|item| item.enclosure().unwrap()).collect();
    let types: Vec<_> = enclosures.iter().map(|enclosure| enclosure.mime_type()).collect();
    assert_eq!(types, ["application/pdf", "image/jpeg", "video/mp4", "audio/mpeg"]);
    let lengths: Vec<_> = enclosures.iter().map(|enclosure| enclosure.length()).collect();
    assert_eq!(lengths, ["481238", "481237", "481236", "481235"]);
    assert_eq!(
        enclosures[3].url(),
        "https://balado.example.org/m/media-key_B2/00000000-0000-0000-0000-000000000101/Le%C3%A7on%201.mp3"
    );
    let urls: HashSet<_> = enclosures.iter().map(|enclosure| enclosure.url()).collect();
    assert_eq!(urls.len(), 4);
    assert!(urls.iter().all(|url| url.is_ascii()));
}

#[test]
fn guids_are_opaque_unique_and_do_not_depend_on_title_file_or_tokens() {
    let before = channel(&xml(&items()));
    let guids: Vec<_> = before.items().iter().map(|item| item.guid().unwrap().clone()).collect();
    assert!(guids.iter().all(|guid| !guid.is_permalink()));
    assert_eq!(guids[3].value(), "urn:uuid:00000000-0000-0000-0000-000000000101");
    let mut changed = items();
    changed[0].title = "Autre titre".to_owned();
    changed[0].enclosure.file_name = "autre.mp3".to_owned();
    let after = channel(&xml(&changed));
    assert_eq!(after.items()[3].guid(), Some(&guids[3]));
}

#[test]
fn items_come_newest_first_whatever_their_order_and_each_once() {
    let mut shuffled = items();
    shuffled.swap(0, 2);
    shuffled.push(item(2, RenditionKind::Mp4));
    assert_eq!(xml(&shuffled), xml(&items()));
    let dates: Vec<_> =
        parsed(&xml(&shuffled)).entries.iter().map(|entry| entry.published.unwrap()).collect();
    assert_eq!(dates.len(), 4);
    assert!(dates.is_sorted_by(|a, b| a > b));
    assert_eq!(dates[3], at("2026-11-02T16:00:00Z"));
}

#[test]
fn another_parser_reads_titles_durations_pictures_and_languages() {
    let feed = parsed(&xml(&items()));
    assert_eq!(feed.language.as_deref(), Some("fr"));
    assert_eq!(feed.updated, Some(at("2026-11-23T08:05:09Z")));
    let first = feed.entries.last().unwrap();
    assert_eq!(first.title.as_ref().unwrap().content, items()[0].title);
    let durations: Vec<_> = first.media.iter().filter_map(|media| media.duration).collect();
    assert_eq!(durations, [Duration::from_secs(130)]);
    let sizes: Vec<_> =
        first.media.iter().flat_map(|media| &media.content).filter_map(|file| file.size).collect();
    assert_eq!(sizes, [481_235]);
    let authors: Vec<_> = first.media.iter().flat_map(|media| &media.credits).collect();
    assert_eq!(authors[0].entity, "Lou M.");
    let pictures: Vec<_> = feed.entries[2].media.iter().flat_map(|media| &media.thumbnails).collect();
    assert_eq!(
        pictures[0].image.uri,
        "https://balado.example.org/m/media-key_B2/00000000-0000-0000-0000-000000000102/poster.jpg"
    );
}

#[test]
fn content_is_html_in_which_nothing_typed_by_people_is_markup() {
    let channel = channel(&xml(&items()));
    let content = channel.items()[3].content().unwrap();
    assert_eq!(
        content,
        "<p>Écoutez deux fois.</p><p>Répondez à l&apos;oral ]]&gt; sans écrire. 1 &lt; 2</p><ul>\
         <li><a href=\"https://balado.example.org/m/media-key_B2/00000000-0000-0000-0000-000000000101/\
         00000000-0000-0000-0000-00000000000d/Fiche%20d%E2%80%99%C3%A9coute.pdf\">Fiche d’écoute.pdf</a></li>\
         <li><a href=\"https://example.org/?a=1&amp;b=&quot;2&quot;\">Plan de &lt;Londres&gt;</a></li></ul>"
    );
    assert_eq!(channel.items()[0].content(), Some("<p>Leçon 4</p>"));
}

#[test]
fn a_feed_without_items_is_valid() {
    let channel = channel(&xml(&[]));
    channel.validate().unwrap();
    assert!(channel.items().is_empty());
}

#[test]
fn empty_texts_are_replaced_by_something_to_show() {
    let mut bare = item(1, RenditionKind::Mp3);
    bare.title = " \u{0} ".to_owned();
    bare.author = String::new();
    bare.page_path = None;
    bare.enclosure.duration_ms = Some(200);
    let channel = channel(&xml(&[bare]));
    channel.validate().unwrap();
    let item = &channel.items()[0];
    assert_eq!((item.title(), item.description()), (Some("Leçon 1.mp3"), Some("Leçon 1.mp3")));
    assert_eq!((item.link(), item.itunes_ext().unwrap().author()), (None, None));
    assert_eq!(item.itunes_ext().unwrap().duration(), Some("1"), "a short sound has a duration");
}

#[test]
fn long_texts_are_cut_to_what_apps_take() {
    let mut long = item(1, RenditionKind::Mp3);
    long.title = "é".repeat(1000);
    long.description = "é".repeat(10_000);
    let channel = channel(&xml(&[long]));
    let item = &channel.items()[0];
    assert_eq!(item.title().unwrap().chars().count(), 255);
    assert!(item.description().unwrap().len() <= 4000);
    assert!(item.content().unwrap().len() > 20_000, "the whole text is kept where there is no limit");
}

#[test]
fn a_link_is_kept_whole_however_long() {
    let mut linked = item(1, RenditionKind::Mp3);
    let url = format!("https://example.org/{}", "a".repeat(1000));
    linked.links = vec![LinkModel { url: format!(" {url} b\n"), label: String::new() }];
    let channel = channel(&xml(&[linked]));
    assert!(channel.items()[0].content().unwrap().contains(&format!("href=\"{url}%20b\"")));
}

#[test]
fn a_subscription_list_is_opml_with_each_feed_once() {
    let list = OpmlModel {
        title: "Mes podcasts & autres".to_owned(),
        created_at: at("2026-11-23T08:05:09Z"),
        entries: vec![
            OpmlEntry {
                title: "5eB \"Anglais\" <A>\u{1}".to_owned(),
                feed_url: address().feed_url(),
                page_url: Some("https://balado.example.org/classes/5eB?a=1&b=2".to_owned()),
            },
            OpmlEntry {
                title: String::new(),
                feed_url: "https://b.example/f/x/feed.xml".to_owned(),
                page_url: None,
            },
        ],
    };
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head>\n\
        <title>Mes podcasts &amp; autres</title>\n<dateCreated>Mon, 23 Nov 2026 08:05:09 GMT</dateCreated>\n</head>\n\
        <body>\n<outline type=\"rss\" text=\"5eB &quot;Anglais&quot; &lt;A&gt;\" \
        title=\"5eB &quot;Anglais&quot; &lt;A&gt;\" xmlUrl=\"https://balado.example.org/f/feed-token_A1/feed.xml\" \
        htmlUrl=\"https://balado.example.org/classes/5eB?a=1&amp;b=2\"/>\n\
        <outline type=\"rss\" text=\"https://b.example/f/x/feed.xml\" title=\"https://b.example/f/x/feed.xml\" \
        xmlUrl=\"https://b.example/f/x/feed.xml\"/>\n</body>\n</opml>\n";
    assert_eq!(String::from_utf8(render_opml(&list)).unwrap(), expected);
}
