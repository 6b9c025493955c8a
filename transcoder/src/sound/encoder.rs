//! Writes sound: MP3 and AAC from samples, MP3 from frames that are copied.

use crate::demux::{AudioTrack, Demuxer};
use crate::error::{Error, Result};
use balado_media::recipe::AudioProfile;
use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::format::context::Output;
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{ChannelLayout, Dictionary, Packet, Rational, encoder, format};

/// Encodes samples into one file.
pub(super) struct Encoder {
    encoder: encoder::Audio,
    output: Output,
    rate: i32,
    written: i64,
}

impl Encoder {
    /// An MP3 without tags; titles are added when it is published.
    pub(super) fn mp3(path: &str, profile: &AudioProfile, channels: u32) -> Result<Self> {
        let bit_rate = if channels == 1 { profile.mono_bit_rate } else { profile.stereo_bit_rate };
        Self::open(path, "mp3", "libmp3lame", profile.sample_rate_hz, bit_rate, channels)
    }

    /// AAC in an MP4 without pictures.
    pub(super) fn aac(path: &str, profile: &AudioProfile, channels: u32) -> Result<Self> {
        let bit_rate = if channels == 1 { profile.aac_bit_rate / 2 } else { profile.aac_bit_rate };
        Self::open(path, "mp4", "aac", profile.sample_rate_hz, bit_rate, channels)
    }

    /// Samples the encoder wants in each frame.
    pub(super) fn frame_size(&self) -> u32 {
        self.encoder.frame_size()
    }

    fn open(
        path: &str,
        container: &str,
        name: &str,
        rate: u32,
        bit_rate: u32,
        channels: u32,
    ) -> Result<Self> {
        let codec = encoder::find_by_name(name).ok_or_else(|| missing_encoder(name))?;
        let rate = i32::try_from(rate).map_err(|e| Error::fault("sample rate", e))?;
        let layout = if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut output = format::output_as(path, container)?;
        let mut encoder = codec::Context::new_with_codec(codec).encoder().audio()?;
        encoder.set_rate(rate);
        encoder.set_channel_layout(layout);
        encoder.set_format(Sample::F32(Type::Planar));
        encoder.set_bit_rate(bit_rate as usize);
        encoder.set_time_base((1, rate));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        let encoder = encoder.open_as(codec)?;
        let mut stream = output.add_stream(codec)?;
        stream.set_parameters(&encoder);
        stream.set_time_base((1, rate));
        write_header(&mut output)?;
        Ok(Self { encoder, output, rate, written: 0 })
    }

    /// Encodes the next frame; frames follow each other without gap.
    pub(super) fn take(&mut self, mut frame: Audio) -> Result<()> {
        frame.set_pts(Some(self.written));
        self.written += i64::try_from(frame.samples()).unwrap_or(0);
        self.encoder.send_frame(&frame).map_err(|e| Error::fault("encode sound", e))?;
        self.drain()
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.encoder.send_eof()?;
        self.drain()?;
        Ok(self.output.write_trailer()?)
    }

    fn drain(&mut self) -> Result<()> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(0);
            packet.rescale_ts((1, self.rate), stream_unit(&self.output)?);
            packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("write sound", e))?;
        }
        Ok(())
    }
}

/// Copies the frames of a conforming MP3, bit for bit, without its tags.
pub(super) struct FrameCopier {
    output: Output,
    unit: Rational,
}

impl FrameCopier {
    pub(super) fn open(path: &str, demuxer: &Demuxer, track: &AudioTrack) -> Result<Self> {
        let mut output = format::output_as(path, "mp3")?;
        let mut stream = output.add_stream(encoder::find(Id::None))?;
        stream.set_parameters(demuxer.parameters(track.index)?);
        write_header(&mut output)?;
        Ok(Self { output, unit: demuxer.time_base(track.index)? })
    }

    pub(super) fn copy(&mut self, packet: &Packet) -> Result<()> {
        let mut packet = packet.clone();
        packet.set_stream(0);
        packet.set_position(-1);
        packet.rescale_ts(self.unit, stream_unit(&self.output)?);
        packet.write_interleaved(&mut self.output).map_err(|e| Error::fault("copy sound", e))
    }

    pub(super) fn finish(mut self) -> Result<()> {
        Ok(self.output.write_trailer()?)
    }
}

/// No tags, and the same bytes from the same input.
fn write_header(output: &mut Output) -> Result<()> {
    let options: Dictionary =
        [("id3v2_version", "0"), ("write_xing", "1"), ("fflags", "+bitexact")].into_iter().collect();
    output.write_header_with(options)?;
    Ok(())
}

fn stream_unit(output: &Output) -> Result<Rational> {
    Ok(output.stream(0).ok_or_else(|| Error::Fault("the output has no stream".to_owned()))?.time_base())
}

fn missing_encoder(name: &str) -> Error {
    Error::missing(format!("libav encoder {name}"), "Install Debian's libavcodec59 (or libavcodec-extra59).")
}
