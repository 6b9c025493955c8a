//! Claims about `balado-transcoder`, made on the real program in its closed box. Inputs are made by ffmpeg, sox and
//! friends when a test runs; outputs are read back by `balado_media`, not by the libraries that made them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests: by panicking")]

mod colour;
mod cut;
mod decoders;
mod document;
mod edits;
mod following;
mod formats;
mod harness;
mod hostile;
mod look;
mod loudness;
mod picture;
mod rhythm;
mod sandbox;
mod sound;
mod stage;
mod stuck;
mod survey;
mod upright;
mod video;
mod woven;
