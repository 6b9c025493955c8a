//! Decodes a group and encodes what a cut leaves of it, in the profile, level and size of the source.

use super::index::{Index, PictureReader};
use super::parameter_sets::{Configuration, ParameterSets, stored};
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use crate::video::{crf_of, pictures_between_key_frames};
use balado_media::recipe::VideoProfile;
use balado_media::wire::Request;
use ffmpeg_next::codec::{self, Parameters, threading};
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Dictionary, Packet, Rational, decoder, encoder, ffi, picture};

/// Bytes libav wants to be able to read beyond the end of a header.
const HEADER_PADDING: usize = 64;

/// Finer than the recipe, in tenths of the rate factor: an edge beside copied pictures must not look softer than they do.
const FINER: u32 = 30;

/// Encodes edges of one film.
pub(super) struct Edges {
    profile: VideoProfile,
    threads: usize,
    number: u32,
    configuration: Configuration,
    unit: Rational,
    /// Pictures a second of the source.
    rate: f64,
}

impl Edges {
    pub(super) fn prepare(original: &Original, index: &Index, request: &Request) -> Result<Self> {
        let reader = PictureReader::open(original, index)?;
        let header = extra_data(&reader.parameters()?);
        let configuration = Configuration::parse(&header)
            .ok_or_else(|| Error::Fault("no avcC that can be read".to_owned()))?;
        let number = configuration
            .free_number()
            .ok_or_else(|| Error::Fault("no number is left for a parameter set".to_owned()))?;
        let threads = usize::try_from(request.threads).unwrap_or(0);
        let (profile, unit, rate) = (request.recipe.video.clone(), index.unit, index.track.mean_rate);
        Ok(Self { profile, threads, number, configuration, unit, rate })
    }

    /// What a player must know of copied and encoded pictures.
    pub(super) fn parameters(&self, reader: &PictureReader) -> Result<Parameters> {
        let mut parameters = reader.parameters()?;
        let encoder = self.open(&parameters)?;
        let sets = ParameterSets::of_stream(&encoder_header(&encoder));
        if sets.sequence.is_empty() || sets.picture.is_empty() {
            return Err(Error::Fault("x264 gave no parameter sets".to_owned()));
        }
        let header = self
            .configuration
            .with(&sets)
            .ok_or_else(|| Error::Fault("too many parameter sets".to_owned()))?;
        set_extra_data(&mut parameters, &header)?;
        Ok(parameters)
    }

    /// Encodes the pictures of these ranks of a group.
    pub(super) fn encode(
        &self,
        session: &mut Session,
        original: &Original,
        index: &Index,
        group: (usize, usize),
        ranks: (usize, usize),
        writer: &mut Writer,
    ) -> Result<()> {
        let mut times: Vec<i64> =
            index.pictures.get(group.0..group.1).unwrap_or(&[]).iter().map(|picture| picture.pts).collect();
        times.sort_unstable();
        let wanted = times.get(ranks.0 - group.0..ranks.1 - group.0).unwrap_or(&[]);
        let (Some(first), Some(last)) = (wanted.first().copied(), wanted.last().copied()) else {
            return Ok(());
        };
        let mut reader = PictureReader::open(original, index)?;
        let parameters = reader.parameters()?;
        let mut decoder = self.decoder(parameters.clone())?;
        let mut run = Run { encoder: self.open(&parameters)?, first, last, given: 0, made: 0 };
        for place in group.0..group.1 {
            session.check()?;
            let packet = reader.read(index, place)?;
            // A picture that cannot be decoded is missed below.
            let _ = decoder.send_packet(&packet);
            run.drain(&mut decoder, writer)?;
            session.progress(writer.share());
            if run.given == wanted.len() {
                break;
            }
        }
        let _ = decoder.send_eof();
        run.drain(&mut decoder, writer)?;
        run.encoder.send_eof()?;
        run.write(writer)?;
        if run.made == wanted.len() { Ok(()) } else { Err(Error::Fault("an edge lost pictures".to_owned())) }
    }

    fn decoder(&self, parameters: Parameters) -> Result<decoder::Video> {
        let mut context = codec::Context::from_parameters(parameters)?.decoder();
        let count = if self.threads == 0 { 4 } else { self.threads.min(4) };
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            count,
            ..Default::default()
        });
        context.set_packet_time_base(self.unit);
        Ok(context.video()?)
    }

    fn open(&self, source: &Parameters) -> Result<encoder::Video> {
        let codec = encoder::find_by_name("libx264").ok_or_else(|| {
            Error::missing("libav encoder libx264", "Install Debian's libavcodec59 (or libavcodec-extra59).")
        })?;
        // The decoder's view of the source: size, pixels and colours of what it will give.
        let source = codec::Context::from_parameters(source.clone())?.decoder().video()?;
        let mut context = codec::Context::new_with_codec(codec).encoder().video()?;
        context.set_width(source.width());
        context.set_height(source.height());
        context.set_format(source.format());
        context.set_colorspace(source.color_space());
        context.set_color_range(source.color_range());
        context.set_color_primaries(source.color_primaries());
        context.set_color_transfer_characteristic(source.color_transfer_characteristic());
        context.set_aspect_ratio(source.aspect_ratio());
        context.set_time_base(self.unit);
        context.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::CLOSED_GOP);
        context.set_gop(pictures_between_key_frames(self.rate));
        let (profile, level) = self.configuration.profile_and_level();
        let profile = match profile {
            66 => "baseline",
            77 => "main",
            _ => "high",
        };
        let level = format!("{}.{}", level / 10, level % 10);
        let crf = crf_of(self.profile.crf_tenths.saturating_sub(FINER));
        let (peak, buffer) =
            (self.profile.max_bit_rate.to_string(), (self.profile.max_bit_rate * 2).to_string());
        // Without B-pictures what is encoded is stored in the order it is shown.
        let parameters = format!("sps-id={}:bframes=0:scenecut=0", self.number);
        let threads = self.threads.to_string();
        let options: Dictionary = [
            ("preset", self.profile.preset.as_str()),
            ("profile", profile),
            ("level", &level),
            ("crf", &crf),
            ("maxrate", &peak),
            ("bufsize", &buffer),
            ("threads", &threads),
            ("x264-params", &parameters),
        ]
        .into_iter()
        .collect();
        context.open_as_with(codec, options).map_err(|e| Error::fault("open x264", e))
    }
}

/// One edge on its way.
struct Run {
    encoder: encoder::Video,
    first: i64,
    last: i64,
    given: usize,
    made: usize,
}

impl Run {
    fn drain(&mut self, decoder: &mut decoder::Video, writer: &mut Writer) -> Result<()> {
        let mut frame = Video::empty();
        while decoder.receive_frame(&mut frame).is_ok() {
            let time = frame.timestamp().or(frame.pts());
            let Some(time) = time.filter(|time| (self.first..=self.last).contains(time)) else { continue };
            // The decoder's choice of key frames is not ours.
            frame.set_kind(picture::Type::None);
            frame.set_pts(Some(time - self.first));
            self.encoder.send_frame(&frame).map_err(|e| Error::fault("encode an edge", e))?;
            self.given += 1;
            self.write(writer)?;
        }
        Ok(())
    }

    fn write(&mut self, writer: &mut Writer) -> Result<()> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            writer.picture(&stored(packet.data().unwrap_or(&[])), packet.is_key())?;
            self.made += 1;
        }
        Ok(())
    }
}

fn extra_data(parameters: &Parameters) -> Vec<u8> {
    // SAFETY: the parameters live as long as the borrow; libav keeps `extradata_size` bytes at `extradata`, which is null
    // when there are none.
    unsafe {
        let raw = &*parameters.as_ptr();
        copied(raw.extradata, raw.extradata_size)
    }
}

fn encoder_header(encoder: &encoder::Video) -> Vec<u8> {
    // SAFETY: as above, for the open encoder's own context.
    unsafe {
        let raw = &*encoder.as_ptr();
        copied(raw.extradata, raw.extradata_size)
    }
}

/// Bytes of libav's, kept.
///
/// # Safety
/// `bytes` is null, or has `count` bytes that nobody changes meanwhile.
// SAFETY: both callers pass a header and its size as the structure that owns them holds them.
unsafe fn copied(bytes: *const u8, count: i32) -> Vec<u8> {
    match usize::try_from(count) {
        // SAFETY: by the caller's promise.
        Ok(count) if !bytes.is_null() => unsafe { std::slice::from_raw_parts(bytes, count).to_vec() },
        _ => Vec::new(),
    }
}

fn set_extra_data(parameters: &mut Parameters, bytes: &[u8]) -> Result<()> {
    let size = i32::try_from(bytes.len()).map_err(|e| Error::fault("avcC", e))?;
    // SAFETY: the parameters are ours alone. The old header was allocated by libav and is freed by its own function, which
    // leaves null behind; the new one is allocated by libav, with the padding it wants, and filled within its bounds.
    unsafe {
        let raw = parameters.as_mut_ptr();
        let room = ffi::av_mallocz(bytes.len() + HEADER_PADDING).cast::<u8>();
        if room.is_null() {
            return Err(Error::Fault("no memory for a header".to_owned()));
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), room, bytes.len());
        ffi::av_freep((&raw mut (*raw).extradata).cast());
        (*raw).extradata = room;
        (*raw).extradata_size = size;
    }
    Ok(())
}
