//! A running Balado with a school of its own, and a client that does what a browser does.

use anyhow::{Context, Result, bail};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The password of everybody in the school.
const PASSWORD: &str = "une-phrase-assez-longue";

/// The login of the teacher.
const TEACHER: &str = "prof";

/// The login of a teacher of another school.
const OTHER_TEACHER: &str = "ailleurs";

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(3600);

/// `balado serve` on the embedded engine, in a folder that is gone with it.
pub struct Service {
    process: Child,
    origin: String,
    http: reqwest::Client,
    tokens: Vec<String>,
    teachers: [String; 2],
    _folder: tempfile::TempDir,
}

impl Service {
    /// Starts a school with one class of that many pupils.
    ///
    /// # Errors
    /// When the program cannot be started or does not answer.
    pub async fn start(program: &Path, pupils: usize) -> Result<Self> {
        // A second choice would only say that one was made.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir_in(program.parent().unwrap_or(Path::new(".")))?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let command = |arguments: &[&str]| {
            let mut command = Command::new(program);
            command
                .args(arguments)
                .env("BALADO_DATA_FOLDER", folder.path())
                .env("BALADO_SERVER_ADDRESS", &address);
            command.stdin(Stdio::null()).stderr(Stdio::null());
            command
        };
        let roster = folder.path().join("school.csv");
        std::fs::write(&roster, school(pupils))?;
        let imported = command(&["import", "csv"]).arg(&roster).output()?;
        if !imported.status.success() {
            bail!("import: {}", String::from_utf8_lossy(&imported.stdout));
        }
        let token = |login: &str| -> Result<String> {
            let told = command(&["admin", "token", login]).output()?;
            Ok(String::from_utf8(told.stdout)?.trim().to_owned())
        };
        let tokens = (0..pupils).map(|pupil| token(&login(pupil))).collect::<Result<_>>()?;
        let teachers = [token(TEACHER)?, token(OTHER_TEACHER)?];
        let process = command(&["serve"]).stdout(Stdio::null()).spawn()?;
        let service = Self {
            process,
            origin: format!("http://{address}"),
            http: reqwest::Client::new(),
            tokens,
            teachers,
            _folder: folder,
        };
        let started = Instant::now();
        while !service
            .http
            .get(format!("{}/healthz", service.origin))
            .send()
            .await
            .is_ok_and(|a| a.status().is_success())
        {
            if started.elapsed() > Duration::from_secs(60) {
                bail!("the service does not answer");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(service)
    }

    /// The process, for looking at what it uses.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// A client with the rights of the teacher.
    #[must_use]
    pub fn teacher(&self) -> Client {
        self.client(self.teachers[0].clone(), 0)
    }

    /// A client with the rights of a teacher of another school.
    #[must_use]
    pub fn other_teacher(&self) -> Client {
        self.client(self.teachers[1].clone(), 0)
    }

    /// A client with the rights of a pupil.
    #[must_use]
    pub fn pupil(&self, number: usize) -> Client {
        let token = self.tokens.get(number % self.tokens.len().max(1)).cloned().unwrap_or_default();
        self.client(token, number)
    }

    fn client(&self, token: String, number: usize) -> Client {
        Client { http: self.http.clone(), origin: self.origin.clone(), token, number }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn login(pupil: usize) -> String {
    format!("eleve.{pupil}")
}

fn school(pupils: usize) -> String {
    let mut roster =
        "etablissement;uai;annee;profil;login;prenom;nom;classes;matiere;email;enfants;mot_de_passe\n"
            .to_owned();
    let school = "Collège des Mesures;0540000A;2026-2027";
    let _ = writeln!(roster, "{school};enseignant;{TEACHER};Anne;Mesure;5eA;Anglais;;;{PASSWORD}");
    let other = "Collège d'en face;0540001B;2026-2027";
    let _ = writeln!(roster, "{other};enseignant;{OTHER_TEACHER};Paul;Ailleurs;4eB;Anglais;;;{PASSWORD}");
    for pupil in 0..pupils {
        let _ = writeln!(roster, "{school};élève;{};Élève;Numéro {pupil};5eA;;;;{PASSWORD}", login(pupil));
    }
    roster
}

/// What one pupil's browser does.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    token: String,
    number: usize,
}

/// An upload that grows.
pub struct Recording {
    upload: String,
    deposit: String,
    sent: usize,
}

impl Recording {
    /// Bytes sent so far.
    #[must_use]
    pub fn size(&self) -> usize {
        self.sent
    }
}

impl Client {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token)
    }

    /// Opens an upload whose length is not known yet.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn open(&self, name: &str) -> Result<Recording> {
        use base64::Engine as _;
        let name = base64::engine::general_purpose::STANDARD.encode(name);
        let request = self
            .request(Method::POST, "/api/uploads")
            .header("tus-resumable", "1.0.0")
            .header("upload-defer-length", "1")
            .header("upload-metadata", format!("filename {name}"));
        let answer = succeed(request.send().await?).await?;
        let header = |name: &str| -> Result<String> {
            Ok(answer.headers().get(name).context("a header is missing")?.to_str()?.to_owned())
        };
        Ok(Recording { upload: header("location")?, deposit: header("balado-deposit")?, sent: 0 })
    }

    /// Sends the next bytes; the last ones declare the length.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn send(&self, recording: &mut Recording, bytes: &[u8], is_last: bool) -> Result<()> {
        let mut request = self
            .request(Method::PATCH, &recording.upload)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", recording.sent)
            .header("content-type", "application/offset+octet-stream");
        recording.sent += bytes.len();
        if is_last {
            request = request.header("upload-length", recording.sent);
        }
        succeed(request.body(bytes.to_vec()).send().await?).await?;
        Ok(())
    }

    /// Waits until a deposit has an output of a kind, looking as often as `look_every`, and gives its path.
    ///
    /// # Errors
    /// When the deposit fails.
    pub async fn wait_for(&self, recording: &Recording, kind: &str, look_every: Duration) -> Result<String> {
        let find = |shown: &Value| {
            let made = shown["renditions"].as_array()?.iter().find(|made| made["kind"] == kind)?;
            made["url"].as_str().map(str::to_owned)
        };
        self.look_until(recording, look_every, find).await
    }

    /// Waits until everything is made of a deposit that was promised at once.
    ///
    /// # Errors
    /// When the deposit fails.
    pub async fn wait_until_ready(&self, recording: &Recording, look_every: Duration) -> Result<()> {
        self.look_until(recording, look_every, |shown| (shown["state"] == "ready").then_some(())).await
    }

    async fn look_until<T>(
        &self,
        recording: &Recording,
        look_every: Duration,
        find: impl Fn(&Value) -> Option<T>,
    ) -> Result<T> {
        let started = Instant::now();
        loop {
            let answer = succeed(self.request(Method::GET, &recording.deposit).send().await?).await?;
            let shown: Value = serde_json::from_str(&answer.text().await?)?;
            if let Some(found) = find(&shown) {
                return Ok(found);
            }
            if shown["state"] == "failed" || started.elapsed() > PATIENCE {
                bail!("not found: {shown}");
            }
            tokio::time::sleep(look_every).await;
        }
    }

    /// Reads some bytes of an output.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn read_range(&self, path: &str, from: u64, size: u64) -> Result<Vec<u8>> {
        let range = format!("bytes={from}-{}", from + size - 1);
        let answer = self.request(Method::GET, path).header("range", range).send().await?;
        if answer.status() != reqwest::StatusCode::PARTIAL_CONTENT {
            bail!("{path}: {}", answer.status());
        }
        Ok(answer.bytes().await?.to_vec())
    }

    /// Signs in with login and password, as a browser does.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn sign_in(&self) -> Result<()> {
        let body = serde_json::json!({ "login": login(self.number), "password": PASSWORD }).to_string();
        let request =
            self.http.post(format!("{}/api/session", self.origin)).header("content-type", "application/json");
        succeed(request.body(body).send().await?).await?;
        Ok(())
    }
}

async fn succeed(answer: Response) -> Result<Response> {
    let status = answer.status();
    if status.is_success() { Ok(answer) } else { bail!("{status}: {}", answer.text().await?) }
}
