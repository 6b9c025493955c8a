//! The table of rights: every route of the service, and what each kind of stranger gets from it. A route without a row fails.

mod pages;
mod rows;
mod world;

use super::client::Ask;
use balado_web::routes::{self, Class, Need};
use rows::{ROWS, Row};
use std::collections::BTreeSet;
use world::World;

/// Who asks, in the order of the columns of the table.
const ASKERS: [&str; 6] = [
    "nobody",
    "pupil of another class",
    "pupil of another school",
    "another pupil",
    "another parent",
    "ended session",
];

fn label(row: &Row) -> (&'static str, &'static str) {
    (row.method, row.route)
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let known: BTreeSet<_> = routes::table()
        .filter(|route| route.class != Class::Page)
        .map(|route| (route.method.as_str(), route.path))
        .collect();
    let rows: BTreeSet<_> = ROWS.iter().map(label).collect();
    assert_eq!(known, rows);
    assert_eq!(rows.len(), ROWS.len(), "a route has two rows");
}

#[tokio::test]
async fn strangers_get_what_the_table_says_and_nothing_else() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for row in ROWS {
        for (at, asker) in ASKERS.iter().enumerate() {
            let ask = world.ask_of(row);
            let ask = match at {
                0 => ask,
                5 => ask.with("Cookie", &world.ended).with("X-Balado-Csrf", "x"),
                _ => ask.bearer(&world.strangers[at - 1]),
            };
            let reply = world.served.ask(ask).await;
            if reply.status != row.strangers[at] {
                let said = reply.text();
                let (method, route) = label(row);
                faults.push(format!(
                    "{method} {route} by {asker}: {} not {} {said}",
                    reply.status, row.strangers[at]
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[tokio::test]
async fn an_unknown_bearer_token_opens_no_more_than_none() {
    let world = World::start().await;
    for row in ROWS {
        let forged = world.served.ask(world.ask_of(row).bearer("nobody-was-ever-given-this")).await;
        // Guessing passwords is counted whoever asks; the first guess is never too many.
        let expected = if row.route == "/api/session" { 401 } else { row.strangers[0] };
        assert_eq!(forged.status, expected, "{} {}", row.method, row.route);
    }
}

#[tokio::test]
async fn a_teacher_of_another_class_gets_what_a_pupil_of_another_class_gets() {
    let world = World::start().await;
    let reads = ROWS.iter().filter(|row| row.method == "GET" && row.strangers[1] != 200);
    for row in reads {
        let reply = world.served.ask(world.ask_of(row).bearer(world.token_of("max"))).await;
        assert_eq!(reply.status, row.strangers[1], "{} {}", row.method, row.route);
    }
}

#[tokio::test]
async fn those_it_is_for_are_let_in() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for row in ROWS {
        let reply = world.served.ask(world.ask_of(row).bearer(world.token_of(row.by))).await;
        if reply.status != row.owner {
            let (method, route) = label(row);
            faults.push(format!(
                "{method} {route} by {}: {} not {} {}",
                row.by,
                reply.status,
                row.owner,
                reply.text()
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[tokio::test]
async fn a_token_that_was_changed_or_stopped_opens_nothing_any_more() {
    let world = World::start().await;
    let routes: Vec<_> = ROWS.iter().filter(|row| is_token_route(row)).collect();
    let alive: Vec<_> = routes.iter().map(|row| world.path_of(row)).collect();
    for path in &alive {
        assert_eq!(world.served.ask(Ask::get(path)).await.status, 200, "{path}");
    }
    world.revokes_everything().await;
    for path in &alive {
        assert_eq!(world.served.ask(Ask::get(path)).await.status, 410, "{path}");
        let unknown = path.replacen(path.split('/').nth(2).unwrap(), &"x".repeat(32), 1);
        assert_eq!(world.served.ask(Ask::get(&unknown)).await.status, 404, "{unknown}");
    }
}

fn is_token_route(row: &Row) -> bool {
    routes::table()
        .any(|route| label(row) == (route.method.as_str(), route.path) && route.need == Need::Token)
}

#[tokio::test]
async fn a_media_key_opens_only_what_its_own_feed_shows() {
    let world = World::start().await;
    let other = world.elsewhere_published().await;
    let path = world.path_of(ROWS.iter().find(|row| row.route == "/m/{key}/{item}/{name}").unwrap());
    let key = path.split('/').nth(2).unwrap();
    for name in ["Ecoute-du-lundi.mp4", "poster.jpg"] {
        let path = format!("/m/{key}/{other}/{name}");
        assert_eq!(world.served.ask(Ask::get(&path)).await.status, 404, "{path}");
    }
}
