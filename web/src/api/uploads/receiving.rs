//! Carries the bytes of a request to the use case that stores them, and lets go when the sender falls silent or the
//! process is asked to stop. Whatever had arrived by then is kept.

use crate::error::{Error, Result};
use crate::site::Site;
use actix_web::dev::Payload;
use balado_app::deposits::UploadStatus;
use balado_domain::{DepositId, ErrorKind, Failure, Viewer};
use bytes::Bytes;
use futures::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(30);
/// Chunks on their way to the store (about a megabyte); the sender waits when it is full. What has not left the
/// connection's own buffers when it closes is lost, so there is room for a store that is slower than the network.
const CHUNKS: usize = 64;

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The sender said so, or the store wanted no more.
    Done,
    /// The connection broke.
    Broken,
    /// Nothing came for too long.
    Silent,
    /// This process is about to stop.
    Stopping,
}

/// Appends a body at `offset`.
///
/// # Errors
/// Those of `app`; 503 when the body was cut short on our side, so that the client goes on later.
pub(super) async fn append(
    site: &Site,
    viewer: &Viewer,
    id: DepositId,
    offset: u64,
    length: Option<u64>,
    body: Payload,
) -> Result<UploadStatus> {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let (app, viewer) = (site.app.clone(), viewer.clone());
    // Tasks of their own: when the connection breaks this future is dropped, and what had arrived is still stored.
    let storing = tokio::spawn(async move {
        app.append_to_upload(&viewer, id, offset, length, ReceiverStream::new(receiver)).await
    });
    let carrying = actix_web::rt::spawn(carry(site.stopping.clone(), body, sender));
    let end = carrying.await.map_err(ended)?;
    let stored = storing.await.map_err(ended)?;
    let status = stored?;
    let cut = match end {
        End::Silent => "upload-silent",
        End::Stopping => "service-stopping",
        End::Done | End::Broken => return Ok(status),
    };
    if status.length == Some(status.offset) {
        return Ok(status);
    }
    Err(Failure::new(ErrorKind::Unavailable, cut, format!("stopped at {}", status.offset)).into())
}

fn ended(error: tokio::task::JoinError) -> Error {
    Error::from(Failure::new(ErrorKind::Internal, "internal", format!("a task of an upload ended: {error}")))
}

async fn carry(
    stopping: CancellationToken,
    mut body: Payload,
    sender: Sender<Result<Bytes, &'static str>>,
) -> End {
    let end = loop {
        let next = tokio::select! {
            next = tokio::time::timeout(SILENCE, body.next()) => next,
            () = sender.closed() => return End::Done,
            () = stopping.cancelled() => break End::Stopping,
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                if sender.send(Ok(bytes)).await.is_err() {
                    return End::Done;
                }
            }
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "the body of an upload broke off");
                break End::Broken;
            }
            Ok(None) => return End::Done,
            Err(_) => break End::Silent,
        }
    };
    // The store must know that this is not the end the sender meant. It may have stopped listening, which is fine.
    let _ = sender.send(Err("the body was cut short")).await;
    end
}
