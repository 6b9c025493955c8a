//! Separated values become a spreadsheet of ours: every cell as it was typed, ruled, as wide as one page, the first
//! row on every page. Nothing is a formula here, whatever it begins with.

use crate::error::{Error, Result};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// LibreOffice has no more columns.
const MOST_COLUMNS: usize = 1024;

/// More columns than this are easier to read on a page that lies.
const UPRIGHT_COLUMNS: usize = 6;

/// Width of a column, in millimetres: a character of the default font takes about two.
const WIDTHS_MM: std::ops::RangeInclusive<usize> = 12..=80;

const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";

const NAMESPACES: &str = "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
    xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' \
    xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' \
    xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' \
    xmlns:fo='urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0' office:version='1.3'";

/// Writes the table as an OpenDocument spreadsheet.
pub(super) fn write(text: &str, path: &str) -> Result<()> {
    let rows = rows_of(text, separator_of(text));
    let manifest = format!(
        "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0' manifest:version='1.3'>\
         <manifest:file-entry manifest:full-path='/' manifest:media-type='{KIND}'/>\
         <manifest:file-entry manifest:full-path='content.xml' manifest:media-type='text/xml'/>\
         <manifest:file-entry manifest:full-path='styles.xml' manifest:media-type='text/xml'/></manifest:manifest>"
    );
    let parts = [
        ("mimetype", KIND.to_owned(), CompressionMethod::Stored),
        ("META-INF/manifest.xml", manifest, CompressionMethod::Deflated),
        ("styles.xml", styles(&rows), CompressionMethod::Deflated),
        ("content.xml", content(&rows), CompressionMethod::Deflated),
    ];
    let failed = |error: zip::result::ZipError| Error::fault("write a spreadsheet", error);
    let mut package = ZipWriter::new(File::create(path)?);
    for (name, part, method) in parts {
        package.start_file(name, SimpleFileOptions::default().compression_method(method)).map_err(failed)?;
        package.write_all(part.as_bytes())?;
    }
    package.finish().map_err(failed)?;
    Ok(())
}

/// The separator that stands most often in the first line; of equals the one of French spreadsheets.
fn separator_of(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    [b'\t', b',', b';'].into_iter().max_by_key(count).unwrap_or(b';')
}

fn rows_of(text: &str, separator: u8) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let mut rows = Vec::new();
    let mut rest = text.as_bytes();
    let mut fields = vec![0; text.len() + 1];
    let mut ends = vec![0; MOST_COLUMNS];
    loop {
        let (row, read) = next_row(&mut reader, rest, &mut fields, &mut ends);
        rest = rest.get(read..).unwrap_or(&[]);
        match row {
            Some(row) => rows.push(row),
            None => return rows,
        }
    }
}

/// One row and how many bytes it took; no row at the end.
fn next_row(
    reader: &mut Reader,
    input: &[u8],
    fields: &mut [u8],
    ends: &mut [usize],
) -> (Option<Vec<String>>, usize) {
    let (mut read, mut written, mut count) = (0, 0, 0);
    // Where columns end beyond the last that a spreadsheet has: they are read, and left out.
    let mut beyond = [0; 64];
    loop {
        let rest = input.get(read..).unwrap_or(&[]);
        let is_within = count < ends.len();
        let into_ends = ends.get_mut(count..).filter(|rest| !rest.is_empty()).unwrap_or(&mut beyond);
        let Some(into) = fields.get_mut(written..) else { return (None, read) };
        let (result, in_count, out_count, end_count) = reader.read_record(rest, into, into_ends);
        (read, written) = (read + in_count, written + out_count);
        count += if is_within { end_count } else { 0 };
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputEndsFull => {}
            ReadRecordResult::OutputFull | ReadRecordResult::Record => break,
            ReadRecordResult::End => return (None, read),
        }
    }
    let mut start = 0;
    let cells = ends.iter().take(count).map(|end| {
        let cell = fields.get(start..*end).unwrap_or(&[]);
        start = *end;
        String::from_utf8_lossy(cell).into_owned()
    });
    (Some(cells.collect()), read)
}

fn columns_of(rows: &[Vec<String>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or(0).max(1)
}

fn styles(rows: &[Vec<String>]) -> String {
    let (width, height, orientation) = if columns_of(rows) > UPRIGHT_COLUMNS {
        ("297mm", "210mm", "landscape")
    } else {
        ("210mm", "297mm", "portrait")
    };
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><office:document-styles {NAMESPACES}><office:automatic-styles>\
         <style:page-layout style:name='page'><style:page-layout-properties fo:page-width='{width}' \
         fo:page-height='{height}' style:print-orientation='{orientation}' fo:margin='15mm' style:print='grid objects' \
         style:scale-to-X='1' style:scale-to-Y='0'/></style:page-layout></office:automatic-styles>\
         <office:master-styles><style:master-page style:name='Default' style:page-layout-name='page'/>\
         </office:master-styles></office:document-styles>"
    )
}

fn content(rows: &[Vec<String>]) -> String {
    let columns = columns_of(rows);
    let mut xml = format!(
        "<?xml version='1.0' encoding='UTF-8'?><office:document-content {NAMESPACES}><office:automatic-styles>\
         <style:style style:name='sheet' style:family='table' style:master-page-name='Default'/>\
         <style:style style:name='cell' style:family='table-cell'><style:table-cell-properties fo:wrap-option='wrap'/>\
         </style:style><style:style style:name='head' style:family='table-cell'><style:table-cell-properties \
         fo:wrap-option='wrap'/><style:text-properties fo:font-weight='bold'/></style:style>"
    );
    for column in 0..columns {
        let longest = rows.iter().filter_map(|row| row.get(column)).map(|cell| widest_line(cell)).max();
        let width = (longest.unwrap_or(0) * 2 + 4).clamp(*WIDTHS_MM.start(), *WIDTHS_MM.end());
        push(
            &mut xml,
            format_args!(
                "<style:style style:name='c{column}' style:family='table-column'><style:table-column-properties \
             style:column-width='{width}mm'/></style:style>"
            ),
        );
    }
    xml.push_str(
        "</office:automatic-styles><office:body><office:spreadsheet><table:table table:name='1' table:style-name='sheet'>",
    );
    for column in 0..columns {
        push(&mut xml, format_args!("<table:table-column table:style-name='c{column}'/>"));
    }
    for (number, row) in rows.iter().enumerate() {
        if number == 0 {
            xml.push_str("<table:table-header-rows>");
        }
        push_row(&mut xml, row, columns, if number == 0 { "head" } else { "cell" });
        if number == 0 {
            xml.push_str("</table:table-header-rows>");
        }
    }
    xml.push_str("</table:table></office:spreadsheet></office:body></office:document-content>");
    xml
}

fn push_row(xml: &mut String, row: &[String], columns: usize, style: &str) {
    xml.push_str("<table:table-row>");
    for cell in row {
        push(xml, format_args!("<table:table-cell table:style-name='{style}' office:value-type='string'>"));
        for line in cell.lines() {
            // Control characters have no place in XML at all.
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            push(xml, format_args!("<text:p>{}</text:p>", quick_xml::escape::escape(line.as_str())));
        }
        xml.push_str("</table:table-cell>");
    }
    let empty = columns.saturating_sub(row.len());
    if empty > 0 {
        push(
            xml,
            format_args!(
                "<table:table-cell table:style-name='{style}' table:number-columns-repeated='{empty}'/>"
            ),
        );
    }
    xml.push_str("</table:table-row>");
}

fn push(xml: &mut String, piece: std::fmt::Arguments) {
    // Writing to a string cannot fail.
    let _ = xml.write_fmt(piece);
}

fn widest_line(cell: &str) -> usize {
    cell.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_of_the_first_line() {
        assert_eq!(separator_of("nom;note, sur 20\n1,2,3"), b';');
        assert_eq!(separator_of("a,b,c"), b',');
        assert_eq!(separator_of("a\tb"), b'\t');
    }

    #[test]
    fn quotes_hold_separators_and_lines_and_rows_may_differ_in_length() {
        let rows = rows_of("nom;avis\n\"Lou; Max\";\"un\ndeux\"\nseul\n", b';');
        assert_eq!(rows, [vec!["nom", "avis"], vec!["Lou; Max", "un\ndeux"], vec!["seul"]]);
        let rows = rows_of("a,b\n1,\"deux \"\"trois\"\"\"", b',');
        assert_eq!(rows, [vec!["a", "b"], vec!["1", "deux \"trois\""]]);
    }

    #[test]
    fn cells_are_text_and_cannot_break_out_of_the_xml() {
        let xml = content(&rows_of("a\n=1+1\n</text:p><x>&\u{1}", b';'));
        assert!(xml.contains("<text:p>=1+1</text:p>") && !xml.contains("formula"), "{xml}");
        assert!(xml.contains("&lt;/text:p&gt;&lt;x&gt;&amp;</text:p>"), "{xml}");
    }

    #[test]
    fn columns_beyond_the_last_of_a_spreadsheet_are_left_out_and_the_next_row_follows() {
        let rows = rows_of(&format!("{}\na;b\n{}", "x;".repeat(5000), "y;".repeat(1024)), b';');
        let sizes: Vec<usize> = rows.iter().map(Vec::len).collect();
        assert_eq!(sizes, [MOST_COLUMNS, 2, MOST_COLUMNS]);
        assert!(rows[0].iter().all(|cell| cell == "x") && rows[1] == ["a", "b"]);
    }

    #[test]
    fn a_short_row_of_a_wide_table_takes_little_room() {
        let text = format!("{}\n{}", ";".repeat(1023), "a\n".repeat(1000));
        assert!(content(&rows_of(&text, b';')).len() < 1_000_000);
    }
}
