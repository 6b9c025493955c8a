//! JSON bodies: bounded, and refused when they hold a field nobody asked for.

use crate::error::{Error, Result};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use balado_domain::{ErrorKind, Failure};
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// Largest body that is read into memory, in bytes.
const LIMIT: usize = 256 * 1024;

/// A JSON body of that shape; the shapes deny unknown fields themselves.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for JsonBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = has_type(request, "application/json");
        let payload = payload.take();
        Box::pin(async move {
            if !is_json {
                let failure = Failure::new(
                    ErrorKind::Unsupported,
                    "json-expected",
                    "Content-Type is not application/json",
                );
                return Err(failure.into());
            }
            let bytes = gathered(payload).await?;
            let read = serde_json::from_slice(&bytes);
            read.map(Self).map_err(|error| Error::invalid("json-unreadable", error.to_string()))
        })
    }
}

/// Whether the body is declared to be of that type, parameters apart.
pub(super) fn has_type(request: &HttpRequest, wanted: &str) -> bool {
    let declared =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

/// The whole body, if it is small enough.
pub(super) async fn gathered(mut payload: Payload) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Error::invalid("request-broken", error.to_string()))?;
        if bytes.len() + chunk.len() > LIMIT {
            return Err(
                Failure::new(ErrorKind::TooLarge, "request-too-large", "the body is too large").into()
            );
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
