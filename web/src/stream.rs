//! Sends a blob a use case has opened to its viewer: whole or in part, never compressed, with its exact length.
//!
//! A download is counted when the last byte of a whole answer has been taken by the connection, also when the whole was
//! asked for as a range; a part, a 304 and a HEAD count nothing.

use crate::error::{Error, Result};
use crate::range::{self, Selection};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    IF_RANGE, RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use balado_app::App;
use balado_app::fetches::FetchTicket;
use balado_app::media::Servable;
use bytes::Bytes;
use futures::Stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What RFC 5987 lets stand unencoded in `filename*`, of what we would ever use.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The answer to a request for a blob.
pub(crate) async fn send(request: &HttpRequest, app: &App, servable: Servable) -> Result<HttpResponse> {
    let etag = format!("\"{}\"", servable.blob.sha256);
    if range::names(joined(request, &IF_NONE_MATCH).as_deref(), &etag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    let size = servable.size_bytes;
    let asked = request.headers().get(RANGE).and_then(|value| value.to_str().ok());
    let condition = request.headers().get(IF_RANGE).map(|value| value.to_str().unwrap_or_default());
    let mut answer = HttpResponse::Ok();
    answer.insert_header((ETAG, etag.clone())).insert_header((ACCEPT_RANGES, "bytes"));
    let (bytes, ticket) = match range::select(asked, condition, &etag, size) {
        Selection::Whole => (0..size, servable.ticket.clone()),
        Selection::Part { first, last } => {
            answer.status(StatusCode::PARTIAL_CONTENT);
            answer.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
            let bytes = first..last.saturating_add(1);
            // Browsers ask for `bytes=0-` when they play: that is the whole too.
            let ticket = servable.ticket.clone().filter(|_| bytes == (0..size));
            (bytes, ticket)
        }
        Selection::Outside => {
            answer.status(StatusCode::RANGE_NOT_SATISFIABLE);
            return Ok(answer.insert_header((CONTENT_RANGE, format!("bytes */{size}"))).finish());
        }
    };
    answer
        .insert_header((CONTENT_TYPE, servable.media_type))
        .insert_header((CONTENT_DISPOSITION, disposition(&servable.file_name, servable.inline)));
    let length = bytes.end - bytes.start;
    if request.method() == Method::HEAD {
        return Ok(answer.body(Unsent(length)));
    }
    let blob = app.objects().read(&servable.blob, bytes).await.map_err(|error| Error::App(error.into()))?;
    let on_end = ticket.map(|ticket| (app.clone(), ticket));
    Ok(answer.body(Sent { blob, left: length, length, on_end }))
}

/// Every value of a header that may come several times, as one list.
pub(crate) fn joined(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = request.headers().get_all(name).filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// RFC 6266: a plain name for old programs, the real one in UTF-8 for the others.
fn disposition(name: &str, inline: bool) -> String {
    let way = if inline { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

/// The body of a HEAD answer: a length and no bytes.
struct Unsent(u64);

impl MessageBody for Unsent {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// The body of a GET answer. A blob that ends early breaks the connection, so that the client sees a short read.
struct Sent<S> {
    blob: S,
    length: u64,
    left: u64,
    on_end: Option<(App, FetchTicket)>,
}

impl<S, E> MessageBody for Sent<S>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let sent = self.get_mut();
        if sent.left == 0 {
            // Asked for more after the last byte: the connection has taken it.
            if let Some((app, ticket)) = sent.on_end.take() {
                app.count_fetch(ticket);
            }
            return Poll::Ready(None);
        }
        match Pin::new(&mut sent.blob).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                sent.left = sent.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::error!(%error, "a blob broke off while it was sent");
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => Poll::Ready(Some(Err("the blob is shorter than recorded".into()))),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn no_name_escapes_its_header() {
        let hostile = disposition("a\"; filename=\"x\r\nSet-Cookie: y", false);
        assert!(!hostile.contains(['\r', '\n']));
        assert_eq!(hostile.matches('"').count(), 2);
        assert_eq!(
            disposition("L'été.mp3", true),
            "inline; filename=\"L__t_.mp3\"; filename*=UTF-8''L%27%C3%A9t%C3%A9.mp3"
        );
    }
}
