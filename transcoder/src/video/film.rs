//! The MP4: pictures and sound as they come, side by side in time, index first.

use crate::demux::{self, Demuxer};
use crate::error::{Error, Result};
use balado_media::readback;
use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::codec::{Id, Parameters};
use ffmpeg_next::format::context::Output;
use ffmpeg_next::{Dictionary, Packet, Rational, Rescale, encoder, format};
use std::fs::File;
use std::io::BufReader;

const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// Where the sound of a film comes from.
pub(super) enum Sound {
    /// There is none.
    None,
    /// Packets with these parameters, given by [`Film::write_sound`].
    Given(Parameters),
    /// That track of a file, read beside the pictures.
    Beside(Box<Demuxer>, usize),
}

/// How the index gets to the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// Everything is moved back by its size once that is known.
    Moved,
    /// That many bytes are kept free for it, which spares reading and writing a large film once more.
    Reserved(u32),
    /// It does not: the file is read by nobody but us.
    Behind,
}

/// An MP4 being written.
pub(super) struct Film {
    output: Output,
    beside: Option<Beside>,
    /// Whether sound that is heard was written.
    is_heard: bool,
}

struct Beside {
    demuxer: Box<Demuxer>,
    index: usize,
    unit: Rational,
    next: Option<Packet>,
}

impl Film {
    /// Begins the file.
    pub(super) fn open(path: &str, pictures: Parameters, sound: Sound, index: Index) -> Result<Self> {
        let mut output = format::output_as(path, "mp4")?;
        add_stream(&mut output, pictures)?;
        let beside = match sound {
            Sound::None => None,
            Sound::Given(parameters) => {
                add_stream(&mut output, parameters)?;
                None
            }
            Sound::Beside(demuxer, index) => {
                add_stream(&mut output, demuxer.parameters(index)?)?;
                Some(Beside::open(demuxer, index)?)
            }
        };
        let place = match index {
            Index::Moved => Some(("movflags", "+faststart".to_owned())),
            Index::Reserved(bytes) => Some(("moov_size", bytes.to_string())),
            Index::Behind => None,
        };
        let place = place.as_ref().map(|(name, value)| (*name, value.as_str()));
        // Without bitexact the file names the program and the hour that made it.
        let options: Dictionary = [("fflags", "+bitexact")].into_iter().chain(place).collect();
        output.write_header_with(options).map_err(|e| Error::fault("begin the MP4", e))?;
        Ok(Self { output, beside, is_heard: false })
    }

    /// Writes a picture whose times count in `unit`, after the sound beside it that is heard before.
    pub(super) fn write_picture(&mut self, packet: Packet, unit: Rational) -> Result<()> {
        if let Some(time) = packet.dts().or(packet.pts()) {
            self.write_beside_until(time.rescale(unit, MICROSECONDS))?;
        }
        self.write(packet, 0, unit)
    }

    /// Writes sound whose times count in `unit`. What leads into a later clip of an edit list would be heard a second time.
    ///
    /// # Errors
    /// When its parameters change: an MP4 of ours has them once.
    pub(super) fn write_sound(&mut self, packet: Packet, unit: Rational) -> Result<()> {
        if packet.side_data().any(|it| it.kind() == SideData::NewExtraData) {
            return Err(Error::Fault("the parameters of the sound change".to_owned()));
        }
        let is_left_out = demux::is_left_out(&packet);
        if is_left_out && self.is_heard {
            return Ok(());
        }
        self.is_heard |= !is_left_out;
        self.write(packet, 1, unit)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.write_beside_until(i64::MAX)?;
        self.output.write_trailer().map_err(|e| Error::fault("end the MP4", e))
    }

    fn write_beside_until(&mut self, until_us: i64) -> Result<()> {
        while let Some(beside) = &mut self.beside {
            let Some(packet) = beside.take_before(until_us)? else { break };
            let unit = beside.unit;
            self.write_sound(packet, unit)?;
        }
        Ok(())
    }

    fn write(&mut self, mut packet: Packet, index: usize, unit: Rational) -> Result<()> {
        let stream =
            self.output.stream(index).ok_or_else(|| Error::Fault("the MP4 lost a track".to_owned()))?;
        let target = stream.time_base();
        packet.set_stream(index);
        packet.set_position(-1);
        packet.rescale_ts(unit, target);
        packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write the MP4", e))
    }
}

impl Beside {
    fn open(mut demuxer: Box<Demuxer>, index: usize) -> Result<Self> {
        demuxer.keep_only(&[index]);
        let unit = demuxer.time_base(index)?;
        let next = next_of(&mut demuxer, index)?;
        Ok(Self { demuxer, index, unit, next })
    }

    fn take_before(&mut self, until_us: i64) -> Result<Option<Packet>> {
        let Some(packet) = &self.next else { return Ok(None) };
        let time = packet.dts().or(packet.pts()).unwrap_or(0).rescale(self.unit, MICROSECONDS);
        if time > until_us {
            return Ok(None);
        }
        let packet = self.next.take();
        self.next = next_of(&mut self.demuxer, self.index)?;
        Ok(packet)
    }
}

/// Demuxers may give packets of tracks nobody asked for.
fn next_of(demuxer: &mut Demuxer, index: usize) -> Result<Option<Packet>> {
    loop {
        match demuxer.next()? {
            Some(packet) if packet.stream() != index => {}
            packet_or_end => return Ok(packet_or_end),
        }
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
