//! Style sheet, script and pictures of the pages, embedded in the program under a path that changes with their content.

use crate::error::{Error, Result};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use rust_embed::RustEmbed;
use std::fmt::Write;
use std::sync::LazyLock;

/// What the build of `web/ui` left; empty when it was not built.
#[derive(RustEmbed)]
#[folder = "ui/dist"]
#[allow_missing = true]
struct Dist;

/// Sixteen hexadecimal digits that differ whenever any file does.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut mixed = [0_u8; 8];
    for name in Dist::iter() {
        let Some(file) = Dist::get(&name) else { continue };
        let hash = file.metadata.sha256_hash();
        for (at, byte) in hash.iter().enumerate() {
            if let Some(slot) = mixed.get_mut(at % 8) {
                *slot = slot.rotate_left(1) ^ byte;
            }
        }
    }
    let mut text = String::with_capacity(16);
    for byte in mixed {
        let _ = write!(text, "{byte:02x}");
    }
    text
});

/// The folder of the assets as pages name it, without a trailing slash.
pub(crate) fn folder() -> String {
    format!("/assets/{}", *VERSION)
}

/// `/assets/{version}/{name}`. Another version than ours is a page of an older program: it gets the file of today, for a
/// moment only.
pub(crate) async fn show(path: Path<(String, String)>) -> Result<HttpResponse> {
    let (version, name) = path.into_inner();
    let file = Dist::get(&name).ok_or_else(Error::not_found)?;
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, type_of(&name)))
        .insert_header((CACHE_CONTROL, keep))
        .body(file.data.into_owned()))
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        _ => "application/octet-stream",
    }
}
