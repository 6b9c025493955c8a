//! The service ends TLS itself when it is given a certificate.

use super::served::Served;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

#[tokio::test]
async fn a_certificate_and_a_key_are_all_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let served = Served::start_with(&[
        ("BALADO_SERVER_TLS_CERTIFICATE", certificate.to_str().unwrap()),
        ("BALADO_SERVER_TLS_KEY", key.to_str().unwrap()),
    ])
    .await;
    let (address, pem) = (served.address, made.cert.pem());
    let answer = tokio::task::spawn_blocking(move || asked(address, &pem)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    served.stops().await;
}

fn asked(address: SocketAddr, pem: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // Ends without a closing alert when the server is in a hurry; what was read counts.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).to_ascii_lowercase().replacen("http/1.1 200 ok", "HTTP/1.1 200 OK", 1)
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem").display().to_string();
    let settings =
        [("BALADO_SERVER_TLS_CERTIFICATE", missing.as_str()), ("BALADO_SERVER_TLS_KEY", missing.as_str())];
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let kit = balado_testkit::TestApp::start_at(listener.local_addr().unwrap(), &settings).await;
    let error = balado_web::serve_on(kit.app().clone(), listener, async {}).await.unwrap_err();
    assert_eq!(error.code(), "tls-settings");
    assert!(error.to_string().contains("missing.pem"));
}
