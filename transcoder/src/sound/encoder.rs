//! Turns blocks of samples into packets of MP3 or AAC.

use super::block::Block;
use crate::error::{Error, Result};
use ffmpeg_next::codec;
use ffmpeg_next::format::context::Output;
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{ChannelLayout, Dictionary, Packet, Rational, encoder, format};

/// How sound is encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    /// Samples per second.
    pub(super) rate: u32,
    /// Bits per second.
    pub(super) bit_rate: u32,
    /// One or two.
    pub(super) channels: usize,
}

/// Encodes blocks that follow each other without gap.
pub(super) struct Encoder {
    encoder: encoder::Audio,
    layout: ChannelLayout,
    rate: u32,
    written: i64,
}

impl Encoder {
    /// MP3, by LAME.
    pub(super) fn mp3(coding: Coding) -> Result<Self> {
        Self::open("libmp3lame", coding)
    }

    /// AAC-LC.
    pub(super) fn aac(coding: Coding) -> Result<Self> {
        Self::open("aac", coding)
    }

    fn open(name: &str, coding: Coding) -> Result<Self> {
        let codec = encoder::find_by_name(name).ok_or_else(|| {
            Error::missing(
                format!("libav encoder {name}"),
                "Install Debian's libavcodec59 (or libavcodec-extra59).",
            )
        })?;
        let rate = i32::try_from(coding.rate).map_err(|e| Error::fault("sample rate", e))?;
        let layout = if coding.channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut encoder = codec::Context::new_with_codec(codec).encoder().audio()?;
        encoder.set_rate(rate);
        encoder.set_channel_layout(layout);
        encoder.set_format(Sample::F32(Type::Planar));
        encoder.set_bit_rate(coding.bit_rate as usize);
        encoder.set_time_base((1, rate));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        Ok(Self { encoder: encoder.open_as(codec)?, layout, rate: coding.rate, written: 0 })
    }

    /// Samples the encoder wants in each block but the last.
    pub(super) fn block_size(&self) -> usize {
        self.encoder.frame_size() as usize
    }

    /// Samples it puts in front of the first, decoding included.
    pub(super) fn delay(&self) -> u32 {
        // SAFETY: the pointer is that of the open encoder, and `initial_padding` a plain number in it.
        let padding = unsafe { (*self.encoder.as_ptr()).initial_padding };
        u32::try_from(padding).unwrap_or(0)
    }

    /// Takes the next block.
    pub(super) fn take(&mut self, block: &Block) -> Result<()> {
        let mut frame = Audio::new(Sample::F32(Type::Planar), block.filled, self.layout);
        frame.set_rate(self.rate);
        for (index, plane) in block.sound().into_iter().enumerate() {
            frame.plane_mut::<f32>(index).copy_from_slice(plane);
        }
        frame.set_pts(Some(self.written));
        self.written += i64::try_from(block.filled).unwrap_or(0);
        self.encoder.send_frame(&frame).map_err(|e| Error::fault("encode sound", e))
    }

    /// No more blocks will come.
    pub(super) fn finish(&mut self) -> Result<()> {
        Ok(self.encoder.send_eof()?)
    }

    /// The next packet, when one is ready.
    pub(super) fn next(&mut self) -> Option<Packet> {
        let mut packet = Packet::empty();
        self.encoder.receive_packet(&mut packet).is_ok().then_some(packet)
    }
}

/// An MP4 that holds AAC alone.
pub(super) struct AacFile {
    encoder: Encoder,
    output: Output,
}

impl AacFile {
    pub(super) fn create(path: &str, coding: Coding) -> Result<Self> {
        let encoder = Encoder::aac(coding)?;
        let mut output = format::output_as(path, "mp4")?;
        let mut stream = output.add_stream(encoder::find(codec::Id::AAC))?;
        stream.set_parameters(&encoder.encoder);
        stream.set_time_base((1, i32::try_from(coding.rate).unwrap_or(i32::MAX)));
        // No tags, and the same bytes from the same sound.
        let options: Dictionary = [("fflags", "+bitexact")].into_iter().collect();
        output.write_header_with(options)?;
        Ok(Self { encoder, output })
    }

    /// Samples of each block but the last.
    pub(super) fn block_size(&self) -> usize {
        self.encoder.block_size()
    }

    pub(super) fn take(&mut self, block: &Block) -> Result<()> {
        self.encoder.take(block)?;
        self.drain()
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.encoder.finish()?;
        self.drain()?;
        Ok(self.output.write_trailer()?)
    }

    fn drain(&mut self) -> Result<()> {
        let stream =
            self.output.stream(0).ok_or_else(|| Error::Fault("the output has no stream".to_owned()))?;
        let (from, to) =
            (Rational(1, i32::try_from(self.encoder.rate).unwrap_or(i32::MAX)), stream.time_base());
        while let Some(mut packet) = self.encoder.next() {
            packet.set_stream(0);
            packet.rescale_ts(from, to);
            packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write sound", e))?;
        }
        Ok(())
    }
}
