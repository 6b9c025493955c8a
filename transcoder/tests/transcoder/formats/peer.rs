//! What programs of others say of our outputs: ffprobe, ffmpeg, pdftotext, exiftool.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// What ffprobe says of a file.
pub struct Probe(Value);

/// What ffprobe says of a track.
pub struct Track<'a>(&'a Value);

pub fn probe(path: &Path) -> Probe {
    let json = run("ffprobe", &["-v", "error", "-show_streams", "-show_format", "-of", "json"], path).stdout;
    Probe(serde_json::from_slice(&json).unwrap())
}

impl Probe {
    #[track_caller]
    pub fn only(&self, kind: &str) -> Track<'_> {
        let streams = self.0["streams"].as_array().unwrap();
        let mut found = streams.iter().filter(|stream| stream["codec_type"] == kind);
        let track = found.next().unwrap_or_else(|| panic!("no {kind}"));
        assert!(found.next().is_none(), "more than one {kind}");
        Track(track)
    }

    /// Whether any track is of this coding and profile.
    pub fn has(&self, coding: &str, profile: &str) -> bool {
        let mut streams = self.0["streams"].as_array().into_iter().flatten();
        streams.any(|stream| stream["codec_name"] == coding && stream["profile"] == profile)
    }

    pub fn duration_ms(&self) -> i64 {
        (self.0["format"]["duration"].as_str().unwrap().parse::<f64>().unwrap() * 1000.0).round() as i64
    }
}

impl Track<'_> {
    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or("")
    }

    pub fn rate(&self, name: &str) -> f64 {
        let (over, under) = self.text(name).split_once('/').unwrap();
        over.parse::<f64>().unwrap() / under.parse::<f64>().unwrap()
    }
}

/// What ffmpeg's decoder finds.
pub struct Perceived {
    /// When the tone begins, or the picture lights up.
    pub onset_ms: i64,
    /// How long it plays, without what an encoder padded. (ffprobe counts the padding of an MP3.)
    pub played_ms: i64,
}

/// Listens to the sound of a file.
pub fn hear(path: &Path) -> Perceived {
    detected(path, &["-vn", "-af", "silencedetect=noise=-30dB:duration=0.1"], "silence_end:")
}

/// Watches the pictures of a file.
pub fn watch(path: &Path) -> Perceived {
    detected(path, &["-an", "-vf", "blackdetect=d=0.1:pix_th=0.3:pic_th=0.9"], "black_end:")
}

#[track_caller]
fn detected(path: &Path, filter: &[&str], mark: &str) -> Perceived {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(path)
        .args(filter)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, rest) = said.split_once(mark).unwrap_or_else(|| panic!("nothing was detected: {said}"));
    let number = rest.split_whitespace().next().unwrap();
    let onset_ms = (number.parse::<f64>().unwrap() * 1000.0).round() as i64;
    let (_, time) = said.rsplit_once("time=").unwrap();
    let time = time.split_whitespace().next().unwrap();
    let seconds = time.split(':').fold(0.0, |seconds, part| seconds * 60.0 + part.parse::<f64>().unwrap());
    Perceived { onset_ms, played_ms: (seconds * 1000.0).round() as i64 }
}

/// Mean colours of the upper left, upper right, lower left and lower right quarter, by ffmpeg's decoder.
pub fn four_fields(path: &Path) -> Vec<[i32; 3]> {
    let arguments = ["-nostdin", "-v", "error", "-i"];
    let output = Command::new("ffmpeg")
        .args(arguments)
        .arg(path)
        .args(["-vf", "scale=2:2:flags=area", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert_eq!(output.stdout.len(), 12, "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks_exact(3).map(|c| [c[0].into(), c[1].into(), c[2].into()]).collect()
}

/// The words of a PDF with single spaces between them.
pub fn pdf_text(path: &Path) -> String {
    let output = Command::new("pdftotext").arg(path).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What exiftool finds in the outputs of a folder beyond what makes them what they are.
pub fn leftover_metadata(folder: &Path) -> Vec<String> {
    let json = run("exiftool", &["-j", "-G1", "-a", "-struct", "-n"], folder).stdout;
    let files: Vec<serde_json::Map<String, Value>> = serde_json::from_slice(&json).unwrap();
    assert!(!files.is_empty());
    let mut found = Vec::new();
    for file in files {
        let name = file["SourceFile"].as_str().unwrap().to_owned();
        let name = name.rsplit('/').next().unwrap();
        let extra: Vec<String> = file
            .iter()
            .filter(|(tag, value)| !is_structural(tag, value))
            .map(|(tag, value)| format!("{tag} = {value}"))
            .collect();
        if !extra.is_empty() {
            found.push(format!("{name} still carries {}", extra.join(", ")));
        }
    }
    found
}

/// Sizes, codecs, versions, and dates that are nought.
fn is_structural(tag: &str, value: &Value) -> bool {
    const GROUPS: [&str; 7] = ["ExifTool", "System", "File", "JFIF", "Composite", "MPEG", "JSON"];
    const PDF: [&str; 6] = ["PDFVersion", "Linearized", "PageCount", "TaggedPDF", "Language", "PageLayout"];
    const PERSONAL: [&str; 6] = ["Comment", "Encoder", "Software", "Title", "Artist", "UserData"];
    if tag == "SourceFile" {
        return true;
    }
    let Some((group, name)) = tag.split_once(':') else { return false };
    if name.contains("Date") && !["System", "ExifTool"].contains(&group) {
        return value.as_str().is_none_or(|date| date.starts_with("0000"))
            && value.as_i64().unwrap_or(0) == 0;
    }
    if group == "QuickTime" || group.starts_with("Track") {
        return !PERSONAL.contains(&name);
    }
    if group == "PDF" {
        return PDF.contains(&name);
    }
    GROUPS.contains(&group)
}

fn run(program: &str, arguments: &[&str], path: &Path) -> std::process::Output {
    let output = Command::new(program).args(arguments).arg(path).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
