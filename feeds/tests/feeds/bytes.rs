//! The bytes themselves: kept ones, sharing between subscribers, and what an address may hold.

use crate::sample::{address, feed, fragments, items, rendered, xml};
use balado_domain::ErrorKind;
use balado_feeds::{Address, Dialect, Error, Segment, render, splice};

/// Kept so that a change of any byte is meant: every subscriber downloads the feed again after one.
const KEPT: &str = include_str!("kept.xml");

#[test]
fn the_same_model_gives_the_bytes_kept_with_the_test() {
    assert_eq!(xml(&items()), KEPT);
}

#[test]
fn two_subscribers_differ_by_their_tokens_only() {
    let rendered = rendered(&items());
    let other = Address::new("http://127.0.0.1:8080", "other", "another").unwrap();
    let theirs = String::from_utf8(splice(&rendered, &other)).unwrap();
    let expected = KEPT
        .replace("https://balado.example.org", "http://127.0.0.1:8080")
        .replace("feed-token_A1", "other")
        .replace("media-key_B2", "another");
    assert_eq!(theirs, expected);
    assert_eq!(rendered.size_bytes(&other), theirs.len());
}

#[test]
fn the_shared_part_holds_no_token_and_no_origin() {
    for segment in rendered(&items()).segments {
        if let Segment::Bytes(bytes) = segment {
            let text = std::str::from_utf8(&bytes).unwrap();
            assert!(!text.contains("feed-token_A1") && !text.contains("media-key_B2"));
            assert!(!text.contains("balado.example.org"));
        }
    }
}

#[test]
fn the_feed_token_is_nowhere_but_in_the_self_link() {
    let feed_tokens = |segment: &&Segment| **segment == Segment::FeedToken;
    assert_eq!(rendered(&items()).segments.iter().filter(feed_tokens).count(), 1);
}

#[test]
fn a_fragment_rendered_once_serves_several_feeds_without_being_copied() {
    let fragments = fragments(&items());
    let mut other = feed();
    other.title = "5eC".to_owned();
    let (one, two) =
        (render(&feed(), &fragments, Dialect::Podcast), render(&other, &fragments, Dialect::Podcast));
    let pointers = |segments: &[Segment]| -> Vec<_> {
        segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Bytes(bytes) => Some(bytes.as_ptr()),
                _ => None,
            })
            .collect()
    };
    let (one, two) = (pointers(&one.segments), pointers(&two.segments));
    assert!(one.iter().filter(|pointer| two.contains(pointer)).count() > 10);
    assert!(fragments.iter().all(|fragment| fragment.weight_bytes() > 500));
}

#[test]
fn an_address_that_could_break_out_of_its_place_is_refused() {
    for origin in [
        "",
        "balado.example.org",
        "ftp://a",
        "https://",
        "https://a/",
        "https://a\"b",
        "https://a b",
        "https://a&b",
    ] {
        assert_eq!(Address::new(origin, "a", "b"), Err(Error::OriginMalformed), "{origin}");
    }
    for token in ["", "a/b", "a\"", "é", "a b", "a&"] {
        assert_eq!(Address::new("https://a", token, "b"), Err(Error::TokenMalformed), "{token}");
        assert_eq!(Address::new("https://a", "a", token), Err(Error::TokenMalformed), "{token}");
    }
    assert!(Address::new("http://[::1]:8080", "A-z_0", "9").is_ok());
    assert_eq!(Error::OriginMalformed.kind(), ErrorKind::Internal);
    assert_ne!(Error::OriginMalformed.code(), Error::TokenMalformed.code());
}

#[test]
fn the_address_of_an_enclosure_is_the_one_in_the_feed() {
    let item = &items()[0];
    assert!(KEPT.contains(&address().media_url(item.id, &item.enclosure.file_name)));
}
