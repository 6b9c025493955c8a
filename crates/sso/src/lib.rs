//! Proves who a person is, for `app`: passwords kept by Balado itself.
//!
//! It hashes and checks passwords, refuses weak ones, says how long to wait after failures and makes the first
//! password of an imported account. It keeps no account, no counter and no session: `app` stores what it returns.

mod error;
mod hasher;
mod initial_password;
mod strength;
mod throttle;

pub use error::Error;
pub use hasher::{Hasher, MAX_PASSWORD_BYTES};
pub use initial_password::initial_password;
pub use strength::{MIN_PASSWORD_CHARS, Weakness, check_strength};
pub use throttle::Throttle;
