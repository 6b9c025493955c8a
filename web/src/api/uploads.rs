//! Resumable upload: tus 1.0 with creation, creation-with-upload, creation-defer-length, termination and expiration.
//!
//! A live upload is never answered 401 or 403 on HEAD and PATCH: clients would forget its address and begin again. They
//! get 423 until somebody is signed in again.

mod headers;
mod receiving;

use super::Problem;
use crate::error::{Error, Result};
use crate::extract::SignedIn;
use crate::site::Site;
use actix_web::dev::Payload as Body;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use balado_app::deposits::{OpenDeposit, UploadStatus};
use balado_domain::{DepositId, ErrorKind, Failure};
use headers::{
    EXTENSIONS, METHOD_OVERRIDE, Metadata, UPLOAD_EXPIRES, UPLOAD_LENGTH, UPLOAD_OFFSET, VERSION,
    declared_length, has_offset_body, metadata_of, number_of, refuse_other_version,
    refuse_unknown_extensions,
};

/// What this endpoint speaks: `Tus-Version`, `Tus-Extension` and `Tus-Max-Size`.
#[utoipa::path(options, path = "/api/uploads", tag = "uploads", responses((status = 204)), security(()))]
pub(crate) async fn describe(site: Data<Site>) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Tus-Version", VERSION))
        .insert_header(("Tus-Extension", EXTENSIONS))
        .insert_header(("Tus-Max-Size", site.app.configuration().limits.upload_bytes.to_string()))
        .finish()
}

/// As for the collection.
#[utoipa::path(
    options, path = "/api/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)), responses((status = 204)),
    security(())
)]
pub(crate) async fn describe_one(site: Data<Site>) -> HttpResponse {
    describe(site).await
}

/// Opens a deposit and its upload; bytes may come with it. `Balado-Deposit` names the deposit.
#[utoipa::path(
    post, path = "/api/uploads", tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = Option<u64>, Header, description = "Total bytes, when known"),
        ("Upload-Defer-Length" = Option<u8>, Header, description = "`1` when not known yet"),
        ("Upload-Metadata" = Option<String>, Header,
            description = "Keys `filename`, `filetype`, `purpose` (`resource` or `submission`), `school` (its id)")
    ),
    responses(
        (status = 201, description = "`Location` is the upload"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem, description = "another version of tus"),
        (status = 413, body = Problem, description = "`upload-too-large` or `quota-exceeded`")
    )
)]
pub(crate) async fn create(request: HttpRequest, site: Data<Site>, body: Payload) -> Result<HttpResponse> {
    refuse_other_version(&request)?;
    let who = SignedIn::from_request(&request, &mut Body::None).await?;
    refuse_unknown_extensions(&request)?;
    let length = declared_length(&request)?;
    let Metadata { raw, file_name, purpose, school } = metadata_of(&request)?;
    let wish = OpenDeposit { school, file_name, length, purpose, metadata: raw };
    let opened = site.app.open_deposit(&who.viewer, wish).await;
    let (deposit, upload) = opened.map_err(|error| status_of_tus(error.into()))?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("/api/uploads/{}", deposit.id)));
    let id = deposit.id;
    if has_offset_body(&request) || length == Some(0) {
        let body = if has_offset_body(&request) { body.into_inner() } else { Body::None };
        let received = receiving::append(&site, &who.viewer, id, 0, None, body).await;
        return match received {
            Ok(status) => Ok(told(&mut answer, &status).finish()),
            Err(error) => {
                // Nobody knows the address yet: what was opened would only use up room.
                if let Err(error) = site.app.abandon_upload(&who.viewer, id).await {
                    tracing::debug!(%error, "an upload that was refused at once stays until it expires");
                }
                Err(status_of_tus(error))
            }
        };
    }
    let status = UploadStatus {
        deposit,
        offset: 0,
        length,
        metadata: upload.metadata,
        expires_at: Some(upload.expires_at),
    };
    Ok(told(&mut answer, &status).finish())
}

/// Where the upload stands: bytes that are safe, and the total once declared.
#[utoipa::path(
    head, path = "/api/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)),
    responses((status = 200), (status = 404), (status = 410), (status = 423, description = "nobody is signed in"))
)]
pub(crate) async fn status(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<DepositId>,
) -> Result<HttpResponse> {
    let who = SignedIn::from_request(&request, &mut Body::None).await.map_err(locked_out)?;
    let status = site.app.upload_status(&who.viewer, id.into_inner()).await?;
    let mut answer = HttpResponse::Ok();
    told(&mut answer, &status);
    match status.length {
        Some(length) => answer.insert_header((UPLOAD_LENGTH, length.to_string())),
        None => answer.insert_header(("Upload-Defer-Length", "1")),
    };
    if !status.metadata.is_empty() {
        answer.insert_header(("Upload-Metadata", status.metadata));
    }
    Ok(answer.finish())
}

/// Appends bytes at `Upload-Offset`. `Upload-Length` declares the total when it was deferred.
#[utoipa::path(
    patch, path = "/api/uploads/{id}", tag = "uploads",
    params(
        ("id" = Uuid, Path), ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Offset" = u64, Header, description = "Bytes the service has"),
        ("Upload-Length" = Option<u64>, Header, description = "Total bytes, once")
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "`Upload-Offset` is the new offset"),
        (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`upload-offset`: ask with HEAD where to go on"),
        (status = 410, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 423, body = Problem, description = "nobody is signed in"),
        (status = 503, body = Problem, description = "what arrived is safe; go on later")
    )
)]
pub(crate) async fn append(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<DepositId>,
    body: Payload,
) -> Result<HttpResponse> {
    refuse_other_version(&request)?;
    let who = SignedIn::from_request(&request, &mut Body::None).await.map_err(locked_out)?;
    if !has_offset_body(&request) {
        let detail = "Content-Type is not application/offset+octet-stream";
        return Err(Failure::new(ErrorKind::Unsupported, "upload-type", detail).into());
    }
    refuse_unknown_extensions(&request)?;
    let missing = || Error::invalid("upload-header", "Upload-Offset is missing");
    let offset = number_of(&request, UPLOAD_OFFSET)?.ok_or_else(missing)?;
    let length = number_of(&request, UPLOAD_LENGTH)?;
    let received =
        receiving::append(&site, &who.viewer, id.into_inner(), offset, length, body.into_inner()).await;
    let status = received.map_err(status_of_tus)?;
    Ok(told(&mut HttpResponse::NoContent(), &status).finish())
}

/// Gives an unfinished upload up.
#[utoipa::path(
    delete, path = "/api/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)),
    responses(
        (status = 204), (status = 403, body = Problem, description = "`upload-finished`"), (status = 404, body = Problem)
    )
)]
pub(crate) async fn terminate(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<DepositId>,
) -> Result<HttpResponse> {
    refuse_other_version(&request)?;
    let who = SignedIn::from_request(&request, &mut Body::None).await?;
    site.app.abandon_upload(&who.viewer, id.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// PATCH or DELETE for clients that can only POST: the method is in `X-HTTP-Method-Override`.
#[utoipa::path(
    post, path = "/api/uploads/{id}", tag = "uploads",
    params(("id" = Uuid, Path), ("X-HTTP-Method-Override" = String, Header, description = "`PATCH` or `DELETE`")),
    responses((status = 204), (status = 405, body = Problem, description = "no such method to stand in for"))
)]
pub(crate) async fn overridden(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<DepositId>,
    body: Payload,
) -> Result<HttpResponse> {
    let meant =
        request.headers().get(METHOD_OVERRIDE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match meant.to_ascii_uppercase().as_str() {
        "PATCH" => append(request, site, id, body).await,
        "DELETE" => terminate(request, site, id).await,
        _ => Err(Error::Method { allow: "OPTIONS, HEAD, PATCH, DELETE".to_owned() }),
    }
}

/// Adds what every answer about an upload tells.
fn told<'b>(answer: &'b mut HttpResponseBuilder, status: &UploadStatus) -> &'b mut HttpResponseBuilder {
    answer
        .insert_header((UPLOAD_OFFSET, status.offset.to_string()))
        .insert_header(("Balado-Deposit", format!("/api/deposits/{}", status.deposit.id)));
    if let Some(expires_at) = status.expires_at {
        answer.insert_header((UPLOAD_EXPIRES, httpdate::fmt_http_date(expires_at.into())));
    }
    answer
}

/// Whoever was signed in when the upload began will be again: the client must keep its address until then.
fn locked_out(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::Forbidden => error.under(StatusCode::LOCKED),
        _ => error,
    }
}

/// What tus wants answered where the kind alone would say something else.
fn status_of_tus(error: Error) -> Error {
    match error.code() {
        "quota-exceeded" => error.under(StatusCode::PAYLOAD_TOO_LARGE),
        _ => error,
    }
}
