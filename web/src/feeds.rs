//! `/f/{token}/feed.xml`, as podcast apps poll it: a strong validator per encoding and no date (AntennaPod would keep the
//! date and drop the validator), 304 before anything is rendered, gzip where the app takes it.

use crate::error::{Error, Result};
use crate::range;
use crate::site::Site;
use crate::stream::joined;
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use balado_app::feeds::PolledFeed;
use balado_domain::{ErrorKind, Failure};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Answers a poll.
pub(crate) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    token: Path<String>,
) -> Result<HttpResponse> {
    let feed = site.app.poll_feed(&token).await?;
    let squeezed = accepts_gzip(joined(&request, &ACCEPT_ENCODING).as_deref().unwrap_or_default());
    let etag = if squeezed { gzip_etag(&feed.etag) } else { feed.etag.clone() };
    if range::names(joined(&request, &IF_NONE_MATCH).as_deref(), &etag) {
        let mut answer = HttpResponse::NotModified();
        return Ok(answer.insert_header((ETAG, etag)).insert_header((VARY, "Accept-Encoding")).finish());
    }
    let body = web::block(move || rendered(&feed, squeezed)).await;
    let body = body.map_err(|error| Failure::new(ErrorKind::Internal, "internal", error.to_string()))??;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, "application/rss+xml; charset=utf-8"))
        .insert_header((ETAG, etag))
        .insert_header((VARY, "Accept-Encoding"));
    if squeezed {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(body))
}

fn rendered(feed: &PolledFeed, squeezed: bool) -> Result<Vec<u8>> {
    let xml = feed.body()?;
    if !squeezed {
        return Ok(xml);
    }
    let mut gzip = GzEncoder::new(Vec::with_capacity(xml.len() / 4), Compression::fast());
    let packed = gzip.write_all(&xml).and_then(|()| gzip.finish());
    packed.map_err(|error| Error::from(Failure::new(ErrorKind::Internal, "internal", error.to_string())))
}

/// `"abc"` becomes `"abc-gzip"`: two encodings are two representations, and both validators are strong.
fn gzip_etag(etag: &str) -> String {
    format!("{}-gzip\"", etag.trim_end_matches('"'))
}

/// Whether gzip is named in an `Accept-Encoding` header and not refused by a weight of nothing.
fn accepts_gzip(header: &str) -> bool {
    header.split(',').take(32).any(|part| {
        let (coding, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim().trim_start_matches("q=");
        matches!(coding.trim(), "gzip" | "x-gzip") && weight.chars().any(|c| matches!(c, '1'..='9'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_taken() {
        for header in ["gzip", "br, gzip;q=0.8", "deflate,gzip ; q=1"] {
            assert!(accepts_gzip(header), "{header}");
        }
        for header in ["", "identity", "gzip;q=0", "gzip;q=0.0", "br", "*;q=0"] {
            assert!(!accepts_gzip(header), "{header}");
        }
        assert_eq!(gzip_etag("\"abc\""), "\"abc-gzip\"");
    }
}
