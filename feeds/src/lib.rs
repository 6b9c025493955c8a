//! Renders feeds and subscription lists, for `app` to cache and send.
//!
//! Everything here is pure: the same model gives the same bytes, at any time, on any machine. What differs between two
//! subscribers (the address of the service, the feed token, the media key) is left out of the cached bytes and filled in
//! by [`splice`] when a feed is sent, so one rendering serves a whole class.
//!
//! What may be shown to whom, caching, entity tags and tokens are not decided here: `app` passes in what the viewer may
//! see, already chosen.

pub mod address;
pub mod error;
pub mod guid;
mod html;
pub mod model;
pub mod opml;
pub mod render;
pub mod segment;
mod text;
mod xml;

pub use address::Address;
pub use error::Error;
pub use guid::podcast_guid;
pub use model::{CompanionModel, EnclosureModel, FeedModel, ItemModel, LinkModel};
pub use opml::{OpmlEntry, OpmlModel, render_opml};
pub use render::{Dialect, Fragment, render, render_item};
pub use segment::{Rendered, Segment, splice};
