//! A running Balado: real `serve` and `worker` processes on an engine of their own, and a client for their interface.

use balado_testkit::postgres::{FreshDatabase, fresh_database};
use balado_testkit::s3::{self, S3Server};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for anything: far beyond what is needed, so that a loaded machine does not fail a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// The demonstration school's teacher of 5eA and 5eB.
pub(crate) const TEACHER: &str = "lou.martin";
/// A pupil of 5eB.
pub(crate) const PUPIL: &str = "ines.benali";

/// What holds the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// SQLite and local disk.
    Embedded,
    /// PostgreSQL and S3.
    Distributed,
}

/// Folders, addresses and processes of one installation. Dropping it ends every process.
pub(crate) struct Instance {
    folder: TempDir,
    database: Option<FreshDatabase>,
    bucket: Option<S3Server>,
    pub(crate) origin: String,
    processes: Vec<Child>,
    settings: Vec<(&'static str, String)>,
    client: reqwest::Client,
}

impl Instance {
    /// An installation with the demonstration school and nothing running.
    pub(crate) fn new(engine: Engine) -> Self {
        // The client is built without a default provider; the first instance of a process chooses it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let distributed = engine == Engine::Distributed;
        let port = free_port();
        let instance = Self {
            folder: tempfile::tempdir().unwrap(),
            database: distributed.then(fresh_database),
            bucket: distributed.then(|| s3::start().unwrap()),
            origin: format!("http://127.0.0.1:{port}"),
            processes: Vec::new(),
            settings: Vec::new(),
            client: reqwest::Client::new(),
        };
        let imported = instance.command(&["import", "csv"]).arg(fixture("school.csv")).output().unwrap();
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        instance
    }

    /// Gives every command of this installation one setting more.
    pub(crate) fn set(&mut self, name: &'static str, value: impl ToString) {
        self.settings.push((name, value.to_string()));
    }

    /// A command of the program on this installation, with a short lease so that deaths are noticed soon.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_balado"));
        command
            .args(arguments)
            .env_clear()
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .env("BALADO_DATA_FOLDER", self.folder.path())
            .env("BALADO_SERVER_ADDRESS", self.origin.trim_start_matches("http://"))
            .env("BALADO_WORKER_EMBEDDED", "false")
            .env("BALADO_WORKER_MEDIA_SLOTS", "1")
            .env("BALADO_WORKER_LEASE_SECONDS", "3")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("BALADO_DATABASE_URL", database.url());
        }
        if let Some(bucket) = &self.bucket {
            command
                .env("BALADO_OBJECTS_URL", format!("s3://{}", bucket.bucket))
                .env("BALADO_OBJECTS_S3_ENDPOINT", &bucket.endpoint)
                .env("BALADO_OBJECTS_S3_ACCESS_KEY", &bucket.access_key)
                .env("BALADO_OBJECTS_S3_SECRET_KEY", &bucket.secret_key);
        }
        command
    }

    fn start(&mut self, arguments: &[&str]) -> u32 {
        let log = std::fs::File::create(self.log(self.processes.len())).unwrap();
        let child = self.command(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let id = child.id();
        self.processes.push(child);
        id
    }

    fn log(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("process-{number}.log"))
    }

    /// What every process has said so far: for the message of a failing test.
    pub(crate) fn logs(&self) -> String {
        (0..self.processes.len()).map(|n| std::fs::read_to_string(self.log(n)).unwrap_or_default()).collect()
    }

    /// A path in its data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How many jobs have a folder now, whether their workers live or not.
    pub(crate) fn rooms(&self) -> usize {
        let folders = |path: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
        };
        let processes = folders(&self.folder.path().join("scratch"));
        processes.iter().map(|process| folders(process).len()).sum()
    }

    /// Every file below its data folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    /// Starts `balado serve` and waits until it answers.
    pub(crate) async fn serve(&mut self) -> u32 {
        let id = self.start(&["serve"]);
        let started = Instant::now();
        loop {
            if self
                .client
                .get(format!("{}/healthz", self.origin))
                .send()
                .await
                .is_ok_and(|r| r.status().is_success())
            {
                return id;
            }
            assert!(started.elapsed() < PATIENCE, "serve does not answer: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Starts `balado worker`.
    pub(crate) fn work(&mut self) -> u32 {
        self.start(&["worker"])
    }

    /// Sends a signal to one process and, when that ends it, waits for it.
    pub(crate) fn signal(&mut self, id: u32, name: &str) {
        let status = Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap();
        assert!(status.success());
        if name == "KILL"
            && let Some(child) = self.processes.iter_mut().find(|child| child.id() == id)
        {
            child.wait().unwrap();
        }
    }

    /// Ends a process in good order and says how long that took.
    pub(crate) fn terminate(&mut self, id: u32) -> Duration {
        let started = Instant::now();
        self.signal(id, "TERM");
        let child = self.processes.iter_mut().find(|child| child.id() == id).unwrap();
        child.wait().unwrap();
        started.elapsed()
    }

    /// A film that must be encoded anew and takes long enough to be interrupted.
    pub(crate) fn long_film(&self) -> PathBuf {
        let path = self.folder.path().join("film.avi");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=12"])
            .args(["-f", "lavfi", "-i", "sine=d=12", "-c:v", "mpeg4", "-q:v", "8", "-c:a", "mp3"])
            .arg(&path)
            .status();
        assert!(made.is_ok_and(|status| status.success()), "ffmpeg makes no film");
        path
    }

    /// A client with a person's rights.
    pub(crate) fn client(&self, login: &str) -> Client {
        let made = self.command(&["admin", "token", login]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        Client { http: self.client.clone(), origin: self.origin.clone(), token }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        for child in &mut self.processes {
            // Frozen processes only die once they may run again; ended ones are no trouble.
            drop(
                Command::new("kill")
                    .args(["-s", "CONT", &child.id().to_string()])
                    .stderr(Stdio::null())
                    .status(),
            );
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// A script with a person's bearer token.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) origin: String,
    pub(crate) token: String,
}

impl Client {
    /// A request with the token; `path` begins with a slash.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token)
    }

    /// A JSON answer, which must be a success.
    pub(crate) async fn json(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Opens an upload of a declared length and says where it is.
    pub(crate) async fn open_upload(&self, name: &str, length: usize) -> (String, String) {
        let response = self
            .request("POST", "/api/uploads")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", length)
            .header("upload-metadata", format!("filename {}", base64(name.as_bytes())))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 201);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        (header("location"), header("balado-deposit"))
    }

    /// Appends bytes at an offset; `None` when the connection broke.
    pub(crate) async fn append(&self, upload: &str, offset: usize, bytes: Vec<u8>) -> Option<u16> {
        let sent = self
            .request("PATCH", upload)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes)
            .send()
            .await;
        sent.ok().map(|response| response.status().as_u16())
    }

    /// The durable offset of an upload.
    pub(crate) async fn offset(&self, upload: &str) -> usize {
        let response = self.request("HEAD", upload).header("tus-resumable", "1.0.0").send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.status());
        response.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
    }

    /// Deposits a file whole and answers the deposit's address.
    pub(crate) async fn deposit(&self, path: &Path) -> String {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let (upload, deposit) = self.open_upload(&name, bytes.len()).await;
        assert_eq!(self.append(&upload, 0, bytes).await, Some(204));
        deposit
    }

    /// Waits until a deposit is in a state.
    pub(crate) async fn wait_for(&self, deposit: &str, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let shown = self.json("GET", deposit, None).await;
            if shown["state"] == state {
                return shown;
            }
            assert!(started.elapsed() < PATIENCE, "still {shown}");
            assert!(shown["state"] != "failed" || state == "failed", "{shown}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The ids of the classes and groups the person teaches or attends.
    pub(crate) async fn groups(&self) -> Vec<Value> {
        let groups = self.json("GET", "/api/groups", None).await;
        items(&groups).iter().map(|group| group["id"].clone()).collect()
    }
}

/// The entries of a listing.
pub(crate) fn items(listing: &Value) -> &Vec<Value> {
    listing.as_array().or_else(|| listing["items"].as_array()).unwrap()
}

/// A file of the fixtures.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// The transcoder children of a process that live now, with their niceness.
fn children_of(parent: u32) -> Vec<(u32, i32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((name, rest)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<_> = rest.split(' ').collect();
        let is_child = fields.get(1).and_then(|field| field.parse::<u32>().ok()) == Some(parent);
        if is_child && name.contains("balado-transcod") && fields.first() != Some(&"Z") {
            found.push((id, fields.get(16).and_then(|field| field.parse().ok()).unwrap_or(0)));
        }
    }
    found
}

/// The transcoder children of a process that live now.
pub(crate) fn transcoders_of(parent: u32) -> Vec<u32> {
    children_of(parent).into_iter().map(|(id, _)| id).collect()
}

/// Waits until a worker has a transcoder at work.
pub(crate) async fn wait_for_transcoder(worker: u32) -> u32 {
    let started = Instant::now();
    loop {
        if let Some(id) = transcoders_of(worker).first() {
            return *id;
        }
        assert!(started.elapsed() < PATIENCE, "no transcoder was started");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The transcoders a process has at the pictures of films: those step back behind everything else.
pub(crate) fn films_of(parent: u32) -> Vec<u32> {
    children_of(parent).into_iter().filter(|(_, niceness)| *niceness >= 15).map(|(id, _)| id).collect()
}

/// Waits until a worker has a transcoder at the pictures of a film.
pub(crate) async fn wait_for_film(worker: u32) -> u32 {
    let started = Instant::now();
    loop {
        if let Some(id) = films_of(worker).first() {
            return *id;
        }
        assert!(started.elapsed() < PATIENCE, "no transcoder was started on a film");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A port nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Runs a test body on both engines, each as a test of its own.
macro_rules! on_both_engines {
    ($($name:ident => $body:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$body(crate::balado::instance::Engine::Embedded).await; })+
        }
        mod distributed {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$body(crate::balado::instance::Engine::Distributed).await; })+
        }
    };
}
pub(crate) use on_both_engines;
