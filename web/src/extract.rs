//! What handlers state in their signatures: who must be asking, and what the body must be (DESIGN §3.7).

mod form;
mod guard;
mod json;
mod language;
mod peer;
mod person;

pub(crate) use form::{Fields, GuestForm, SignedForm, guest_token};
pub(crate) use guard::refuse_foreign_origin;
pub(crate) use json::JsonBody;
pub(crate) use language::language_of;
pub(crate) use peer::PeerAddress;
pub(crate) use person::SignedIn;
pub(crate) use person::Visitor;
