//! What every answer passes through last: failures are worded, security headers added, and one line is logged.
//!
//! The log holds the pattern of the route and never the path, because paths hold tokens.

use crate::error::Error;
use crate::extract::language_of;
use crate::routes::{Class, class_of};
use crate::site::site_of;
use crate::words::Words;
use crate::{headers, pages};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};
use balado_domain::ErrorKind;
use std::time::Instant;
use uuid::Uuid;

const REFERENCE: HeaderName = HeaderName::from_static("x-request-id");

/// A failure as its reader sees it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) kind: ErrorKind,
    pub(crate) code: &'static str,
    /// Names the request in the log.
    pub(crate) reference: String,
}

/// The outermost middleware.
pub(crate) async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let began = Instant::now();
    let response = next.call(request).await?.map_into_boxed_body();
    let pattern = response.request().match_pattern();
    let class = class_of(pattern.as_deref(), response.request().path());
    let reference = Uuid::new_v4().simple().to_string();
    let (request, response) = response.into_parts();
    let mut response = match refusal_in(&response, &reference) {
        Some(refusal) => worded(&request, &response, class, &refusal),
        None => response,
    };
    let secure = site_of(&request).is_some_and(|site| site.is_secure());
    headers::apply(response.headers_mut(), class, secure);
    if let Ok(value) = HeaderValue::from_str(&reference) {
        response.headers_mut().insert(REFERENCE, value);
    }
    tracing::info!(
        target: "balado::access",
        method = %request.method(),
        route = pattern.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        reference,
    );
    Ok(ServiceResponse::new(request, response))
}

/// The failure an answer stands for. Failures of the framework itself (a header too long, say) are known by their status.
fn refusal_in(response: &HttpResponse, reference: &str) -> Option<Refusal> {
    let error = response.error()?;
    let reference = reference.to_owned();
    if let Some(ours) = error.as_error::<Error>() {
        let (status, kind, code) = (ours.status(), ours.kind(), ours.code());
        if status.is_server_error() {
            tracing::error!(reference, code, error = %ours, "a request failed");
        } else {
            tracing::debug!(reference, code, error = %ours, "a request was refused");
        }
        return Some(Refusal { status, kind, code, reference });
    }
    tracing::debug!(reference, %error, "the framework refused a request");
    let status = response.status();
    let (kind, code) = match status {
        StatusCode::NOT_FOUND => (ErrorKind::NotFound, "not-found"),
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorKind::TooLarge, "request-too-large"),
        status if status.is_server_error() => (ErrorKind::Internal, "internal"),
        _ => (ErrorKind::Invalid, "request-invalid"),
    };
    Some(Refusal { status, kind, code, reference })
}

/// The answer to a failure in the form its class speaks, with the headers the failing handler had set.
fn worded(request: &HttpRequest, failed: &HttpResponse, class: Class, refusal: &Refusal) -> HttpResponse {
    let words = Words::new(language_of(request));
    let mut response = match class {
        Class::Page => pages::refused(request, refusal, words),
        _ => HttpResponse::build(refusal.status).json(serde_json::json!({
            "code": refusal.code,
            "message": words.k("code", refusal.code),
        })),
    };
    for (name, value) in failed.headers().iter().filter(|(name, _)| *name != CONTENT_TYPE) {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    if refusal.status == StatusCode::PRECONDITION_FAILED && class == Class::Upload {
        response
            .headers_mut()
            .insert(HeaderName::from_static("tus-version"), HeaderValue::from_static("1.0.0"));
    }
    let wait = match refusal.status {
        StatusCode::TOO_MANY_REQUESTS => Some("60"),
        StatusCode::SERVICE_UNAVAILABLE => Some("5"),
        StatusCode::LOCKED => Some("1"),
        _ => None,
    };
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(wait));
    }
    // A browser shows no box for this scheme; podcast apps never meet it, since token addresses answer 404 or 410.
    if refusal.status == StatusCode::UNAUTHORIZED && matches!(class, Class::Api | Class::Upload) {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
