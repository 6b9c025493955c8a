//! A real S3 server in this process: checks signatures, keeps objects in a folder that goes away with it.
//!
//! For the tests of whatever stores objects. Not a model of Amazon's service: it has no `If-None-Match` and no limits.

mod keys;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use keys::LongKeys;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// A running server. Dropping it closes every connection, frees the port and removes the objects.
pub struct S3Server {
    /// Where it listens, e.g. `http://127.0.0.1:41234`.
    pub endpoint: String,
    /// Its only bucket.
    pub bucket: String,
    /// The access key it knows.
    pub access_key: String,
    /// The secret that goes with it.
    pub secret_key: String,
    root: TempDir,
    keeps_all: Arc<AtomicBool>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl S3Server {
    /// The file that holds an object, for tests that damage or remove it behind the server's back.
    #[must_use]
    pub fn file_of(&self, key: &str) -> PathBuf {
        self.root.path().join(&self.bucket).join(key)
    }

    /// From here on it refuses to delete anything.
    pub fn refuse_deletes(&self) {
        self.keeps_all.store(true, Ordering::Relaxed);
    }

    /// From here on it deletes again.
    pub fn allow_deletes(&self) {
        self.keeps_all.store(false, Ordering::Relaxed);
    }
}

/// Starts a server on a free loopback port, on a thread and runtime of its own, so that tests of any shape can use it.
///
/// # Errors
/// When there is no port, thread or temporary folder to be had.
pub fn start() -> io::Result<S3Server> {
    let (bucket, access_key, secret_key) = ("balado", "test-access-key", "test-secret-key");
    let root = tempfile::tempdir()?;
    std::fs::create_dir(root.path().join(bucket))?;
    let objects =
        s3s_fs::FileSystem::new(root.path()).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let keeps_all = Arc::new(AtomicBool::new(false));
    let keys = LongKeys { objects, root: root.path().to_owned(), keeps_all: Arc::clone(&keeps_all) };
    let mut service = S3ServiceBuilder::new(keys);
    service.set_auth(SimpleAuth::from_single(access_key, secret_key));
    let service = service.build();

    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("s3-server".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = stopped => {}
                served = serve(listener, service) => if let Err(error) = served {
                    tracing::error!(%error, "the S3 test server stopped");
                },
            }
        });
    })?;
    Ok(S3Server {
        endpoint,
        bucket: bucket.to_owned(),
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned(),
        root,
        keeps_all,
        stop: Some(stop),
        thread: Some(thread),
    })
}

async fn serve(listener: TcpListener, service: S3Service) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await?;
        let service = service.clone();
        connections.spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            if let Err(error) = http.serve_connection(TokioIo::new(socket), service).await {
                tracing::debug!(%error, "a connection to the S3 test server broke");
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread is gone already when the server failed.
            let _already_stopped = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}
