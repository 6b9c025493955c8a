//! The hostile files, made by `fixtures/hostile`, with the baits they reach for, and what must not come out of them.

use super::measured::Measured;
use crate::balado::instance::fixture;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A folder of hostile files, a port somebody listens on, and a file nobody may read.
pub(super) struct Inputs {
    folder: TempDir,
    port: TcpListener,
    sums: Vec<(String, u64, u64)>,
    /// What the canary says.
    pub(super) words: String,
    pub(super) rows: Vec<Row>,
}

/// One file.
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) verdict: String,
    never: String,
    what: String,
}

/// Makes them all.
pub(super) fn inputs() -> Inputs {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    port.set_nonblocking(true).unwrap();
    let made = Command::new(fixture("hostile"))
        .arg(folder.path())
        .args(["--port", &port.local_addr().unwrap().port().to_string()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let list = std::fs::read_to_string(folder.path().join("manifest.tsv")).unwrap();
    let rows: Vec<Row> = list.lines().map(Row::read).collect();
    let sums = rows.iter().map(|row| sum(folder.path(), &row.name)).collect();
    let words = std::fs::read_to_string(folder.path().join("canary.txt")).unwrap().trim().to_owned();
    Inputs { folder, port, sums, words, rows }
}

/// Length and a sum of the bytes (FNV-1a).
fn sum(folder: &Path, name: &str) -> (String, u64, u64) {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let fold = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    (name.to_owned(), bytes.len() as u64, bytes.iter().fold(0xCBF2_9CE4_8422_2325, fold))
}

impl Inputs {
    pub(super) fn path(&self, row: &Row) -> PathBuf {
        self.folder.path().join(&row.name)
    }

    /// The file names of H10.
    pub(super) fn names(&self) -> Vec<String> {
        serde_json::from_slice(&std::fs::read(self.folder.path().join("names.json")).unwrap()).unwrap()
    }

    pub(super) fn was_changed(&self, row: &Row) -> bool {
        !self.sums.contains(&sum(self.folder.path(), &row.name))
    }

    pub(super) fn holds_canary(&self, bytes: &[u8]) -> bool {
        holds(bytes, self.words.as_bytes())
    }

    /// How many have called the port.
    pub(super) fn calls(&self) -> usize {
        std::iter::from_fn(|| self.port.accept().ok()).count()
    }
}

impl Row {
    fn read(line: &str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [number, name, verdict, never, what] = cells.try_into().unwrap();
        let (name, verdict, never, what) = (name.into(), verdict.into(), never.into(), what.into());
        Self { number: number.parse().unwrap(), name, verdict, never, what }
    }

    pub(super) fn expects(&self, verdict: &str) -> bool {
        match self.verdict.split_once(':') {
            None if self.verdict == "ok-or-refused" => verdict == "ok" || verdict.starts_with("refused:"),
            None => verdict == self.verdict,
            Some((_, codes)) => codes.split(',').any(|code| verdict == format!("refused:{code}")),
        }
    }

    /// A still picture, by its row in the table.
    pub(super) fn is_still(&self) -> bool {
        (41..=47).contains(&self.number)
    }

    /// Its line in the table that is printed.
    pub(super) fn line(&self, verdict: &str, measured: &Measured) -> String {
        let Self { number, name, what, .. } = self;
        let name = name.replace('|', "\\|");
        format!(
            "| H{number} | {name} | {what} | {verdict} | {:.1} | {} |\n",
            measured.seconds, measured.memory_mib
        )
    }
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// What is wrong with the files that came out.
pub(super) fn faults_of_outputs(inputs: &Inputs, row: &Row, out: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(out).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() || name.starts_with('.') {
            faults.push(format!("{name} was left behind"));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if inputs.holds_canary(&bytes)
            || (extension == "pdf" && inputs.holds_canary(&told("pdftotext", &[], &path)))
        {
            faults.push(format!("{name} holds the canary"));
        }
        if let Some(fault) = forbidden(row, &path, &extension, &bytes) {
            faults.push(format!("{name}: {fault}"));
        }
    }
    faults
}

/// What the list says must not come out.
fn forbidden(row: &Row, path: &Path, extension: &str, bytes: &[u8]) -> Option<String> {
    let found = match row.never.as_str() {
        "archive" => holds(bytes, b"PK\x03\x04").then(|| "an archive".to_owned()),
        "metadata" if matches!(extension, "jpg" | "mp3" | "mp4") => {
            let tags = [
                "-GPS*",
                "-Artist",
                "-Creator",
                "-By-line",
                "-SerialNumber",
                "-Comment",
                "-Picture",
                "-ThumbnailImage",
            ];
            let found = told("exiftool", &[&["-s"], tags.as_slice()].concat(), path);
            (!found.is_empty()).then(|| String::from_utf8_lossy(&found).into_owned())
        }
        "picture" if extension == "pdf" => {
            // Two lines of headings, then one for each picture.
            let listed = told("pdfimages", &["-list"], path);
            (listed.split(|byte| *byte == b'\n').count() > 3).then(|| "a picture".to_owned())
        }
        "action" if extension == "pdf" => {
            let plain = told("qpdf", &["--qdf", "--object-streams=disable"], path);
            let marks: [&[u8]; 6] =
                [b"/JavaScript", b"/OpenAction", b"/Launch", b"/EmbeddedFile", b"/URI", b"/GoToR"];
            let mark = marks.into_iter().find(|mark| holds(&plain, mark));
            mark.map(|mark| String::from_utf8_lossy(mark).into_owned())
        }
        _ => None,
    };
    found.map(|what| format!("must not hold {what}"))
}

/// What a program prints about a file. Programs that write a file are told to write it there.
fn told(program: &str, arguments: &[&str], path: &Path) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    if matches!(program, "pdftotext" | "qpdf") {
        command.arg("-");
    }
    command.output().unwrap().stdout
}
