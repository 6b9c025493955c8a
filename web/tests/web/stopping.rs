//! Stopping: soon, and without losing a byte.

use super::client::{Ask, Reply};
use super::served::Served;
use balado_domain::DepositId;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Bytes after which a piece is made durable, whatever else happens.
const SAFE: u64 = 8 * 1024 * 1024;
/// Bytes of the upload; the last one never comes.
const LENGTH: usize = 9 * 1024 * 1024;

#[tokio::test]
async fn an_upload_under_way_is_answered_503_and_keeps_what_arrived() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let (viewer, token) = (lou.viewer.clone(), lou.token.clone());
    let create =
        Ask::post("/api/uploads").with("Tus-Resumable", "1.0.0").with("Upload-Length", LENGTH.to_string());
    let path = served.ask_as(&lou, create).await.header("location").unwrap().to_owned();
    let id: DepositId = path.rsplit('/').next().unwrap().parse().unwrap();
    let patch = Ask::new("PATCH", &path)
        .with("Tus-Resumable", "1.0.0")
        .with("Upload-Offset", "0")
        .with("Content-Type", "application/offset+octet-stream")
        .bearer(&token);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(patch.head(served.address, LENGTH).as_bytes()).await.unwrap();
    stream.write_all(&vec![7; LENGTH - 1]).await.unwrap();
    let deposit = path.replace("/uploads/", "/deposits/");
    let is_safe = |deposit: &serde_json::Value| deposit["size_bytes"].as_u64() >= Some(SAFE);
    assert!(served.sees(&lou, &deposit, is_safe).await);
    let began = Instant::now();
    let (kit, running) = served.begins_to_stop();
    let reply = Reply::read(stream).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "service-stopping"));
    running.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    let status = kit.app().upload_status(&viewer, id).await.unwrap();
    assert!(status.offset >= SAFE && status.offset < LENGTH as u64);
}
