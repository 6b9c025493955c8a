//! Opens the original with libav, allowing exactly the demuxer its content calls for and the decoders we promise, and
//! gives packets on one continuous clock that starts at zero.
//!
//! libav sees bytes, never names: nothing inside a file can make it open another.

mod clock;
mod tracks;

pub use tracks::{AudioTrack, Tracks, VideoTrack};

use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::wire::Limits;
use balado_media::{Format, Refusal};
use clock::Clock;
use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Packet, format};
use std::io::{Read, Seek, SeekFrom};

/// Unreadable packets in a row before the rest of a file is given up.
const DAMAGED_PACKETS: u32 = 1000;

/// An opened original.
pub struct Demuxer {
    input: Input,
    clock: Clock,
    size: Option<u64>,
    kind: Format,
}

/// Opens the original for reading packets.
///
/// # Errors
/// When the content is refused, or cannot be read.
pub fn open(original: &Original, kind: Format) -> Result<Demuxer> {
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Fatal);
    let size = if original.is_arriving() { None } else { Some(original.size()?) };
    let stream = if original.is_arriving() {
        StreamIo::from_read(original.follow()?)?
    } else {
        if kind == Format::IsoMedia {
            refuse_if_cut(original)?;
        }
        StreamIo::from_read_seek(original.reader()?)?
    };
    let input = format::input_from_stream(stream, None, Some(open_options(kind)))
        .map_err(|error| Error::refused(Refusal::Damaged, format!("libav: {error}")))?;
    let clock = Clock::new(&input, matches!(kind, Format::MpegTs | Format::MpegPs | Format::Flv));
    Ok(Demuxer { input, clock, size, kind })
}

/// Opens a file of ours in the scratch folder.
///
/// # Errors
/// When it cannot be read.
pub fn open_own(path: &str) -> Result<Demuxer> {
    let stream = StreamIo::from_read_seek(std::fs::File::open(path)?)?;
    let input = format::input_from_stream(stream, None, Some(open_options(Format::IsoMedia)))?;
    let clock = Clock::from_zero();
    Ok(Demuxer { input, clock, size: None, kind: Format::IsoMedia })
}

/// Opens a finished film of ours as its players read it: times as they stand, packets as they come.
///
/// # Errors
/// When it cannot be read.
pub fn open_finished(original: &Original) -> Result<Input> {
    let stream = StreamIo::from_read_seek(original.reader()?)?;
    Ok(format::input_from_stream(stream, None, Some(open_options(Format::IsoMedia)))?)
}

/// Only packets of these tracks are wanted from here.
pub fn keep_only(input: &mut Input, wanted: &[usize]) {
    tracks::discard_others(input, wanted);
}

impl Demuxer {
    /// Where the clock of the file starts, in milliseconds.
    pub fn start_ms(&self) -> i64 {
        self.clock.start_us() / 1000
    }

    /// Its chapters: start, end, the unit of both, title.
    pub fn chapters(&self) -> Vec<(i64, i64, ffmpeg_next::Rational, String)> {
        let title = |chapter: &format::chapter::Chapter| {
            chapter.metadata().get("title").unwrap_or_default().to_owned()
        };
        let all = self.input.chapters();
        all.map(|chapter| (chapter.start(), chapter.end(), chapter.time_base(), title(&chapter))).collect()
    }

    /// The format it was opened as.
    pub fn format(&self) -> Format {
        self.kind
    }

    /// The tracks to convert.
    ///
    /// # Errors
    /// When there is none, or one is beyond the limits or locked.
    pub fn tracks(&self, limits: &Limits) -> Result<Tracks> {
        tracks::choose(&self.input, limits)
    }

    /// Only packets of these tracks are wanted from here.
    pub fn keep_only(&mut self, wanted: &[usize]) {
        tracks::discard_others(&mut self.input, wanted);
    }

    /// The next packet, in its track's time base, on the continuous clock. Nothing at the end, or where the file is
    /// too damaged to go on.
    ///
    /// # Errors
    /// When the packet is encrypted.
    pub fn next(&mut self) -> Result<Option<Packet>> {
        let mut damaged = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => {
                    if packet.side_data().any(|data| data.kind() == SideData::EncryptionInfo) {
                        return Err(Error::refused(Refusal::Encrypted, "an encrypted packet"));
                    }
                    let time_base = self.time_base(packet.stream())?;
                    self.clock.place(&mut packet, time_base);
                    return Ok(Some(packet));
                }
                Err(ffmpeg_next::Error::InvalidData) if damaged < DAMAGED_PACKETS => damaged += 1,
                Err(_) => return Ok(None),
            }
        }
    }

    /// The parameters of a track.
    ///
    /// # Errors
    /// When there is no such track.
    pub fn parameters(&self, index: usize) -> Result<ffmpeg_next::codec::Parameters> {
        Ok(self.stream(index)?.parameters())
    }

    /// The unit of a track's times.
    ///
    /// # Errors
    /// When there is no such track.
    pub fn time_base(&self, index: usize) -> Result<ffmpeg_next::Rational> {
        Ok(self.stream(index)?.time_base())
    }

    /// How far into the file a packet lies, 0.0 to 1.0; nothing while the size is unknown.
    pub fn share(&self, packet: &Packet) -> Option<f64> {
        let position = u64::try_from(packet.position()).ok()?;
        self.size.filter(|size| *size > 0).map(|size| position as f64 / size as f64)
    }

    fn stream(&self, index: usize) -> Result<ffmpeg_next::Stream<'_>> {
        self.input.stream(index).ok_or_else(|| Error::Fault("a track vanished".to_owned()))
    }
}

/// The demuxers that may open a file of this format. ID3 stands before AAC and FLAC too.
fn demuxers(kind: Format) -> &'static str {
    match kind {
        Format::Mp3 | Format::Mp2 => "mp3,aac,flac",
        Format::Adts => "aac",
        Format::Flac => "flac",
        Format::Wav => "wav",
        Format::Aiff => "aiff",
        Format::Amr => "amr,amrnb,amrwb",
        Format::Ac3 => "ac3,eac3",
        Format::Caf => "caf",
        Format::Ogg => "ogg",
        Format::IsoMedia => "mov",
        Format::Matroska => "matroska",
        Format::Asf => "asf",
        Format::Avi => "avi",
        Format::MpegTs => "mpegts",
        Format::MpegPs => "mpeg,mpegvideo",
        Format::Flv => "flv",
        Format::Gif => "gif",
        _ => "none",
    }
}

fn open_options(kind: Format) -> Dictionary<'static> {
    let decoders = tracks::DECODERS.join(",");
    [
        ("format_whitelist", demuxers(kind)),
        ("codec_whitelist", decoders.as_str()),
        // No protocol at all: a file that names another gets nothing.
        ("protocol_whitelist", ""),
        ("max_streams", "1000"),
        ("probesize", "10000000"),
        ("analyzeduration", "10000000"),
        ("fflags", "+genpts+discardcorrupt"),
    ]
    .into_iter()
    .collect()
}

/// Walks the outermost boxes: one that ends beyond the file means its end is missing. Without this, a film cut in half
/// would be published as half a film.
fn refuse_if_cut(original: &Original) -> Result<()> {
    let size = original.size()?;
    let mut file = original.reader()?;
    let mut at = 0_u64;
    let mut has_index = false;
    while at.saturating_add(8) <= size {
        let mut header = [0_u8; 16];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut header[..8])?;
        let [a, b, c, d, kind @ .., _, _, _, _, _, _, _, _] = header;
        let mut length = u64::from(u32::from_be_bytes([a, b, c, d]));
        if length == 1 && at.saturating_add(16) <= size {
            file.read_exact(&mut header[8..])?;
            length = header[8..].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        }
        has_index |= &kind == b"moov";
        // Zero means "to the end of the file".
        if length == 0 {
            break;
        }
        if length < 8 {
            return Err(Error::refused(Refusal::Damaged, "a box of impossible size"));
        }
        let end = at.saturating_add(length);
        if end > size && matches!(&kind, b"moov" | b"mdat" | b"moof") {
            return Err(Error::refused(
                Refusal::Incomplete,
                format!("a box ends at {end}, the file at {size}"),
            ));
        }
        at = end;
    }
    if has_index { Ok(()) } else { Err(Error::refused(Refusal::Incomplete, "no index")) }
}
