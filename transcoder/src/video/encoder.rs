//! Encodes shaped pictures to H.264.

use super::film::Film;
use super::frames::Shape;
use crate::error::{Error, Result};
use balado_media::recipe::VideoProfile;
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Dictionary, Packet, Rational, encoder, picture};

pub(super) struct Encoder {
    encoder: encoder::Video,
    unit: Rational,
}

impl Encoder {
    pub(super) fn open(shape: Shape, profile: &VideoProfile) -> Result<Self> {
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
        context.set_flags(codec::Flags::GLOBAL_HEADER);
        let (crf, peak, buffer) = (
            profile.crf.to_string(),
            profile.max_bit_rate.to_string(),
            (profile.max_bit_rate * 2).to_string(),
        );
        let options: Dictionary = [
            ("preset", profile.preset.as_str()),
            ("profile", "high"),
            ("crf", &crf),
            ("maxrate", &peak),
            ("bufsize", &buffer),
        ]
        .into_iter()
        .collect();
        let encoder = context.open_as_with(codec, options).map_err(|e| Error::fault("open x264", e))?;
        Ok(Self { encoder, unit })
    }

    /// What the MP4 must know of the pictures.
    pub(super) fn parameters(&self) -> Parameters {
        Parameters::from(&self.encoder)
    }

    pub(super) fn take(&mut self, mut frame: Video, film: &mut Film) -> Result<()> {
        // The decoder's choice of key frames is not ours.
        frame.set_kind(picture::Type::None);
        self.encoder.send_frame(&frame).map_err(|e| Error::fault("encode pictures", e))?;
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
