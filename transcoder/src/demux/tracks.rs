//! Which tracks of an opened file are converted, and what is known of them.

use super::allowed::DECODERS;
use super::opening::Opened;
use super::stance::Stance;
use crate::error::{Error, Result};
use balado_media::Refusal;
use balado_media::wire::Limits;
use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::color::{Primaries, Space, TransferCharacteristic};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Rational, Rescale, Stream, ffi, media};

/// What will be converted.
pub struct Tracks {
    /// The sound.
    pub audio: Option<AudioTrack>,
    /// The moving picture.
    pub video: Option<VideoTrack>,
    /// As far as the container tells.
    pub duration_ms: Option<i64>,
}

/// A track of sound.
#[derive(Debug, Clone, Copy)]
pub struct AudioTrack {
    /// Its number in the file.
    pub index: usize,
    /// How it is coded.
    pub codec: Id,
    /// Which variant of the coding, by libav's number.
    pub profile: i32,
    /// Samples per second, as declared.
    pub sample_rate_hz: u32,
    /// Channels, as declared.
    pub channels: u32,
    /// Bits per second, 0 when unknown.
    pub bit_rate: i64,
    /// Whether it is the sound of a film.
    pub is_of_film: bool,
}

/// A track of moving pictures.
#[derive(Debug, Clone, Copy)]
pub struct VideoTrack {
    /// Its number in the file.
    pub index: usize,
    /// How it is coded.
    pub codec: Id,
    /// Which variant of the coding, by libav's number.
    pub profile: i32,
    /// Stored pixels across.
    pub width: u32,
    /// Stored pixels down.
    pub height: u32,
    /// Width of one pixel over its height as the container tells it, which counts more than what the coding tells.
    pub told_aspect: Option<f64>,
    /// The same as the coding tells it, 1 where it does not.
    pub coded_aspect: f64,
    /// How its pictures are turned to stand upright.
    pub stance: Stance,
    /// Frames per second as the container averages them, 0 when unknown.
    pub mean_rate: f64,
    /// The lowest rate that can tell all frames apart, 0 when unknown.
    pub base_rate: f64,
    /// Bits per second, 0 when unknown.
    pub bit_rate: i64,
    /// Whether pictures are 8-bit 4:2:0, as every player wants.
    pub is_plain_420: bool,
    /// Whether lines alternate between two moments, as far as the track tells: many leave it to their pictures.
    pub is_interlaced: bool,
    /// How luma and colour difference make colours, as far as the track tells.
    pub matrix: Space,
    /// How bright its numbers are, as far as the track tells.
    pub transfer: TransferCharacteristic,
    /// Which colours its numbers are of, as far as the track tells.
    pub primaries: Primaries,
    /// Pictures, 0 when the container does not tell.
    pub pictures: i64,
    /// Whether what its pictures are made of is known, from the container or from one of them.
    pub is_known: bool,
}

impl VideoTrack {
    /// A film of 640 by 360 pixels at 25 pictures a second.
    #[cfg(test)]
    pub fn sample() -> Self {
        Self {
            index: 0,
            codec: Id::H264,
            profile: 100,
            width: 640,
            height: 360,
            told_aspect: None,
            coded_aspect: 1.0,
            stance: Stance::default(),
            mean_rate: 25.0,
            base_rate: 25.0,
            bit_rate: 0,
            is_plain_420: true,
            is_interlaced: false,
            matrix: Space::Unspecified,
            transfer: TransferCharacteristic::Unspecified,
            primaries: Primaries::Unspecified,
            pictures: 0,
            is_known: true,
        }
    }

    /// Width of one pixel over its height.
    pub fn pixel_aspect(&self) -> f64 {
        self.told_aspect.unwrap_or(self.coded_aspect)
    }

    /// Size as shown: square pixels, upright.
    pub fn upright_size(&self) -> (u32, u32) {
        let width = (f64::from(self.width) * self.pixel_aspect()).round().clamp(1.0, 65_535.0) as u32;
        if self.stance.is_on_its_side() { (self.height, width) } else { (width, self.height) }
    }
}

/// Picks one track of sound and one of pictures.
pub(super) fn choose(opened: &Opened, limits: &Limits, size: Option<u64>) -> Result<Tracks> {
    let input = &opened.input;
    let told_ms = Some(input.duration()).filter(|us| *us > 0).map(|us| us / 1000);
    let duration_ms = told_ms.filter(|ms| is_believable(*ms, size));
    if duration_ms.is_some_and(|ms| ms > limits.duration_ms) {
        return Err(Error::refused(Refusal::TooLong, format!("{duration_ms:?} ms declared")));
    }
    let (mut unsupported, mut unseen, mut unheard) = (None, false, false);
    let mut sounds: Vec<(AudioTrack, bool)> = Vec::new();
    let mut video: Option<VideoTrack> = None;
    for stream in input.streams() {
        let parameters = stream.parameters();
        let wanted = matches!(parameters.medium(), media::Type::Audio | media::Type::Video);
        // Covers and chapter pictures are not film.
        if !wanted || stream.disposition().contains(Disposition::ATTACHED_PIC) {
            continue;
        }
        refuse_if_locked(&stream)?;
        if !is_allowed(parameters.id()) {
            unsupported = Some(parameters.id());
            unseen |= parameters.medium() == media::Type::Video;
            unheard |= parameters.medium() == media::Type::Audio;
        } else if parameters.medium() == media::Type::Audio {
            let preferred = stream.disposition().contains(Disposition::DEFAULT);
            sounds.extend(audio_track(&stream).map(|track| (track, preferred)));
        } else {
            match video_track(&stream, limits)? {
                Some(track) if video.is_none_or(|chosen| area(&track) > area(&chosen)) => video = Some(track),
                None if opened.told_pixels.get(stream.index()).is_some_and(|told| *told > 0) => {
                    return Err(Error::refused(Refusal::TooBigFilm, "a size that libav does not take"));
                }
                Some(_) | None => {}
            }
        }
    }
    let audio = sound_beside(input, &sounds, video.as_ref());
    // A film whose pictures cannot be read is not a sound recording.
    if video.is_none() && (audio.is_none() || unseen) {
        return Err(match unsupported {
            Some(id) => Error::refused(Refusal::UnsupportedFormat, format!("coded as {id:?}")),
            None => Error::refused(Refusal::NoMediaTrack, "no track of sound or pictures"),
        });
    }
    // Nor is a film whose sound cannot be read a silent one.
    if audio.is_none() && unheard {
        return Err(Error::refused(Refusal::UnreadableSound, "no sound of a promised coding"));
    }
    let audio = audio.map(|track| AudioTrack { is_of_film: video.is_some(), ..track });
    Ok(Tracks { audio, video, duration_ms })
}

/// The sound to the pictures: of the same programme where there is some, the preferred track, or the first.
fn sound_beside(
    input: &Input,
    sounds: &[(AudioTrack, bool)],
    video: Option<&VideoTrack>,
) -> Option<AudioTrack> {
    let beside = video.map(|video| with_those_beside(input, &[video.index])).unwrap_or_default();
    let is_beside = |(track, _): &&(AudioTrack, bool)| beside.contains(&track.index);
    let of_programme: Vec<_> = sounds.iter().filter(is_beside).collect();
    let all = if of_programme.is_empty() { sounds.iter().collect() } else { of_programme };
    let preferred = all.iter().find(|(_, preferred)| *preferred);
    preferred.or(all.first()).map(|(track, _)| *track)
}

/// Where the earliest of these tracks begins, in microseconds, in a file of several programmes: each has numbers of its own.
pub(super) fn start_of_programme(input: &Input, tracks: &[usize]) -> Option<i64> {
    // SAFETY: the context is live while `input` is borrowed; one number is read.
    if unsafe { (*input.as_ptr()).nb_programs } < 2 {
        return None;
    }
    let chosen = input.streams().filter(|stream| tracks.contains(&stream.index()));
    let told = chosen.filter(|stream| stream.start_time() != ffi::AV_NOPTS_VALUE);
    told.map(|stream| stream.start_time().rescale(stream.time_base(), (1, 1_000_000))).min()
}

/// Whether a file of that many bytes can play so long: silence takes more than this many bits a second in any coding.
fn is_believable(duration_ms: i64, size: Option<u64>) -> bool {
    const LEAST_BIT_RATE: u64 = 50;
    let milliseconds = u64::try_from(duration_ms).unwrap_or(0);
    size.is_none_or(|bytes| bytes.saturating_mul(8000) / milliseconds.max(1) >= LEAST_BIT_RATE)
}

/// These tracks and all of sound and pictures that share their numbers: those of the same programmes, or of the file where it
/// knows no programmes.
pub(super) fn with_those_beside(input: &Input, wanted: &[usize]) -> Vec<usize> {
    let of_programme = |programme: &ffi::AVProgram| -> Vec<usize> {
        let count = usize::try_from(programme.nb_stream_indexes).unwrap_or(0);
        if programme.stream_index.is_null() {
            return Vec::new();
        }
        // SAFETY: libav keeps the list of a programme and its length in step, and both live as long as the input.
        let indexes = unsafe { std::slice::from_raw_parts(programme.stream_index, count) };
        indexes.iter().filter_map(|index| usize::try_from(*index).ok()).collect()
    };
    // SAFETY: the context is live while `input` is borrowed, and libav keeps its list of programmes and the length in step.
    let programmes = unsafe {
        let context = &*input.as_ptr();
        let count = usize::try_from(context.nb_programs).unwrap_or(0);
        (0..count).map(|at| of_programme(&**context.programs.add(at))).collect::<Vec<_>>()
    };
    let of_wanted = |of: &&Vec<usize>| of.iter().any(|index| wanted.contains(index));
    let beside: Vec<usize> = programmes.iter().filter(of_wanted).flatten().copied().collect();
    let is_beside = |stream: &Stream| {
        let is_heard_or_seen =
            matches!(stream.parameters().medium(), media::Type::Audio | media::Type::Video);
        is_heard_or_seen && (beside.is_empty() || beside.contains(&stream.index()))
    };
    let all = input.streams().filter(|it| wanted.contains(&it.index()) || is_beside(it));
    all.map(|stream| stream.index()).collect()
}

/// Lets the demuxer skip the data of all other tracks.
pub(super) fn discard_others(input: &mut Input, wanted: &[usize]) {
    for stream in input.streams() {
        if !wanted.contains(&stream.index()) {
            // SAFETY: the stream belongs to the context borrowed mutably here; `discard` is a plain field that libav
            // reads before each packet and documents as the caller's to set.
            unsafe { (*stream.as_ptr().cast_mut()).discard = ffi::AVDiscard::AVDISCARD_ALL };
        }
    }
}

fn area(track: &VideoTrack) -> u64 {
    u64::from(track.width) * u64::from(track.height)
}

fn is_allowed(id: Id) -> bool {
    codec::decoder::find(id).is_some_and(|decoder| DECODERS.contains(&decoder.name()))
}

/// The numbers of a track that the safe interface does not give.
struct Raw {
    codec_tag: u32,
    profile: i32,
    bit_rate: i64,
    width: i32,
    height: i32,
    pixel_format: i32,
    interlaced: bool,
    told_aspect: Rational,
    coded_aspect: Rational,
    sample_rate: i32,
    channel_count: i32,
    matrix: Space,
    transfer: TransferCharacteristic,
    primaries: Primaries,
}

fn raw(stream: &Stream) -> Raw {
    // SAFETY: the stream and its parameters live as long as the context `stream` borrows; only plain numbers are read.
    unsafe {
        let stream = &*stream.as_ptr();
        let parameters = &*stream.codecpar;
        let order = parameters.field_order;
        Raw {
            codec_tag: parameters.codec_tag,
            profile: parameters.profile,
            bit_rate: parameters.bit_rate,
            width: parameters.width,
            height: parameters.height,
            pixel_format: parameters.format,
            interlaced: order != ffi::AVFieldOrder::AV_FIELD_UNKNOWN
                && order != ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE,
            told_aspect: Rational::from(stream.sample_aspect_ratio),
            coded_aspect: Rational::from(parameters.sample_aspect_ratio),
            sample_rate: parameters.sample_rate,
            channel_count: parameters.ch_layout.nb_channels,
            matrix: Space::from(parameters.color_space),
            transfer: TransferCharacteristic::from(parameters.color_trc),
            primaries: Primaries::from(parameters.color_primaries),
        }
    }
}

fn refuse_if_locked(stream: &Stream) -> Result<()> {
    let tag = raw(stream).codec_tag.to_le_bytes();
    let locked = matches!(&tag, b"encv" | b"enca" | b"drms" | b"drmi" | b"p608")
        || stream.side_data().any(|data| data.kind() == SideData::EncryptionInitInfo);
    if locked { Err(Error::refused(Refusal::Encrypted, "an encrypted track")) } else { Ok(()) }
}

fn audio_track(stream: &Stream) -> Option<AudioTrack> {
    let raw = raw(stream);
    Some(AudioTrack {
        index: stream.index(),
        codec: stream.parameters().id(),
        profile: raw.profile,
        sample_rate_hz: u32::try_from(raw.sample_rate).ok().filter(|rate| *rate > 0)?,
        channels: u32::try_from(raw.channel_count).ok().filter(|count| *count > 0)?,
        bit_rate: raw.bit_rate,
        is_of_film: false,
    })
}

fn video_track(stream: &Stream, limits: &Limits) -> Result<Option<VideoTrack>> {
    let raw = raw(stream);
    let (Ok(width), Ok(height)) = (u32::try_from(raw.width), u32::try_from(raw.height)) else {
        return Ok(None);
    };
    if width == 0 || height == 0 {
        return Ok(None);
    }
    if u64::from(width) * u64::from(height) > limits.pixels || width > 16_384 || height > 16_384 {
        return Err(Error::refused(Refusal::TooBigFilm, format!("{width}x{height}")));
    }
    let plain =
        [ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32, ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32];
    Ok(Some(VideoTrack {
        index: stream.index(),
        codec: stream.parameters().id(),
        profile: raw.profile,
        width,
        height,
        told_aspect: sane_aspect(raw.told_aspect),
        coded_aspect: sane_aspect(raw.coded_aspect).unwrap_or(1.0),
        stance: Stance::of(stream),
        mean_rate: rate(stream.avg_frame_rate()),
        base_rate: rate(stream.rate()),
        bit_rate: raw.bit_rate,
        is_plain_420: plain.contains(&raw.pixel_format),
        is_interlaced: raw.interlaced,
        matrix: raw.matrix,
        transfer: raw.transfer,
        primaries: raw.primaries,
        pictures: stream.frames(),
        is_known: raw.pixel_format != ffi::AVPixelFormat::AV_PIX_FMT_NONE as i32,
    }))
}

/// Width of a pixel over its height. Real ones are between a quarter and four times as wide as high; anything else is a
/// mistake or an attack.
pub fn sane_aspect(aspect: Rational) -> Option<f64> {
    let value = f64::from(aspect.numerator()) / f64::from(aspect.denominator().max(1));
    Some(value).filter(|value| (0.25..=4.0).contains(value))
}

fn rate(value: Rational) -> f64 {
    if value.denominator() > 0 && value.numerator() > 0 { f64::from(value) } else { 0.0 }
}
