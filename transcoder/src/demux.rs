//! Opens the original with libav, allowing exactly the demuxer its content calls for and the decoders we promise, and
//! gives packets on one continuous clock that starts at zero.
//!
//! libav sees bytes, never names: nothing inside a file can make it open another.

mod ahead;
mod allowed;
mod boxes;
mod clock;
mod opening;
mod stance;
mod tracks;

pub use ahead::Ahead;
pub use stance::Stance;
pub use tracks::{AudioTrack, Tracks, VideoTrack, sane_aspect};

use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::mp3::{FrameHeader, Gapless, Info};
use balado_media::sniff::behind_tag;
use balado_media::wire::Limits;
use balado_media::{Format, Refusal};
use clock::Clock;
use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::packet::Ref;
use ffmpeg_next::{Dictionary, Packet, Rational, Rescale, format};
use opening::Opened;
use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};

/// Unreadable packets in a row before the rest of a file is given up.
const DAMAGED_PACKETS: u32 = 1000;

/// The unit of limits.
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// An opened original.
pub struct Demuxer {
    opened: Opened,
    clock: Clock,
    /// The tracks that the clock sees and those that are given, all where nobody chose.
    chosen: Option<Chosen>,
    size: Option<u64>,
    kind: Format,
    longest_us: Cell<i64>,
    gapless: Option<Gapless>,
}

struct Chosen {
    watched: Vec<usize>,
    wanted: Vec<usize>,
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
    } else if matches!(kind, Format::Mp3 | Format::Mp2) {
        // With what libav learns from the end of these it trims other samples than while they arrive, and the same
        // recording would sound different by some milliseconds followed or whole.
        StreamIo::from_read(original.reader()?)?
    } else {
        if kind == Format::IsoMedia {
            boxes::index_size(original)?;
        }
        StreamIo::from_read_seek(original.reader()?)?
    };
    let opened = open_stream(stream, kind)
        .map_err(|error| Error::refused(Refusal::Damaged, format!("libav: {error}")))?;
    let clock = Clock::new(&opened.input, may_be_renumbered(kind));
    let gapless = if kind == Format::Mp3 { declared_gapless(original)? } else { None };
    Ok(Demuxer { opened, clock, chosen: None, size, kind, longest_us: Cell::new(i64::MAX), gapless })
}

/// Whether the numbers of a file may begin anew on the way: it is sent, or its parts were put one behind the other.
fn may_be_renumbered(kind: Format) -> bool {
    matches!(kind, Format::MpegTs | Format::MpegPs | Format::Flv)
}

/// Read by ourselves, because libav tells the silence at the end of an MP3 only where it can seek, and a file that arrives
/// must give the same copy as a whole one. Those that arrive have their first frame in the head (`can_be_followed`).
fn declared_gapless(original: &Original) -> Result<Option<Gapless>> {
    /// Tags are padded; what libav steps over to find the first frame.
    const PADDING: usize = 4096;
    /// No frame is longer.
    const FRAME: usize = 2048;
    let mut start = Vec::new();
    if original.is_arriving() {
        start.extend_from_slice(original.head().get(behind_tag(original.head())..).unwrap_or(&[]));
    } else {
        let mut reader = original.reader()?;
        let mut header = Vec::new();
        reader.by_ref().take(10).read_to_end(&mut header)?;
        reader.seek(SeekFrom::Start(behind_tag(&header) as u64))?;
        reader.take((PADDING + FRAME) as u64).read_to_end(&mut start)?;
    }
    let places = (0..PADDING).map_while(|at| start.get(at..).filter(|rest| !rest.is_empty()));
    let first = places.into_iter().find(|rest| FrameHeader::of(rest).is_some());
    Ok(first.and_then(Info::read).and_then(|info| info.gapless))
}

/// Whether a track that an original declares has anything in it at all: recorders whose camera fails leave one empty.
///
/// # Errors
/// When the original is still arriving, or cannot be read.
pub fn is_empty(original: &Original, kind: Format, index: usize) -> Result<bool> {
    let mut demuxer = open(original, kind)?;
    demuxer.keep_only(&[index]);
    while let Some(packet) = demuxer.next()? {
        if packet.stream() == index {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens a file of ours in the scratch folder.
///
/// # Errors
/// When it cannot be read.
pub fn open_own(path: &str) -> Result<Demuxer> {
    let stream = StreamIo::from_read_seek(std::fs::File::open(path)?)?;
    let kind = Format::IsoMedia;
    let opened = open_stream(stream, kind)?;
    let clock = Clock::from_zero();
    let longest_us = Cell::new(i64::MAX);
    Ok(Demuxer { opened, clock, chosen: None, size: None, kind, longest_us, gapless: None })
}

/// Opens a finished film of ours as its players read it: times as they stand, packets as they come.
///
/// # Errors
/// When it cannot be read.
pub fn open_finished(original: &Original) -> Result<Input> {
    let stream = StreamIo::from_read_seek(original.reader()?)?;
    Ok(open_stream(stream, Format::IsoMedia)?.input)
}

/// Whether a list of edits hides what a packet gives: it is there only for those after it.
pub fn is_left_out(packet: &Packet) -> bool {
    // SAFETY: the packet is alive while it is borrowed; one number is read, of which the safe interface leaves this bit out.
    unsafe { (*packet.as_ptr()).flags & ffmpeg_next::ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Only packets of these tracks are wanted from here.
pub fn keep_only(input: &mut Input, wanted: &[usize]) {
    tracks::discard_others(input, wanted);
}

/// Bytes of the index of an MP4.
///
/// # Errors
/// When it has none, or its end is missing.
pub fn index_size(original: &Original) -> Result<u64> {
    boxes::index_size(original)
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
        let all = self.opened.input.chapters();
        all.map(|chapter| (chapter.start(), chapter.end(), chapter.time_base(), title(&chapter))).collect()
    }

    /// The format it was opened as.
    pub fn format(&self) -> Format {
        self.kind
    }

    /// The tracks to convert. From here, a packet beyond the longest playing time is refused: what a file says of its
    /// length is not always true.
    ///
    /// # Errors
    /// When there is none, or one is beyond the limits or locked.
    pub fn tracks(&self, limits: &Limits) -> Result<Tracks> {
        self.longest_us.set(limits.duration_ms.saturating_mul(1000));
        tracks::choose(&self.opened, limits, self.size)
    }

    /// What an MP3 says of the silence at its ends.
    pub fn gapless(&self) -> Option<Gapless> {
        self.gapless
    }

    /// Only packets of these tracks are wanted from here. Where numbers may begin anew, the clock sees all tracks beside
    /// them: each pass over the file reads other tracks, and must come to the same times.
    pub fn keep_only(&mut self, wanted: &[usize]) {
        let watched = if may_be_renumbered(self.kind) {
            tracks::with_those_beside(&self.opened.input, wanted)
        } else {
            wanted.to_vec()
        };
        if let Some(start_us) = tracks::start_of_programme(&self.opened.input, &watched) {
            self.clock.start_from(start_us);
        }
        tracks::discard_others(&mut self.opened.input, &watched);
        self.chosen = Some(Chosen { watched, wanted: wanted.to_vec() });
    }

    /// The next packet, in its track's time base, on the continuous clock. Nothing at the end, or where the file is
    /// too damaged to go on.
    ///
    /// # Errors
    /// When the packet is encrypted, or lies beyond the limit.
    pub fn next(&mut self) -> Result<Option<Packet>> {
        loop {
            while let Some(packet) = self.clock.give() {
                if self.chosen.as_ref().is_some_and(|it| !it.wanted.contains(&packet.stream())) {
                    continue;
                }
                let unit = self.time_base(packet.stream())?;
                let at_us = packet.pts().map_or(0, |pts| pts.rescale(unit, MICROSECONDS));
                if at_us > self.longest_us.get() {
                    return Err(Error::refused(Refusal::TooLong, "a packet beyond the limit"));
                }
                return Ok(Some(packet));
            }
            match self.read()? {
                Some(packet) => {
                    let unit = self.time_base(packet.stream())?;
                    self.clock.take(packet, unit);
                }
                None if self.clock.finish() => {}
                None => return Ok(None),
            }
        }
    }

    /// The next packet that the clock is to see, with the times of the file. Demuxers may give some of tracks nobody asked
    /// for.
    fn read(&mut self) -> Result<Option<Packet>> {
        let mut damaged = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.opened.input) {
                Ok(()) if self.chosen.as_ref().is_some_and(|it| !it.watched.contains(&packet.stream())) => {}
                Ok(()) if packet.side_data().any(|data| data.kind() == SideData::EncryptionInfo) => {
                    return Err(Error::refused(Refusal::Encrypted, "an encrypted packet"));
                }
                Ok(()) => return Ok(Some(packet)),
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

    /// How many pictures a track has, 0 when the container does not tell.
    ///
    /// # Errors
    /// When there is no such track.
    pub fn pictures(&self, index: usize) -> Result<i64> {
        Ok(self.stream(index)?.frames())
    }

    /// What the container itself says to a decoder of a track.
    ///
    /// # Errors
    /// When there is no such track.
    pub fn declared(&self, index: usize) -> Result<Vec<u8>> {
        let parameters = self.parameters(index)?;
        // SAFETY: libav keeps `extradata` and its size in step, and both live as long as the parameters.
        Ok(unsafe {
            let raw = &*parameters.as_ptr();
            match usize::try_from(raw.extradata_size) {
                Ok(size) if !raw.extradata.is_null() => {
                    std::slice::from_raw_parts(raw.extradata, size).to_vec()
                }
                _ => Vec::new(),
            }
        })
    }

    /// How far into the film a packet lies, 0.0 to 1.0: by its time where the playing time is known, else by its place
    /// in the file; nothing while neither is.
    pub fn share(&self, packet: &Packet) -> Option<f64> {
        let total_us = self.opened.input.duration();
        if total_us > 0
            && let Some(time) = packet.dts().or(packet.pts())
        {
            let unit = self.time_base(packet.stream()).ok()?;
            return Some(time.rescale(unit, (1, 1_000_000)) as f64 / total_us as f64);
        }
        let position = u64::try_from(packet.position()).ok()?;
        self.size.filter(|size| *size > 0).map(|size| position as f64 / size as f64)
    }

    fn stream(&self, index: usize) -> Result<ffmpeg_next::Stream<'_>> {
        self.opened.input.stream(index).ok_or_else(|| Error::Fault("a track vanished".to_owned()))
    }
}

fn open_stream(stream: StreamIo, kind: Format) -> std::result::Result<Opened, ffmpeg_next::Error> {
    opening::open(stream, open_options(kind), Limits::default().pixels)
}

fn open_options(kind: Format) -> Dictionary<'static> {
    let decoders = allowed::DECODERS.join(",");
    [
        ("format_whitelist", allowed::demuxers(kind)),
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
