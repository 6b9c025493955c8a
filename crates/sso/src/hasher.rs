//! Turns passwords into stored hashes and checks them, with the same effort whether the account exists or not.
//!
//! Each call takes tens of milliseconds and 19 MiB: callers run it on a thread that may block.

use crate::error::Error;
use crate::strength::Weakness;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use unicode_normalization::UnicodeNormalization;

/// Longest password taken, in bytes of UTF-8. Keeps the cost of one attempt bounded; far above any pass phrase.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Memory of one hash, in KiB. OWASP Password Storage Cheat Sheet, Argon2id: m = 19 MiB, t = 2, p = 1.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory (same source).
const PASSES: u32 = 2;
/// Lanes (same source).
const LANES: u32 = 1;
/// What is hashed to make the stand-in of an account that does not exist. Its hash is never accepted.
const STAND_IN: &[u8] = b"nobody has this account";

/// Hashes and checks passwords with Argon2id. Make one and clone it: clones answer alike.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    stand_in: PasswordHash,
}

impl Hasher {
    /// A hasher with today's parameters.
    ///
    /// # Errors
    /// [`Error::Hash`] when the machine gives no memory or no randomness.
    pub fn new() -> Result<Self, Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::Hash(e.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stand_in = argon2.hash_password(STAND_IN).map_err(|e| Error::Hash(e.to_string()))?;
        Ok(Self { argon2, stand_in })
    }

    /// The PHC string to store for that password, with a fresh random salt.
    ///
    /// # Errors
    /// [`Error::Weak`] with [`Weakness::TooLong`] beyond [`MAX_PASSWORD_BYTES`]; [`Error::Hash`] when the machine
    /// gives no memory or no randomness.
    pub fn hash(&self, password: &str) -> Result<String, Error> {
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(Weakness::TooLong.into());
        }
        let hash = self.argon2.hash_password(canonical(password).as_bytes());
        hash.map(|phc| phc.to_string()).map_err(|e| Error::Hash(e.to_string()))
    }

    /// Whether that is the password of the stored PHC string.
    ///
    /// Pass `None` when there is no such account, or it has no password: the answer is `false` after as much work
    /// as for an account, so that the time taken tells nothing. An unreadable string counts as no account.
    #[must_use]
    pub fn verify(&self, password: &str, phc: Option<&str>) -> bool {
        let too_long = password.len() > MAX_PASSWORD_BYTES;
        let tried = if too_long { String::new() } else { canonical(password) };
        let stored = phc.and_then(|text| PasswordHash::new(text).ok());
        match stored {
            Some(stored) => {
                let matches = self.argon2.verify_password(tried.as_bytes(), &stored).is_ok();
                matches && !too_long
            }
            None => {
                let _ = self.argon2.verify_password(tried.as_bytes(), &self.stand_in);
                false
            }
        }
    }

    /// Whether a stored PHC string was made with other parameters than today's: hash again after a good sign-in.
    #[must_use]
    pub fn needs_rehash(&self, phc: &str) -> bool {
        PasswordHash::new(phc).map_or(true, |stored| {
            stored.algorithm != self.stand_in.algorithm
                || stored.version != self.stand_in.version
                || stored.params != self.stand_in.params
        })
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

/// One form for one typed text: keyboards send `é` as one code point or as two (RFC 8265 §4.2.2: Unicode NFC).
fn canonical(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_password_opens_its_own_hash_and_no_other() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash("cheval lampe violon").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("cheval lampe violon", Some(&phc)));
        assert!(!hasher.verify("cheval lampe violons", Some(&phc)));
        assert!(!hasher.verify("", Some(&phc)));
    }

    #[test]
    fn the_same_password_never_gives_the_same_hash_twice() {
        let hasher = Hasher::new().unwrap();
        assert_ne!(hasher.hash("cheval lampe").unwrap(), hasher.hash("cheval lampe").unwrap());
    }

    #[test]
    fn an_accent_typed_on_another_keyboard_is_the_same_password() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash("caf\u{e9} du coin").unwrap();
        assert!(hasher.verify("cafe\u{301} du coin", Some(&phc)));
    }

    #[test]
    fn no_account_and_an_unreadable_hash_are_refused() {
        let hasher = Hasher::new().unwrap();
        assert!(!hasher.verify("nobody has this account", None));
        assert!(!hasher.verify("cheval", Some("not a hash")));
        assert!(!hasher.verify("cheval", Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ")));
    }

    #[test]
    fn a_missing_account_costs_as_much_as_a_wrong_password() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash("cheval lampe").unwrap();
        let best_of = |attempt: &dyn Fn() -> bool| {
            (0..5)
                .map(|_| {
                    let start = Instant::now();
                    assert!(!attempt());
                    start.elapsed()
                })
                .min()
                .unwrap_or(Duration::ZERO)
        };
        let wrong = best_of(&|| hasher.verify("lampe cheval", Some(&phc)));
        let missing = best_of(&|| hasher.verify("lampe cheval", None));
        assert!(
            missing * 4 > wrong,
            "a missing account answered in {missing:?}, a wrong password in {wrong:?}"
        );
    }

    #[test]
    fn a_password_beyond_the_limit_is_neither_set_nor_accepted() {
        let hasher = Hasher::new().unwrap();
        let endless = "a".repeat(MAX_PASSWORD_BYTES + 1);
        assert_eq!(hasher.hash(&endless), Err(Error::Weak(Weakness::TooLong)));
        let empty = hasher.hash("").unwrap();
        assert!(!hasher.verify(&endless, Some(&empty)));
    }

    #[test]
    fn a_hash_of_other_parameters_opens_and_asks_to_be_renewed() {
        let hasher = Hasher::new().unwrap();
        let earlier = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let phc = earlier.hash_password(b"cheval lampe").unwrap().to_string();
        assert!(hasher.verify("cheval lampe", Some(&phc)));
        assert!(hasher.needs_rehash(&phc));
        assert!(hasher.needs_rehash("not a hash"));
        assert!(!hasher.needs_rehash(&hasher.hash("cheval lampe").unwrap()));
    }
}
