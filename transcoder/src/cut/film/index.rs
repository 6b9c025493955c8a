//! The film that is cut: when each of its pictures is shown, which of them can be entered at, where its sound frames stand.

use super::plan::{Picture, Shown};
use crate::demux::{self, AudioTrack, VideoTrack};
use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::Refusal;
use balado_media::cut::Stretch;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, Rational, Rescale};

const MILLISECONDS: Rational = Rational(1, 1000);
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// A picture that stays for longer is cut in its midst: sound beside it would be lost, or kept, by more than one notices.
const LONG_MS: i64 = 300;

/// A fast cut keeps no more than this before or after what was asked for: films that were copied may have one key frame in
/// all, and what is cut away must not come back. Groups of our own are shorter.
const FAR_MS: i64 = 10_000;

/// Samples of a frame of AAC-LC, all that a finished film has (ISO/IEC 14496-3 §4.5.2).
const AAC_SAMPLES: i64 = 1024;

/// Reading on is cheaper than seeking for so many packets.
const NEAR: usize = 64;

/// The NAL unit type of a picture that resets the decoder.
const IDR: u8 = 5;

/// A film whose packets are known.
pub(super) struct Index {
    pub(super) track: VideoTrack,
    /// Unit of the times of pictures.
    pub(super) unit: Rational,
    pub(super) pictures: Vec<Picture>,
    pub(super) sound: Option<SoundIndex>,
}

/// Where its sound frames stand.
pub(super) struct SoundIndex {
    pub(super) stream: usize,
    /// Unit of their times.
    pub(super) unit: Rational,
    /// When each is heard, and for how long.
    pub(super) frames: Vec<(i64, i64)>,
}

impl Index {
    /// Reads every packet once.
    pub(super) fn read(original: &Original, track: VideoTrack, audio: Option<AudioTrack>) -> Result<Self> {
        let mut input = demux::open_finished(original)?;
        let unit = unit_of(&input, track.index)?;
        let mut longest = i64::MAX;
        let mut sound = match audio {
            Some(audio) => {
                let unit = unit_of(&input, audio.index)?;
                let rate = i32::try_from(audio.sample_rate_hz).unwrap_or(i32::MAX).max(1);
                longest = AAC_SAMPLES.rescale(Rational(1, rate), unit).max(1);
                Some(SoundIndex { stream: audio.index, unit, frames: Vec::new() })
            }
            None => None,
        };
        let mut pictures = Vec::new();
        let mut packet = Packet::empty();
        while packet.read(&mut input).is_ok() {
            if packet.stream() == track.index {
                let pts = packet.pts().or(packet.dts()).ok_or_else(|| damaged("a picture without time"))?;
                let dts = packet.dts().unwrap_or(pts);
                let is_entry = packet.is_key() && holds_idr(packet.data().unwrap_or(&[]));
                let (duration, is_hidden) = (packet.duration(), demux::is_left_out(&packet));
                pictures.push(Picture { pts, dts, duration, is_entry, is_hidden });
            } else if let Some(sound) = sound.as_mut().filter(|sound| sound.stream == packet.stream())
                && let Some(time) = packet.pts().or(packet.dts())
            {
                // Before a hole a frame is said to last until the next one.
                sound.frames.push((time, packet.duration().clamp(1, longest)));
            }
            packet = Packet::empty();
        }
        if pictures.is_empty() {
            return Err(damaged("no picture"));
        }
        Ok(Self { track, unit, pictures, sound: sound.filter(|sound| !sound.frames.is_empty()) })
    }

    /// When the film ends, its pictures and its sound, in the unit of pictures: where players say it does.
    pub(super) fn end(&self) -> i64 {
        let seen = self.pictures.iter().map(|picture| picture.pts + picture.duration).max().unwrap_or(0);
        let heard = self.sound.as_ref().map_or(0, |sound| {
            let end = sound.frames.iter().map(|(time, duration)| time + duration).max().unwrap_or(0);
            end.rescale(sound.unit, self.unit)
        });
        seen.max(heard)
    }

    /// When the film ends.
    pub(super) fn duration_ms(&self) -> i64 {
        self.end().rescale(self.unit, MILLISECONDS).max(1)
    }

    /// The order in which its pictures are shown.
    pub(super) fn shown(&self) -> Shown<'_> {
        let [long, far] = [LONG_MS, FAR_MS].map(|ms| ms.rescale(MILLISECONDS, self.unit));
        Shown::new(&self.pictures, self.end(), (long, far))
    }

    /// A piece in the unit of pictures.
    pub(super) fn ticks(&self, piece: Stretch) -> (i64, i64) {
        let ticks = |ms: i64| ms.rescale(MILLISECONDS, self.unit);
        let to = if piece.to_ms >= self.duration_ms() { i64::MAX / 4 } else { ticks(piece.to_ms) };
        (ticks(piece.from_ms), to)
    }

    /// A piece in milliseconds.
    pub(super) fn moments(&self, from: i64, to: i64) -> Stretch {
        let ms = |ticks: i64| ticks.rescale(self.unit, MILLISECONDS);
        Stretch { from_ms: ms(from), to_ms: ms(to) }
    }
}

/// Gives stored pictures by their place.
pub(super) struct PictureReader {
    input: Input,
    stream: usize,
    /// The place of the next picture.
    next: usize,
}

impl PictureReader {
    pub(super) fn open(original: &Original, index: &Index) -> Result<Self> {
        let mut input = demux::open_finished(original)?;
        let stream = index.track.index;
        demux::keep_only(&mut input, &[stream]);
        Ok(Self { input, stream, next: 0 })
    }

    /// What a player must know of the pictures.
    pub(super) fn parameters(&self) -> Result<Parameters> {
        let stream = self.input.stream(self.stream);
        Ok(stream.ok_or_else(|| Error::Fault("a track vanished".to_owned()))?.parameters())
    }

    /// The stored picture of that place.
    pub(super) fn read(&mut self, index: &Index, place: usize) -> Result<Packet> {
        let wanted =
            index.pictures.get(place).ok_or_else(|| Error::Fault("a picture beyond the end".to_owned()))?;
        if place < self.next || place > self.next + NEAR {
            // The last entry at or before: where the demuxer lands when asked for the time before.
            let time = wanted.dts.rescale(index.unit, MICROSECONDS);
            self.input.seek(time, ..time)?;
        }
        loop {
            let mut packet = Packet::empty();
            packet.read(&mut self.input).map_err(|e| Error::fault("a picture of the index", e))?;
            let is_wanted = packet.stream() == self.stream
                && packet.pts().or(packet.dts()) == Some(wanted.pts)
                && packet.dts().unwrap_or(wanted.pts) == wanted.dts;
            if is_wanted {
                self.next = place + 1;
                return Ok(packet);
            }
        }
    }
}

pub(super) fn unit_of(input: &Input, stream: usize) -> Result<Rational> {
    let stream = input.stream(stream).ok_or_else(|| Error::Fault("a track vanished".to_owned()))?;
    Ok(stream.time_base())
}

/// Whether a picture, in units with a length of four bytes before each, resets the decoder.
fn holds_idr(mut bytes: &[u8]) -> bool {
    while let [a, b, c, d, rest @ ..] = bytes {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        if rest.first().is_some_and(|unit| unit & 0x1F == IDR) {
            return true;
        }
        bytes = rest.get(length..).unwrap_or(&[]);
    }
    false
}

fn damaged(why: &str) -> Error {
    Error::refused(Refusal::Damaged, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_resets_the_decoder_is_told_by_its_units() {
        assert!(holds_idr(&[0, 0, 0, 2, 6, 1, 0, 0, 0, 1, 0x65]));
        assert!(!holds_idr(&[0, 0, 0, 2, 6, 5, 0, 0, 0, 1, 0x41]));
        assert!(!holds_idr(&[0xFF, 0xFF, 0xFF, 0xFF, 1]));
        assert!(!holds_idr(&[]));
    }
}
