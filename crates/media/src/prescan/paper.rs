//! How much a document's markup would put on paper, counted before LibreOffice lays it out: some bytes can ask for a
//! thousand million cells, and two letters are a paragraph.
//!
//! Counts what is repeated as often as it says. Does not lay out anything: what passes may still be too long, which shows
//! on the finished pages.

use super::Objection;
use crate::{Format, Refusal};
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use std::collections::HashSet;

/// Paragraphs on one page at most: five times as many lines as a page of small print has.
pub(super) const PARAGRAPHS_PER_PAGE: u64 = 500;

/// Cells on one page at most. A sheet is made to fit its page, and beyond this its figures are dust.
const CELLS_PER_PAGE: u64 = 10_000;

/// How often anything is repeated at most, and what a number that cannot be read counts as: a sheet has no more rows.
const MOST_TIMES: u64 = 1 << 20;

/// Styles of OpenDocument that begin a page are remembered up to this many: a text has some hundred styles.
const MOST_STYLES: usize = 10_000;

/// What has been counted of one document.
pub(super) struct Paper {
    pages: u64,
    most_pieces: u64,
    pieces: u64,
    /// Pages that are asked for outright.
    breaks: u64,
    /// How often what stands inside each open element comes out.
    times: Vec<u64>,
    /// The style that was described last, and those whose paragraphs begin a page or end one.
    style: String,
    breaking: HashSet<String>,
}

impl Paper {
    /// Nothing yet, of a document of that format that may have so many pages.
    pub(super) fn new(format: Format, pages: u32) -> Self {
        let is_sheet = matches!(format, Format::Ods | Format::Xlsx);
        let per_page = if is_sheet { CELLS_PER_PAGE } else { PARAGRAPHS_PER_PAGE };
        let pages = u64::from(pages);
        Self {
            pages,
            most_pieces: pages.saturating_mul(per_page),
            pieces: 0,
            breaks: 0,
            times: Vec::new(),
            style: String::new(),
            breaking: HashSet::new(),
        }
    }

    /// Another part begins.
    pub(super) fn turn_over(&mut self) {
        self.times.clear();
    }

    /// Elements open now.
    pub(super) fn depth(&self) -> usize {
        self.times.len()
    }

    /// An element begins, with something inside.
    pub(super) fn open(&mut self, element: &BytesStart) {
        let times = self.count(element);
        // A cell of Office Open XML stands empty where there is only a border.
        if element.local_name().as_ref() == "c" {
            self.pieces = self.pieces.saturating_add(times);
        }
        self.times.push(times);
    }

    /// An element with nothing inside.
    pub(super) fn pass(&mut self, element: &BytesStart) {
        self.count(element);
    }

    /// An element ends.
    pub(super) fn close(&mut self) {
        self.times.pop();
    }

    /// Adds an element, and gives how often it comes out itself.
    fn count(&mut self, element: &BytesStart) -> u64 {
        let around = self.times.last().copied().unwrap_or(1);
        let (times, is_piece) = match element.local_name().as_ref() {
            "p" | "h" | "br" | "line-break" => (1, true),
            "table-row" | "table-cell" => repeated(element),
            _ => (1, false),
        };
        let times = around.saturating_mul(times);
        if is_piece {
            self.pieces = self.pieces.saturating_add(times);
        }
        if self.begins_page(element) {
            self.breaks = self.breaks.saturating_add(times);
        }
        times
    }

    /// Whether an element asks for a new page: by itself, or by a style that was described before it.
    fn begins_page(&mut self, element: &BytesStart) -> bool {
        match element.local_name().as_ref() {
            "pageBreakBefore" => true,
            "br" => value(element, "type").is_some_and(|kind| kind == "page"),
            "style" => {
                self.style = value(element, "name").unwrap_or_default();
                false
            }
            "paragraph-properties" => {
                let breaks = ["break-before", "break-after"]
                    .iter()
                    .any(|name| value(element, name).is_some_and(|place| place == "page"));
                if breaks && self.breaking.len() < MOST_STYLES {
                    self.breaking.insert(std::mem::take(&mut self.style));
                }
                false
            }
            "p" | "h" if !self.breaking.is_empty() => {
                value(element, "style-name").is_some_and(|name| self.breaking.contains(&name))
            }
            _ => false,
        }
    }

    /// # Errors
    /// When there is more than any document of its kind holds on its pages.
    pub(super) fn refuse_beyond(&self) -> Result<(), Objection> {
        if self.pieces > self.most_pieces || self.breaks > self.pages {
            let why = format!("{} paragraphs or cells, {} pages begun", self.pieces, self.breaks);
            return Err(Objection::new(Refusal::TooManyPages, why));
        }
        Ok(())
    }
}

/// The value of the attribute with this local name.
fn value(element: &BytesStart, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// How often a row or a cell of OpenDocument is repeated (ODF 1.3 part 3, §19.677 and §19.679), and whether it says itself that
/// it holds a value.
fn repeated(element: &BytesStart) -> (u64, bool) {
    let (mut times, mut holds_value) = (1, false);
    for attribute in element.attributes().with_checks(false).flatten() {
        match attribute.key.local_name().as_ref() {
            "number-rows-repeated" | "number-columns-repeated" => {
                let number = attribute.normalized_value(XmlVersion::Implicit1_0).ok();
                let number = number.and_then(|text| text.trim().parse().ok());
                times = number.unwrap_or(MOST_TIMES).min(MOST_TIMES);
            }
            "value-type" | "formula" => holds_value = true,
            _ => {}
        }
    }
    (times, holds_value)
}
