//! Whatever dies or freezes, each deposit ends with exactly one rendition of each kind, and no acknowledged byte is lost.

use super::instance::{Engine, Instance, PATIENCE, TEACHER, fixture, items, on_both_engines, wait_for_film};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

on_both_engines! {
    a_killed_worker_is_replaced => worker_killed,
    a_killed_child_is_tried_again => child_killed,
    a_worker_frozen_for_twice_its_lease_changes_nothing => worker_frozen,
    a_killed_server_loses_no_acknowledged_byte => server_killed,
    a_stopping_worker_gives_its_job_back => worker_stopped,
}

/// A deposit of a video, its publication, and the worker that has a transcoder at it.
async fn at_work(engine: Engine) -> (Instance, super::instance::Client, String, u32, u32) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&instance.long_film()).await;
    let id = deposit.rsplit('/').next().unwrap();
    let body = json!({ "deposit": id, "title": "La marée", "groups": teacher.groups().await });
    teacher.json("POST", "/api/publications", Some(body)).await;
    let child = wait_for_film(worker).await;
    (instance, teacher, deposit, worker, child)
}

/// Each kind once, each downloadable with its exact size, published once.
async fn assert_exactly_once(teacher: &super::instance::Client, deposit: &str) -> Value {
    let shown = teacher.wait_for(deposit, "ready").await;
    let renditions = items(&shown["renditions"]);
    let kinds: BTreeSet<_> = renditions.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), renditions.len(), "{shown}");
    for kind in ["mp3", "mp4", "poster", "waveform"] {
        assert!(kinds.contains(kind), "{kind} missing: {shown}");
    }
    for one in renditions {
        let response = teacher.request("GET", one["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.bytes().await.unwrap().len() as u64, one["size_bytes"].as_u64().unwrap());
    }
    let publications = teacher.json("GET", "/api/publications", None).await;
    assert_eq!(items(&publications).len(), 1);
    shown
}

async fn worker_killed(engine: Engine) {
    let (mut instance, teacher, deposit, worker, child) = at_work(engine).await;
    instance.signal(worker, "KILL");
    let started = Instant::now();
    while is_alive(child) {
        assert!(started.elapsed() < Duration::from_secs(30), "the transcoder outlives its worker");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(instance.rooms() > 0, "the original it worked on lies there still");
    instance.work();
    assert_exactly_once(&teacher, &deposit).await;
    while instance.rooms() > 0 {
        assert!(started.elapsed() < PATIENCE, "what the killed worker left was not removed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Whether a process still runs; one that only waits to be buried does not.
fn is_alive(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
}

async fn child_killed(engine: Engine) {
    let (mut instance, teacher, deposit, _, child) = at_work(engine).await;
    instance.signal(child, "KILL");
    assert_exactly_once(&teacher, &deposit).await;
}

async fn worker_frozen(engine: Engine) {
    let (mut instance, teacher, deposit, worker, _) = at_work(engine).await;
    instance.signal(worker, "STOP");
    let other = instance.work();
    // Only the other worker can finish: the first one is frozen until its lease has long run out.
    let before = assert_exactly_once(&teacher, &deposit).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    instance.signal(worker, "CONT");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = assert_exactly_once(&teacher, &deposit).await;
    // The light video comes when it comes; it is not what the deposit waited for.
    let needed = |shown: &Value| -> Vec<Value> {
        items(&shown["renditions"]).iter().filter(|one| one["kind"] != "light").cloned().collect()
    };
    assert_eq!(needed(&before), needed(&after));
    assert!(instance.terminate(other) < Duration::from_secs(15));
}

async fn worker_stopped(engine: Engine) {
    let (mut instance, teacher, deposit, worker, _) = at_work(engine).await;
    assert!(instance.terminate(worker) < Duration::from_secs(15), "{}", instance.logs());
    instance.work();
    assert_exactly_once(&teacher, &deposit).await;
}

async fn server_killed(engine: Engine) {
    let mut instance = Instance::new(engine);
    let mut server = instance.serve().await;
    let teacher = instance.client(TEACHER);
    let bytes: Vec<u8> = std::fs::read(fixture("media/clip.mp4")).unwrap();
    let (upload, deposit) = teacher.open_upload("clip.mp4", bytes.len()).await;
    let step = bytes.len() / 5 + 1;
    let mut acknowledged = 0;
    for part in 0..5 {
        let end = (acknowledged + step).min(bytes.len());
        let status = teacher.append(&upload, acknowledged, bytes[acknowledged..end].to_vec()).await;
        assert_eq!(status, Some(204));
        acknowledged = end;
        if part < 4 {
            instance.signal(server, "KILL");
            server = instance.serve().await;
            assert!(teacher.offset(&upload).await >= acknowledged, "{}", instance.logs());
        }
    }
    let original = deposit.replace("/api/", "/media/") + "/original";
    let kept = teacher.request("GET", &original).send().await.unwrap().bytes().await.unwrap();
    assert!(kept == bytes, "the original differs from what was sent");
    instance.work();
    teacher.wait_for(&deposit, "ready").await;
}
