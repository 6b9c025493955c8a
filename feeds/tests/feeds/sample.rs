//! A class feed with one item of each kind, for the tests beside this.

use balado_domain::Timestamp;
use balado_domain::deposit::RenditionKind;
use balado_feeds::{
    Address, CompanionModel, Dialect, EnclosureModel, FeedModel, Fragment, ItemModel, LinkModel, Rendered,
    render, render_item, splice,
};
use uuid::Uuid;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn address() -> Address<'static> {
    Address::new("https://balado.example.org", "feed-token_A1", "media-key_B2").unwrap()
}

pub(crate) fn feed() -> FeedModel {
    FeedModel {
        guid: Uuid::from_u128(0xfeed),
        language: "fr".to_owned(),
        title: "5eB · Collège « L’Été » & Cie".to_owned(),
        description: "Ce que les enseignants publient pour la 5eB.\nUne ligne de plus <b>.".to_owned(),
        author: "Collège L’Été".to_owned(),
        owner_email: "podcast@college.example.org".to_owned(),
        page_path: "/classes/5eB?a=1&b=2".to_owned(),
        cover_name: "cover.png".to_owned(),
        revised_at: at("2026-11-23T08:05:09.250Z"),
    }
}

pub(crate) fn item(number: u8, kind: RenditionKind) -> ItemModel {
    let playing = matches!(kind, RenditionKind::Mp3 | RenditionKind::Mp4);
    ItemModel {
        id: Uuid::from_u128(0x0100 + u128::from(number)),
        title: format!("Leçon {number}"),
        description: String::new(),
        author: "Lou M.".to_owned(),
        pub_date: at(&format!("2026-11-{:02}T16:00:00Z", 1 + number)),
        page_path: Some(format!("/p/{number}")),
        enclosure: EnclosureModel {
            kind,
            size_bytes: 481_234 + i64::from(number),
            duration_ms: playing.then_some(130_499),
            file_name: format!("Leçon {number}.{}", kind.extension()),
        },
        has_poster: kind == RenditionKind::Mp4,
        tags: Vec::new(),
        links: Vec::new(),
        companions: Vec::new(),
    }
}

/// One item of each kind, oldest first; the first has everything an item can have.
pub(crate) fn items() -> Vec<ItemModel> {
    let mut full = item(1, RenditionKind::Mp3);
    full.title = "Écoute n° 1 : <Londres> & « le bus »".to_owned();
    full.description = "Écoutez deux fois.\r\n\r\nRépondez à l'oral ]]> sans écrire. 1 < 2".to_owned();
    full.tags = vec!["anglais".to_owned(), "écoute & oral".to_owned()];
    full.links = vec![
        LinkModel {
            url: "https://example.org/?a=1&b=\"2\"".to_owned(),
            label: "Plan de <Londres>".to_owned(),
        },
        LinkModel { url: "javascript:alert(1)".to_owned(), label: "piège".to_owned() },
    ];
    full.companions = vec![CompanionModel {
        deposit: Uuid::from_u128(0x0d),
        file_name: "Fiche d’écoute.pdf".to_owned(),
        label: String::new(),
    }];
    vec![full, item(2, RenditionKind::Mp4), item(3, RenditionKind::Jpeg), item(4, RenditionKind::Pdf)]
}

pub(crate) fn fragments(items: &[ItemModel]) -> Vec<Fragment> {
    items.iter().map(|item| render_item(item, Dialect::Podcast)).collect()
}

pub(crate) fn rendered(items: &[ItemModel]) -> Rendered {
    render(&feed(), &fragments(items), Dialect::Podcast)
}

pub(crate) fn xml(items: &[ItemModel]) -> String {
    String::from_utf8(splice(&rendered(items), &address())).unwrap()
}
