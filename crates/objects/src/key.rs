//! Where each kind of object lives. The only place that builds or checks a key.
//!
//! ```text
//! {school}/{deposit}/{sha256}            a finished blob: an original or a rendition
//! uploads/{deposit}                      a growing upload, on local disk
//! uploads/{deposit}/{start:020}-{random} one durable piece of a growing upload, on an object store
//! incoming/{random}                      bytes being copied in, on local disk; never referred to
//! ```

use crate::{Error, Result};
use balado_domain::{DepositId, SchoolId};

/// The address of a finished, immutable blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey {
    /// The school the bytes count for; erasure and export work on this prefix.
    pub school: SchoolId,
    /// The deposit they belong to; blobs are never shared between deposits.
    pub deposit: DepositId,
    /// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl BlobKey {
    /// A key from its parts.
    pub fn new(school: SchoolId, deposit: DepositId, sha256: impl Into<String>) -> Self {
        Self { school, deposit, sha256: sha256.into() }
    }

    /// The path of the blob under the root of the store.
    ///
    /// # Errors
    /// [`Error::Key`] when `sha256` is not 64 lower-case hexadecimal digits, so that no text of any other
    /// shape ever becomes part of a path.
    pub(crate) fn path(&self) -> Result<String> {
        if !is_sha256(&self.sha256) {
            return Err(Error::Key(self.sha256.clone()));
        }
        Ok(format!("{}/{}", deposit_prefix(self.school, self.deposit), self.sha256))
    }
}

/// A blob that was just stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its key, named by its content.
    pub blob: BlobKey,
    /// Its bytes.
    pub size_bytes: u64,
}

/// Whether `text` is a SHA-256 as we write it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The folder of one deposit's blobs.
pub(crate) fn deposit_prefix(school: SchoolId, deposit: DepositId) -> String {
    format!("{school}/{deposit}")
}

/// The file (on disk) or folder of pieces (on an object store) of a growing upload.
pub(crate) fn upload(upload: DepositId) -> String {
    format!("uploads/{upload}")
}

/// A fresh key for the piece of `upload` that starts at byte `start`. The random part keeps two front ends that
/// write the same offset from overwriting each other: the database decides whose row counts.
pub(crate) fn segment(upload: DepositId, start: u64) -> String {
    format!("uploads/{upload}/{start:020}-{}", random())
}

/// A name nobody else uses.
pub(crate) fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
