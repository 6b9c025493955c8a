//! LibreOffice: one fresh profile per document, an explicit import filter, no macro, no link, no network.

use super::pages;
use crate::converter::{Converter, run};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use balado_media::{Format, Refusal};
use serde_json::json;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// Its own program, not the shell script around it, so that killing it kills it.
const OFFICE: Converter = Converter {
    program: "/usr/lib/libreoffice/program/soffice.bin",
    package: "libreoffice-writer-nogui, libreoffice-calc-nogui and libreoffice-impress-nogui",
    deadline: Duration::from_secs(180),
    // It opens a local socket for other starts of itself, in /tmp by default; a relative path is never too long.
    environment: &[("OSL_SOCKET_PATH", ".")],
};

/// Its exit status once a fresh profile is set up: it wants to be started again.
const RESTART: i32 = 81;

/// The stem of the file that becomes the PDF.
const STEM: &str = "document";

/// The stem of a spreadsheet whose pages are not yet fitted.
const UNFITTED_STEM: &str = "spreadsheet";

/// Forms become drawings, remarks stay out, headings become bookmarks, tags let a screen reader read. One page more than
/// may be is enough to know that there are too many; writing a hundred thousand would take hours.
fn export_options(pages: u32) -> String {
    let option = |kind: &str, value: String| json!({ "type": kind, "value": value });
    json!({
        "ExportFormFields": option("boolean", "false".to_owned()),
        "ExportNotes": option("boolean", "false".to_owned()),
        "ExportBookmarks": option("boolean", "true".to_owned()),
        "UseTaggedPDF": option("boolean", "true".to_owned()),
        "PageRange": option("string", format!("1-{}", pages.saturating_add(1))),
    })
    .to_string()
}

/// A file in the scratch folder and how LibreOffice is to read it.
pub(super) struct Import {
    stem: &'static str,
    extension: &'static str,
    filter: &'static str,
    export: &'static str,
}

impl Import {
    /// The name of the file in the scratch folder.
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.stem, self.extension)
    }
}

/// How LibreOffice reads and prints a format.
pub(super) fn import(format: Format) -> Result<Import> {
    const WRITER: &str = "writer_pdf_Export";
    const IMPRESS: &str = "impress_pdf_Export";
    const CALC: &str = "calc_pdf_Export";
    let (extension, filter, export) = match format {
        Format::Docx => ("docx", "MS Word 2007 XML", WRITER),
        Format::Doc => ("doc", "MS Word 97", WRITER),
        Format::Odt => ("odt", "writer8", WRITER),
        Format::Rtf => ("rtf", "Rich Text Format", WRITER),
        Format::Text => ("txt", "Text (encoded):UTF8,LF,,,", WRITER),
        Format::Pptx => ("pptx", "Impress MS PowerPoint 2007 XML", IMPRESS),
        Format::Ppt => ("ppt", "MS PowerPoint 97", IMPRESS),
        Format::Odp => ("odp", "impress8", IMPRESS),
        Format::Xlsx => ("xlsx", "Calc MS Excel 2007 XML", CALC),
        Format::Xls => ("xls", "MS Excel 97", CALC),
        Format::Ods => ("ods", "calc8", CALC),
        other => return Err(Error::Fault(format!("{other} is not an office document"))),
    };
    Ok(Import { stem: STEM, extension, filter, export })
}

/// Puts the original where LibreOffice finds it. A spreadsheet is first made to fit the width of its pages.
pub(super) fn prepare(session: &Session, original: &Original, format: Format) -> Result<Import> {
    let is_spreadsheet = matches!(format, Format::Xlsx | Format::Xls | Format::Ods);
    let mut source = import(format)?;
    if is_spreadsheet {
        source.stem = UNFITTED_STEM;
    }
    std::io::copy(&mut original.reader()?, &mut File::create(source.path())?)?;
    if !is_spreadsheet {
        return Ok(source);
    }
    let open_document = format!("{UNFITTED_STEM}.ods");
    if format != Format::Ods {
        run_office(session, &source, "ods:calc8", &open_document)?;
    }
    let fitted = import(Format::Ods)?;
    pages::fit_width(&open_document, &fitted.path())?;
    Ok(fitted)
}

/// Has LibreOffice make a PDF of that name, of one page more than `pages` at most.
pub(super) fn convert(session: &Session, import: &Import, pages: u32, pdf: &str) -> Result<()> {
    let made = format!("{STEM}.pdf");
    run_office(session, import, &format!("pdf:{}:{}", import.export, export_options(pages)), &made)?;
    Ok(std::fs::rename(made, pdf)?)
}

/// One start of LibreOffice, which must leave the file `made`.
fn run_office(session: &Session, import: &Import, target: &str, made: &str) -> Result<()> {
    let folder = std::env::current_dir()?;
    let profile = folder.join("office-profile");
    std::fs::create_dir_all(profile.join("user"))?;
    let settings = profile.join("user/registrymodifications.xcu");
    if !settings.exists() {
        std::fs::write(settings, PROFILE)?;
    }
    let installation = format!("-env:UserInstallation=file://{}", profile.display());
    let filter = format!("--infilter={}", import.filter);
    let path = import.path();
    let arguments = [
        installation.as_str(),
        "--headless",
        "--norestore",
        "--nolockcheck",
        &filter,
        "--convert-to",
        target,
        &path,
    ];
    let mut ending = run(session, &OFFICE, &arguments)?;
    if ending.status == Some(RESTART) {
        ending = run(session, &OFFICE, &arguments)?;
    }
    // It exits with 0 when it could not load the file; only the result proves that it could.
    if Path::new(made).exists() {
        return Ok(());
    }
    let detail = format!("LibreOffice made nothing: {}", ending.stderr);
    Err(match ending.status {
        Some(0) => Error::refused(Refusal::Damaged, detail),
        Some(_) => Error::Fault(detail),
        None => Error::Broken(detail),
    })
}

/// No macro runs, no link is followed or updated, nothing is asked.
const PROFILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"#;
