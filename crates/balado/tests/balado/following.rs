//! What a browser records is converted while it arrives, through every interruption, and sounds the same as if it had
//! been deposited whole.

use super::instance::{
    Client, Engine, Instance, PATIENCE, TEACHER, fixture, items, on_both_engines, transcoders_of,
    wait_for_transcoder,
};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

on_both_engines! {
    a_recording_is_followed_to_its_end => straight,
    a_pause_longer_than_every_patience_changes_nothing => paused,
    a_recording_goes_on_after_its_server_was_killed => server_killed,
    a_follower_outlives_the_server_it_shares_nothing_with => server_killed_beside_its_worker,
    a_follower_that_is_stopped_goes_on_elsewhere => worker_stopped,
    a_killed_child_begins_again => child_killed,
    a_child_that_dies_after_the_last_byte_leaves_its_work_to_the_queue => child_killed_at_the_end,
    a_follower_that_fails_at_the_end_leaves_its_work_to_the_queue => worker_killed_at_the_end,
    an_upload_that_is_given_up_leaves_nothing => cancelled,
    an_idle_follower_gives_way => crowded,
}

/// What Chromium recorded, and the kinds of its outputs.
const RECORDED: [&str; 4] = ["sound.webm", "film.webm", "film.mp4", "film.mkv"];

/// One recording on its way, piece by piece as the browser had them.
struct Recording<'c> {
    client: &'c Client,
    name: &'static str,
    upload: String,
    deposit: String,
    bytes: Vec<u8>,
    sizes: Vec<usize>,
    at: usize,
}

impl<'c> Recording<'c> {
    async fn open(client: &'c Client, name: &'static str) -> Self {
        let folder = fixture("media/recorded");
        let pieces: Value =
            serde_json::from_slice(&std::fs::read(folder.join("pieces.json")).unwrap()).unwrap();
        let sizes = pieces[name].as_array().unwrap().iter().map(|size| size.as_u64().unwrap());
        let sizes = sizes.map(|size| usize::try_from(size).unwrap()).collect();
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let opened = client
            .request("POST", "/api/uploads")
            .header("tus-resumable", "1.0.0")
            .header("upload-defer-length", "1")
            .send()
            .await
            .unwrap();
        assert_eq!(opened.status().as_u16(), 201);
        let header = |name: &str| opened.headers()[name].to_str().unwrap().to_owned();
        let (upload, deposit) = (header("location"), header("balado-deposit"));
        Self { client, name, upload, deposit, bytes, sizes, at: 0 }
    }

    /// Sends that many more pieces.
    async fn send(&mut self, count: usize) {
        for _ in 0..count {
            let to = self.at + self.sizes.remove(0);
            assert_eq!(self.append(to, false).await, 204, "{}", self.name);
        }
    }

    /// Sends the rest; the last piece declares the length.
    async fn stop(&mut self) {
        self.send(self.sizes.len() - 1).await;
        assert_eq!(self.append(self.bytes.len(), true).await, 204, "{}", self.name);
    }

    async fn append(&mut self, to: usize, is_last: bool) -> u16 {
        let mut request = self
            .client
            .request("PATCH", &self.upload)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", self.at)
            .header("content-type", "application/offset+octet-stream");
        if is_last {
            request = request.header("upload-length", self.bytes.len());
        }
        let answer = request.body(self.bytes[self.at..to].to_vec()).send().await.unwrap();
        self.at = to;
        answer.status().as_u16()
    }

    /// Compares what was made of it with what is made of the same file deposited whole.
    async fn assert_made_as_if_whole(&self) {
        let whole = self.client.deposit(&fixture("media/recorded").join(self.name)).await;
        let [followed, queued] =
            [&self.deposit, &whole].map(|deposit| output_of(self.client, deposit, "mp3"));
        assert!(followed.await == queued.await, "{}", self.name);
        if self.name != "sound.webm" {
            let [followed, queued] =
                [&self.deposit, &whole].map(|deposit| Film::of(self.client, deposit, self.name));
            let (followed, queued) = (followed.await, queued.await);
            assert_eq!(followed.facts, queued.facts, "{}", self.name);
            let differ = (followed.similarity - queued.similarity).abs();
            assert!(
                queued.similarity > 0.9 && differ <= MOST_UNLIKE,
                "{}: {followed:?} {queued:?}",
                self.name
            );
        }
    }
}

/// An output, once it is there.
async fn output_of(client: &Client, deposit: &str, kind: &str) -> Vec<u8> {
    let started = Instant::now();
    loop {
        let shown = client.json("GET", deposit, None).await;
        assert_ne!(shown["state"], "failed", "{shown}");
        if let Some(made) = items(&shown["renditions"]).iter().find(|one| one["kind"] == kind) {
            let answer = client.request("GET", made["url"].as_str().unwrap()).send().await.unwrap();
            return answer.bytes().await.unwrap().to_vec();
        }
        assert!(started.elapsed() < PATIENCE, "still {shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How much less like its original a film may be than another, in structural similarity.
const MOST_UNLIKE: f64 = 0.002;

/// The MP4 of a deposit, as ffmpeg sees it.
#[derive(Debug)]
struct Film {
    /// Coding, profile, size, pictures and playing time of each track.
    facts: String,
    /// How like the pictures are to those that were recorded: structural similarity, 1 where nothing differs.
    similarity: f64,
}

impl Film {
    async fn of(client: &Client, deposit: &str, recorded: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film.mp4");
        std::fs::write(&file, output_of(client, deposit, "mp4").await).unwrap();
        let entries = "stream=codec_name,profile,width,height,channels,nb_read_packets:format=duration";
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-count_packets", "-show_entries", entries, "-of", "csv"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success() && !output.stdout.is_empty());
        Self { facts: String::from_utf8(output.stdout).unwrap(), similarity: similarity(&file, recorded) }
    }
}

/// Seen at twenty pictures a second: what a browser records keeps no even pace.
fn similarity(film: &Path, recorded: &str) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(film)
        .arg("-i")
        .arg(fixture("media/recorded").join(recorded))
        .args(["-lavfi", "[0:v]fps=20[a];[1:v]fps=20[b];[a][b]ssim", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let all = said.rsplit("All:").next().unwrap().split_whitespace().next().unwrap();
    all.parse().unwrap_or_else(|_| panic!("no similarity in {said}"))
}

/// A service with a worker of its own, four followers wide.
async fn running(engine: Engine) -> (Instance, Client, u32) {
    let mut instance = Instance::new(engine);
    instance.set("BALADO_WORKER_FOLLOWERS", 4);
    instance.set("BALADO_WORKER_FILM_SLOTS", 4);
    instance.set("BALADO_WORKER_FOLLOWER_IDLE_SECONDS", 1);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    (instance, teacher, worker)
}

/// All recordings, each with enough pieces for a follower, once all have one.
async fn begun(client: &Client, worker: u32) -> (Vec<Recording<'_>>, Vec<u32>) {
    let mut recordings = Vec::new();
    for name in RECORDED {
        let mut recording = Recording::open(client, name).await;
        recording.send(3).await;
        recordings.push(recording);
    }
    (recordings, wait_for_transcoders(worker, RECORDED.len()).await)
}

async fn wait_for_transcoders(worker: u32, count: usize) -> Vec<u32> {
    let started = Instant::now();
    loop {
        let mut found = transcoders_of(worker);
        if found.len() == count {
            found.sort_unstable();
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{} transcoders, not {count}", found.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn told(instance: &Instance, words: &str) -> usize {
    instance.logs().matches(words).count()
}

async fn wait_until_told(instance: &Instance, words: &str, count: usize) {
    let started = Instant::now();
    while told(instance, words) < count {
        assert!(started.elapsed() < PATIENCE, "not told {count} times: {words}\n{}", instance.logs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn straight(engine: Engine) {
    let (instance, teacher, worker) = running(engine).await;
    let (mut recordings, _) = begun(&teacher, worker).await;
    for recording in &mut recordings {
        recording.stop().await;
    }
    for recording in &recordings {
        let shown = teacher.wait_for(&recording.deposit, "ready").await;
        let family = if recording.name == "sound.webm" { "audio" } else { "video" };
        assert_eq!(shown["family"], family, "{shown}");
        let kept = teacher.request("GET", &(recording.deposit.replace("/api/", "/media/") + "/original"));
        assert!(kept.send().await.unwrap().bytes().await.unwrap() == recording.bytes);
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
    }
    // Those that came whole had none.
    assert_eq!(told(&instance, "followed to its end"), RECORDED.len(), "{}", instance.logs());
    assert_eq!(told(&instance, "pictures=true"), RECORDED.len() - 1, "{}", instance.logs());
}

async fn paused(engine: Engine) {
    let (instance, teacher, worker) = running(engine).await;
    let (mut recordings, children) = begun(&teacher, worker).await;
    // Longer than any lease, and than the patience with idle followers: they are in nobody's way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(transcoders_of(worker).len(), children.len(), "{}", instance.logs());
    for recording in &mut recordings {
        recording.stop().await;
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
    }
    assert_eq!(told(&instance, "followed to its end"), RECORDED.len(), "{}", instance.logs());
}

async fn server_killed(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.set("BALADO_WORKER_EMBEDDED", true);
    instance.set("BALADO_WORKER_FOLLOWERS", 4);
    instance.set("BALADO_WORKER_FILM_SLOTS", 4);
    let server = instance.serve().await;
    let teacher = instance.client(TEACHER);
    let (mut recordings, _) = begun(&teacher, server).await;
    instance.signal(server, "KILL");
    let server = instance.serve().await;
    for recording in &mut recordings {
        assert_eq!(teacher.offset(&recording.upload).await, recording.at);
        recording.send(1).await;
    }
    wait_for_transcoders(server, RECORDED.len()).await;
    for recording in &mut recordings {
        recording.stop().await;
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
    }
    assert_eq!(told(&instance, "followed to its end"), RECORDED.len(), "{}", instance.logs());
}

async fn server_killed_beside_its_worker(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.set("BALADO_WORKER_FOLLOWERS", 4);
    instance.set("BALADO_WORKER_FILM_SLOTS", 4);
    let server = instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let (mut recordings, children) = begun(&teacher, worker).await;
    instance.signal(server, "KILL");
    instance.serve().await;
    for recording in &mut recordings {
        assert_eq!(teacher.offset(&recording.upload).await, recording.at);
        recording.send(1).await;
    }
    let mut alive = transcoders_of(worker);
    alive.retain(|child| children.contains(child));
    assert_eq!(alive.len(), children.len(), "the same children go on: {}", instance.logs());
    for recording in &mut recordings {
        recording.stop().await;
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
    }
    assert_eq!(told(&instance, "followed to its end"), RECORDED.len(), "{}", instance.logs());
}

async fn worker_stopped(engine: Engine) {
    let (mut instance, teacher, worker) = running(engine).await;
    let (mut recordings, _) = begun(&teacher, worker).await;
    assert!(instance.terminate(worker) < Duration::from_secs(15), "{}", instance.logs());
    // What is given back is claimed at once: no lease has to run out.
    let other = instance.work();
    wait_for_transcoders(other, RECORDED.len()).await;
    let recording = &mut recordings[0];
    recording.stop().await;
    recording.assert_made_as_if_whole().await;
    assert_eq!(told(&instance, "followed to its end"), 1, "{}", instance.logs());
}

async fn child_killed(engine: Engine) {
    let (mut instance, teacher, worker) = running(engine).await;
    let (mut recordings, children) = begun(&teacher, worker).await;
    for child in &children {
        instance.signal(*child, "KILL");
    }
    let started = Instant::now();
    while transcoders_of(worker).iter().filter(|child| !children.contains(child)).count() < children.len() {
        assert!(started.elapsed() < PATIENCE, "they do not begin again: {}", instance.logs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for recording in &mut recordings {
        recording.stop().await;
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
    }
    assert_eq!(told(&instance, "followed to its end"), RECORDED.len(), "{}", instance.logs());
}

async fn child_killed_at_the_end(engine: Engine) {
    let (mut instance, teacher, worker) = running(engine).await;
    let (mut recordings, children) = begun(&teacher, worker).await;
    for child in &children {
        instance.signal(*child, "STOP");
    }
    for recording in &mut recordings {
        recording.stop().await;
    }
    for child in &children {
        instance.signal(*child, "KILL");
    }
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
        teacher.wait_for(&recording.deposit, "ready").await;
    }
    wait_until_told(&instance, "its child failed", RECORDED.len()).await;
    assert_eq!(told(&instance, "followed to its end"), 0, "{}", instance.logs());
}

async fn worker_killed_at_the_end(engine: Engine) {
    let (mut instance, teacher, worker) = running(engine).await;
    let (mut recordings, _) = begun(&teacher, worker).await;
    // It can neither finish nor give anything back.
    instance.signal(worker, "STOP");
    for recording in &mut recordings {
        recording.stop().await;
    }
    instance.work();
    let mut shown = Vec::new();
    for recording in &recordings {
        recording.assert_made_as_if_whole().await;
        shown.push(teacher.wait_for(&recording.deposit, "ready").await);
    }
    instance.signal(worker, "CONT");
    tokio::time::sleep(Duration::from_secs(3)).await;
    for (recording, shown) in recordings.iter().zip(shown) {
        let after = teacher.json("GET", &recording.deposit, None).await;
        assert_eq!(after["renditions"], shown["renditions"], "{}", recording.name);
        assert_eq!(after["state"], "ready");
    }
    assert_eq!(told(&instance, "followed to its end"), 0, "{}", instance.logs());
}

async fn cancelled(engine: Engine) {
    let (instance, teacher, worker) = running(engine).await;
    let (recordings, _) = begun(&teacher, worker).await;
    for recording in &recordings {
        let gone = teacher.request("DELETE", &recording.upload).header("tus-resumable", "1.0.0").send().await;
        assert_eq!(gone.unwrap().status().as_u16(), 204);
    }
    wait_for_transcoders(worker, 0).await;
    let started = Instant::now();
    while instance.rooms() > 0 {
        assert!(started.elapsed() < PATIENCE, "something is left: {}", instance.logs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told(&instance, "followed to its end"), 0);
    // The slots are free again.
    let mut recording = Recording::open(&teacher, "sound.webm").await;
    recording.send(3).await;
    wait_for_transcoder(worker).await;
    recording.stop().await;
    output_of(&teacher, &recording.deposit, "mp3").await;
}

async fn crowded(engine: Engine) {
    let (mut instance, teacher, worker) = running(engine).await;
    instance.terminate(worker);
    instance.set("BALADO_WORKER_FOLLOWERS", 1);
    let worker = instance.work();
    let mut idle = Recording::open(&teacher, "film.webm").await;
    idle.send(3).await;
    wait_for_transcoder(worker).await;
    let mut lively = Recording::open(&teacher, "sound.webm").await;
    lively.send(3).await;
    wait_until_told(&instance, "another upload waits for the slot", 1).await;
    wait_for_transcoder(worker).await;
    for recording in [&mut lively, &mut idle] {
        recording.stop().await;
        recording.assert_made_as_if_whole().await;
    }
    assert_eq!(told(&instance, "followed to its end"), 1, "{}", instance.logs());
}
