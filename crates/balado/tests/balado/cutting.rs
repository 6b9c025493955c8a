//! Cutting through real processes: what is asked over HTTP is cut by a worker's child and prepared like any deposit.

use super::instance::{
    Client, Engine, Instance, TEACHER, fixture, items, on_both_engines, transcoders_of, wait_for_transcoder,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

on_both_engines! {
    a_sound_and_a_film_are_cut_into_new_deposits => cut_both,
    a_cut_that_is_being_made_stops_when_it_is_called_off => called_off,
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

async fn called_off(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
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
    let cancel = format!("{cuts}/{}/cancel", asked["id"].as_str().unwrap());
    let answer = teacher.request("POST", &cancel).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 204);
    while transcoders_of(worker).contains(&child) {
        assert!(started.elapsed() < PATIENCE, "it still runs: {}", instance.logs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let cut = ended(&teacher, &cuts).await;
    assert_eq!((cut["state"].as_str(), cut["failure"]["code"].as_str()), (Some("failed"), Some("cancelled")));
    assert_eq!(cut["deposits"], json!([]));
    // Its worker goes on.
    teacher.json("POST", &cuts, Some(json!({ "keep": [{ "from_ms": 0, "to_ms": 500 }] }))).await;
    assert_eq!(ended(&teacher, &cuts).await["state"], "done");
}
