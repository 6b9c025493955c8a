//! How soon a 1-minute memo is ready while a long film is converted and twenty others wait, on this machine:
//!
//! ```text
//! cargo build --release -p balado -p balado-transcoder
//! cargo run --release -p balado --example memo_beside_films -- [MINUTES of the long film] [FILMS that wait]
//! ```
//!
//! One process serves and works, as on a school's small server. Needs `ffmpeg` to make the files. Prints one JSON line.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The demonstration school's teacher.
const TEACHER: &str = "lou.martin";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let minutes: u32 = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let waiting: u32 = arguments.next().map_or(Ok(20), |text| text.parse())?;
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir()?;
    let program = beside_this_program()?;
    let school = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/school.csv");
    let service = Service::start(&program, folder.path(), &school).await?;

    let long = made(folder.path(), "long.avi", &film(minutes * 60))?;
    let short = made(folder.path(), "short.avi", &film(20))?;
    let memo = made(folder.path(), "memo.ogg", &sound())?;
    let first = service.deposit(&long).await?;
    service.wait_until(&first, |shown| shown["progress_permille"].as_i64() > Some(0)).await?;
    for _ in 0..waiting {
        service.deposit(&short).await?;
    }
    let started = Instant::now();
    let heard = service.deposit(&memo).await?;
    service.wait_until(&heard, |shown| shown["state"] == "ready").await?;
    let ready_ms = started.elapsed().as_millis();
    let film = service.shown(&first).await?;
    ensure!(film["state"] == "received", "the film was over too soon to tell anything: {film}");
    println!(
        "{}",
        json!({ "case": "memo beside films", "value_ms": ready_ms, "target_ms": 10_000, "waiting": waiting })
    );
    Ok(())
}

fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("no folder")?;
    let program = folder.join("balado");
    ensure!(program.is_file(), "build balado first: {}", program.display());
    Ok(program)
}

fn film(seconds: u32) -> Vec<String> {
    let picture = format!("testsrc2=s=1920x1080:r=30:d={seconds}");
    let tone = format!("sine=d={seconds}");
    ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone, "-c:v", "mpeg4", "-q:v", "10", "-c:a", "mp3"]
        .map(str::to_owned)
        .to_vec()
}

fn sound() -> Vec<String> {
    ["-f", "lavfi", "-i", "sine=d=60", "-c:a", "libopus"].map(str::to_owned).to_vec()
}

fn made(folder: &Path, name: &str, arguments: &[String]) -> Result<PathBuf> {
    let path = folder.join(name);
    let status = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).arg(&path).status()?;
    ensure!(status.success(), "ffmpeg makes no {name}");
    Ok(path)
}

/// A running Balado and a teacher's token. Dropping it ends the process.
struct Service {
    process: Child,
    origin: String,
    token: String,
    client: reqwest::Client,
}

impl Service {
    async fn start(program: &Path, folder: &Path, school: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let command = |arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).env("BALADO_DATA_FOLDER", folder.join("data"));
            command.env("BALADO_SERVER_ADDRESS", format!("127.0.0.1:{port}")).stdin(Stdio::null());
            command
        };
        ensure!(command(&["import", "csv"]).arg(school).output()?.status.success(), "no school");
        let token = command(&["admin", "token", TEACHER]).output()?.stdout;
        let log = std::fs::File::create(folder.join("serve.log"))?;
        let process = command(&["serve"]).stdout(Stdio::null()).stderr(log).spawn()?;
        let token = String::from_utf8(token)?.trim().to_owned();
        let origin = format!("http://127.0.0.1:{port}");
        let service = Self { process, origin, token, client: reqwest::Client::new() };
        let started = Instant::now();
        while service.client.get(format!("{}/healthz", service.origin)).send().await.is_err() {
            ensure!(started.elapsed() < PATIENCE, "it does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(service)
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.origin));
        request.bearer_auth(&self.token).header("tus-resumable", "1.0.0")
    }

    /// Deposits a file in one piece and gives its address.
    async fn deposit(&self, file: &Path) -> Result<String> {
        let bytes = tokio::fs::read(file).await?;
        let opened = self
            .request(reqwest::Method::POST, "/api/uploads")
            .header("upload-length", bytes.len())
            .send()
            .await?
            .error_for_status()?;
        let header = |name: &str| Ok::<_, anyhow::Error>(opened.headers()[name].to_str()?.to_owned());
        let (upload, deposit) = (header("location")?, header("balado-deposit")?);
        self.request(reqwest::Method::PATCH, &upload)
            .header("upload-offset", 0)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes)
            .send()
            .await?
            .error_for_status()?;
        Ok(deposit)
    }

    async fn shown(&self, deposit: &str) -> Result<Value> {
        let answer = self.request(reqwest::Method::GET, deposit).send().await?.error_for_status()?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }

    async fn wait_until(&self, deposit: &str, is_so: impl Fn(&Value) -> bool) -> Result<()> {
        let started = Instant::now();
        loop {
            let shown = self.shown(deposit).await?;
            if is_so(&shown) {
                return Ok(());
            }
            if shown["state"] == "failed" || started.elapsed() > PATIENCE {
                bail!("still {shown}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
