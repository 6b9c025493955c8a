//! LibreOffice: one fresh profile per document, an explicit import filter, no macro, no link, no network.

use crate::converter::{Converter, run};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::{Format, Refusal};
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

/// The stem of the file given to LibreOffice and of the PDF it makes.
const STEM: &str = "document";

/// A file in the scratch folder and how LibreOffice is to read it.
pub(super) struct Import {
    pub(super) extension: &'static str,
    pub(super) filter: String,
    pub(super) export: &'static str,
}

impl Import {
    /// The name of the file in the scratch folder.
    pub(super) fn path(&self) -> String {
        format!("{STEM}.{}", self.extension)
    }
}

/// Puts the original where LibreOffice finds it.
pub(super) fn prepare(original: &Original, format: Format) -> Result<Import> {
    const WRITER: &str = "writer_pdf_Export";
    const IMPRESS: &str = "impress_pdf_Export";
    const CALC: &str = "calc_pdf_Export";
    let (extension, filter, export) = match format {
        Format::Docx => ("docx", "MS Word 2007 XML", WRITER),
        Format::Doc => ("doc", "MS Word 97", WRITER),
        Format::Odt => ("odt", "writer8", WRITER),
        Format::Rtf => ("rtf", "Rich Text Format", WRITER),
        Format::Pptx => ("pptx", "Impress MS PowerPoint 2007 XML", IMPRESS),
        Format::Ppt => ("ppt", "MS PowerPoint 97", IMPRESS),
        Format::Odp => ("odp", "impress8", IMPRESS),
        Format::Xlsx => ("xlsx", "Calc MS Excel 2007 XML", CALC),
        Format::Xls => ("xls", "MS Excel 97", CALC),
        Format::Ods => ("ods", "calc8", CALC),
        other => return Err(Error::Fault(format!("{other} is not an office document"))),
    };
    let import = Import { extension, filter: filter.to_owned(), export };
    std::io::copy(&mut original.reader()?, &mut File::create(import.path())?)?;
    Ok(import)
}

/// Has LibreOffice make the PDF, under the output's name.
pub(super) fn convert(session: &Session, import: &Import) -> Result<()> {
    let folder = std::env::current_dir()?;
    let profile = folder.join("office-profile");
    std::fs::create_dir_all(profile.join("user"))?;
    std::fs::write(profile.join("user/registrymodifications.xcu"), PROFILE)?;
    let installation = format!("-env:UserInstallation=file://{}", profile.display());
    let filter = format!("--infilter={}", import.filter);
    let target = format!("pdf:{}", import.export);
    let path = import.path();
    let arguments = [
        installation.as_str(),
        "--headless",
        "--norestore",
        "--nolockcheck",
        &filter,
        "--convert-to",
        &target,
        &path,
    ];
    let mut ending = run(session, &OFFICE, &arguments)?;
    if ending.status == Some(RESTART) {
        ending = run(session, &OFFICE, &arguments)?;
    }
    let made = format!("{STEM}.pdf");
    // It exits with 0 when it could not load the file; only the PDF proves that it could.
    if !Path::new(&made).exists() {
        let detail = format!("LibreOffice made nothing: {}", ending.stderr);
        return Err(if ending.is_success() {
            Error::refused(Refusal::Damaged, detail)
        } else {
            Error::Fault(detail)
        });
    }
    Ok(std::fs::rename(made, output::file_name(RenditionKind::Pdf))?)
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
