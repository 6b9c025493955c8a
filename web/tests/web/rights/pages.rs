//! The table of rights of the pages and their forms. Nobody and an ended session are always sent to sign in.

use super::label;
use super::rows::Row;
use super::world::World;
use balado_web::routes::{self, Class, Need};
use std::collections::BTreeSet;

const fn row(
    method: &'static str,
    route: &'static str,
    path: &'static str,
    (by, owner): (&'static str, u16),
    strangers: [u16; 4],
) -> Row {
    let [class, school, pupil, parent] = strangers;
    Row { method, route, path, body: "", by, owner, strangers: [303, class, school, pupil, parent, 303] }
}

const fn form(
    route: &'static str,
    path: &'static str,
    body: &'static str,
    by: &'static str,
    strangers: [u16; 4],
) -> Row {
    Row { body, ..row("POST", route, path, (by, 303), strangers) }
}

/// Whoever is signed in sees their own.
const OWN: [u16; 4] = [200; 4];
/// Those who teach, and nobody else.
const TEACHERS: [u16; 4] = [404; 4];
/// Only whom it belongs to.
const PRIVATE: [u16; 4] = [404; 4];
/// The class.
const CLASS: [u16; 4] = [404, 404, 200, 404];

const PUBLISH: &str = "deposit=<deposit>&title=x&groups=<group>&when=now";
const EDIT: &str = "title=y&groups=<group>&when=now";
const ASSIGN: &str = "title=x&groups=<group>&due_at=2027-01-01T10:00&accepts=audio";

/// Forms that undo something stand last.
const ROWS: &[Row] = &[
    row("GET", "/", "/", ("lou", 200), [200, 200, 200, 303]),
    row("GET", "/account", "/account", ("lou", 200), OWN),
    row("GET", "/record", "/record", ("lou", 200), TEACHERS),
    row("GET", "/deposit", "/deposit", ("lou", 200), TEACHERS),
    row("GET", "/deposits", "/deposits", ("lou", 200), TEACHERS),
    row("GET", "/deposits/{id}", "/deposits/<deposit>", ("lou", 200), PRIVATE),
    form("/deposits/{id}/retry", "/deposits/<deposit>/retry", "x=", "nobody", PRIVATE),
    form("/deposits/{id}/cut", "/deposits/<deposit>/cut", "keep=0-1&split=none", "lou", PRIVATE),
    form(
        "/deposits/{id}/cuts/{cut}/cancel",
        "/deposits/<deposit>/cuts/01890a5d-ac96-774b-bcce-b302099a8057/cancel",
        "x=",
        "nobody",
        PRIVATE,
    ),
    form("/deposits/{id}/cancel", "/deposits/<deposit>/cancel", "x=", "nobody", PRIVATE),
    row("GET", "/publish", "/publish?deposit=<deposit>", ("lou", 200), TEACHERS),
    row("GET", "/publications", "/publications", ("lou", 200), TEACHERS),
    form("/publications", "/publications", PUBLISH, "lou", PRIVATE),
    row("GET", "/publications/{id}", "/publications/<publication>", ("ines", 200), CLASS),
    row("GET", "/publications/{id}/edit", "/publications/<publication>/edit", ("lou", 200), PRIVATE),
    form("/publications/{id}/edit", "/publications/<publication>/edit", EDIT, "lou", PRIVATE),
    row("GET", "/podcasts", "/podcasts", ("ines", 200), OWN),
    form("/podcasts/{feed}/subscribe", "/podcasts/<feed>/subscribe", "label=x", "ines", [404, 404, 303, 404]),
    row("GET", "/subscriptions/{id}", "/subscriptions/<subscription>", ("paul", 200), PRIVATE),
    form("/subscriptions/{id}/rotate", "/subscriptions/<subscription>/rotate", "x=", "paul", PRIVATE),
    row("GET", "/assignments", "/assignments", ("lou", 200), OWN),
    form("/assignments", "/assignments", ASSIGN, "lou", PRIVATE),
    row("GET", "/assignments/new", "/assignments/new", ("lou", 200), TEACHERS),
    row("GET", "/assignments/{id}", "/assignments/<assignment>", ("lou", 200), [404, 404, 303, 404]),
    row("GET", "/assignments/{id}/hand-in", "/assignments/<assignment>/hand-in", ("ines", 200), CLASS),
    row("GET", "/inbox", "/inbox", ("ines", 200), OWN),
    row("GET", "/agenda", "/agenda", ("ines", 200), OWN),
    form("/agenda/address", "/agenda/address", "x=", "ines", [303; 4]),
    row("GET", "/children", "/children", ("paul", 200), OWN),
    row("GET", "/children/{id}", "/children/<child>", ("paul", 200), PRIVATE),
    row("GET", "/admin/modules", "/admin/modules", ("ada", 200), PRIVATE),
    form("/admin/modules", "/admin/modules", "module=agenda&on=true", "ada", PRIVATE),
    form("/admin/recipe", "/admin/recipe", "recipe=economical-1", "ada", PRIVATE),
    form("/subscriptions/{id}/revoke", "/subscriptions/<subscription>/revoke", "x=", "paul", PRIVATE),
    form("/publications/{id}/withdraw", "/publications/<publication>/withdraw", "x=", "lou", PRIVATE),
    form("/sign-out", "/sign-out", "x=", "lou", [303; 4]),
    form("/account/sign-out-everywhere", "/account/sign-out-everywhere", "x=", "lou", [303; 4]),
];

#[test]
fn every_page_has_its_row_and_every_row_its_page() {
    let known: BTreeSet<_> = routes::table()
        .filter(|route| route.class == Class::Page && route.need != Need::Nothing)
        .map(|route| (route.method.as_str(), route.path))
        .collect();
    let rows: BTreeSet<_> = ROWS.iter().map(label).collect();
    assert_eq!(known, rows);
    assert_eq!(rows.len(), ROWS.len(), "a page has two rows");
}

#[tokio::test]
async fn strangers_to_a_page_get_what_the_table_says() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for row in ROWS {
        for (at, expected) in row.strangers.into_iter().enumerate() {
            let ask = ask_of(&world, row);
            let ask = match at {
                0 => ask,
                5 => ask.with("Cookie", &world.ended),
                _ => ask.bearer(&world.strangers[at - 1]),
            };
            let reply = world.served.ask(ask).await;
            let is_asked_to_sign_in =
                reply.header("location").is_some_and(|path| path.starts_with("/sign-in"));
            let leaves = row.route.contains("sign-out");
            if reply.status != expected || (is_asked_to_sign_in != matches!(at, 0 | 5) && !leaves) {
                let (method, route) = label(row);
                faults.push(format!(
                    "{method} {route} by {}: {} not {expected}",
                    super::ASKERS[at],
                    reply.status
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[tokio::test]
async fn those_a_page_is_for_are_let_in() {
    let world = World::start().await;
    let mut faults = Vec::new();
    for row in ROWS.iter().filter(|row| row.by != "nobody") {
        let reply = world.served.ask(ask_of(&world, row).bearer(world.token_of(row.by))).await;
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

fn ask_of(world: &World, row: &Row) -> crate::web::client::Ask {
    let ask = world.ask_of(&Row { body: "", ..*row });
    if row.body.is_empty() {
        return ask;
    }
    let body = world.filled(row.body);
    ask.with("Content-Type", "application/x-www-form-urlencoded").bytes(body)
}
