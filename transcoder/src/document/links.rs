//! Links of a PDF: read before its pages are drawn anew, which loses them, and put back afterwards. Only those that lead
//! to the web or to another page are read; whatever else an annotation can do never gets this far.

use super::clean::{QPDF, is_address};
use crate::converter::run;
use crate::session::Session;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::BufReader;

/// A listing beyond this is not read, and its links are lost: no such document was written by hand.
const MOST_LISTED_BYTES: u64 = 64 << 20;

/// More links than this on one page are left out.
const MOST_ON_A_PAGE: usize = 500;

/// How far up a page's parents are asked, and how long a chain of references is followed.
const MOST_STEPS: usize = 32;

/// How far the size of a drawn page may be from that of the original, in points.
const SAME_SIZE: f64 = 1.5;

/// The links of one page, and what tells where they are once it is drawn.
pub(super) struct PageLinks {
    crop: Area,
    media: Area,
    quarter_turns: i64,
    links: Vec<Link>,
}

struct Link {
    area: Area,
    target: Target,
}

enum Target {
    Address(String),
    Page(usize),
}

/// Left, bottom, right, top, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area([f64; 4]);

/// The links of every page of a PDF of the scratch folder; none when qpdf cannot tell. A PDF without its links is still
/// one to read.
pub(super) fn find(session: &Session, pdf: &str) -> Vec<PageLinks> {
    const LISTING: &str = "document-links.json";
    let keys = ["--json=2", "--json-key=qpdf", "--json-key=pages", "--json-stream-data=none", pdf, LISTING];
    let listed = run(session, &QPDF, &keys).is_ok_and(|ending| matches!(ending.status, Some(0 | 3)));
    let is_readable = std::fs::metadata(LISTING).is_ok_and(|file| file.len() <= MOST_LISTED_BYTES);
    if !listed || !is_readable {
        return Vec::new();
    }
    let listing = File::open(LISTING).ok().map(BufReader::new);
    let listing: Option<Value> = listing.and_then(|file| serde_json::from_reader(file).ok());
    listing.and_then(|listing| read(&listing)).unwrap_or_default()
}

fn read(listing: &Value) -> Option<Vec<PageLinks>> {
    let objects = Objects(listing.pointer("/qpdf/1")?.as_object()?);
    let names: Vec<&str> =
        listing.get("pages")?.as_array()?.iter().filter_map(|page| page.get("object")?.as_str()).collect();
    Some(names.iter().map(|name| objects.page(name, &names)).collect())
}

struct Objects<'a>(&'a Map<String, Value>);

impl<'a> Objects<'a> {
    fn page(&self, name: &str, names: &[&str]) -> PageLinks {
        let empty = Area([0.0; 4]);
        let page = self.0.get(&format!("obj:{name}")).and_then(|object| object.get("value"));
        let Some(page) = page else {
            return PageLinks { crop: empty, media: empty, quarter_turns: 0, links: Vec::new() };
        };
        let media = self.inherited(page, "/MediaBox").and_then(|value| self.area(value)).unwrap_or(empty);
        let crop = self.inherited(page, "/CropBox").and_then(|value| self.area(value)).unwrap_or(media);
        let degrees = self.inherited(page, "/Rotate").and_then(Value::as_i64).unwrap_or(0);
        let annotations = page.get("/Annots").and_then(|value| self.resolved(value).as_array());
        let links = annotations.into_iter().flatten().filter_map(|value| self.link(value, names));
        PageLinks {
            crop,
            media,
            quarter_turns: (degrees / 90).rem_euclid(4),
            links: links.take(MOST_ON_A_PAGE).collect(),
        }
    }

    fn link(&self, annotation: &'a Value, names: &[&str]) -> Option<Link> {
        let annotation = self.resolved(annotation);
        if annotation.get("/Subtype")?.as_str()? != "/Link" {
            return None;
        }
        let area = self.area(annotation.get("/Rect")?)?;
        let target = match annotation.get("/A") {
            Some(action) => self.action(self.resolved(action), names)?,
            None => self.destination(annotation.get("/Dest")?, names)?,
        };
        Some(Link { area, target })
    }

    fn action(&self, action: &'a Value, names: &[&str]) -> Option<Target> {
        match action.get("/S")?.as_str()? {
            "/URI" => {
                let address = self.resolved(action.get("/URI")?).as_str()?.strip_prefix("u:")?;
                is_address(address).then(|| Target::Address(address.to_owned()))
            }
            "/GoTo" => self.destination(action.get("/D")?, names),
            _ => None,
        }
    }

    /// An explicit destination begins with its page (ISO 32000-1 §12.3.2.2); named ones are not looked up.
    fn destination(&self, value: &'a Value, names: &[&str]) -> Option<Target> {
        let page = self.resolved(value).as_array()?.first()?.as_str()?;
        names.iter().position(|name| *name == page).map(Target::Page)
    }

    fn inherited(&self, page: &'a Value, name: &str) -> Option<&'a Value> {
        let mut node = page;
        for _ in 0..MOST_STEPS {
            if let Some(value) = node.get(name) {
                return Some(self.resolved(value));
            }
            node = self.resolved(node.get("/Parent")?);
        }
        None
    }

    fn resolved(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..MOST_STEPS {
            let name = value.as_str().filter(|text| text.ends_with(" R"));
            let object = name.and_then(|name| self.0.get(&format!("obj:{name}")));
            match object.and_then(|object| object.get("value")) {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    fn area(&self, value: &'a Value) -> Option<Area> {
        let numbers: Vec<f64> = self
            .resolved(value)
            .as_array()?
            .iter()
            .filter_map(|number| self.resolved(number).as_f64())
            .filter(|number| number.abs() < 1e6)
            .collect();
        let [x1, y1, x2, y2] = numbers.try_into().ok()?;
        Some(Area([x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)]))
    }
}

impl PageLinks {
    /// The links as annotations of a drawn page of this width and height, whose document has these `pages`.
    pub(super) fn annotations(&self, size: (f64, f64), pages: &[String]) -> Vec<Value> {
        let is_drawn = |area: &Area| {
            let (width, height) = area.turned_size(self.quarter_turns);
            (width - size.0).abs() <= SAME_SIZE && (height - size.1).abs() <= SAME_SIZE
        };
        // Whether poppler drew the crop box or the media box shows in the size alone.
        let Some(drawn) = [self.crop, self.media].into_iter().find(is_drawn) else { return Vec::new() };
        let annotation = |link: &Link| {
            let mut entries = json!({
                "/Type": "/Annot",
                "/Subtype": "/Link",
                "/Border": [0, 0, 0],
                "/Rect": link.area.within(drawn, self.quarter_turns),
            });
            let (name, value) = match &link.target {
                Target::Address(address) => ("/A", json!({ "/S": "/URI", "/URI": format!("u:{address}") })),
                Target::Page(index) => ("/Dest", json!([pages.get(*index)?, "/Fit"])),
            };
            entries.as_object_mut()?.insert(name.to_owned(), value);
            Some(entries)
        };
        self.links.iter().filter_map(annotation).collect()
    }
}

impl Area {
    fn turned_size(&self, quarter_turns: i64) -> (f64, f64) {
        let [left, bottom, right, top] = self.0;
        let (width, height) = (right - left, top - bottom);
        if quarter_turns % 2 == 1 { (height, width) } else { (width, height) }
    }

    /// Where this area is on a page drawn from `page`, turned clockwise.
    fn within(&self, page: Self, quarter_turns: i64) -> [f64; 4] {
        let [left, bottom, right, top] = page.0;
        let turn = |x: f64, y: f64| match quarter_turns {
            1 => (y - bottom, right - x),
            2 => (right - x, top - y),
            3 => (top - y, x - left),
            _ => (x - left, y - bottom),
        };
        let (x1, y1) = turn(self.0[0], self.0[1]);
        let (x2, y2) = turn(self.0[2], self.0[3]);
        [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(rotate: i64) -> Value {
        json!({
            "pages": [{ "object": "3 0 R" }, { "object": "4 0 R" }],
            "qpdf": [{}, {
                "obj:2 0 R": { "value": { "/MediaBox": [10, 20, 110, 220], "/Rotate": rotate } },
                "obj:3 0 R": { "value": { "/Parent": "2 0 R", "/Annots": "5 0 R" } },
                "obj:4 0 R": { "value": { "/Parent": "2 0 R" } },
                "obj:5 0 R": { "value": [
                    { "/Subtype": "/Link", "/Rect": [20, 30, 40, 60], "/A": "6 0 R" },
                    { "/Subtype": "/Link", "/Rect": [20, 30, 40, 60], "/Dest": ["4 0 R", "/XYZ", 0, 0, 0] },
                    { "/Subtype": "/Link", "/Rect": [20, 30, 40, 60], "/A": { "/S": "/Launch", "/F": "u:x" } },
                    { "/Subtype": "/Link", "/Rect": [20, 30, 40, 60], "/A": { "/S": "/URI", "/URI": "u:javascript:x" } },
                    { "/Subtype": "/Widget", "/Rect": [0, 0, 1, 1] },
                ] },
                "obj:6 0 R": { "value": { "/S": "/URI", "/URI": "u:https://example.org/a" } },
            }],
        })
    }

    #[test]
    fn links_to_the_web_and_to_pages_come_back_where_they_were() {
        let pages = ["7 0 R".to_owned(), "8 0 R".to_owned()];
        for (rotate, size, rect) in [
            (0, (100.0, 200.0), [10.0, 10.0, 30.0, 40.0]),
            (90, (200.0, 100.0), [10.0, 70.0, 40.0, 90.0]),
            (180, (100.0, 200.0), [70.0, 160.0, 90.0, 190.0]),
            (-90, (200.0, 100.0), [160.0, 10.0, 190.0, 30.0]),
        ] {
            let found = read(&listing(rotate)).unwrap();
            let annotations = found[0].annotations(size, &pages);
            assert_eq!(annotations.len(), 2, "{annotations:?}");
            assert_eq!(annotations[0]["/A"], json!({ "/S": "/URI", "/URI": "u:https://example.org/a" }));
            assert_eq!(annotations[0]["/Rect"], json!(rect), "{rotate}");
            assert_eq!(annotations[1]["/Dest"], json!(["8 0 R", "/Fit"]));
            assert!(found[1].annotations(size, &pages).is_empty());
            assert!(found[0].annotations((1.0, 1.0), &pages).is_empty());
        }
    }

    #[test]
    fn references_that_go_round_are_given_up() {
        let listing = json!({ "pages": [{ "object": "3 0 R" }], "qpdf": [{}, {
            "obj:3 0 R": { "value": { "/Parent": "3 0 R", "/Annots": "4 0 R" } },
            "obj:4 0 R": { "value": "4 0 R" },
        }] });
        assert!(read(&listing).unwrap()[0].links.is_empty());
    }
}
