//! Settings: one table declares each with its default and its meaning; a TOML file and `BALADO_…` variables fill it.
//!
//! `server.address` in the file is `BALADO_SERVER_ADDRESS` in the environment; the environment wins. All faults are
//! reported at once, unknown names included, and `balado settings` prints this table.

use crate::error::{Error, Result};
use balado_ent::mail::{RelaySettings, RelayTls};
use balado_objects::S3Settings;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One documented setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Dotted name in the file.
    pub name: &'static str,
    /// Value when nothing is said; empty means absent.
    pub default: &'static str,
    /// What it does, one sentence.
    pub meaning: &'static str,
    /// Whether its value must never be printed.
    pub secret: bool,
}

const fn plain(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default, meaning, secret: false }
}

const fn secret(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default: "", meaning, secret: true }
}

/// Every setting, in the order it is printed.
pub const SETTINGS: &[Setting] = &[
    plain("data.folder", "data", "Folder of the embedded default: database, blobs, instance key, scratch."),
    plain(
        "data.instance_key",
        "",
        "File of the instance key; default `instance.key` in data.folder. Same on every machine.",
    ),
    plain(
        "server.address",
        "127.0.0.1:8080",
        "Address and port to listen on. Plain HTTP is allowed on loopback only, unless a trusted proxy is named.",
    ),
    plain(
        "server.origin",
        "",
        "Public address as people type it, e.g. https://balado.college.example; default from server.address.",
    ),
    plain(
        "server.tls_certificate",
        "",
        "PEM file of the certificate chain; with server.tls_key, Balado ends TLS itself.",
    ),
    plain("server.tls_key", "", "PEM file of the private key."),
    plain(
        "server.trusted_proxies",
        "",
        "Addresses (comma-separated) whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    ),
    plain("server.threads", "0", "HTTP threads; 0 means one per core."),
    plain(
        "database.url",
        "",
        "sqlite:FILE or postgres://…; default `sqlite:` + data.folder + `/balado.sqlite`.",
    ),
    plain("database.connections", "8", "Connections kept open."),
    plain(
        "objects.url",
        "",
        "file:FOLDER or s3://BUCKET[/PREFIX]; default `file:` + data.folder + `/objects`.",
    ),
    plain("objects.s3_endpoint", "", "Address of an S3 service other than the region's default."),
    plain("objects.s3_region", "us-east-1", "Region of the bucket."),
    secret("objects.s3_access_key", "Access key of the bucket."),
    secret("objects.s3_secret_key", "Secret key of the bucket."),
    plain(
        "worker.media_slots",
        "0",
        "Sounds, pictures and documents converted at once; 0 means one per core. Short sounds have one slot more.",
    ),
    plain(
        "worker.film_slots",
        "1",
        "Films whose pictures are converted at once. Each uses every core the others leave.",
    ),
    plain(
        "worker.followers",
        "0",
        "Recordings converted while they arrive at once; 0 means two per core, within a quarter of the memory.",
    ),
    plain(
        "worker.follower_idle_seconds",
        "120",
        "How long a recording may pause before its follower gives way to another that waits.",
    ),
    plain("worker.light_slots", "1", "Slots that never run children."),
    plain(
        "worker.recipes",
        "",
        "Folder of recipes of your own, one NAME-VERSION.json each, beside the built-in ones. Same on every machine.",
    ),
    plain("worker.lease_seconds", "60", "How long a claim holds without a sign of life."),
    plain(
        "worker.transcoder",
        "",
        "Path of balado-transcoder; default beside this program, else found in PATH.",
    ),
    plain(
        "worker.sandbox",
        "closed",
        "closed, or tolerate-gaps on a developer's machine without Landlock: files are then converted in a box with missing walls.",
    ),
    plain(
        "worker.embedded",
        "true",
        "Whether `balado serve` also works; false when `balado worker` runs elsewhere.",
    ),
    plain("mail.host", "", "SMTP relay; no mail is sent without one."),
    plain("mail.port", "25", "Port of the relay."),
    plain("mail.tls", "starttls", "none, starttls or tls."),
    plain("mail.user", "", "User name for the relay."),
    secret("mail.password", "Password for the relay."),
    plain("mail.from", "", "Sender address of every mail."),
    plain("limits.upload_bytes", "4294967296", "Largest deposit, in bytes."),
    plain("limits.teacher_quota_bytes", "21474836480", "Storage of each teacher of a new school, in bytes."),
    plain("limits.pupil_quota_bytes", "2147483648", "Storage of each pupil of a new school, in bytes."),
    plain("limits.upload_hours", "48", "Hours without a byte after which an unfinished deposit is given up."),
    plain("session.idle_minutes", "60", "Minutes without a request after which a browser is signed out."),
    plain("session.absolute_hours", "12", "Hours after which a browser is signed out in any case."),
];

/// The settings of one process, checked.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Folder of the embedded default.
    pub data_folder: PathBuf,
    /// File of the instance key.
    pub instance_key: PathBuf,
    /// HTTP.
    pub server: Server,
    /// Database address.
    pub database_url: String,
    /// Connections kept open.
    pub database_connections: u32,
    /// Blob store address.
    pub objects_url: String,
    /// S3 credentials, when the blob store is one.
    pub s3: Option<S3Settings>,
    /// Workers.
    pub worker: Worker,
    /// The mail relay, when there is one.
    pub relay: Option<RelaySettings>,
    /// Limits.
    pub limits: Limits,
    /// How long a browser stays signed in.
    pub session: Session,
}

/// HTTP settings.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address and port to listen on.
    pub address: std::net::SocketAddr,
    /// Public address, without a trailing slash.
    pub origin: String,
    /// Certificate and key files, when Balado ends TLS itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Proxies whose forwarded headers are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// HTTP threads; 0 means one per core.
    pub threads: usize,
}

/// Worker settings.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Sounds, pictures and documents converted at once; never 0.
    pub media_slots: usize,
    /// Films whose pictures are converted at once; never 0.
    pub film_slots: usize,
    /// Folder of the administrator's own recipes, when set.
    pub recipes: Option<PathBuf>,
    /// Deposits converted while they arrive at once; 0 means as many as the machine takes.
    pub followers: usize,
    /// Seconds without a byte after which a follower gives way to another that waits.
    pub follower_idle_seconds: u32,
    /// Slots that never run children; never 0.
    pub light_slots: usize,
    /// Lease, in seconds.
    pub lease_seconds: u32,
    /// Path of the transcoder, when set.
    pub transcoder: Option<PathBuf>,
    /// Whether children may work in a box with missing walls. For developers' machines only.
    pub tolerates_gaps: bool,
    /// Whether `serve` also works.
    pub embedded: bool,
}

/// Limits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest deposit.
    pub upload_bytes: u64,
    /// Storage of each teacher of a new school.
    pub teacher_quota_bytes: i64,
    /// Storage of each pupil of a new school.
    pub pupil_quota_bytes: i64,
    /// Hours without a byte after which an unfinished deposit is given up.
    pub upload_hours: i64,
}

/// Session lifetimes.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Minutes without a request.
    pub idle_minutes: i64,
    /// Hours in any case.
    pub absolute_hours: i64,
}

/// The name of a setting in the environment.
#[must_use]
pub fn variable_of(name: &str) -> String {
    format!("BALADO_{}", name.replace('.', "_").to_ascii_uppercase())
}

impl Configuration {
    /// Reads the file, if any, then the environment, and checks everything.
    ///
    /// # Errors
    /// [`Error::Settings`] with one line per fault.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut reading = Reading::default();
        if let Some(path) = file {
            reading.read_file(path);
        }
        reading.read_environment(environment);
        let configuration = reading.build();
        if reading.faults.is_empty() {
            Ok(configuration)
        } else {
            Err(Error::Settings(reading.faults.join("\n")))
        }
    }
}

#[derive(Default)]
struct Reading {
    values: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Reading {
    fn read_file(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.faults.push(format!("{}: {error}", path.display())),
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => return self.faults.push(format!("{}: {error}", path.display())),
        };
        for (section, content) in table {
            let toml::Value::Table(entries) = content else {
                self.faults.push(format!("{section}: expected a [{section}] section"));
                continue;
            };
            for (key, value) in entries {
                let text = match value {
                    toml::Value::String(text) => text,
                    other => other.to_string(),
                };
                self.set(format!("{section}.{key}"), text);
            }
        }
    }

    fn read_environment(&mut self, environment: impl Iterator<Item = (String, String)>) {
        let names: BTreeMap<String, &str> = SETTINGS.iter().map(|s| (variable_of(s.name), s.name)).collect();
        for (variable, value) in environment {
            if let Some(name) = names.get(&variable) {
                self.values.insert((*name).to_owned(), value);
            } else if variable.starts_with("BALADO_") && !variable.starts_with("BALADO_TEST_") {
                self.faults.push(format!("{variable}: there is no such setting"));
            }
        }
    }

    fn set(&mut self, name: String, value: String) {
        if SETTINGS.iter().any(|s| s.name == name) {
            self.values.insert(name, value);
        } else {
            self.faults.push(format!("{name}: there is no such setting"));
        }
    }

    fn text(&self, name: &str) -> String {
        let default = SETTINGS.iter().find(|s| s.name == name).map_or("", |s| s.default);
        self.values.get(name).map_or(default, String::as_str).trim().to_owned()
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    fn parsed<T: std::str::FromStr + Default>(&mut self, name: &str, wanted: &str) -> T {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{name}: `{text}` is not {wanted}"));
            T::default()
        })
    }

    fn build(&mut self) -> Configuration {
        let data_folder = PathBuf::from(self.text("data.folder"));
        let inside = |name: &str| data_folder.join(name);
        let relay = self.relay();
        Configuration {
            instance_key: self
                .optional("data.instance_key")
                .map_or_else(|| inside("instance.key"), PathBuf::from),
            server: self.server(),
            database_url: self
                .optional("database.url")
                .unwrap_or_else(|| format!("sqlite:{}", inside("balado.sqlite").display())),
            database_connections: self.parsed("database.connections", "a number"),
            objects_url: self
                .optional("objects.url")
                .unwrap_or_else(|| format!("file:{}", inside("objects").display())),
            s3: self.s3(),
            worker: self.worker(),
            relay,
            limits: Limits {
                upload_bytes: self.parsed("limits.upload_bytes", "a number of bytes"),
                teacher_quota_bytes: self.parsed("limits.teacher_quota_bytes", "a number of bytes"),
                pupil_quota_bytes: self.parsed("limits.pupil_quota_bytes", "a number of bytes"),
                upload_hours: self.parsed("limits.upload_hours", "a number of hours"),
            },
            session: Session {
                idle_minutes: self.parsed("session.idle_minutes", "a number of minutes"),
                absolute_hours: self.parsed("session.absolute_hours", "a number of hours"),
            },
            data_folder,
        }
    }

    fn server(&mut self) -> Server {
        let text = self.text("server.address");
        let address = text.parse().unwrap_or_else(|_| {
            self.faults
                .push(format!("server.address: `{text}` is not an address and port such as 127.0.0.1:8080"));
            std::net::SocketAddr::from(([127, 0, 0, 1], 8080))
        });
        let tls = match (self.optional("server.tls_certificate"), self.optional("server.tls_key")) {
            (Some(certificate), Some(key)) => Some((PathBuf::from(certificate), PathBuf::from(key))),
            (None, None) => None,
            _ => {
                self.faults
                    .push("server.tls_certificate and server.tls_key: give both or neither".to_owned());
                None
            }
        };
        let trusted_proxies = self.proxies();
        if tls.is_none() && !address.ip().is_loopback() && trusted_proxies.is_empty() {
            self.faults.push(format!(
                "server.address: {address} is not loopback; set server.tls_certificate and server.tls_key, or name \
                 the proxy that ends TLS in server.trusted_proxies"
            ));
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        let origin = self.optional("server.origin").unwrap_or_else(|| format!("{scheme}://{address}"));
        if !(origin.starts_with("http://") || origin.starts_with("https://")) {
            self.faults.push(format!("server.origin: `{origin}` does not start with http:// or https://"));
        }
        let threads = self.parsed("server.threads", "a number");
        Server { address, origin: origin.trim_end_matches('/').to_owned(), tls, trusted_proxies, threads }
    }

    fn proxies(&mut self) -> Vec<std::net::IpAddr> {
        let mut proxies = Vec::new();
        for text in
            self.text("server.trusted_proxies").split(',').map(str::trim).filter(|text| !text.is_empty())
        {
            match text.parse() {
                Ok(address) => proxies.push(address),
                Err(_) => self.faults.push(format!("server.trusted_proxies: `{text}` is not an IP address")),
            }
        }
        proxies
    }

    fn worker(&mut self) -> Worker {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let slots: usize = self.parsed("worker.media_slots", "a number");
        let films: usize = self.parsed("worker.film_slots", "a number");
        let light: usize = self.parsed("worker.light_slots", "a number");
        Worker {
            media_slots: if slots == 0 { cores } else { slots },
            film_slots: films.max(1),
            recipes: self.optional("worker.recipes").map(PathBuf::from),
            followers: self.parsed("worker.followers", "a number"),
            follower_idle_seconds: self.parsed("worker.follower_idle_seconds", "a number of seconds"),
            light_slots: light.max(1),
            lease_seconds: self.parsed::<u32>("worker.lease_seconds", "a number of seconds").max(3),
            transcoder: self.optional("worker.transcoder").map(PathBuf::from),
            tolerates_gaps: self.tolerates_gaps(),
            embedded: self.parsed("worker.embedded", "true or false"),
        }
    }

    fn tolerates_gaps(&mut self) -> bool {
        let text = self.text("worker.sandbox");
        if !matches!(text.as_str(), "closed" | "tolerate-gaps") {
            self.faults.push(format!("worker.sandbox: `{text}` is not closed or tolerate-gaps"));
        }
        text == "tolerate-gaps"
    }

    fn s3(&mut self) -> Option<S3Settings> {
        if !self.text("objects.url").starts_with("s3:") {
            return None;
        }
        let endpoint = self.optional("objects.s3_endpoint");
        let (access, secret) = (self.text("objects.s3_access_key"), self.text("objects.s3_secret_key"));
        if access.is_empty() || secret.is_empty() {
            self.faults.push(
                "objects.s3_access_key and objects.s3_secret_key: both are needed for s3://".to_owned(),
            );
        }
        Some(S3Settings {
            allow_http: endpoint.as_deref().is_some_and(|e| e.starts_with("http://")),
            endpoint,
            region: self.text("objects.s3_region"),
            access_key: access,
            secret_key: secret,
        })
    }

    fn relay(&mut self) -> Option<RelaySettings> {
        let host = self.optional("mail.host")?;
        let from = self.text("mail.from");
        if from.is_empty() {
            self.faults.push("mail.from: needed when mail.host is set".to_owned());
        }
        let tls = match self.text("mail.tls").as_str() {
            "none" => RelayTls::None,
            "starttls" => RelayTls::StartTls,
            "tls" => RelayTls::Tls,
            other => {
                self.faults.push(format!("mail.tls: `{other}` is not none, starttls or tls"));
                RelayTls::StartTls
            }
        };
        let credentials = self.optional("mail.user").map(|user| (user, self.text("mail.password")));
        Some(RelaySettings { host, port: self.parsed("mail.port", "a port"), tls, credentials, from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Configuration> {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Configuration::load(None, pairs.collect::<Vec<_>>().into_iter())
    }

    #[test]
    fn the_embedded_default_needs_no_setting() {
        let configuration = load(&[]).unwrap();
        assert_eq!(configuration.database_url, "sqlite:data/balado.sqlite");
        assert_eq!(configuration.server.origin, "http://127.0.0.1:8080");
        assert!(configuration.worker.media_slots >= 1);
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let error = load(&[
            ("BALADO_SERVER_ADDRESS", "nowhere"),
            ("BALADO_MAIL_HOST", "relay"),
            ("BALADO_MAIL_TLS", "perhaps"),
            ("BALADO_COLOUR", "blue"),
        ])
        .unwrap_err();
        let text = error.to_string();
        for part in ["server.address", "mail.from", "mail.tls", "BALADO_COLOUR"] {
            assert!(text.contains(part), "{part} missing in {text}");
        }
    }

    #[test]
    fn plain_http_beyond_loopback_needs_a_proxy_or_a_certificate() {
        assert!(load(&[("BALADO_SERVER_ADDRESS", "0.0.0.0:80")]).is_err());
        let behind = [("BALADO_SERVER_ADDRESS", "0.0.0.0:80"), ("BALADO_SERVER_TRUSTED_PROXIES", "10.0.0.2")];
        assert!(load(&behind).is_ok());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("balado.toml");
        std::fs::write(&file, "[server]\naddress = \"127.0.0.1:1\"\nthreads = 3\n").unwrap();
        let variables = [("BALADO_SERVER_ADDRESS".to_owned(), "127.0.0.1:2".to_owned())];
        let configuration = Configuration::load(Some(&file), variables.into_iter()).unwrap();
        assert_eq!(configuration.server.address.port(), 2);
        assert_eq!(configuration.server.threads, 3);
    }
}
