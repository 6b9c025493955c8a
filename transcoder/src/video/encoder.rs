//! Encodes shaped pictures to H.264.

use super::film::Film;
use super::shape::Shape;
use crate::error::{Error, Result};
use balado_media::recipe::{LightProfile, VideoProfile};
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Dictionary, Packet, Rational, encoder};

/// How carefully to encode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quality<'a> {
    preset: &'a str,
    crf_tenths: u32,
    subme: u32,
    max_bit_rate: u32,
}

impl<'a> From<&'a VideoProfile> for Quality<'a> {
    fn from(profile: &'a VideoProfile) -> Self {
        Self {
            preset: &profile.preset,
            crf_tenths: profile.crf_tenths,
            subme: profile.subme,
            max_bit_rate: profile.max_bit_rate,
        }
    }
}

impl<'a> From<&'a LightProfile> for Quality<'a> {
    fn from(profile: &'a LightProfile) -> Self {
        Self {
            preset: &profile.preset,
            crf_tenths: profile.crf_tenths,
            subme: profile.subme,
            max_bit_rate: profile.max_bit_rate,
        }
    }
}

/// A rate factor as x264 reads it.
pub fn crf_of(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Between two key frames there are no more seconds than this, and no more pictures than x264 would put there.
const KEY_FRAME_SECONDS: f64 = 8.0;
const MOST_BETWEEN_KEY_FRAMES: u32 = 250;

/// Pictures from one key frame to the next, at so many pictures a second.
pub fn pictures_between_key_frames(rate: f64) -> u32 {
    ((rate * KEY_FRAME_SECONDS) as u32).clamp(1, MOST_BETWEEN_KEY_FRAMES)
}

pub(super) struct Encoder {
    encoder: encoder::Video,
    unit: Rational,
}

impl Encoder {
    pub(super) fn open(shape: Shape, quality: Quality, threads: usize) -> Result<Self> {
        let codec = encoder::find_by_name("libx264").ok_or_else(|| {
            Error::missing("libav encoder libx264", "Install Debian's libavcodec59 (or libavcodec-extra59).")
        })?;
        let unit = Rational(shape.rate.1, shape.rate.0);
        let mut context = codec::Context::new_with_codec(codec).encoder().video()?;
        context.set_width(shape.width);
        context.set_height(shape.height);
        context.set_format(Pixel::YUV420P);
        context.set_time_base(unit);
        context.set_frame_rate(Some(unit.invert()));
        context.set_aspect_ratio((1, 1));
        // Closed groups: a player that seeks, and whoever cuts, can begin at each key frame.
        context.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::CLOSED_GOP);
        context.set_gop(pictures_between_key_frames(unit.invert().into()));
        let (crf, subme, peak, buffer, threads) = (
            crf_of(quality.crf_tenths),
            quality.subme.to_string(),
            quality.max_bit_rate.to_string(),
            (quality.max_bit_rate * 2).to_string(),
            threads.to_string(),
        );
        let options: Dictionary = [
            ("preset", quality.preset),
            ("profile", "high"),
            ("crf", &crf),
            ("subq", &subme),
            ("maxrate", &peak),
            ("bufsize", &buffer),
            ("threads", &threads),
        ]
        .into_iter()
        .chain(shape.colours.tags())
        .collect();
        let encoder = context.open_as_with(codec, options).map_err(|e| Error::fault("open x264", e))?;
        Ok(Self { encoder, unit })
    }

    /// What the MP4 must know of the pictures.
    pub(super) fn parameters(&self) -> Parameters {
        Parameters::from(&self.encoder)
    }

    pub(super) fn take(&mut self, frame: &Video, film: &mut Film) -> Result<()> {
        self.encoder.send_frame(frame).map_err(|e| Error::fault("encode pictures", e))?;
        self.drain(film)
    }

    pub(super) fn finish(&mut self, film: &mut Film) -> Result<()> {
        self.encoder.send_eof()?;
        self.drain(film)
    }

    fn drain(&mut self, film: &mut Film) -> Result<()> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            if packet.duration() == 0 {
                packet.set_duration(1);
            }
            film.write_picture(packet, self.unit)?;
            packet = Packet::empty();
        }
        Ok(())
    }
}
