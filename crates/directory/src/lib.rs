//! Reads school directories into one roster model, for `app` to load in one transaction.
//!
//! A file gives a whole [`Roster`] or, when any line is bad, every fault found and nothing else. Nothing here knows what
//! the database holds already, hashes a password or sends mail. The columns are documented in this package's README.

mod cells;
pub mod error;
mod fold;
mod gather;
mod header;
mod lines;
pub mod read;
pub mod roster;

pub use error::{Error, ImportError, LineFault};
pub use read::read_csv;
pub use roster::{
    GroupRef, InitialPassword, PersonRef, Roster, RosterGroup, RosterGuardianship, RosterMembership,
    RosterPerson, RosterSchool, RosterYear, SchoolRef, YearRef,
};
