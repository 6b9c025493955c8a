//! Reads Balado's own outputs back, without codecs: what a player will find in them.
//!
//! For the worker, which checks an output before it is recorded, and for tests, so that outputs are judged by other
//! eyes than those that made them. Not for uploads.

mod jpeg;
mod mp3;
mod mp4;

pub use jpeg::{JpegFacts, read_jpeg};
pub use mp3::{Mp3Facts, read_mp3};
pub use mp4::{Mp4Facts, read_mp4};
