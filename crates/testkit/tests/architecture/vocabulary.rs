//! Rules over signatures and shapes: who must be named to read something, and what may leave in JSON.

use super::tokens::{Token, closing};
use super::workspace::{self, Source};
use super::{Breach, assert_kept};
use std::collections::BTreeSet;

/// What nobody reads from the store without saying who is reading.
const GUARDED: &[&str] = &["Publication", "Deposit", "Feed", "Submission"];

/// Functions of the store that return something guarded without a `Viewer`, by file and name, each for its reason:
/// a feed is ensured by the write that makes its group, and a token is looked up to make the viewer.
const DOORS: &[(&str, &str)] =
    &[("crates/store/src/feeds.rs", "ensure"), ("crates/store/src/subscriptions.rs", "find_by_token")];

/// Text that is a name of code, not of a person: allowed inside an event or a job.
const CODE_NAMES: &[&str] = &["recipe", "module"];

/// Enumerations written to the event and job tables.
const STORED_FACTS: &[&str] = &["Event", "Work"];

/// Where the web service writes JSON of its own: its API, and the protocols that bring their own shapes.
const JSON_FOLDERS: &[&str] = &["web/src/api", "web/src/gpodder", "web/src/dav"];

/// A public function as its tokens tell it.
struct Signature<'a> {
    name: &'a str,
    line: usize,
    parameters: &'a [Token],
    returned: &'a [Token],
}

fn public_functions(tokens: &[Token]) -> Vec<Signature<'_>> {
    let starts = tokens
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0].text == "pub" && is_function_word(&pair[1].text));
    starts.filter_map(|(index, _)| signature(tokens, index)).collect()
}

fn is_function_word(text: &str) -> bool {
    matches!(text, "fn" | "const" | "async" | "unsafe")
}

fn signature(tokens: &[Token], start: usize) -> Option<Signature<'_>> {
    let keyword =
        (start + 1..start + 4).find(|index| tokens.get(*index).is_some_and(|token| token.text == "fn"))?;
    let name = tokens.get(keyword + 1)?;
    let open = parameters_start(tokens, keyword + 2)?;
    let close = closing(tokens, open);
    let rest = tokens.get(close + 1..)?;
    let end = rest
        .iter()
        .position(|token| matches!(token.text.as_str(), "{" | ";" | "where"))
        .unwrap_or(rest.len());
    Some(Signature {
        name: &name.text,
        line: name.line,
        parameters: &tokens[open..close],
        returned: &rest[..end],
    })
}

/// The parenthesis that opens the parameters, past generics such as `<F: FnOnce(&mut Conn) -> T>`.
fn parameters_start(tokens: &[Token], from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for index in from..tokens.len() {
        match tokens[index].text.as_str() {
            "<" => depth += 1,
            ">" if tokens[index - 1].text != "-" => depth -= 1,
            "(" if depth == 0 => return Some(index),
            _ => {}
        }
    }
    None
}

fn viewers(source: &Source) -> Vec<Breach> {
    if source.package != "store" {
        return Vec::new();
    }
    let holds =
        |tokens: &[Token], words: &[&str]| tokens.iter().any(|token| words.contains(&token.text.as_str()));
    public_functions(&source.tokens)
        .iter()
        .filter(|function| holds(function.returned, GUARDED) && !holds(function.parameters, &["Viewer"]))
        .filter(|function| !DOORS.contains(&(source.path.as_str(), function.name)))
        .map(|function| {
            let message = format!("`{}` returns one of {GUARDED:?} and takes no `Viewer`", function.name);
            Breach::new(source.place(function.line), message)
        })
        .collect()
}

fn stored_facts(source: &Source) -> Vec<Breach> {
    if source.package != "domain" {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    for (start, window) in source.tokens.windows(3).enumerate() {
        if window[0].text != "enum"
            || !STORED_FACTS.contains(&window[1].text.as_str())
            || window[2].text != "{"
        {
            continue;
        }
        let body = &source.tokens[start + 2..closing(&source.tokens, start + 2)];
        for field in body.windows(3).filter(|field| field[1].text == ":" && field[2].text == "String") {
            if !CODE_NAMES.contains(&field[0].text.as_str()) {
                let message = format!(
                    "`{}` is text: events and jobs hold ids, never names, titles or tokens",
                    field[0].text
                );
                breaches.push(Breach::new(source.place(field[0].line), message));
            }
        }
    }
    breaches
}

fn json_shapes(source: &Source) -> Vec<Breach> {
    if source.package != "web" {
        return Vec::new();
    }
    let imported = domain_names(&source.tokens);
    let is_json_folder = JSON_FOLDERS.iter().any(|folder| source.path.starts_with(folder));
    let mut breaches = Vec::new();
    for (line, body) in serialised_items(&source.tokens) {
        if !is_json_folder {
            breaches.push(Breach::new(
                source.place(line),
                "derives `Serialize`: JSON shapes live in web/src/api",
            ));
        }
        for token in body
            .iter()
            .filter(|token| token.text == "balado_domain" || imported.contains(token.text.as_str()))
        {
            let message = format!(
                "`{}` of domain inside a JSON shape: domain types are never sent to a client",
                token.text
            );
            breaches.push(Breach::new(source.place(token.line), message));
        }
    }
    breaches
}

/// Names that `use balado_domain::…;` brings in.
fn domain_names(tokens: &[Token]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        if pair[0].text == "use" && pair[1].text == "balado_domain" {
            let path = tokens[index + 2..].iter().take_while(|token| token.text != ";");
            names.extend(
                path.map(|token| token.text.as_str()).filter(|text| text.starts_with(char::is_uppercase)),
            );
        }
    }
    names
}

/// The bodies of types that derive `Serialize`, with the line of the derive.
fn serialised_items(tokens: &[Token]) -> Vec<(usize, &[Token])> {
    let mut items = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        if pair[0].text != "derive" || pair[1].text != "(" {
            continue;
        }
        let end = closing(tokens, index + 1);
        if !tokens[index..end].iter().any(|token| token.text == "Serialize") {
            continue;
        }
        let body = tokens[end..]
            .iter()
            .position(|token| matches!(token.text.as_str(), "struct" | "enum"))
            .map(|at| end + at);
        if let Some(body) = body {
            let open = tokens[body..].iter().position(|token| matches!(token.text.as_str(), "{" | "(" | ";"));
            let open = open.map_or(body, |at| body + at);
            items.push((pair[0].line, &tokens[open..=closing(tokens, open)]));
        }
    }
    items
}

fn over_sources(rule: fn(&Source) -> Vec<Breach>) -> Vec<Breach> {
    workspace::sources().iter().filter(|source| source.is_rust() && !source.is_test).flat_map(rule).collect()
}

#[test]
fn the_store_shows_nothing_without_a_viewer() {
    assert_kept(over_sources(viewers));
}

#[test]
fn events_and_jobs_hold_ids_only() {
    assert_kept(over_sources(stored_facts));
}

#[test]
fn domain_types_are_never_serialised_to_a_client() {
    assert_kept(over_sources(json_shapes));
}

mod proofs {
    use super::*;

    fn count(rule: fn(&Source) -> Vec<Breach>, package: &str, path: &str, text: &str) -> usize {
        rule(&Source::new(package, path, text)).len()
    }

    #[test]
    fn a_read_without_a_viewer_is_a_breach() {
        let path = "crates/store/src/publications.rs";
        let bare = "pub fn get(conn: &mut Conn, id: PublicationId) -> Result<Publication> { body() }";
        let generic = "pub fn with<F: FnOnce(&mut Conn) -> T, T>(f: F) -> Result<Vec<Deposit>> where T: Send { body() }";
        let guarded =
            "pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: FeedId) -> Result<Option<Feed>> { body() }";
        let private = "pub(crate) fn row(conn: &mut Conn) -> Result<Publication> { body() }";
        assert_eq!(count(viewers, "store", path, bare), 1);
        assert_eq!(count(viewers, "store", path, generic), 1);
        assert_eq!(count(viewers, "store", path, guarded), 0);
        assert_eq!(count(viewers, "store", path, private), 0);
    }

    #[test]
    fn a_title_in_an_event_is_a_breach() {
        let path = "crates/domain/src/event.rs";
        assert_eq!(count(stored_facts, "domain", path, "pub enum Event { Offered { title: String } }"), 1);
        assert_eq!(
            count(
                stored_facts,
                "domain",
                path,
                "pub enum Work { Transcode { recipe: String, deposit: DepositId } }"
            ),
            0
        );
    }

    #[test]
    fn a_domain_type_in_a_json_shape_is_a_breach() {
        let shape = "use balado_domain::{Audience, deposit::Deposit};\n#[derive(Debug, Serialize)]\nstruct Answer { audience: Audience }";
        assert_eq!(count(json_shapes, "web", "web/src/api/publications.rs", shape), 1);
        let plain = "use balado_domain::Audience;\n#[derive(Serialize)]\nstruct Answer { groups: Vec<String> }\nfn f(a: Audience) {}";
        assert_eq!(count(json_shapes, "web", "web/src/api/publications.rs", plain), 0);
        assert_eq!(count(json_shapes, "web", "web/src/pages/home.rs", plain), 1);
    }
}
