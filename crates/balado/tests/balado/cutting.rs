//! Cutting through real processes: what is asked over HTTP is cut by a worker's child and prepared like any deposit.

use super::instance::{
    Client, Engine, Instance, TEACHER, fixture, items, on_both_engines, transcoders_of, wait_for_transcoder,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

on_both_engines! {
    a_sound_and_a_film_are_cut_into_new_deposits => cut_both,
    a_lesson_is_split_at_its_silences_and_at_its_chapters => split,
    a_cut_that_is_being_made_stops_when_it_is_called_off => called_off,
    a_cut_that_is_being_made_goes_back_when_its_worker_is_stopped => given_back,
}

/// Far beyond what is needed, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(120);

/// The cuts of a deposit once the latest has ended.
async fn ended(teacher: &Client, cuts: &str) -> Value {
    let start = Instant::now();
    loop {
        let listed = teacher.json("GET", cuts, None).await;
        let latest = items(&listed)[0].clone();
        if latest["state"] != "waiting" {
            return latest;
        }
        assert!(start.elapsed() < PATIENCE, "still waiting: {latest}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn cut_both(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    for (name, kind) in [("media/memo.webm", "mp3"), ("media/clip.mp4", "mp4")] {
        let deposit = teacher.deposit(&fixture(name)).await;
        let before = teacher.wait_for(&deposit, "ready").await;
        let cuts = format!("/api/deposits/{}/cuts", before["id"].as_str().unwrap());
        let keep = json!([{ "from_ms": 0, "to_ms": 500 }, { "from_ms": 1000, "to_ms": 1500 }]);
        teacher.json("POST", &cuts, Some(json!({ "keep": keep, "split": "spans" }))).await;
        let cut = ended(&teacher, &cuts).await;
        assert_eq!(cut["state"], "done", "{cut}");
        let parts = cut["deposits"].as_array().unwrap();
        assert_eq!(parts.len(), 2);
        for part in parts {
            let path = format!("/api/deposits/{}", part.as_str().unwrap());
            let made = teacher.wait_for(&path, "ready").await;
            assert_eq!(made["derived_from"], before["id"]);
            let renditions = items(&made["renditions"]);
            let output = renditions.iter().find(|one| one["kind"] == kind).unwrap();
            let lasts = output["duration_ms"].as_i64().unwrap();
            assert!((lasts - 500).abs() <= 60, "{output}");
            assert!(renditions.iter().any(|one| one["kind"] == "waveform"), "{made}");
        }
        // A light film may have come meanwhile; nothing that was there has changed.
        let after = teacher.wait_for(&deposit, "ready").await;
        let kept = items(&before["renditions"]).iter().all(|one| items(&after["renditions"]).contains(one));
        assert!(kept, "{after}");
    }
}

/// A quarter of a minute: a tone, a silence, a tone, and two chapters of other lengths.
fn lesson(instance: &Instance) -> PathBuf {
    let (marks, path) = (instance.path("chapters.txt"), instance.path("lecon.m4a"));
    let chapter = |from: i32, to: i32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={from}\nEND={to}\ntitle={title}\n")
    };
    let chapters = chapter(0, 10_500, "La lune") + &chapter(10_500, 15_000, "Les marées");
    std::fs::write(&marks, format!(";FFMETADATA1\n{chapters}")).unwrap();
    let sound = "sine=d=15,volume=0:enable='between(t,6,9)'";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", sound, "-i"])
        .arg(marks)
        .args(["-map_metadata", "1", "-c:a", "aac"])
        .arg(&path)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "ffmpeg makes no lesson");
    path
}

async fn split(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&lesson(&instance)).await;
    let shown = teacher.wait_for(&deposit, "ready").await;
    let cuts = format!("/api/deposits/{}/cuts", shown["id"].as_str().unwrap());
    for (split, expected) in [
        ("silences", [("lecon – 1.mp3", 7500), ("lecon – 2.mp3", 7500)]),
        ("chapters", [("lecon – 1 La lune.mp3", 10_500), ("lecon – 2 Les marées.mp3", 4500)]),
    ] {
        teacher.json("POST", &cuts, Some(json!({ "split": split }))).await;
        let cut = ended(&teacher, &cuts).await;
        assert_eq!(cut["state"], "done", "{cut}");
        let parts = cut["deposits"].as_array().unwrap();
        assert_eq!(parts.len(), 2, "{cut}");
        for (part, (name, duration_ms)) in parts.iter().zip(expected) {
            let made = teacher.wait_for(&format!("/api/deposits/{}", part.as_str().unwrap()), "ready").await;
            assert_eq!(made["name"], name);
            let sound = items(&made["renditions"]).iter().find(|one| one["kind"] == "mp3").unwrap();
            let lasts = sound["duration_ms"].as_i64().unwrap();
            assert!((lasts - duration_ms).abs() <= 60, "{split}, {name}: {lasts} ms");
        }
    }
}

/// A cut with a child at it, held so that it does not come to its end: the cuts of the deposit, this one, the child.
async fn under_way(instance: &mut Instance, teacher: &Client, worker: u32) -> (String, Value, u32) {
    let deposit = teacher.deposit(&instance.long_film()).await;
    let started = Instant::now();
    let before = loop {
        let shown = teacher.wait_for(&deposit, "ready").await;
        // Its light version comes by itself, somewhat later.
        if items(&shown["renditions"]).iter().any(|one| one["kind"] == "light")
            && transcoders_of(worker).is_empty()
        {
            break shown;
        }
        assert!(started.elapsed() < PATIENCE, "no light version: {shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let cuts = format!("/api/deposits/{}/cuts", before["id"].as_str().unwrap());
    let keep: Vec<Value> = (0..100).map(|n| json!({ "from_ms": n * 110, "to_ms": n * 110 + 60 })).collect();
    let asked = teacher.json("POST", &cuts, Some(json!({ "keep": keep }))).await;
    let child = wait_for_transcoder(worker).await;
    // It would be done in a moment.
    instance.signal(child, "STOP");
    (cuts, asked, child)
}

async fn given_back(engine: Engine) {
    let mut instance = Instance::new(engine);
    // Whoever waits for its end waits longer than this test does.
    instance.set("BALADO_WORKER_LEASE_SECONDS", 3600);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let (cuts, ..) = under_way(&mut instance, &teacher, worker).await;
    instance.terminate(worker);
    instance.work();
    assert_eq!(ended(&teacher, &cuts).await["state"], "done", "{}", instance.logs());
}

async fn called_off(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let (cuts, asked, child) = under_way(&mut instance, &teacher, worker).await;
    let cancel = format!("{cuts}/{}/cancel", asked["id"].as_str().unwrap());
    let answer = teacher.request("POST", &cancel).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 204);
    let called_off = Instant::now();
    while transcoders_of(worker).contains(&child) {
        assert!(called_off.elapsed() < PATIENCE, "it still runs: {}", instance.logs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let cut = ended(&teacher, &cuts).await;
    assert_eq!((cut["state"].as_str(), cut["failure"]["code"].as_str()), (Some("failed"), Some("cancelled")));
    assert_eq!(cut["deposits"], json!([]));
    // Its worker goes on.
    teacher.json("POST", &cuts, Some(json!({ "keep": [{ "from_ms": 0, "to_ms": 500 }] }))).await;
    assert_eq!(ended(&teacher, &cuts).await["state"], "done");
}
