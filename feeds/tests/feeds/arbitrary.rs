//! Whatever people type, the feed is well formed and says it.

use crate::sample::{address, feed, item};
use balado_domain::deposit::RenditionKind;
use balado_feeds::{CompanionModel, Dialect, LinkModel, render, render_item, splice};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

/// Texts full of what XML, HTML and URLs trip over.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        any::<char>().prop_map(String::from),
        prop_oneof![
            Just("]]>"),
            Just("]]"),
            Just(">"),
            Just("<![CDATA["),
            Just("<!--"),
            Just("&amp;"),
            Just("&#0;"),
            Just("\""),
            Just("'"),
            Just("</title>"),
            Just("\r\n"),
            Just("\u{0}"),
            Just("\u{b}"),
            Just("\u{fffe}"),
            Just("\u{85}"),
            Just("\u{2028}"),
            Just("  "),
            Just("%2F"),
            Just("../"),
            Just("http://"),
        ]
        .prop_map(str::to_owned),
    ];
    vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

/// What is left of a text on one line, said again independently of the renderer.
fn shown(text: &str) -> String {
    let kept = text.chars().map(|c| if c == '\r' { '\n' } else { c });
    let kept = kept.filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let kept: String = kept.filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_well_formed_feed_with_the_same_title(
        title in nasty(), description in nasty(), author in nasty(), file_name in nasty(),
        tag in nasty(), url in nasty(), label in nasty(),
    ) {
        let mut model = feed();
        model.title.clone_from(&title);
        model.description.clone_from(&description);
        model.author.clone_from(&author);
        model.owner_email.clone_from(&label);
        model.page_path.clone_from(&url);
        model.cover_name.clone_from(&file_name);
        let mut one = item(1, RenditionKind::Mp3);
        one.title.clone_from(&title);
        one.description = description;
        one.author = author;
        one.enclosure.file_name.clone_from(&file_name);
        one.tags = vec![tag];
        one.links = vec![LinkModel { url: format!("https://{url}"), label: label.clone() }];
        one.companions = vec![CompanionModel { deposit: Uuid::nil(), file_name, label }];

        let rendered = render(&model, &[render_item(&one, Dialect::Podcast)], Dialect::Podcast);
        let bytes = splice(&rendered, &address());
        prop_assert_eq!(bytes.len(), rendered.size_bytes(&address()));
        let channel = rss::Channel::read_from(bytes.as_slice()).unwrap();
        feed_rs::parser::parse(bytes.as_slice()).unwrap();

        let item = channel.items().first().unwrap();
        let expected = shown(&title);
        if !expected.is_empty() && expected.chars().count() <= 255 {
            prop_assert_eq!(item.title(), Some(expected.as_str()));
            prop_assert_eq!(channel.title(), expected.as_str());
        }
        prop_assert!(!item.title().unwrap().is_empty() && !channel.title().is_empty());
        prop_assert!(item.enclosure().unwrap().url().is_ascii());
        let content = item.content().unwrap();
        prop_assert!(content.starts_with("<p>") && content.ends_with("</ul>"));
    }
}
