//! The program on a command line: settings, import, transcode, doctor.

use super::instance::fixture;
use serde_json::Value;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn balado(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_balado"))
        .args(arguments)
        .env_clear()
        .envs(std::env::var("PATH").map(|path| ("PATH", path)))
        .env("BALADO_DATA_FOLDER", folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_setting_is_documented_by_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let output = balado(folder.path(), &["settings"]);
    assert!(output.status.success());
    for name in ["server.address", "BALADO_DATABASE_URL", "mail.host"] {
        assert!(text(&output.stdout).contains(name), "{name}");
    }
}

#[test]
fn wrong_settings_are_all_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_balado"))
        .arg("serve")
        .env_clear()
        .env("BALADO_DATA_FOLDER", folder.path())
        .env("BALADO_SERVER_ADDRESS", "here")
        .env("BALADO_LIMITS_UPLOAD_BYTES", "many")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("server.address") && said.contains("limits.upload_bytes"), "{said}");
}

#[test]
fn importing_the_same_school_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = fixture("school.csv");
    let first = balado(folder.path(), &["import", "csv", file.to_str().unwrap()]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let second = balado(folder.path(), &["import", "csv", file.to_str().unwrap()]);
    assert!(
        text(&second.stdout).starts_with("0 schools, 0 classes and groups, 0 people made"),
        "{}",
        text(&second.stdout)
    );
}

#[test]
fn a_bad_line_is_reported_with_its_number_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(fixture("school.csv")).unwrap();
    let bad = folder.path().join("bad.csv");
    let broken = good.lines().next().unwrap().matches(';').count();
    std::fs::write(&bad, format!("{}\nCollège{}\n", good.trim_end(), ";".repeat(broken))).unwrap();
    let lines = good.trim_end().lines().count();
    let refused = balado(folder.path(), &["import", "csv", bad.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains(&(lines + 1).to_string()), "{}", text(&refused.stderr));
    let file = fixture("school.csv");
    let after = balado(folder.path(), &["import", "csv", file.to_str().unwrap()]);
    assert!(text(&after.stdout).starts_with("1 schools"), "{}", text(&after.stdout));
}

#[test]
fn transcode_lists_every_output_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (fixture("media/memo.webm"), folder.path().join("out"));
    let done = balado(
        folder.path(),
        &["transcode", file.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let lines: Vec<Value> =
        text(&done.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mp3 = lines.iter().find(|line| line["kind"] == "mp3").unwrap();
    assert_eq!(mp3["media_type"], "audio/mpeg");
    let facts = std::fs::metadata(mp3["path"].as_str().unwrap()).unwrap();
    assert_eq!(mp3["size_bytes"].as_u64(), Some(facts.len()));
    let whoever_asked = std::fs::metadata(&out).unwrap().uid();
    assert_eq!(facts.uid(), whoever_asked, "it belongs to the account its child ran as");
    assert!(mp3["duration_ms"].as_i64().unwrap() > 1_000);
}

#[test]
fn transcode_refuses_with_a_code_and_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cours.mp3");
    std::fs::write(&file, b"").unwrap();
    let out = folder.path().join("out");
    let refused = balado(
        folder.path(),
        &["transcode", file.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"],
    );
    assert_eq!(refused.status.code(), Some(2));
    let line: Value = serde_json::from_str(text(&refused.stdout).trim()).unwrap();
    assert_eq!(line["code"], "empty");
    assert!(line["message"].as_str().unwrap().len() > 5);
}

#[test]
fn transcode_cuts_and_splits() {
    let folder = tempfile::tempdir().unwrap();
    for (name, expected) in [("media/memo.webm", "mp3"), ("media/clip.mp4", "mp4")] {
        let (file, out) = (fixture(name), folder.path().join(expected));
        let done = balado(
            folder.path(),
            &[
                "transcode",
                file.to_str().unwrap(),
                "--out",
                out.to_str().unwrap(),
                "--keep",
                "-0:00.5,1-1.5",
                "--split",
                "--exact",
                "--json",
            ],
        );
        assert_eq!(done.status.code(), Some(0), "{}{}", text(&done.stdout), text(&done.stderr));
        let lines: Vec<Value> =
            text(&done.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let parts: Vec<&Value> = lines.iter().filter(|line| line["kind"] == expected).collect();
        assert_eq!(parts.len(), 2, "{lines:?}");
        for part in parts {
            let lasts = part["duration_ms"].as_i64().unwrap();
            assert!((lasts - 500).abs() <= 60, "{part}");
        }
        assert!(lines.iter().any(|line| line["part"] == 2 && line["kept"].is_array()), "{lines:?}");
    }
}

/// Runs ffmpeg, which must succeed.
fn ffmpeg(words: &str, out: &Path) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]).args(words.split_whitespace()).arg(out);
    assert!(command.status().unwrap().success(), "{words}");
}

#[test]
fn transcode_splits_where_it_is_silent_and_where_chapters_begin() {
    let folder = tempfile::tempdir().unwrap();
    // Ten seconds of tone, three of silence, twelve of tone.
    let silent = folder.path().join("pauses.wav");
    ffmpeg("-f lavfi -i sine=d=25,volume='if(between(t,10,13),0,1)':eval=frame", &silent);
    let marks = folder.path().join("chapters.txt");
    let chapter = |from: u32, to: u32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1\nSTART={from}\nEND={to}\ntitle={title}\n")
    };
    let described = format!(";FFMETADATA1\n{}{}", chapter(0, 8, "Début"), chapter(8, 20, "Suite"));
    std::fs::write(&marks, described).unwrap();
    let chapters = folder.path().join("chapters.m4a");
    let words = format!("-f lavfi -i sine=d=20 -i {} -map_metadata 1 -c:a aac", marks.display());
    ffmpeg(&words, &chapters);
    for (file, way, expected) in
        [(&silent, "--split-silences", [11_500, 13_500]), (&chapters, "--split-chapters", [8000, 12_000])]
    {
        let out = folder.path().join(way);
        let arguments = ["transcode", file.to_str().unwrap(), "--out", out.to_str().unwrap(), way, "--json"];
        let done = balado(folder.path(), &arguments);
        assert_eq!(done.status.code(), Some(0), "{}{}", text(&done.stdout), text(&done.stderr));
        let lines = text(&done.stdout);
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let lasts: Vec<i64> = lines
            .filter(|line| line["kind"] == "mp3")
            .map(|line| line["duration_ms"].as_i64().unwrap())
            .collect();
        assert_eq!(lasts.len(), 2, "{way}: {lasts:?}");
        for (found, wanted) in lasts.iter().zip(expected) {
            assert!((found - wanted).abs() <= 60, "{way}: {lasts:?}");
        }
    }
}

#[test]
fn transcode_names_the_piece_it_cannot_keep() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (fixture("media/memo.webm"), folder.path().join("out"));
    for (keep, code, named) in [
        ("0:00-0:01,x", "cut-unreadable", "piece 2"),
        ("0:00-0:01,0:00.5-0:01", "cut-out-of-order", "piece 2"),
        ("1:00:00-", "cut-beyond", "piece 1"),
    ] {
        let refused = balado(
            folder.path(),
            &["transcode", file.to_str().unwrap(), "--out", out.to_str().unwrap(), "--keep", keep, "--json"],
        );
        assert_eq!(refused.status.code(), Some(2), "{keep}");
        let line: Value = serde_json::from_str(text(&refused.stdout).lines().last().unwrap()).unwrap();
        assert_eq!(line["code"], code);
        assert!(line["message"].as_str().unwrap().contains(named), "{line}");
    }
}

#[test]
fn doctor_finds_this_machine_complete() {
    let folder = tempfile::tempdir().unwrap();
    let output = balado(folder.path(), &["doctor"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    // Each attempt to break out of the box on a line of its own.
    assert!(
        text(&output.stdout).matches("ok       sandbox stops: ").count() >= 40,
        "{}",
        text(&output.stdout)
    );
}
