//! The new MP4: pictures in the order of the plan, with its times; sound beside them; index first.

use super::index::Index;
use super::plan::{Plan, Stamp};
use super::sound::SoundFeed;
use crate::error::{Error, Result};
use crate::original::Original;
use ffmpeg_next::codec::packet::Flags;
use ffmpeg_next::codec::{Id, Parameters};
use ffmpeg_next::format::context::Output;
use ffmpeg_next::{Dictionary, Packet, Rational, Rescale, encoder, format};

/// An MP4 being written.
pub(super) struct Writer {
    output: Output,
    unit: Rational,
    stamps: std::vec::IntoIter<Stamp>,
    count: usize,
    sound: Option<SoundFeed>,
}

impl Writer {
    pub(super) fn create(
        path: &str,
        pictures: Parameters,
        original: &Original,
        index: &Index,
        film: &Plan,
    ) -> Result<Self> {
        let mut output = format::output_as(path, "mp4")?;
        add_stream(&mut output, pictures, index.unit)?;
        let sound = SoundFeed::open(original, index, film)?;
        if let Some(feed) = &sound {
            add_stream(&mut output, feed.parameters()?, feed.unit)?;
        }
        // Without bitexact the file names the program and the hour that made it.
        let options: Dictionary = [("movflags", "+faststart"), ("fflags", "+bitexact")].into_iter().collect();
        output.write_header_with(options).map_err(|e| Error::fault("begin the MP4", e))?;
        let stamps = film.stamps.clone().into_iter();
        Ok(Self { output, unit: index.unit, stamps, count: 0, sound })
    }

    /// How much of the film is written, 0.0 to 1.0.
    pub(super) fn share(&self) -> f64 {
        self.count as f64 / (self.count + self.stamps.len()).max(1) as f64
    }

    /// Adds the next picture of the plan: units with a length of four bytes before each.
    pub(super) fn picture(&mut self, bytes: &[u8], is_key: bool) -> Result<()> {
        let stamp = self.stamps.next().ok_or_else(|| Error::Fault("a picture nobody planned".to_owned()))?;
        self.write_sound_until(stamp.dts)?;
        let mut packet = Packet::copy(bytes);
        packet.set_pts(Some(stamp.pts));
        packet.set_dts(Some(stamp.dts));
        packet.set_duration(stamp.duration);
        packet.set_flags(if is_key { Flags::KEY } else { Flags::empty() });
        self.count += 1;
        self.write(packet, 0, self.unit)
    }

    /// Writes what is left of the sound, and the index.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.stamps.next().is_some() {
            return Err(Error::Fault("pictures of the plan are missing".to_owned()));
        }
        self.write_sound_until(i64::MAX / 4)?;
        self.output.write_trailer().map_err(|e| Error::fault("end the MP4", e))
    }

    fn write_sound_until(&mut self, ticks: i64) -> Result<()> {
        let picture_unit = self.unit;
        while let Some(feed) = &mut self.sound {
            let unit = feed.unit;
            let Some(packet) = feed.take_until(ticks.rescale(picture_unit, unit))? else { break };
            self.write(packet, 1, unit)?;
        }
        Ok(())
    }

    fn write(&mut self, mut packet: Packet, stream: usize, unit: Rational) -> Result<()> {
        let target =
            self.output.stream(stream).ok_or_else(|| Error::Fault("the MP4 lost a track".to_owned()))?;
        packet.rescale_ts(unit, target.time_base());
        packet.set_stream(stream);
        packet.set_position(-1);
        packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write to the MP4", e))
    }
}

fn add_stream(output: &mut Output, mut parameters: Parameters, unit: Rational) -> Result<()> {
    // SAFETY: the parameters are ours alone; the tag is a plain number, and zero asks the muxer for its own.
    unsafe { (*parameters.as_mut_ptr()).codec_tag = 0 };
    let mut stream = output.add_stream(encoder::find(Id::None))?;
    stream.set_parameters(parameters);
    stream.set_time_base(unit);
    Ok(())
}
