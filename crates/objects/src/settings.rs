//! Where objects are kept, read from an address and the credentials of the configuration.
//!
//! Does not read the environment: `app` owns the configuration.

use crate::bucket::Bucket;
use crate::disk::Disk;
use crate::{Error, Result};
use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::memory::InMemory;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long one request to an object store may take. A piece is 8 MiB, so this allows 70 KiB/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a failing request is tried again before its caller hears of it.
const RETRY_FOR: Duration = Duration::from_secs(20);
const RETRIES: usize = 5;

/// How to reach an S3 service.
#[derive(Clone)]
pub struct S3Settings {
    /// Address of the service when it is not Amazon's, e.g. `https://s3.example.org`.
    pub endpoint: Option<String>,
    /// Region name; many services accept anything here.
    pub region: String,
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret_key: String,
    /// Whether `http://` endpoints are accepted; for loopback and private networks only.
    pub allow_http: bool,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

/// A store that has been opened.
pub(crate) enum Backend {
    Disk(Disk),
    Bucket(Bucket),
}

impl Backend {
    /// Opens what `url` names; see [`crate::Objects::open`].
    pub(crate) fn open(url: &str, s3: Option<&S3Settings>) -> Result<Self> {
        if url == "memory:" {
            return Ok(Self::Bucket(Bucket::new(Arc::new(InMemory::new()))));
        }
        if let Some(place) = url.strip_prefix("s3://") {
            let settings = s3.ok_or_else(|| Error::Settings("s3 credentials are missing".to_owned()))?;
            return Ok(Self::Bucket(Bucket::new(open_s3(place, settings)?)));
        }
        let path = url.strip_prefix("file://").or_else(|| url.strip_prefix("file:")).unwrap_or(url);
        if path.is_empty() || path.contains("://") {
            return Err(Error::Settings(format!("{url:?} is neither a folder, s3://bucket nor memory:")));
        }
        Ok(Self::Disk(Disk::open(Path::new(path))?))
    }
}

fn open_s3(place: &str, settings: &S3Settings) -> Result<Arc<dyn ObjectStore>> {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() {
        return Err(Error::Settings("s3:// needs a bucket name".to_owned()));
    }
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have installed one meanwhile; any will do.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
    }
    let client = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_allow_http(settings.allow_http);
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_FOR, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key)
        .with_secret_access_key(&settings.secret_key)
        .with_virtual_hosted_style_request(false)
        .with_checksum_algorithm(Checksum::SHA256)
        .with_allow_http(settings.allow_http)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let store = builder.build().map_err(|error| Error::Settings(error.to_string()))?;
    let prefix = prefix.trim_matches('/');
    Ok(if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}
