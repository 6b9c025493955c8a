//! Documents: a PDF without anything active in it, and a picture of its first page.
//!
//! Office documents go through LibreOffice with a profile that runs no macro and follows no link, PDFs through poppler,
//! which draws every page anew and so leaves actions, scripts, forms and attachments behind. Both run in the box.

mod compound;
mod office;
mod package;
mod pdf;
mod plain;

use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::wire::{Event, Request};
use balado_media::{Format, Refusal, Sniffed};

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
    let format = match sniffed.format {
        Format::Docx
        | Format::Pptx
        | Format::Xlsx
        | Format::Ooxml
        | Format::Odt
        | Format::Odp
        | Format::Ods => package::inspect(original, sniffed.format)?,
        Format::Doc | Format::Ppt | Format::Xls | Format::CompoundFile => compound::inspect(original)?,
        other => other,
    };
    session.say(&Event::Probed {
        family: Family::Document,
        media_type: format.media_type(Family::Document).to_owned(),
        duration_ms: None,
        width: None,
        height: None,
    });
    let limit = request.limits.pages;
    match format {
        Format::Pdf => pdf::rewrite(session, original, limit)?,
        Format::Text | Format::Csv => {
            let import = plain::prepare(original, format, limit)?;
            office::convert(session, &import)?;
        }
        _ => office::convert(session, &office::prepare(original, format)?)?,
    }
    let target = output::file_name(RenditionKind::Pdf);
    let pages = pdf::count_pages(session, &target)?;
    if pages > limit {
        return Err(Error::refused(Refusal::TooManyPages, format!("{pages} pages")));
    }
    session.progress(0.9);
    // Before the PDF is told of: the worker takes an output away as soon as it hears of it.
    let size = pdf::draw_first_page(session, &target, request.recipe.document.poster_side)?;
    output::announce(session, RenditionKind::Pdf, Facts { pages: Some(pages), ..Facts::default() })?;
    output::announce(session, RenditionKind::Poster, Facts { size: Some(size), ..Facts::default() })
}
