//! The MP4: pictures as they come, sound beside them in time, index first.

use crate::demux::{self, Demuxer};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output;
use crate::sound;
use balado_domain::deposit::RenditionKind;
use balado_media::{Format, readback};
use ffmpeg_next::codec::{Id, Parameters};
use ffmpeg_next::format::context::Output;
use ffmpeg_next::{Dictionary, Packet, Rational, Rescale, encoder, format};
use std::fs::File;
use std::io::BufReader;

const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// Where the sound of the film comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum SoundSource {
    /// That track of the original, copied.
    Original(usize),
    /// The AAC encoded beside the MP3.
    Encoded,
}

/// An MP4 being written.
pub(super) struct Film {
    output: Output,
    sound: Option<SoundFeed>,
}

struct SoundFeed {
    demuxer: Demuxer,
    index: usize,
    unit: Rational,
    next: Option<Packet>,
}

impl Film {
    pub(super) fn open(
        pictures: Parameters,
        sound: Option<SoundSource>,
        original: &Original,
        kind: Format,
    ) -> Result<Self> {
        let mut output = format::output_as(&output::file_name(RenditionKind::Mp4), "mp4")?;
        add_stream(&mut output, pictures)?;
        let sound = match sound {
            None => None,
            Some(SoundSource::Encoded) => Some(SoundFeed::open(sound::open_aac()?, 0)?),
            Some(SoundSource::Original(index)) => Some(SoundFeed::open(demux::open(original, kind)?, index)?),
        };
        if let Some(feed) = &sound {
            add_stream(&mut output, feed.demuxer.parameters(feed.index)?)?;
        }
        // Without bitexact the file names the program and the hour that made it.
        let options: Dictionary = [("movflags", "+faststart"), ("fflags", "+bitexact")].into_iter().collect();
        output.write_header_with(options).map_err(|e| Error::fault("begin the MP4", e))?;
        Ok(Self { output, sound })
    }

    /// Writes a picture whose times count in `unit`, after the sound that is heard before it.
    pub(super) fn write_picture(&mut self, mut packet: Packet, unit: Rational) -> Result<()> {
        if let Some(time) = packet.dts().or(packet.pts()) {
            self.write_sound_until(time.rescale(unit, MICROSECONDS))?;
        }
        packet.set_stream(0);
        packet.set_position(-1);
        packet.rescale_ts(unit, self.unit(0)?);
        packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write a picture", e))
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.write_sound_until(i64::MAX)?;
        self.output.write_trailer().map_err(|e| Error::fault("end the MP4", e))
    }

    fn write_sound_until(&mut self, until_us: i64) -> Result<()> {
        let Some(feed) = &mut self.sound else { return Ok(()) };
        let mut due = Vec::new();
        while let Some(packet) = feed.take_before(until_us)? {
            due.push(packet);
        }
        let (from, to) = (feed.unit, self.unit(1)?);
        for mut packet in due {
            packet.set_stream(1);
            packet.set_position(-1);
            packet.rescale_ts(from, to);
            packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write sound", e))?;
        }
        Ok(())
    }

    fn unit(&self, index: usize) -> Result<Rational> {
        let stream =
            self.output.stream(index).ok_or_else(|| Error::Fault("the MP4 lost a track".to_owned()))?;
        Ok(stream.time_base())
    }
}

impl SoundFeed {
    fn open(mut demuxer: Demuxer, index: usize) -> Result<Self> {
        demuxer.keep_only(&[index]);
        let unit = demuxer.time_base(index)?;
        let mut feed = Self { demuxer, index, unit, next: None };
        feed.advance()?;
        Ok(feed)
    }

    fn take_before(&mut self, until_us: i64) -> Result<Option<Packet>> {
        let Some(packet) = &self.next else { return Ok(None) };
        let time = packet.dts().or(packet.pts()).unwrap_or(0).rescale(self.unit, MICROSECONDS);
        if time > until_us {
            return Ok(None);
        }
        let packet = self.next.take();
        self.advance()?;
        Ok(packet)
    }

    fn advance(&mut self) -> Result<()> {
        self.next = self.demuxer.next()?;
        while self.next.as_ref().is_some_and(|packet| packet.stream() != self.index) {
            self.next = self.demuxer.next()?;
        }
        Ok(())
    }
}

/// Playing time of a finished film, as a player will read it.
///
/// # Errors
/// When it does not read back, or has no index in front.
pub(super) fn duration_ms(path: &str) -> Result<i64> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let facts =
        readback::read_mp4(BufReader::new(file), size).map_err(|e| Error::fault("read the MP4", e))?;
    if facts.is_fast_start {
        Ok(facts.duration_ms)
    } else {
        Err(Error::Fault("the index is not in front".to_owned()))
    }
}

fn add_stream(output: &mut Output, mut parameters: Parameters) -> Result<()> {
    // SAFETY: the parameters are ours; `codec_tag` is a plain number. Zero lets the MP4 writer choose its own tag: that
    // of another container would be refused.
    unsafe { (*parameters.as_mut_ptr()).codec_tag = 0 };
    let mut stream = output.add_stream(encoder::find(Id::None))?;
    stream.set_parameters(parameters);
    Ok(())
}
