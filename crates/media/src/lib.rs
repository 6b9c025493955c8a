//! Facts about a media file, recipes, and the words spoken with the transcoder.
//!
//! For `app` (what is this upload?), `worker` (what is asked of the transcoder, what does it answer?) and
//! `transcoder` itself. Outside the transcoder this package looks at the first 64 KiB of an upload and re-reads
//! Balado's own outputs; it decodes nothing, and touches neither network nor database.

pub mod cut;
pub mod encoding;
pub mod error;
pub mod mp3;
pub mod peaks;
#[cfg(feature = "codecs")]
pub mod prescan;
pub mod readback;
pub mod recipe;
pub mod refusal;
pub mod sniff;
pub mod sprite;
#[cfg(feature = "codecs")]
pub mod still;
pub mod waveform;
pub mod wire;

pub use error::Error;
pub use peaks::Peaks;
pub use recipe::Recipe;
pub use refusal::Refusal;
pub use sniff::{BoxWalk, Format, SNIFF_BYTES, Sniffed, can_be_followed, examine, sniff};
pub use waveform::Waveform;
