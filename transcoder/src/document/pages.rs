//! Makes the sheets of a spreadsheet as wide as one page, as their author would wish to print them: without it, the
//! columns on the right come out on pages of their own at the end.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Where an OpenDocument spreadsheet says how its pages are laid out.
const STYLES: &str = "styles.xml";

/// Styles beyond this are left as they are; real ones take some kilobytes.
const MOST_BYTES: u64 = 16 << 20;

/// Copies an OpenDocument spreadsheet of the scratch folder. Sheets whose author chose a scale keep it.
pub(super) fn fit_width(source: &str, target: &str) -> Result<()> {
    let failed = |error: zip::result::ZipError| Error::fault("fit a spreadsheet", error);
    let mut from = ZipArchive::new(File::open(source)?).map_err(failed)?;
    let mut to = ZipWriter::new(File::create(target)?);
    for index in 0..from.len() {
        let mut entry = from.by_index(index).map_err(failed)?;
        let is_styles = entry.name().is_ok_and(|name| name == STYLES) && entry.size() <= MOST_BYTES;
        if !is_styles {
            to.raw_copy_file(entry).map_err(failed)?;
            continue;
        }
        let mut styles = String::new();
        entry.by_ref().take(MOST_BYTES).read_to_string(&mut styles)?;
        to.start_file(STYLES, SimpleFileOptions::default()).map_err(failed)?;
        to.write_all(with_fitted_pages(&styles).as_bytes())?;
    }
    to.finish().map_err(failed)?;
    Ok(())
}

/// ODF 1.3 part 3, §20.356 and §20.357: one page across, as many down as there are rows. LibreOffice writes 100 % where
/// nobody chose.
fn with_fitted_pages(styles: &str) -> String {
    const ELEMENT: &str = "<style:page-layout-properties";
    const UNCHOSEN: &str = " style:scale-to=\"100%\"";
    let mut fitted = String::with_capacity(styles.len() + 256);
    let mut rest = styles;
    while let Some((before, after)) = rest.split_once(ELEMENT) {
        fitted.push_str(before);
        fitted.push_str(ELEMENT);
        let (attributes, after) = after.split_at(after.find('>').unwrap_or(after.len()));
        let attributes = attributes.replace(UNCHOSEN, "");
        if !attributes.contains("style:scale-to") {
            fitted.push_str(" style:scale-to-X=\"1\" style:scale-to-Y=\"0\"");
        }
        fitted.push_str(&attributes);
        rest = after;
    }
    fitted.push_str(rest);
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_without_a_scale_of_their_own_are_fitted() {
        let styles = "<a><style:page-layout-properties style:scale-to=\"100%\" fo:margin=\"1cm\"/><style:page-layout-properties style:scale-to=\"80%\"/></a>";
        let fitted = with_fitted_pages(styles);
        assert_eq!(fitted.matches("style:scale-to-X=\"1\" style:scale-to-Y=\"0\" fo:margin").count(), 1);
        assert_eq!(fitted.matches("scale-to").count(), 3);
    }
}
