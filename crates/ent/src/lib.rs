//! The portal (ENT) side of Balado: the contract every module keeps, the registry, the built-in modules and mail.
//!
//! A module sees the service only through [`HostRead`] and [`Host`]; `app` implements both over a transaction. Nothing
//! here opens a database or decides who is signed in. The one network caller is [`mail::Relay`].

pub mod conformance;
mod draft;
mod entry;
mod error;
mod host;
mod locale;
pub mod mail;
mod manifest;
mod module;
pub mod modules;
mod registry;

pub use draft::{Draft, PublicationDraft, Review, SubmissionDraft};
pub use entry::{DateRange, Entry, EntryKind, Scope};
pub use error::ModuleError;
pub use host::{
    AssignmentInfo, Host, HostRead, NoticeDraft, Notified, PersonInfo, PublicationInfo, SchoolInfo,
    SubmissionInfo,
};
pub use locale::Locale;
pub use manifest::{Label, Manifest, Setting};
pub use module::{EntModule, ModuleId};
pub use modules::agenda;
pub use registry::{GATE_DEADLINE, GATE_UNAVAILABLE, Registry};
