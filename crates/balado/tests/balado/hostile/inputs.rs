//! The hostile files, made by `fixtures/hostile`, with the baits they reach for, and what must not come out of them.

use super::measured::Measured;
use crate::balado::instance::fixture;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of hostile files, a port somebody listens on, and a file nobody may read.
pub(super) struct Inputs {
    folder: PathBuf,
    port: TcpListener,
    sums: Vec<(String, u64, u64)>,
    /// What the canary says.
    pub(super) words: String,
    pub(super) rows: Vec<Row>,
    /// Held as long as the files are used: the port they point at belongs to one test at a time.
    _turn: File,
}

/// One file.
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) verdict: String,
    never: String,
    yields: String,
    what: String,
}

/// The files, made when they are not there yet: the sweeps share them, and so do later runs, until their makers change.
pub(super) fn inputs() -> Inputs {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let turn = File::create(folder.with_extension("lock")).unwrap();
    turn.lock().unwrap();
    let port = made_before(&folder).unwrap_or_else(|| make(&folder));
    port.set_nonblocking(true).unwrap();
    let list = std::fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let rows: Vec<Row> = list.lines().map(Row::read).collect();
    let sums = rows.iter().map(|row| sum(&folder, &row.name)).collect();
    let words = std::fs::read_to_string(folder.join("canary.txt")).unwrap().trim().to_owned();
    Inputs { folder, port, sums, words, rows, _turn: turn }
}

/// The port that the files in the folder point at, when they were made by the makers of today and it is free.
fn made_before(folder: &Path) -> Option<TcpListener> {
    let made = std::fs::read_to_string(folder.join("made")).ok()?;
    let (port, makers) = made.split_once('\n')?;
    let same = makers == makers_of_today();
    same.then(|| TcpListener::bind(("127.0.0.1", port.parse().unwrap())).ok())?
}

fn make(folder: &Path) -> TcpListener {
    drop(std::fs::remove_dir_all(folder));
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let made = Command::new(fixture("hostile")).arg(folder).args(["--port", &port]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::write(folder.join("made"), format!("{port}\n{}", makers_of_today())).unwrap();
    listener
}

/// A line for each file of the maker of hostile files, which changes when it does.
fn makers_of_today() -> String {
    let parts = fixture("hostile-parts");
    let mut names: Vec<String> = std::fs::read_dir(&parts)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".py"))
        .collect();
    names.sort();
    let sums = names.iter().map(|name| sum(&parts, name)).chain([sum(&fixture(""), "hostile")]);
    sums.map(|sum| format!("{sum:?}\n")).collect()
}

/// Length and a sum of the bytes (FNV-1a).
fn sum(folder: &Path, name: &str) -> (String, u64, u64) {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let fold = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    (name.to_owned(), bytes.len() as u64, bytes.iter().fold(0xCBF2_9CE4_8422_2325, fold))
}

impl Inputs {
    pub(super) fn path(&self, row: &Row) -> PathBuf {
        self.folder.join(&row.name)
    }

    pub(super) fn was_changed(&self, row: &Row) -> bool {
        !self.sums.contains(&sum(&self.folder, &row.name))
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
        let [number, name, verdict, never, yields, what] = cells.try_into().unwrap();
        let [name, verdict, never, yields, what] = [name, verdict, never, yields, what].map(str::to_owned);
        Self { number: number.parse().unwrap(), name, verdict, never, yields, what }
    }

    pub(super) fn expects(&self, verdict: &str) -> bool {
        match self.verdict.split_once(':') {
            None if self.verdict == "ok-or-refused" => verdict == "ok" || verdict.starts_with("refused:"),
            None => verdict == self.verdict,
            Some((_, codes)) => codes.split(',').any(|code| verdict == format!("refused:{code}")),
        }
    }

    /// How long its sound or film must play whatever it claims, in milliseconds.
    fn true_duration_ms(&self) -> Option<i64> {
        self.never.strip_prefix("other-than-")?.strip_suffix("-ms")?.parse().ok()
    }

    /// A still picture, by its row in the table.
    pub(super) fn is_still(&self) -> bool {
        (41..=47).contains(&self.number)
    }

    /// Its line in the table that is printed.
    pub(super) fn line(&self, verdict: &str, measured: &Measured) -> String {
        let Self { number, name, what, .. } = self;
        let name = name.replace('|', "\\|");
        let (verdict, code) = verdict.split_once(':').unwrap_or((verdict, ""));
        format!(
            "| H{number} | {name} | {what} | {verdict} | {code} | {:.1} | {} |\n",
            measured.seconds, measured.memory_mib
        )
    }
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// Whether a PDF has an entry or a value of this name, not one that begins like it.
fn holds_name(pdf: &[u8], name: &[u8]) -> bool {
    let is_whole = |window: &[u8]| window.starts_with(name) && !window[name.len()].is_ascii_alphanumeric();
    pdf.windows(name.len() + 1).any(is_whole)
}

/// What is wrong with the files that came out.
pub(super) fn faults_of_outputs(inputs: &Inputs, row: &Row, out: &Path) -> Vec<String> {
    let mut faults: Vec<String> = missing(row, out).into_iter().collect();
    for entry in std::fs::read_dir(out).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() || name.starts_with('.') {
            faults.push(format!("{name} was left behind"));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if inputs.holds_canary(&bytes) || extension == "pdf" && inputs.holds_canary(&everything_in(&path)) {
            faults.push(format!("{name} holds the canary"));
        }
        if extension == "mp4"
            && let Some(fault) = beyond_the_recipe(&path)
        {
            faults.push(format!("{name}: {fault}"));
        }
        if let Some(fault) = forbidden(row, &path, &extension, &bytes) {
            faults.push(format!("{name}: {fault}"));
        }
    }
    faults
}

/// What the list says must come out, and did not.
fn missing(row: &Row, out: &Path) -> Option<String> {
    if row.yields == "-" {
        return None;
    }
    let (kinds, words) = row.yields.split_once(':').unwrap_or((&row.yields, ""));
    let files = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeMap<String, PathBuf> = files
        .map(|path| (path.extension().unwrap_or_default().to_string_lossy().into_owned(), path))
        .filter(|(extension, _)| matches!(extension.as_str(), "jpg" | "mp3" | "mp4" | "pdf"))
        .collect();
    let came: Vec<&str> = found.keys().map(String::as_str).collect();
    if came.join(",") != kinds {
        return Some(format!("{} came out, not {kinds}", came.join(",")));
    }
    let says = |pdf: &PathBuf| holds(&told("pdftotext", &["-layout"], pdf), words.as_bytes());
    (!found.get("pdf").is_none_or(says)).then(|| format!("the PDF does not say `{words}`"))
}

/// The words of a PDF, and all that it holds when nothing in it is compressed.
fn everything_in(pdf: &Path) -> Vec<u8> {
    let objects = told("qpdf", &["--qdf", "--object-streams=disable"], pdf);
    [told("pdftotext", &[], pdf), objects].concat()
}

/// What a PDF can do other than lead to the web, and what it can carry (ISO 32000-1 §7.11.4, §12.6, §12.7.8).
const ACTIONS: [&str; 14] = [
    "/AA",
    "/EmbeddedFile",
    "/GoToE",
    "/GoToR",
    "/ImportData",
    "/JavaScript",
    "/JS",
    "/Launch",
    "/Movie",
    "/OpenAction",
    "/Rendition",
    "/RichMedia",
    "/SubmitForm",
    "/XFA",
];

/// How a film is larger or faster than any that Balado makes, however it was declared (H24 to H26).
fn beyond_the_recipe(film: &Path) -> Option<String> {
    let entries = ["-v", "error", "-select_streams", "v:0", "-of", "csv=p=0", "-show_entries"];
    let facts = told("ffprobe", &[&entries[..], &["stream=width,height,avg_frame_rate"]].concat(), film);
    let facts = String::from_utf8_lossy(&facts).trim().to_owned();
    let numbers: Vec<f64> = facts.split([',', '/']).filter_map(|number| number.parse().ok()).collect();
    let is_within = match numbers[..] {
        [width, height, pictures, seconds] => {
            width.max(height) <= 1280.0 && width.min(height) <= 720.0 && pictures <= 30.5 * seconds
        }
        _ => false,
    };
    (!is_within).then(|| format!("its pictures are {facts}"))
}

/// How long a file plays, in milliseconds.
fn duration_ms(path: &Path) -> i64 {
    let entries = ["-v", "error", "-of", "csv=p=0", "-show_entries", "format=duration"];
    let seconds = String::from_utf8_lossy(&told("ffprobe", &entries, path)).trim().parse::<f64>();
    seconds.map_or(-1, |seconds| (seconds * 1000.0) as i64)
}

/// How far a duration may be from the true one (H29): ffprobe counts what an encoder adds at either end of an MP3.
const MOST_DIFFERENCE_MS: i64 = 80;

/// How far sound may be from its pictures before it is noticed (H36).
const MOST_DRIFT_MS: i64 = 80;

/// What the list says must not come out.
fn forbidden(row: &Row, path: &Path, extension: &str, bytes: &[u8]) -> Option<String> {
    if let Some(wanted) = row.true_duration_ms() {
        let found = duration_ms(path);
        let is_true = !matches!(extension, "mp3" | "mp4") || (found - wanted).abs() <= MOST_DIFFERENCE_MS;
        return (!is_true).then(|| format!("{found} ms, not {wanted}"));
    }
    let found = match row.never.as_str() {
        "places" => {
            let marks = [b"gpmd".as_slice(), b"GPS5", b"mebx", b"+48.8577", b"ISO6709"];
            marks.iter().any(|mark| holds(bytes, mark)).then(|| "places".to_owned())
        }
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
        "action" | "action-but-links" if extension == "pdf" => {
            let plain = told("qpdf", &["--qdf", "--object-streams=disable"], path);
            let links = if row.never == "action" { ["/URI"].as_slice() } else { &[] };
            let mark = ACTIONS.iter().chain(links).find(|mark| holds_name(&plain, mark.as_bytes()));
            mark.map(|mark| (*mark).to_owned())
        }
        "drift" if extension == "mp4" => {
            let (flash, beep) = (flash_ms(path), beep_ms(path));
            ((flash - beep).abs() > MOST_DRIFT_MS)
                .then(|| format!("a flash at {flash} ms and its beep at {beep} ms"))
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

/// When the pictures of a film turn bright.
fn flash_ms(film: &Path) -> i64 {
    let brightness =
        heard_or_seen(film, "-an -vf fps=200:start_time=0,scale=1:1:flags=area -pix_fmt gray -f rawvideo");
    brightness.iter().position(|luma| *luma > 100).map_or(-1, |at| i64::try_from(at).unwrap() * 5)
}

/// When its sound turns loud.
fn beep_ms(film: &Path) -> i64 {
    let sound = heard_or_seen(film, "-vn -af aresample=8000:async=1:first_pts=0 -ac 1 -f s16le");
    let samples = sound.chunks_exact(2).map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]));
    let loud = samples.map(i16::unsigned_abs).position(|sample| sample > 3000);
    loud.map_or(-10_000, |at| i64::try_from(at).unwrap() / 8)
}

fn heard_or_seen(film: &Path, words: &str) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(film).args(words.split(' ')).arg("-");
    command.output().unwrap().stdout
}
