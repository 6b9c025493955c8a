//! What `balado doctor` looks at on a machine that works: the transcoder, its box, and the converters it starts.

use crate::supervisor::{Outcome, Supervisor};
use std::path::Path;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: String,
    /// How to mend it; nothing when it is fine.
    pub remedy: Option<String>,
}

/// Programs the transcoder starts inside its box, and the Debian packages that bring them.
const CONVERTERS: &[(&str, &str, &str)] = &[
    (
        "soffice",
        "office documents to PDF",
        "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    ),
    ("qpdf", "PDF without actions and scripts", "qpdf"),
    ("pdftoppm", "page 1 of a document as a picture", "poppler-utils"),
    ("heif-convert", "photos of recent telephones", "libheif-examples"),
];

/// Looks at everything a media worker needs on this machine.
pub async fn examine(configured: Option<&Path>) -> Vec<Finding> {
    let mut findings = match Supervisor::locate(configured) {
        Ok(supervisor) => {
            let mut findings =
                vec![fine(supervisor.program().display().to_string()), the_box(&supervisor).await];
            findings.extend(the_attempts(&supervisor).await);
            findings
        }
        Err(error) => vec![Finding { what: "balado-transcoder".to_owned(), remedy: Some(error.to_string()) }],
    };
    for (program, purpose, packages) in CONVERTERS {
        let remedy = (!is_installed(program)).then(|| format!("apt-get install {packages}"));
        findings.push(Finding { what: format!("{program} ({purpose})"), remedy });
    }
    findings
}

async fn the_box(supervisor: &Supervisor) -> Finding {
    let what = "sandbox".to_owned();
    let scratch = match tempfile::tempdir() {
        Ok(scratch) => scratch,
        Err(error) => return Finding { what, remedy: Some(format!("no temporary folder: {error}")) },
    };
    match supervisor.probe_box(scratch.path()).await {
        Ok(report) => {
            let what =
                format!("sandbox (Landlock {}, namespaces {})", report.landlock, report.namespaces.join(" "));
            Finding { what, remedy: (!report.closed).then(|| report.faults.join("; ")) }
        }
        Err(Outcome::Missing { what: lacking, how }) => {
            Finding { what, remedy: Some(format!("{lacking}: {how}")) }
        }
        Err(other) => Finding { what, remedy: Some(format!("{other:?}")) },
    }
}

/// One finding for each attempt to break out of the box.
async fn the_attempts(supervisor: &Supervisor) -> Vec<Finding> {
    const ESCAPED: &str = "the sandbox let it happen; workers on this machine will convert nothing";
    let tried = match tempfile::tempdir() {
        Ok(folder) => supervisor.prove_box(folder.path()).await,
        Err(error) => Err(error),
    };
    match tried {
        Ok(attempts) => attempts
            .into_iter()
            .map(|attempt| Finding {
                what: format!("sandbox stops: {}", attempt.what),
                remedy: (!attempt.held).then(|| ESCAPED.to_owned()),
            })
            .collect(),
        Err(error) => {
            vec![Finding { what: "sandbox under attack".to_owned(), remedy: Some(error.to_string()) }]
        }
    }
}

fn fine(what: String) -> Finding {
    Finding { what, remedy: None }
}

fn is_installed(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
