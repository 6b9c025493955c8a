//! The whole path through Chromium: the scenarios of `web/e2e`, against a real server, worker and mail sink.

use super::instance::{Engine, Instance, PATIENCE, TEACHER, fixture, free_port, items};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Debian's Python: it has the mail and calendar libraries that judge us, whatever else is in PATH.
const PYTHON: &str = "/usr/bin/python3";

/// A folder of `web/e2e` whose npm packages are there.
///
/// # Panics
/// When they are not: a test that cannot run fails.
pub(crate) fn scripts(folder: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web").join(folder);
    assert!(
        place.join("node_modules").is_dir(),
        "the npm packages of web/{folder} are missing: run `npm ci` there, or `make e2e`"
    );
    place.canonicalize().unwrap()
}

/// Runs a script to its end and shows all it said when it fails.
pub(crate) fn run(command: &mut Command, instance: &Instance) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!(
            "{} cannot be started ({error}): run `scripts/bootstrap test`",
            command.get_program().display()
        )
    });
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n--- the service said\n{}", tail(&instance.logs()));
    println!("{said}");
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

/// A real SMTP server that files what it gets into a Maildir. Dropping it ends it.
struct MailSink {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl MailSink {
    fn start() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let process = Command::new(PYTHON)
            .args([
                "-m",
                "aiosmtpd",
                "-n",
                "-l",
                &format!("127.0.0.1:{port}"),
                "-c",
                "aiosmtpd.handlers.Mailbox",
            ])
            .arg(folder.path().join("mails"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{PYTHON} cannot be started ({error}): run `scripts/bootstrap test`")
            });
        let mut sink = Self { process, port, folder };
        sink.wait();
        sink
    }

    fn wait(&mut self) {
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "the mail sink ended at once: is python3-aiosmtpd there? Run `scripts/bootstrap test`"
            );
            assert!(started.elapsed() < PATIENCE, "the mail sink does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_goes_the_whole_path() {
    let folder = scripts("e2e");
    let sink = MailSink::start();
    let mut instance = Instance::new(Engine::Embedded);
    instance.set("BALADO_MAIL_HOST", "127.0.0.1");
    instance.set("BALADO_MAIL_PORT", sink.port);
    instance.set("BALADO_MAIL_TLS", "none");
    instance.set("BALADO_MAIL_FROM", "balado@maree.example");
    instance.serve().await;
    let worker = instance.work();
    let mut node = Command::new("node");
    node.current_dir(folder)
        .arg("scenario.mjs")
        .env("BASE_URL", &instance.origin)
        .env("FIXTURES", fixture("").canonicalize().unwrap())
        .env("MAILS", sink.folder.path().join("mails"))
        .env("WORKER", worker.to_string())
        .env("TEACHER_TOKEN", instance.client(TEACHER).token);
    run(&mut node, &instance);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_outlives_what_goes_wrong_around_it() {
    let folder = scripts("e2e");
    let mut instance = Instance::new(Engine::Embedded);
    instance.serve().await;
    let worker = instance.work();
    let mut node = Command::new("node");
    node.current_dir(folder)
        .args(["scenario.mjs", "mishaps"])
        .env("BASE_URL", &instance.origin)
        .env("FIXTURES", fixture("").canonicalize().unwrap())
        .env("WORKER", worker.to_string())
        .env("TEACHER_TOKEN", instance.client(TEACHER).token);
    run(&mut node, &instance);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_cuts_with_handles_and_looks_ahead_in_a_film() {
    let folder = scripts("e2e");
    let mut instance = Instance::new(Engine::Embedded);
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let mut ids = Vec::new();
    for name in ["media/memo.webm", "media/clip.mp4"] {
        let deposit = teacher.deposit(&fixture(name)).await;
        ids.push(teacher.wait_for(&deposit, "ready").await["id"].as_str().unwrap().to_owned());
    }
    let mut node = Command::new("node");
    node.current_dir(folder)
        .args(["scenario.mjs", "cutting"])
        .env("BASE_URL", &instance.origin)
        .env("FIXTURES", fixture("").canonicalize().unwrap())
        .env("SOUND", &ids[0])
        .env("FILM", &ids[1]);
    run(&mut node, &instance);
    // Oldest last: the one cut with the keys, 10.1 s; then two halves; then 2.5 s without script.
    let cuts = teacher.json("GET", &format!("/api/deposits/{}/cuts", ids[0]), None).await;
    let parts: Vec<usize> =
        items(&cuts).iter().map(|cut| cut["deposits"].as_array().unwrap().len()).collect();
    assert_eq!(parts, [1, 2, 1]);
    for (place, expected_ms) in [(2, 10_100), (0, 2500)] {
        let part = items(&cuts)[place]["deposits"][0].as_str().unwrap().to_owned();
        let made = teacher.wait_for(&format!("/api/deposits/{part}"), "ready").await;
        let sound = items(&made["renditions"]).iter().find(|one| one["kind"] == "mp3").unwrap();
        let lasts_ms = sound["duration_ms"].as_i64().unwrap();
        assert!((lasts_ms - expected_ms).abs() <= 60, "{lasts_ms} ms instead of {expected_ms}");
    }
}
