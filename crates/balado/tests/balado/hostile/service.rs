//! The same files deposited over HTTP, all of them, in one running service.

use super::inputs::{self, Inputs, Row, inputs};
use crate::balado::instance::{Client, Engine, Instance, TEACHER, fixture};
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use serde_json::Value;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the service may take for all of them on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(600);

/// Deposits a file under a name.
async fn deposit(client: &Client, name: &str, bytes: &[u8]) -> String {
    let (upload, deposit) = client.open_upload(name, bytes.len()).await;
    if !bytes.is_empty() {
        assert_eq!(client.append(&upload, 0, bytes.to_vec()).await, Some(204), "{name}");
    }
    deposit
}

/// Waits until nothing more will become of a deposit.
async fn ended(client: &Client, deposit: &str, until: Instant) -> Value {
    loop {
        let shown = client.json("GET", deposit, None).await;
        if shown["state"] == "ready" || shown["state"] == "failed" {
            return shown;
        }
        assert!(Instant::now() < until, "still {shown}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The sentence about a failure, in a language.
async fn sentence(client: &Client, deposit: &str, language: &str) -> String {
    let answer = client.request("GET", deposit).header("accept-language", language).send().await.unwrap();
    let shown: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    shown["failure"]["message"].as_str().unwrap_or_default().to_owned()
}

/// Everything that is wrong with how a deposit ended.
async fn faults(client: &Client, inputs: &Inputs, row: &Row, deposit: &str, shown: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let code = shown["failure"]["code"].as_str();
    let refusal: Option<Refusal> = code.and_then(|code| code.parse().ok());
    let verdict = match (refusal, code) {
        (Some(refusal), _) => format!("refused:{refusal}"),
        (None, Some(code)) => format!("failed:{code}"),
        (None, None) => "ok".to_owned(),
    };
    if !row.expects(&verdict) {
        faults.push(format!("{verdict}, not {}", row.verdict));
    }
    if let Some(refusal) = refusal {
        let said = [sentence(client, deposit, "fr").await, sentence(client, deposit, "en").await];
        if said != [refusal.french(), refusal.english()] {
            faults.push(said.join(" / "));
        }
    }
    let id = deposit.rsplit('/').next().unwrap();
    let original = client.request("GET", &format!("/media/deposits/{id}/original")).send().await.unwrap();
    let header =
        |name: &str| original.headers().get(name).map(|value| value.to_str().unwrap_or("").to_owned());
    let disposition = header("content-disposition").unwrap_or_default();
    if !disposition.starts_with("attachment")
        || header("x-content-type-options").as_deref() != Some("nosniff")
    {
        faults.push(format!("the original is served as `{disposition}`"));
    }
    if original.bytes().await.unwrap() != std::fs::read(inputs.path(row)).unwrap() {
        faults.push("the original is not what was sent".to_owned());
    }
    let out = tempfile::tempdir().unwrap();
    for one in shown["renditions"].as_array().unwrap() {
        let answer = client.request("GET", one["url"].as_str().unwrap()).send().await.unwrap();
        let kind: RenditionKind = one["kind"].as_str().unwrap().parse().unwrap();
        let path = out.path().join(format!("{kind}.{}", kind.extension()));
        std::fs::write(path, answer.bytes().await.unwrap()).unwrap();
    }
    if shown["state"] == "ready" {
        faults.extend(inputs::faults_of_outputs(inputs, row, out.path()));
    }
    faults
}

/// How often jobs that were given up had been tried, and whether there are more than a hundred of each. The program has no
/// word for it: the database is asked.
fn attempts(instance: &Instance) -> String {
    let question = "SELECT attempts, count(*) > 100 FROM jobs WHERE state = 'dead' GROUP BY attempts";
    let script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))";
    let database = instance.path("balado.sqlite");
    let asked = Command::new("python3").args(["-c", script]).arg(database).arg(question).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8(asked.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_stays_up_through_every_hostile_file() {
    let inputs = inputs();
    let mut instance = Instance::new(Engine::Embedded);
    instance.set("BALADO_WORKER_MEDIA_SLOTS", 2);
    instance.set("BALADO_WORKER_LEASE_SECONDS", 30);
    instance.set("BALADO_TEST_CANARY", &inputs.words);
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let mut deposits = Vec::new();
    for row in &inputs.rows {
        let bytes = std::fs::read(inputs.path(row)).unwrap();
        deposits.push((row, deposit(&teacher, &row.name, &bytes).await));
    }
    let until = Instant::now() + PATIENCE;
    let mut wrong = Vec::new();
    for (row, deposit) in &deposits {
        let shown = ended(&teacher, deposit, until).await;
        for fault in faults(&teacher, &inputs, row, deposit, &shown).await {
            wrong.push(format!("{}: {fault}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let next = teacher.deposit(&fixture("media/memo.webm")).await;
    teacher.wait_for(&next, "ready").await;
    assert_eq!(attempts(&instance), "(1, 1)", "more than a hundred files were refused, each at once");
    assert_eq!(inputs.calls(), 0, "somebody called");
    assert!(!inputs.holds_canary(instance.logs().as_bytes()), "the canary is in a log");
    assert_eq!(instance.rooms(), 0, "the folders of jobs are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_never_more_than_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(fixture("hostile")).arg(folder.path()).args(["--only", "10"]).status().unwrap();
    assert!(made.success());
    let names = std::fs::read(folder.path().join("names.json")).unwrap();
    let names: Vec<String> = serde_json::from_slice(&names).unwrap();
    let mut instance = Instance::new(Engine::Embedded);
    instance.serve().await;
    let teacher = instance.client(TEACHER);
    let bytes = std::fs::read(folder.path().join("h10-name.mp3")).unwrap();
    for name in names {
        let (upload, deposit) = teacher.open_upload(&name, bytes.len()).await;
        assert_eq!(teacher.append(&upload, 0, bytes.clone()).await, Some(204), "{name:?}");
        let id = deposit.rsplit('/').next().unwrap();
        let original =
            teacher.request("GET", &format!("/media/deposits/{id}/original")).send().await.unwrap();
        assert_eq!(original.status().as_u16(), 200, "{name:?}");
        let disposition = original.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(disposition.starts_with("attachment;"), "{name:?}: {disposition}");
        assert!(disposition.bytes().all(|byte| (0x20..0x7F).contains(&byte)), "{name:?}: {disposition}");
        assert!(!original.headers().contains_key("set-cookie"), "{name:?}");
        assert_eq!(original.bytes().await.unwrap(), bytes, "{name:?}");
    }
    let intruders =
        instance.files().into_iter().filter(|path| path.ends_with("x.mp3") || path.ends_with("-i"));
    assert_eq!(intruders.count(), 0, "a file under a name that was sent");
}
