//! Packets in, shaped pictures out at a steady pace: each picture stays until the next one is due.
//!
//! A picture nobody will see is dropped before it is shaped, and one that is shown several times is shaped once.

use super::shape::Shape;
use super::shaper::Shaper;
use crate::demux::{Demuxer, VideoTrack};
use crate::error::{Error, Result};
use balado_media::wire::Limits;
use balado_media::{Format, Refusal};
use ffmpeg_next::codec::{self, threading};
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Packet, Rational, Rescale, decoder};

const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// More decoding threads than this only cost memory: each holds pictures of its own.
const MOST_DECODING_THREADS: usize = 4;

/// Pictures larger than this, in pixels, are decoded by two threads at most: each keeps 25 MB a picture.
const LARGE_PICTURE: u64 = 1920 * 1200;

/// Which pictures leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As many as the rate of the shape asks for: repeated or dropped.
    Steady,
    /// Each decoded one, at once, for lone key frames.
    AsDecoded,
}

/// When pictures are shown whose packets have a place but no time, as in AVI. libav guesses with each decoder's delay on
/// top; players show the first picture at the first place.
#[derive(Default)]
struct Places {
    first_us: Option<i64>,
    delay_us: Option<i64>,
}

impl Places {
    fn see(&mut self, packet: &Packet, unit: Rational) {
        let at = packet.dts().or(packet.pts()).unwrap_or(0);
        self.first_us.get_or_insert(at.rescale(unit, MICROSECONDS));
    }

    fn shown_at(&mut self, told_us: i64) -> i64 {
        let first_us = self.first_us.unwrap_or(0);
        told_us - *self.delay_us.get_or_insert((told_us - first_us).max(0))
    }
}

/// Decodes one track.
pub(super) struct Frames {
    decoder: decoder::Video,
    unit: Rational,
    shape: Shape,
    pace: Pace,
    shaper: Shaper,
    /// The picture now shown, and its number; how long it stays is known when the next comes.
    held: Option<(Video, i64)>,
    /// For how many numbers the one before it was shown.
    stayed: i64,
    shown: Option<(Video, i64)>,
    given: i64,
    decoded: u64,
    places: Option<Places>,
    ends_us: i64,
    interval_us: i64,
    limit_us: i64,
    limit_pixels: u64,
}

impl Frames {
    pub(super) fn open(
        demuxer: &Demuxer,
        track: &VideoTrack,
        shape: Shape,
        pace: Pace,
        threads: usize,
        limits: &Limits,
    ) -> Result<Self> {
        let refuse =
            |error: ffmpeg_next::Error| Error::refused(Refusal::Damaged, format!("decoder: {error}"));
        let unit = demuxer.time_base(track.index)?;
        let mut context =
            codec::Context::from_parameters(demuxer.parameters(track.index)?).map_err(refuse)?.decoder();
        let large = u64::from(track.width) * u64::from(track.height) > LARGE_PICTURE;
        let count = threads.min(if large { 2 } else { MOST_DECODING_THREADS });
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            count,
            ..Default::default()
        });
        context.set_packet_time_base(unit);
        // SAFETY: the context is ours and not yet open; `max_pixels` is a plain number that libav documents as the
        // caller's to set. With it, libav refuses a picture that grows before it takes memory for it.
        unsafe { (*context.as_mut_ptr()).max_pixels = i64::try_from(limits.pixels).unwrap_or(i64::MAX) };
        Ok(Self {
            decoder: context.video().map_err(refuse)?,
            unit,
            shape,
            pace,
            shaper: Shaper::new(shape, threads),
            held: None,
            stayed: 0,
            shown: None,
            given: 0,
            decoded: 0,
            places: (demuxer.format() == Format::Avi).then(Places::default),
            ends_us: 0,
            interval_us: (1e6 / if track.mean_rate >= 1.0 { track.mean_rate } else { 30.0 }) as i64,
            limit_us: limits.duration_ms.saturating_mul(1000),
            limit_pixels: limits.pixels,
        })
    }

    /// Decodes a packet. One that cannot be decoded is a picture less, not the end.
    pub(super) fn take(&mut self, packet: &Packet) -> Result<()> {
        if let Some(places) = &mut self.places {
            places.see(packet, self.unit);
        }
        if self.decoder.send_packet(packet).is_ok() {
            self.drain()?;
        }
        Ok(())
    }

    /// Decodes a key frame that has no neighbours: the decoder is emptied after it.
    pub(super) fn take_alone(&mut self, packet: &Packet) -> Result<()> {
        self.take(packet)?;
        if self.decoder.send_eof().is_ok() {
            self.drain()?;
        }
        self.decoder.flush();
        self.shaper.part()
    }

    /// Whether lines of a decoded picture alternated between two moments.
    pub(super) fn saw_interlaced(&self) -> bool {
        self.shaper.saw_interlaced()
    }

    /// No more packets will come.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.decoder.send_eof().is_ok() {
            self.drain()?;
        }
        // The last picture is shown for a while too, and the last slide although nobody says for how long.
        let end = self.shape.number_at(self.ends_us);
        if let Some((frame, from)) = self.held.take() {
            let times = (end - from).max(i64::from(from == 0 || self.stayed > 1));
            if times > 0 {
                self.shaper.push(frame, times)?;
            }
        }
        self.shaper.close()?;
        if self.decoded == 0 {
            return Err(Error::refused(Refusal::Damaged, "no picture could be decoded"));
        }
        Ok(())
    }

    /// The next shaped picture; its time is its number.
    pub(super) fn pull(&mut self) -> Option<&Video> {
        if self.shown.as_ref().is_none_or(|(_, left)| *left <= 0) {
            self.shown = self.shaper.pull();
        }
        let (frame, left) = self.shown.as_mut()?;
        *left -= 1;
        frame.set_pts(Some(self.given));
        self.given += 1;
        Some(frame)
    }

    fn drain(&mut self) -> Result<()> {
        let mut frame = Video::empty();
        while self.decoder.receive_frame(&mut frame).is_ok() {
            self.decoded += 1;
            if u64::from(frame.width()) * u64::from(frame.height()) > self.limit_pixels {
                return Err(Error::refused(Refusal::TooBigFilm, "the picture grows beyond the limit"));
            }
            let told_us = frame.timestamp().map_or(self.ends_us, |t| t.rescale(self.unit, MICROSECONDS));
            let at_us = self.places.as_mut().map_or(told_us, |places| places.shown_at(told_us));
            if at_us > self.limit_us {
                return Err(Error::refused(Refusal::TooLong, "a picture beyond the limit"));
            }
            let lasts = frame.packet().duration.rescale(self.unit, MICROSECONDS);
            let lasts = if lasts > 0 { lasts } else { self.interval_us };
            self.ends_us = self.ends_us.max(at_us.saturating_add(lasts));
            match self.pace {
                Pace::AsDecoded => self.shaper.push(frame, 1)?,
                Pace::Steady => self.hold(frame, at_us)?,
            }
            frame = Video::empty();
        }
        Ok(())
    }

    /// Lets go of the picture shown so far, unless nobody would have seen it.
    fn hold(&mut self, frame: Video, at_us: i64) -> Result<()> {
        // The first is shown from the start, so that pictures that come late stay in time with the sound.
        let Some((before, from)) = self.held.take() else {
            self.held = Some((frame, 0));
            return Ok(());
        };
        let number = self.shape.number_at(at_us).max(from);
        self.held = Some((frame, number));
        self.stayed = number - from;
        if number > from { self.shaper.push(before, number - from) } else { Ok(()) }
    }
}
