//! What a class feed costs: rendering a school year of items once, and sending it to every subscriber of a poll storm.

use balado_domain::Timestamp;
use balado_domain::deposit::RenditionKind;
use balado_feeds::{
    Address, Dialect, EnclosureModel, FeedModel, Fragment, ItemModel, LinkModel, Rendered, render,
    render_item, splice,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use uuid::Uuid;

/// A school year of one class: a little more than one item a school day.
const ITEMS: u32 = 200;

/// The pupils of a school, each with their own tokens.
const SUBSCRIBERS: u32 = 600;

fn feed() -> FeedModel {
    FeedModel {
        guid: Uuid::from_u128(1),
        language: "fr".to_owned(),
        title: "5eB · Collège L’Été".to_owned(),
        description: "Ce que les enseignants publient pour la 5eB.".to_owned(),
        author: "Collège L’Été".to_owned(),
        owner_email: "podcast@college.example.org".to_owned(),
        page_path: "/classes/5eB".to_owned(),
        cover_name: "cover.png".to_owned(),
        revised_at: Timestamp::UNIX_EPOCH,
    }
}

fn item(number: u32) -> ItemModel {
    ItemModel {
        id: Uuid::from_u128(u128::from(number) + 1),
        title: format!("Leçon {number} : « Londres & ses ponts »"),
        description: "Écoutez deux fois le dialogue.\n\nRépondez ensuite à l’oral.\n".repeat(4),
        author: "Amina D.".to_owned(),
        pub_date: Timestamp::UNIX_EPOCH + chrono::TimeDelta::days(number.into()),
        page_path: Some(format!("/p/{number}")),
        enclosure: EnclosureModel {
            kind: RenditionKind::Mp3,
            size_bytes: 1_900_000,
            duration_ms: Some(120_000),
            file_name: format!("Leçon {number}.mp3"),
        },
        has_poster: true,
        tags: vec!["anglais".to_owned(), "écoute".to_owned()],
        links: vec![LinkModel { url: "https://example.org/?a=1&b=2".to_owned(), label: "Plan".to_owned() }],
        companions: Vec::new(),
    }
}

fn fragments(items: &[ItemModel]) -> Vec<Fragment> {
    items.iter().map(|item| render_item(item, Dialect::Podcast)).collect()
}

fn send_to_all(rendered: &Rendered, tokens: &[(String, String)]) -> usize {
    let addresses = tokens.iter().filter_map(|(feed_token, media_key)| {
        Address::new("https://balado.example.org", feed_token, media_key).ok()
    });
    addresses.map(|address| black_box(splice(rendered, &address)).len()).sum()
}

fn feeds(criterion: &mut Criterion) {
    let items: Vec<ItemModel> = (0..ITEMS).map(item).collect();
    let rendered_items = fragments(&items);
    let rendered = render(&feed(), &rendered_items, Dialect::Podcast);
    let tokens: Vec<_> =
        (0..SUBSCRIBERS).map(|number| (format!("{number:032}"), format!("m{number:031}"))).collect();

    let mut group = criterion.benchmark_group("feeds");
    group.sample_size(20);
    group.throughput(Throughput::Elements(ITEMS.into()));
    group.bench_function("render 200 items and the feed", |bencher| {
        bencher.iter(|| render(&feed(), &fragments(black_box(&items)), Dialect::Podcast));
    });
    group.bench_function("render the feed of 200 rendered items", |bencher| {
        bencher.iter_batched(
            feed,
            |feed| render(&feed, black_box(&rendered_items), Dialect::Podcast),
            BatchSize::SmallInput,
        );
    });
    group.throughput(Throughput::Bytes(send_to_all(&rendered, &tokens) as u64));
    group.bench_function("splice for 600 subscribers", |bencher| {
        bencher.iter(|| send_to_all(black_box(&rendered), black_box(&tokens)));
    });
    group.finish();
}

criterion_group!(benches, feeds);
criterion_main!(benches);
