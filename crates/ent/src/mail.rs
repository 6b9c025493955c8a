//! Mail: what a notice says, and the relay it leaves through.
//!
//! Messages are plain text with a link: no attachment, no picture, no pupil's name beyond the short one. Addresses come
//! from `app`; nothing here looks anybody up.

mod compose;
mod dates;
mod error;
mod relay;

pub use compose::{Mail, MailData, compose};
pub use error::Error;
pub use relay::{Relay, RelaySettings, RelayTls};
