//! The modules Balado comes with, one folder or file each.

pub mod agenda;
mod homework;
mod messaging;

pub use agenda::Agenda;
pub use homework::Homework;
pub use messaging::Messaging;
