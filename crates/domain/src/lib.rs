//! The vocabulary of Balado: ids, entities, state machines, rights, events, jobs, error kinds and the clock.
//!
//! Every other package speaks these words. Nothing here does I/O, waits, reads a clock, or knows about a database
//! or a protocol; domain types are never serialised to a client (see `web/src/api`).

pub mod audience;
pub mod audit;
pub mod clock;
pub mod cut;
pub mod deposit;
pub mod error;
pub mod event;
pub mod feed;
pub mod homework;
pub mod ids;
pub mod job;
pub mod notice;
pub mod people;
pub mod publication;
pub mod text;
pub mod viewer;

pub use audience::{Audience, AudienceTarget};
pub use clock::{Clock, Timestamp};
pub use error::{ErrorKind, Failure};
pub use ids::*;
pub use viewer::Viewer;
