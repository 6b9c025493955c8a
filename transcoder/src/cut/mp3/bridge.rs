//! Encodes the one or two frames where two pieces meet, on the same grid of samples as the frames beside them.

use super::layout::Layout;
use super::source::Source;
use crate::error::{Error, Result};
use balado_media::mp3::{FRAME_SAMPLES, FrameHeader, LONGEST_REACH};
use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{ChannelLayout, Dictionary, Packet, decoder, encoder};

/// Samples between what LAME is given and what a decoder puts out: 576 of its own and the decoder's 529.
const ROUND_TRIP: i64 = 1105;

/// Frames encoded before the wanted ones, so that the encoder knows what came before.
const RUN_IN: i64 = 4;

/// Frames it must be given after them before it lets go of them.
const RUN_OUT: i64 = 4;

/// Bits per second: enough for a frame without reservoir, and small enough to leave room for the next frame's.
const BIT_RATE: usize = 128_000;

/// At constant bit rates LAME makes everything quieter by this factor, to keep peaks from clipping. Beside copied frames
/// that would be heard, so seams are given to it as much louder.
const LAME_SCALE: f32 = 0.95;

/// Bytes of sound in the smallest frame, in stereo at 32 kb/s and 48 kHz: the reservoir may lie in that many more.
const SHORTEST_SOUND: usize = 96 - 36;

/// Encodes seams of one MP3.
pub(super) struct Bridge {
    header: FrameHeader,
}

impl Bridge {
    pub(super) fn new(header: FrameHeader) -> Self {
        Self { header }
    }

    /// Frames `[place, place + count)` of the new file.
    pub(super) fn encode(
        &mut self,
        source: &mut Source,
        layout: &Layout,
        place: i64,
        count: i64,
    ) -> Result<Vec<Vec<u8>>> {
        let first = (place - RUN_IN) * FRAME_SAMPLES + ROUND_TRIP;
        let samples = (RUN_IN + count + RUN_OUT) * FRAME_SAMPLES;
        let sound = self.gather(source, layout, first, samples)?;
        let frames = self.frames(&sound)?;
        let skipped = usize::try_from(RUN_IN).unwrap_or(0);
        let wanted: Vec<Vec<u8>> =
            frames.into_iter().skip(skipped).take(usize::try_from(count).unwrap_or(0)).collect();
        if wanted.len() as i64 == count {
            Ok(wanted)
        } else {
            Err(Error::Fault("the seam is short".to_owned()))
        }
    }

    /// Samples of the new file as the source has them: stretches that follow each other there are decoded together.
    fn gather(&self, source: &mut Source, layout: &Layout, first: i64, count: i64) -> Result<Vec<Vec<f32>>> {
        let mut sound = vec![Vec::new(); usize::from(self.header.channels)];
        let mut at = first;
        let end = first + count;
        while at < end {
            let from = layout.source_of(at);
            let run =
                (at..end).take_while(|sample| layout.source_of(*sample) == from + (sample - at)).count();
            let run = i64::try_from(run).unwrap_or(1).max(1);
            let decoded = self.decode(source, from, run)?;
            for (channel, more) in sound.iter_mut().zip(decoded) {
                channel.extend(more);
            }
            at += run;
        }
        Ok(sound)
    }

    /// Samples `[from, from + count)` of the source; silence where it has none.
    fn decode(&self, source: &mut Source, from: i64, count: i64) -> Result<Vec<Vec<f32>>> {
        let frames = source.end() / FRAME_SAMPLES;
        let last = ((from + count - 1).div_euclid(FRAME_SAMPLES) + 1).clamp(0, frames);
        let wanted = from.div_euclid(FRAME_SAMPLES).clamp(0, last);
        // One frame to overlap with, and as many as may hold the longest reservoir at the lowest bit rate.
        let before = i64::try_from(LONGEST_REACH.div_ceil(SHORTEST_SOUND)).unwrap_or(8) + 2;
        let start = (wanted - before).max(0);
        let mut decoder = Decoder::open()?;
        let mut channels = vec![Vec::new(); usize::from(self.header.channels)];
        for frame in start..last {
            decoder.take(&source.frame(usize::try_from(frame).unwrap_or(0))?, &mut channels);
        }
        let origin = start * FRAME_SAMPLES;
        let pick = |channel: &Vec<f32>| {
            let sample = |at: i64| {
                usize::try_from(at - origin).ok().and_then(|at| channel.get(at)).copied().unwrap_or(0.0)
            };
            (from..from + count).map(sample).collect()
        };
        Ok(channels.iter().map(pick).collect())
    }

    /// Encodes samples, every frame on its own feet.
    fn frames(&self, sound: &[Vec<f32>]) -> Result<Vec<Vec<u8>>> {
        let mut encoder = self.open()?;
        let count = sound.first().map_or(0, Vec::len);
        let size = usize::try_from(FRAME_SAMPLES).unwrap_or(1152);
        let layout = if self.header.channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut frames = Vec::new();
        for start in (0..count).step_by(size) {
            let mut frame = Audio::new(Sample::F32(Type::Planar), size, layout);
            frame.set_rate(self.header.sample_rate_hz);
            frame.set_pts(i64::try_from(start).ok());
            for (plane, channel) in sound.iter().enumerate() {
                let samples = channel.get(start..start + size).unwrap_or(&[]);
                if let Some(room) = frame.plane_mut::<f32>(plane).get_mut(..samples.len()) {
                    room.iter_mut().zip(samples).for_each(|(to, from)| *to = from / LAME_SCALE);
                }
            }
            encoder.send_frame(&frame).map_err(|e| Error::fault("encode a seam", e))?;
            drain(&mut encoder, &mut frames);
        }
        encoder.send_eof()?;
        drain(&mut encoder, &mut frames);
        Ok(frames)
    }

    fn open(&self) -> Result<encoder::Audio> {
        let codec = encoder::find_by_name("libmp3lame").ok_or_else(|| {
            Error::missing(
                "libav encoder libmp3lame",
                "Install Debian's libavcodec59 (or libavcodec-extra59).",
            )
        })?;
        let rate = i32::try_from(self.header.sample_rate_hz).map_err(|e| Error::fault("sample rate", e))?;
        let layout = if self.header.channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut context = codec::Context::new_with_codec(codec).encoder().audio()?;
        context.set_rate(rate);
        context.set_channel_layout(layout);
        context.set_format(Sample::F32(Type::Planar));
        context.set_bit_rate(BIT_RATE);
        context.set_time_base((1, rate));
        let options: Dictionary = [("reservoir", "0")].into_iter().collect();
        context.open_as_with(codec, options).map_err(|e| Error::fault("open LAME", e))
    }
}

fn drain(encoder: &mut encoder::Audio, frames: &mut Vec<Vec<u8>>) {
    let mut packet = Packet::empty();
    while encoder.receive_packet(&mut packet).is_ok() {
        frames.push(packet.data().unwrap_or(&[]).to_vec());
    }
}

/// Decodes frames one by one; what cannot be decoded is silence of the same length, so that samples keep their places.
struct Decoder {
    decoder: decoder::Audio,
}

impl Decoder {
    fn open() -> Result<Self> {
        let codec = codec::decoder::find(Id::MP3)
            .ok_or_else(|| Error::missing("libav decoder mp3float", "Install Debian's libavcodec59."))?;
        let decoder = codec::Context::new_with_codec(codec).decoder().audio()?;
        Ok(Self { decoder })
    }

    fn take(&mut self, frame: &[u8], channels: &mut [Vec<f32>]) {
        let size = usize::try_from(FRAME_SAMPLES).unwrap_or(1152);
        let mut decoded = Audio::empty();
        let sent = self.decoder.send_packet(&Packet::copy(frame)).is_ok();
        let good = sent
            && self.decoder.receive_frame(&mut decoded).is_ok()
            && decoded.format() == Sample::F32(Type::Planar)
            && decoded.samples() == size
            && decoded.planes() == channels.len();
        for (plane, channel) in channels.iter_mut().enumerate() {
            if good {
                channel.extend_from_slice(decoded.plane::<f32>(plane));
            } else {
                channel.resize(channel.len() + size, 0.0);
            }
        }
    }
}
