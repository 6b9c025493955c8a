//! Takes out of a PDF that LibreOffice or poppler made what tells of its author, and what could act, and puts links
//! back: qpdf gives the objects as JSON, and takes back those that changed.

use super::links::PageLinks;
use crate::converter::{Converter, Ending, run};
use crate::error::{Error, Result};
use crate::session::Session;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::time::Duration;

/// Looks into PDFs and changes them.
pub(super) const QPDF: Converter = Converter {
    program: "/usr/bin/qpdf",
    package: "qpdf",
    deadline: Duration::from_secs(120),
    environment: &[],
};

/// What the catalogue of a document may still say: its pages, its bookmarks, and what a screen reader needs.
const CATALOGUE: [&str; 9] = [
    "/Type",
    "/Version",
    "/Pages",
    "/Outlines",
    "/Dests",
    "/Lang",
    "/MarkInfo",
    "/PageLabels",
    "/StructTreeRoot",
];

/// Entries of any object that act, embed or tell (ISO 32000-1 §7.11, §12.6, §14.3, §14.5).
const UNWANTED: [&str; 9] = [
    "/AA",
    "/AF",
    "/EF",
    "/JS",
    "/LastModified",
    "/Metadata",
    "/OpenAction",
    "/PieceInfo",
    "/RichMediaContent",
];

/// Where a link may lead.
const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// Whether an address may be a link's: of the web or of a mailbox, and nothing but visible ASCII.
pub(super) fn is_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.len() <= 2048
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
}

/// Writes a clean copy of a PDF of the scratch folder, with these links on its pages.
pub(super) fn clean(session: &Session, source: &str, target: &str, links: &[PageLinks]) -> Result<()> {
    const OBJECTS: &str = "document-objects.json";
    const CHANGES: &str = "document-changes.json";
    let listed = run(
        session,
        &QPDF,
        &["--json=2", "--json-key=qpdf", "--json-key=pages", "--json-stream-data=none", source, OBJECTS],
    )?;
    must_succeed(&listed)?;
    let mut objects: Value = serde_json::from_reader(BufReader::new(File::open(OBJECTS)?))
        .map_err(|error| Error::fault("objects of the PDF", error))?;
    let changes = changes(&mut objects, links)?;
    let mut file = BufWriter::new(File::create(CHANGES)?);
    serde_json::to_writer(&mut file, &changes).map_err(|error| Error::fault("objects of the PDF", error))?;
    file.flush()?;
    let update = format!("--update-from-json={CHANGES}");
    // An identifier made of the content alone, and the first page first for whoever reads it over a slow line.
    let arguments =
        [source, &update, "--deterministic-id", "--object-streams=generate", "--linearize", target];
    must_succeed(&run(session, &QPDF, &arguments)?)
}

/// Status 3 means that it worked, with a remark.
fn must_succeed(ending: &Ending) -> Result<()> {
    if matches!(ending.status, Some(0 | 3)) {
        Ok(())
    } else {
        Err(Error::Fault(format!("qpdf: {}", ending.stderr)))
    }
}

/// The objects to replace, in the form qpdf gave them.
fn changes(listing: &mut Value, links: &[PageLinks]) -> Result<Value> {
    let fault = || Error::Fault("qpdf listed no objects".to_owned());
    let listed = listing.get("pages").and_then(Value::as_array).into_iter().flatten();
    let pages: Vec<String> =
        listed.filter_map(|page| Some(page.get("object")?.as_str()?.to_owned())).collect();
    let [header, objects] =
        listing.get_mut("qpdf").and_then(Value::as_array_mut).ok_or_else(fault)?.as_mut_slice()
    else {
        return Err(fault());
    };
    let objects = objects.as_object_mut().ok_or_else(fault)?;
    let root = objects
        .get("trailer")
        .and_then(|trailer| trailer.pointer("/value/~1Root"))
        .and_then(Value::as_str)
        .map(|reference| format!("obj:{reference}"))
        .ok_or_else(fault)?;
    let mut changed = Map::new();
    for (name, object) in objects {
        let before = object.clone();
        match object.get_mut("value").or(None) {
            Some(value) if name == "trailer" => keep_only(value, &["/Root", "/Size"]),
            Some(value) if *name == root => keep_only(value, &CATALOGUE),
            Some(value) => disarm(value),
            None => {
                if let Some(value) = object.pointer_mut("/stream/dict") {
                    disarm(value);
                }
            }
        }
        let number = pages.iter().position(|page| name.strip_prefix("obj:") == Some(page));
        if let Some(links) = number.and_then(|number| links.get(number)) {
            put_back(links, object, &pages);
        }
        if *object != before {
            changed.insert(name.clone(), object.take());
        }
    }
    Ok(json!({ "qpdf": [header.take(), changed] }))
}

/// Sets the links of a page that poppler drew; it has no other annotation.
fn put_back(links: &PageLinks, page: &mut Value, pages: &[String]) {
    let Some(entries) = page.get_mut("value").and_then(Value::as_object_mut) else { return };
    let side = |at: usize| entries.get("/MediaBox")?.get(at)?.as_f64();
    let (Some(width), Some(height)) = (side(2), side(3)) else { return };
    let annotations = links.annotations((width, height), pages);
    if !annotations.is_empty() {
        entries.insert("/Annots".to_owned(), annotations.into());
    }
}

fn keep_only(value: &mut Value, names: &[&str]) {
    if let Some(entries) = value.as_object_mut() {
        entries.retain(|name, _| names.contains(&name.as_str()));
    }
}

/// Takes what is unwanted out of a value and what is inside it. qpdf's own reader limits how deep that can be.
fn disarm(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|name, _| !UNWANTED.contains(&name.as_str()));
            if entries.get("/A").is_some_and(|action| !is_harmless(action)) {
                entries.remove("/A");
            }
            if is_action(entries) && !is_harmless(&Value::Object(entries.clone())) {
                entries.clear();
            }
            entries.values_mut().for_each(disarm);
        }
        Value::Array(values) => values.iter_mut().for_each(disarm),
        _ => {}
    }
}

/// Kinds of action that do more than lead somewhere (ISO 32000-1, table 198).
fn is_action(entries: &Map<String, Value>) -> bool {
    const KINDS: [&str; 15] = [
        "/GoToR",
        "/GoToE",
        "/Launch",
        "/Thread",
        "/URI",
        "/Sound",
        "/Movie",
        "/Hide",
        "/Named",
        "/SubmitForm",
        "/ResetForm",
        "/ImportData",
        "/JavaScript",
        "/Rendition",
        "/GoTo3DView",
    ];
    entries.get("/S").and_then(Value::as_str).is_some_and(|kind| KINDS.contains(&kind))
}

/// An action that leads to a place in the document or on the web. One that stands elsewhere is judged there.
fn is_harmless(action: &Value) -> bool {
    let Some(entries) = action.as_object() else { return action.is_string() };
    match entries.get("/S").and_then(Value::as_str) {
        Some("/GoTo") => true,
        Some("/URI") => {
            let address = entries.get("/URI").and_then(Value::as_str).unwrap_or("");
            !entries.contains_key("/Next") && is_address(address.trim_start_matches("u:"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_or_tells_is_taken_out_and_links_stay() {
        let mut listing = json!({ "qpdf": [{ "jsonversion": 2 }, {
            "trailer": { "value": { "/Root": "1 0 R", "/Info": "2 0 R", "/Size": 9 } },
            "obj:1 0 R": { "value": { "/Pages": "3 0 R", "/Names": {}, "/OpenAction": "5 0 R", "/Lang": "u:fr" } },
            "obj:3 0 R": { "value": { "/Kids": ["4 0 R"] } },
            "obj:4 0 R": { "value": { "/AA": {}, "/Annots": [
                { "/A": { "/S": "/URI", "/URI": "u:https://example.org/" } },
                { "/A": { "/S": "/URI", "/URI": "u:file:///etc/passwd" } },
                { "/A": { "/S": "/Launch", "/F": "x" } },
                { "/A": "5 0 R" },
            ] } },
            "obj:5 0 R": { "value": { "/S": "/JavaScript", "/JS": "u:app.alert(1)" } },
            "obj:6 0 R": { "stream": { "dict": { "/Metadata": "7 0 R", "/Width": 3 } } },
        }] });
        let changes = changes(&mut listing, &[]).unwrap();
        assert_eq!(
            changes,
            json!({ "qpdf": [{ "jsonversion": 2 }, {
                "trailer": { "value": { "/Root": "1 0 R", "/Size": 9 } },
                "obj:1 0 R": { "value": { "/Pages": "3 0 R", "/Lang": "u:fr" } },
                "obj:4 0 R": { "value": { "/Annots": [
                    { "/A": { "/S": "/URI", "/URI": "u:https://example.org/" } }, {}, {}, { "/A": "5 0 R" },
                ] } },
                "obj:5 0 R": { "value": {} },
                "obj:6 0 R": { "stream": { "dict": { "/Width": 3 } } },
            }] })
        );
    }
}
