//! PDFs, by poppler's programs: counted, drawn anew, pictured, read.

use super::links::{self, PageLinks};
use crate::converter::{Converter, Ending, run};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use balado_media::readback::read_jpeg;
use std::fs::File;
use std::time::Duration;

const PACKAGE: &str = "poppler-utils";

const PDF_INFO: Converter = Converter {
    program: "/usr/bin/pdfinfo",
    package: PACKAGE,
    deadline: Duration::from_secs(60),
    environment: &[],
};

const PDF_TO_CAIRO: Converter = Converter {
    program: "/usr/bin/pdftocairo",
    package: PACKAGE,
    deadline: Duration::from_secs(600),
    environment: &[],
};

const PDF_TO_PPM: Converter = Converter {
    program: "/usr/bin/pdftoppm",
    package: PACKAGE,
    deadline: Duration::from_secs(60),
    environment: &[],
};

/// Gives the text of a PDF in reading order.
pub(super) const PDF_TO_TEXT: Converter = Converter {
    program: "/usr/bin/pdftotext",
    package: PACKAGE,
    deadline: Duration::from_secs(120),
    environment: &[],
};

/// Largest side of a page, in points: 5 m. Drawing a larger one takes memory without end.
const LARGEST_SIDE: f64 = 14_400.0;

/// The PDF that was deposited, once it is being drawn anew.
pub(super) const SOURCE: &str = "document-original.pdf";

/// Draws every page anew into a PDF of that name: what is no drawing (actions, scripts, forms, attachments) is not
/// carried over; words stay words. Gives the links, which are no drawing either.
pub(super) fn redraw(
    session: &mut Session,
    original: &Original,
    limit: u32,
    pdf: &str,
) -> Result<Vec<PageLinks>> {
    std::io::copy(&mut original.reader()?, &mut File::create(SOURCE)?)?;
    let pages = count_pages(session, SOURCE)?;
    if pages > limit {
        return Err(Error::refused(Refusal::TooManyPages, format!("{pages} pages")));
    }
    session.reach(0.1);
    let ending = run(session, &PDF_TO_CAIRO, &["-pdf", SOURCE, pdf])?;
    if ending.is_success() { Ok(links::find(session, SOURCE)) } else { Err(refusal(&ending)) }
}

/// Pages of a PDF in the scratch folder.
pub(super) fn count_pages(session: &Session, path: &str) -> Result<u32> {
    let ending = run(session, &PDF_INFO, &[path])?;
    let field = |name: &str| ending.stdout.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let pages = field("Pages:").and_then(|count| count.parse().ok()).filter(|count| *count > 0);
    let (true, Some(pages)) = (ending.is_success(), pages) else { return Err(refusal(&ending)) };
    let sides: Vec<f64> =
        field("Page size:").unwrap_or("").split_whitespace().filter_map(|word| word.parse().ok()).collect();
    if sides.iter().any(|side| *side > LARGEST_SIDE) {
        return Err(Error::refused(Refusal::TooBigPage, "a page of more than five metres"));
    }
    // What poppler makes of a page that is not there, such as the parent of all pages: an empty sheet, which nobody wrote.
    if sides.contains(&0.0) {
        return Err(Error::refused(Refusal::Damaged, "a page without size"));
    }
    Ok(pages)
}

/// Pictures page 1 as the poster. Gives its size.
pub(super) fn draw_first_page(session: &Session, path: &str, side: u32) -> Result<(u32, u32)> {
    let poster = output::file_name(RenditionKind::Poster);
    let stem = poster.trim_end_matches(".jpg");
    let side = side.to_string();
    let arguments = ["-f", "1", "-l", "1", "-singlefile", "-jpeg", "-scale-to", &side, path, stem];
    let ending = run(session, &PDF_TO_PPM, &arguments)?;
    if !ending.is_success() {
        return Err(refusal(&ending));
    }
    let facts = read_jpeg(&std::fs::read(&poster)?).map_err(|error| Error::fault("poster", error))?;
    Ok((facts.width.into(), facts.height.into()))
}

fn refusal(ending: &Ending) -> Error {
    let code = if ending.stderr.contains("Incorrect password") {
        Refusal::PasswordProtected
    } else {
        Refusal::Damaged
    };
    Error::refused(code, format!("poppler: {}", ending.stderr))
}
