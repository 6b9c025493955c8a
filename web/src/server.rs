//! Listening, serving, and stopping without losing a byte.

use crate::error::{Error, Result};
use crate::finish::finish;
use crate::routes;
use crate::site::Site;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, PathConfig, QueryConfig};
use actix_web::{App as Service, HttpServer};
use balado_app::App;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long requests may go on after the process was asked to stop, in seconds; the whole stop stays under ten.
const STOP_SECONDS: u64 = 7;
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often counted downloads are written.
const FLUSH_PAUSE: Duration = Duration::from_secs(5);

/// Serves the application at its configured address until `shutdown` ends, then stops in less than ten seconds: uploads
/// keep what they have made durable, other requests may finish, counted downloads are written.
///
/// # Errors
/// When the address cannot be bound, or certificate or key are unusable.
pub async fn serve(app: App, shutdown: impl Future<Output = ()>) -> Result<()> {
    let listener = bind(&app)?;
    serve_on(app, listener, shutdown).await
}

/// Binds the configured address; port 0 takes a free one, which the listener then tells.
///
/// # Errors
/// When the address cannot be bound.
pub fn bind(app: &App) -> Result<TcpListener> {
    let wrap = |cause| Error::Listen { what: "listen", cause };
    let listener = TcpListener::bind(app.configuration().server.address).map_err(wrap)?;
    tracing::info!(address = %listener.local_addr().map_err(wrap)?, "listening");
    Ok(listener)
}

/// As [`serve`], on a listener that is bound already.
///
/// # Errors
/// When certificate or key are unusable, or the server breaks.
pub async fn serve_on(app: App, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<()> {
    let wrap = |cause| Error::Listen { what: "serve", cause };
    let stopping = CancellationToken::new();
    let server = started(&app, listener, stopping.clone())?;
    let handle = server.handle();
    let mut running = tokio::spawn(server);
    let flushing = tokio::spawn(flush_for_ever(app.clone()));
    let ended = tokio::select! {
        () = shutdown => None,
        ended = &mut running => Some(ended),
    };
    stopping.cancel();
    handle.stop(true).await;
    flushing.abort();
    if let Err(error) = app.flush_fetches().await {
        tracing::warn!(%error, "the last counted downloads could not be written");
    }
    let ended = match ended {
        Some(ended) => ended,
        None => running.await,
    };
    match ended {
        Ok(ended) => ended.map_err(wrap),
        Err(error) => Err(wrap(std::io::Error::other(error))),
    }
}

/// The running server. Its parts belong to its own threads; only the handle to it is the caller's.
fn started(app: &App, listener: TcpListener, stopping: CancellationToken) -> Result<Server> {
    let site = Data::new(Site { app: app.clone(), stopping });
    let settings = &app.configuration().server;
    let service = move || {
        Service::new()
            .app_data(Data::clone(&site))
            .app_data(PathConfig::default().error_handler(|_, _| Error::not_found().into()))
            .app_data(
                QueryConfig::default()
                    .error_handler(|error, _| Error::invalid("query-unreadable", error.to_string()).into()),
            )
            .wrap(from_fn(finish))
            .configure(routes::configure)
    };
    let mut server = HttpServer::new(service)
        .disable_signals()
        .shutdown_timeout(STOP_SECONDS)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE);
    if settings.threads > 0 {
        server = server.workers(settings.threads);
    }
    let server = match &settings.tls {
        Some((certificate, key)) => server.listen_rustls_0_23(listener, tls(certificate, key)?),
        None => server.listen(listener),
    };
    Ok(server.map_err(|cause| Error::Listen { what: "serve", cause })?.run())
}

async fn flush_for_ever(app: App) {
    loop {
        tokio::time::sleep(FLUSH_PAUSE).await;
        if let Err(error) = app.flush_fetches().await {
            tracing::warn!(%error, "counted downloads could not be written; they are kept for the next time");
        }
    }
}

/// The TLS settings from a certificate chain and a private key, both in PEM.
fn tls(certificate: &Path, key: &Path) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| Error::Tls(format!("{}: {error}", certificate.display())))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| Error::Tls(format!("{}: {error}", key.display())))?;
    let wrap = |error: rustls::Error| Error::Tls(error.to_string());
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(wrap)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(wrap)
}
