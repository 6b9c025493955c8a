//! Feeds an original to a child through descriptor 3.

use super::Media;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::task::JoinHandle;

type Stream = (Pin<Box<dyn AsyncRead + Send>>, pipe::Sender);

/// What the child gets as descriptor 3, and what is to be pumped into it.
pub(super) fn descriptor_for(media: Media) -> std::io::Result<(Option<OwnedFd>, Option<Stream>)> {
    match media {
        Media::InScratch => Ok((None, None)),
        Media::File(file) => Ok((Some(file.into()), None)),
        Media::Stream(source) => {
            let (sender, receiver) = pipe::pipe()?;
            Ok((Some(receiver.into_blocking_fd()?), Some((source, sender))))
        }
    }
}

/// Bytes carried at once.
const PIECE_BYTES: usize = 64 * 1024;

/// How sending ended.
pub(super) enum Sent {
    /// The stream is whole: that many bytes.
    Whole(u64),
    /// The stream broke.
    Broken,
    /// The child reads no more.
    Unread,
}

/// A stream on its way into a child. Dropping it closes the pipe.
pub(super) struct Pumping {
    task: Option<JoinHandle<Sent>>,
}

impl Pumping {
    /// Starts sending, when there is something to send.
    pub(super) fn start(stream: Option<Stream>) -> Self {
        Self { task: stream.map(|(source, pipe)| tokio::spawn(pump(source, pipe))) }
    }

    /// How sending ended; never returns while there is nothing to send.
    pub(super) async fn end(&mut self) -> Sent {
        let Some(task) = &mut self.task else { return std::future::pending().await };
        let sent = task.await;
        self.task = None;
        sent.unwrap_or(Sent::Broken)
    }
}

impl Drop for Pumping {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            // A source may never end by itself.
            task.abort();
        }
    }
}

async fn pump(mut source: Pin<Box<dyn AsyncRead + Send>>, mut pipe: pipe::Sender) -> Sent {
    let (mut piece, mut size) = (vec![0_u8; PIECE_BYTES], 0_u64);
    loop {
        let Ok(count) = source.read(&mut piece).await else { return Sent::Broken };
        if count == 0 {
            return Sent::Whole(size);
        }
        if pipe.write_all(piece.get(..count).unwrap_or(&[])).await.is_err() {
            return Sent::Unread;
        }
        size += count as u64;
    }
}
