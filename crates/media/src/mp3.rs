//! MP3 on the level of its frames: headers, the Info frame in front, and the volume every frame carries. No samples.
//!
//! For the transcoder, which writes MP3s and corrects their volume, and for [`crate::readback`], which checks them.
//! Numbers are those of ISO/IEC 11172-3 and 13818-3 (layer III) and of the public description of the LAME tag.

mod crc;
mod gain;
mod header;
mod info;
mod reservoir;

pub use crc::MusicCrc;
pub use gain::{GAIN_STEP_DB, shift_gain};
pub use header::FrameHeader;
pub use info::{DECODER_DELAY, Gapless, Info, InfoFrame, SeekTable};
pub use reservoir::{FRAME_SAMPLES, LONGEST_REACH, frame_with_reservoir, silent_frame};
