//! Documents: a PDF without anything active or personal in it, a picture of its first page, and its words.
//!
//! Office documents go through LibreOffice with a profile that runs no macro and follows no link, PDFs through poppler,
//! which draws every page anew and so leaves actions, scripts, forms and attachments behind. What either made is
//! cleaned by qpdf, and links to the web and to other pages are put back. All run in the box.

mod clean;
mod links;
mod office;
mod pages;
mod pdf;
mod photographs;
mod plain;
mod table;
mod words;

use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::prescan::{inspect_compound, inspect_package, inspect_rich_text};
use balado_media::wire::{Event, Request};
use balado_media::{Format, Refusal, Sniffed};
use links::PageLinks;

/// Makes the outputs of a document.
///
/// # Errors
/// When the file is refused, this machine lacks a converter, or the work fails.
pub fn convert(
    session: &mut Session,
    request: &Request,
    original: &Original,
    sniffed: Sniffed,
) -> Result<()> {
    let limit = request.limits.pages;
    let format = match sniffed.format {
        Format::Docx
        | Format::Pptx
        | Format::Xlsx
        | Format::Ooxml
        | Format::Odt
        | Format::Odp
        | Format::Ods => inspect_package(original.reader()?, sniffed.format, limit)?,
        Format::Doc | Format::Ppt | Format::Xls | Format::CompoundFile => {
            inspect_compound(original.reader()?)?
        }
        Format::Rtf => {
            inspect_rich_text(original.reader()?, limit)?;
            Format::Rtf
        }
        other => other,
    };
    session.say(&Event::Probed {
        family: Family::Document,
        media_type: format.media_type(Family::Document).to_owned(),
        duration_ms: None,
        width: None,
        height: None,
    });
    let (made, links) = make_pdf(session, original, format, limit)?;
    session.reach(0.7);
    let target = output::file_name(RenditionKind::Pdf);
    clean::clean(session, made, &target, &links)?;
    photographs::blank(&target)?;
    let pages = pdf::count_pages(session, &target)?;
    if pages > limit {
        return Err(Error::refused(Refusal::TooManyPages, format!("{pages} pages")));
    }
    session.reach(0.8);
    // Before the PDF is told of: the worker takes an output away as soon as it hears of it.
    let profile = &request.recipe.document;
    let size = pdf::draw_first_page(session, &target, profile.poster_side)?;
    // The words behind the picture of a scanned page are invisible, and what is invisible is not drawn anew.
    let told = if format == Format::Pdf { pdf::SOURCE } else { &target };
    let has_words = words::extract(session, told, profile.text_bytes)?;
    output::announce(session, RenditionKind::Pdf, Facts { pages: Some(pages), ..Facts::default() })?;
    output::announce(session, RenditionKind::Poster, Facts { size: Some(size), ..Facts::default() })?;
    if has_words {
        output::announce(session, RenditionKind::Text, Facts::default())?;
    }
    Ok(())
}

/// Gives the name of a PDF in the scratch folder, which still says who wrote it, and the links it has lost.
fn make_pdf(
    session: &mut Session,
    original: &Original,
    format: Format,
    limit: u32,
) -> Result<(&'static str, Vec<PageLinks>)> {
    const MADE: &str = "document-made.pdf";
    let import = match format {
        Format::Pdf => {
            let links = pdf::redraw(session, original, limit, MADE)?;
            return Ok((MADE, links));
        }
        Format::Text | Format::Csv => plain::prepare(original, format, limit)?,
        _ => office::prepare(session, original, format)?,
    };
    session.reach(0.3);
    office::convert(session, &import, limit, MADE)?;
    Ok((MADE, Vec::new()))
}
