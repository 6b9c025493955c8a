//! The headers of tus, read strictly: what is not exactly a number, a pair or our version is refused.

use crate::error::{Error, Result};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use balado_domain::deposit::Purpose;
use balado_domain::{ErrorKind, Failure, SchoolId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;

/// The version we speak.
pub(super) const VERSION: &str = "1.0.0";
/// The extensions we speak.
pub(super) const EXTENSIONS: &str =
    "creation,creation-with-upload,creation-defer-length,termination,expiration";
pub(super) const UPLOAD_OFFSET: &str = "upload-offset";
pub(super) const UPLOAD_LENGTH: &str = "upload-length";
pub(super) const UPLOAD_EXPIRES: &str = "upload-expires";
pub(super) const METHOD_OVERRIDE: &str = "x-http-method-override";

/// Longest `Upload-Metadata` value, in bytes.
const METADATA_BYTES: usize = 4 * 1024;
/// Extensions we do not speak, and whose headers change what the bytes mean.
const FOREIGN: &[&str] = &["upload-concat", "upload-checksum"];

/// What the sender says about the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) raw: String,
    pub(super) file_name: String,
    pub(super) purpose: Purpose,
    pub(super) school: Option<SchoolId>,
}

/// Refuses a request that does not speak our version.
pub(super) fn refuse_other_version(request: &HttpRequest) -> Result<()> {
    match text_of(request, "tus-resumable")? {
        Some(VERSION) => Ok(()),
        _ => {
            let failure = Failure::new(ErrorKind::Invalid, "tus-version", "Tus-Resumable is not 1.0.0");
            Err(Error::Protocol { status: StatusCode::PRECONDITION_FAILED, failure })
        }
    }
}

/// Refuses what would be misunderstood rather than ignored.
pub(super) fn refuse_unknown_extensions(request: &HttpRequest) -> Result<()> {
    if FOREIGN.iter().any(|name| request.headers().contains_key(*name)) {
        return Err(Error::invalid("tus-extension", "this extension of tus is not spoken here"));
    }
    Ok(())
}

/// Whether the body is bytes for the upload.
pub(super) fn has_offset_body(request: &HttpRequest) -> bool {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.is_some_and(|value| value.trim().eq_ignore_ascii_case("application/offset+octet-stream"))
}

/// A header that is a number of bytes.
pub(super) fn number_of(request: &HttpRequest, name: &str) -> Result<Option<u64>> {
    text_of(request, name)?.map(number).transpose()
}

/// The total length, or `None` when the sender defers it. One of the two headers is needed, and not both.
pub(super) fn declared_length(request: &HttpRequest) -> Result<Option<u64>> {
    let length = number_of(request, UPLOAD_LENGTH)?;
    match (length, text_of(request, "upload-defer-length")?) {
        (Some(length), None) => Ok(Some(length)),
        (None, Some("1")) => Ok(None),
        _ => Err(Error::invalid("upload-header", "give Upload-Length, or Upload-Defer-Length: 1")),
    }
}

/// What the sender says about the file.
pub(super) fn metadata_of(request: &HttpRequest) -> Result<Metadata> {
    read_metadata(text_of(request, "upload-metadata")?.unwrap_or_default())
}

fn read_metadata(raw: &str) -> Result<Metadata> {
    let pairs = pairs(raw)?;
    let text = |key: &str| pairs.get(key).map_or("", String::as_str);
    let bad = |what: &str| Error::invalid("upload-metadata", format!("{what} is not one of ours"));
    let purpose = match text("purpose") {
        "" => Purpose::Resource,
        other => other.parse().map_err(|_| bad("purpose"))?,
    };
    let school = match text("school") {
        "" => None,
        other => Some(other.parse().map_err(|_| bad("school"))?),
    };
    Ok(Metadata { raw: raw.to_owned(), file_name: text("filename").to_owned(), purpose, school })
}

/// `key base64,key base64`: keys are distinct and plain, values are UTF-8 and may be empty.
fn pairs(raw: &str) -> Result<HashMap<&str, String>> {
    let bad = |what: &str| Error::invalid("upload-metadata", what);
    if raw.len() > METADATA_BYTES {
        return Err(bad("longer than 4 KiB"));
    }
    let mut pairs = HashMap::new();
    for pair in raw.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bad("a key is not plain ASCII"));
        }
        let bytes = STANDARD.decode(value.trim()).map_err(|_| bad("a value is not base64"))?;
        let text = String::from_utf8(bytes).map_err(|_| bad("a value is not UTF-8"))?;
        if pairs.insert(key, text).is_some() {
            return Err(bad("a key comes twice"));
        }
    }
    Ok(pairs)
}

fn number(text: &str) -> Result<u64> {
    let bad = || Error::invalid("upload-header", "expected a number of bytes");
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok()).ok_or_else(bad)
}

fn text_of<'r>(request: &'r HttpRequest, name: &str) -> Result<Option<&'r str>> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Error::invalid("upload-header", "a header is not plain ASCII"))?;
    Ok(Some(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(pairs: &[(&'static str, &'static str)]) -> HttpRequest {
        pairs
            .iter()
            .fold(TestRequest::default(), |request, pair| request.insert_header(*pair))
            .to_http_request()
    }

    #[test]
    fn only_plain_numbers_are_offsets() {
        assert_eq!(number("0").unwrap(), 0);
        assert_eq!(number("9223372036854775807").unwrap(), 9_223_372_036_854_775_807);
        for text in ["", "-1", "+5", "1e3", " 1", "0x1", "1.0", "9223372036854775808", "99999999999999999999"]
        {
            assert!(number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_length_is_declared_or_deferred_but_not_both() {
        assert_eq!(declared_length(&asked(&[("upload-length", "12")])).unwrap(), Some(12));
        assert_eq!(declared_length(&asked(&[("upload-defer-length", "1")])).unwrap(), None);
        for pairs in [
            &[][..],
            &[("upload-length", "12"), ("upload-defer-length", "1")],
            &[("upload-defer-length", "0")],
            &[("upload-length", "-1")],
        ] {
            assert!(declared_length(&asked(pairs)).is_err());
        }
    }

    #[test]
    fn metadata_is_pairs_of_distinct_keys_and_base64() {
        let read = read_metadata("filename w6ljb3V0ZS5tcDM=,filetype,purpose c3VibWlzc2lvbg==").unwrap();
        assert_eq!((read.file_name.as_str(), read.purpose), ("écoute.mp3", Purpose::Submission));
        assert_eq!(read_metadata("").unwrap().purpose, Purpose::Resource);
        let long = format!("filename {}", "QUFB".repeat(2000));
        for raw in
            ["filename !", "a QQ==,a QQ==", "filename /w==", "purpose eA==", "school eA==", "é QQ==", &long]
        {
            assert!(read_metadata(raw).is_err(), "{}", raw.get(..20).unwrap_or(raw));
        }
    }

    #[test]
    fn another_version_or_extension_is_refused() {
        assert!(refuse_other_version(&asked(&[("tus-resumable", "1.0.0")])).is_ok());
        for pairs in [&[][..], &[("tus-resumable", "0.2.2")]] {
            assert_eq!(
                refuse_other_version(&asked(pairs)).unwrap_err().status(),
                StatusCode::PRECONDITION_FAILED
            );
        }
        assert!(refuse_unknown_extensions(&asked(&[("upload-concat", "partial")])).is_err());
    }
}
