//! The instance key and what is derived from it: feed, media and calendar tokens, and the token that guards forms.
//!
//! A token is 192 bits of HMAC-SHA-256(instance key, purpose ‖ subject ‖ generation) in URL-safe base64 (32 characters),
//! so it can be shown again without being stored: the database keeps only its SHA-256 (DESIGN §4, ASVS 6.5.2).

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng as _;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

/// Bytes of a token: 192 bits.
const TOKEN_BYTES: usize = 24;

/// The key of this instance. Everything it derives dies when it changes; it belongs in the backup.
#[derive(Clone)]
pub struct InstanceKey(Arc<[u8; 32]>);

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstanceKey(hidden)")
    }
}

/// What a derived token opens; part of what is signed, so that one can never serve as another.
#[derive(Debug, Clone, Copy)]
pub enum Opens {
    /// The feed of a subscription.
    Feed,
    /// The media of a subscription.
    Media,
    /// A person's calendar.
    Calendar,
    /// The forms of a signed-in browser.
    Forms,
}

impl Opens {
    fn word(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Media => "media",
            Self::Calendar => "calendar",
            Self::Forms => "forms",
        }
    }
}

impl InstanceKey {
    /// A key from its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Arc::new(bytes))
    }

    /// Reads the key file, or makes one readable by its owner only.
    ///
    /// # Errors
    /// When the file cannot be read or written, is readable by others, or is not 64 hexadecimal digits.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match std::fs::File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(path),
            Err(cause) => Err(Error::File { what: "open the instance key", cause }),
        }
    }

    fn read(mut file: std::fs::File, path: &Path) -> Result<Self> {
        let wrap = |cause| Error::File { what: "read the instance key", cause };
        let mode = file.metadata().map_err(wrap)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Error::Settings(format!("{}: others may read it; run chmod 600", path.display())));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(wrap)?;
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|_| Error::Settings(format!("{}: not 64 hexadecimal digits", path.display())))?;
        Ok(Self::from_bytes(bytes))
    }

    fn create(path: &Path) -> Result<Self> {
        let wrap = |cause| Error::File { what: "write the instance key", cause };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(wrap)?;
        }
        let bytes = random_bytes::<32>();
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(wrap)?;
        file.write_all(hex::encode(bytes).as_bytes()).map_err(wrap)?;
        file.sync_all().map_err(wrap)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The token that opens something for a subject at a generation: 32 URL-safe characters.
    #[must_use]
    pub fn token(&self, opens: Opens, subject: &str, generation: i64) -> String {
        let mut mac = match Hmac::<Sha256>::new_from_slice(self.0.as_slice()) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes a key of any length"),
        };
        for part in [opens.word().as_bytes(), subject.as_bytes(), &generation.to_be_bytes()] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(digest.get(..TOKEN_BYTES).unwrap_or_default())
    }
}

/// Random bytes from the system's generator.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A fresh secret for a cookie or bearer token: 256 bits in URL-safe base64.
pub(crate) fn fresh_secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// What the database keeps of a secret: SHA-256 in lower-case hex.
#[must_use]
pub fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_by_purpose_subject_and_generation() {
        let key = InstanceKey::from_bytes([7; 32]);
        let all = [
            key.token(Opens::Feed, "a", 1),
            key.token(Opens::Media, "a", 1),
            key.token(Opens::Feed, "b", 1),
            key.token(Opens::Feed, "a", 2),
            InstanceKey::from_bytes([8; 32]).token(Opens::Feed, "a", 1),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.iter().all(|token| token.len() == 32));
    }

    #[test]
    fn a_key_file_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/instance.key");
        let made = InstanceKey::load_or_create(&path).unwrap();
        let read = InstanceKey::load_or_create(&path).unwrap();
        assert_eq!(made.token(Opens::Feed, "x", 1), read.token(Opens::Feed, "x", 1));
    }

    #[test]
    fn a_key_file_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("instance.key");
        InstanceKey::load_or_create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(InstanceKey::load_or_create(&path).is_err());
    }
}
