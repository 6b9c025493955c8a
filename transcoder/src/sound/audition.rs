//! Hears a finished AAC file as players will: its loudness and its highest true peak.

use super::loudness::{Meter, gated};
use super::true_peak::TruePeak;
use crate::demux;
use crate::error::{Error, Result};
use crate::session::Session;
use ffmpeg_next::codec;
use ffmpeg_next::frame::Audio;

/// What was heard.
pub(super) struct Audition {
    /// Integrated (LUFS); nothing for silence.
    pub(super) loudness: Option<f64>,
    /// The highest true peak, 1.0 being full scale.
    pub(super) peak: f32,
}

/// Decodes `path`, which is ours and holds AAC of so many channels and samples per second. Peaks far below `ceiling` are
/// not told exactly.
pub(super) fn hear(
    session: &Session,
    path: &str,
    (channels, rate): (usize, u32),
    ceiling: f32,
) -> Result<Audition> {
    let fault = |error: ffmpeg_next::Error| Error::fault("hear the AAC", error);
    let mut demuxer = demux::open_own(path)?;
    let context = codec::Context::from_parameters(demuxer.parameters(0)?).map_err(fault)?;
    let mut decoder = context.decoder().audio().map_err(fault)?;
    let mut meter = Meter::new(channels, rate)?;
    let mut finder = TruePeak::new(channels);
    let mut peak = 0.0_f32;
    let mut frame = Audio::empty();
    while let Some(packet) = demuxer.next()? {
        session.check()?;
        decoder.send_packet(&packet).map_err(fault)?;
        while decoder.receive_frame(&mut frame).is_ok() {
            let planes: Vec<&[f32]> = (0..frame.planes()).map(|plane| frame.plane::<f32>(plane)).collect();
            meter.push(&planes)?;
            peak = finder.peaks(&planes, ceiling).into_iter().fold(peak, f32::max);
        }
    }
    Ok(Audition { loudness: gated(&meter.into_energies()), peak })
}
