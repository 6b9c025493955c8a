//! The HTTP service of Balado: pages, JSON, resumable upload, private feeds, media and calendars.
//!
//! For the program, which calls [`serve`] with an application and a future that says when to stop. Every rule lives in
//! `app`; this package turns requests into use cases and their results into answers, and never opens a database or a
//! file. Domain types are not serialised to clients: the shapes of the interface for scripts are in [`api`].

pub mod api;
pub mod error;
pub mod headers;
pub mod range;
pub mod routes;
pub mod server;
pub mod words;

mod assets;
mod calendar;
mod cookies;
mod extract;
mod feeds;
mod finish;
mod health;
mod media;
mod pages;
mod site;
mod stream;

pub use error::{Error, Result};
pub use server::{bind, serve, serve_on};
