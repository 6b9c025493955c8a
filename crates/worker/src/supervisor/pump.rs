//! Feeds an original to a child through descriptor 3.

use super::Media;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use tokio::io::AsyncRead;
use tokio::net::unix::pipe;

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

/// Sends all of a stream. Gives the bytes sent.
pub(super) async fn pump(
    mut source: Pin<Box<dyn AsyncRead + Send>>,
    mut pipe: pipe::Sender,
) -> std::io::Result<u64> {
    tokio::io::copy(&mut source, &mut pipe).await
}
