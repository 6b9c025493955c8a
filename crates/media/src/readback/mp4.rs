//! Reads the index of an MP4.
//!
//! By hand: the reader of the crates believes what the index says of itself, and one that claims four thousand million
//! samples in twenty bytes would take the worker's memory. Nothing here is larger than the box it came in.

use crate::Error;
use std::io::{Read, Seek, SeekFrom};

/// Largest index: twelve hours at thirty frames a second and their sound take about 40 MiB.
const LARGEST_INDEX: u64 = 128 << 20;

/// Boxes looked at beside each other.
const MOST_BOXES: usize = 4096;

/// What an MP4 holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mp4Facts {
    /// Playing time.
    pub duration_ms: i64,
    /// Pixels across, of the first video track.
    pub width: Option<u16>,
    /// Pixels down, of the first video track.
    pub height: Option<u16>,
    /// Frames of the first video track.
    pub video_frames: usize,
    /// Whether the first video track is H.264.
    pub is_h264: bool,
    /// Whether there is an AAC track.
    pub has_aac: bool,
    /// Whether the index stands before the media, so that playing starts at once.
    pub is_fast_start: bool,
}

/// Reads the index of an MP4 that Balado made. `size` is the size of the file.
///
/// # Errors
/// When it is not an MP4, or reading fails.
pub fn read_mp4<R: Read + Seek>(mut source: R, size: u64) -> Result<Mp4Facts, Error> {
    let (index, is_fast_start) = read_index(&mut source, size)?;
    // The movie's own duration counts what its edit lists play, a track's counts what it stores.
    let (duration, timescale) =
        find(&index, b"mvhd").and_then(duration).ok_or_else(|| fault("no movie header"))?;
    let duration_ms = u128::from(duration) * 1000 / u128::from(timescale.max(1));
    let mut facts = Mp4Facts {
        duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
        width: None,
        height: None,
        video_frames: 0,
        is_h264: false,
        has_aac: false,
        is_fast_start,
    };
    for track in boxes(&index).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body) {
        take(&mut facts, track);
    }
    Ok(facts)
}

/// Adds what one track tells.
fn take(facts: &mut Mp4Facts, track: &[u8]) {
    let Some(media) = find(track, b"mdia") else { return };
    let table = find(media, b"minf").and_then(|body| find(body, b"stbl")).unwrap_or(&[]);
    // A count of descriptions stands before the first.
    let described = find(table, b"stsd").and_then(|body| body.get(8..)).and_then(|rest| boxes(rest).next());
    let coding = described.map(|(kind, _)| kind);
    match find(media, b"hdlr").and_then(|body| body.get(8..12)) {
        Some(b"vide") if facts.width.is_none() => {
            let (width, height) = find(track, b"tkhd").map_or((0, 0), shown_size);
            facts.width = Some(width);
            facts.height = Some(height);
            facts.video_frames = find(table, b"stsz").map_or(0, sample_count);
            facts.is_h264 = coding.as_ref() == Some(b"avc1");
        }
        Some(b"soun") => facts.has_aac |= coding.as_ref() == Some(b"mp4a"),
        _ => {}
    }
}

/// The index, and whether it stands before the media.
fn read_index<R: Read + Seek>(source: &mut R, size: u64) -> Result<(Vec<u8>, bool), Error> {
    let io = |error: std::io::Error| fault(&error.to_string());
    let mut at = 0_u64;
    let (mut is_mp4, mut is_fast_start) = (false, true);
    for _ in 0..MOST_BOXES {
        source.seek(SeekFrom::Start(at)).map_err(io)?;
        let mut header = [0_u8; 16];
        source.read_exact(&mut header[..8]).map_err(io)?;
        let [a, b, c, d, kind @ ..] = header;
        let mut length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let mut start = 8;
        if length == 1 {
            source.read_exact(&mut header[8..]).map_err(io)?;
            length = header[8..].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
            start = 16;
        }
        let end = at.checked_add(length).filter(|end| length >= start && *end <= size);
        let end = end.ok_or_else(|| fault("a box of impossible size"))?;
        match kind.get(..4) {
            Some(b"ftyp") => is_mp4 = true,
            Some(b"mdat") => is_fast_start = false,
            Some(b"moov") if !is_mp4 => return Err(fault("no type")),
            Some(b"moov") => {
                let length = length - start;
                if length > LARGEST_INDEX {
                    return Err(fault("an index of impossible size"));
                }
                let mut index = Vec::new();
                source.take(length).read_to_end(&mut index).map_err(io)?;
                return Ok((index, is_fast_start));
            }
            _ => {}
        }
        at = end;
    }
    Err(fault("too many boxes before the index"))
}

/// The boxes in these bytes, each with its kind and its body. Ends at the first that does not fit.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = usize::try_from(big_u32(rest, 0)?).ok().filter(|length| *length >= 8)?;
        let (kind, body) = (rest.get(4..8)?.try_into().ok()?, rest.get(8..length)?);
        rest = rest.get(length..)?;
        Some((kind, body))
    })
    .take(MOST_BOXES)
}

fn find<'b>(bytes: &'b [u8], wanted: &[u8; 4]) -> Option<&'b [u8]> {
    boxes(bytes).find(|(kind, _)| kind == wanted).map(|(_, body)| body)
}

/// Duration and units per second, from a movie header (ISO 14496-12, 8.2.2).
fn duration(header: &[u8]) -> Option<(u64, u32)> {
    if header.first()? == &1 {
        let high = u64::from(big_u32(header, 24)?);
        Some((high << 32 | u64::from(big_u32(header, 28)?), big_u32(header, 20)?))
    } else {
        Some((u64::from(big_u32(header, 16)?), big_u32(header, 12)?))
    }
}

/// Whole pixels across and down, from a track header (ISO 14496-12, 8.3.2).
fn shown_size(header: &[u8]) -> (u16, u16) {
    let at = if header.first() == Some(&1) { 88 } else { 76 };
    let pixels = |at: usize| big_u32(header, at).map_or(0, |fixed| (fixed >> 16) as u16);
    (pixels(at), pixels(at + 4))
}

/// Samples, from a table of sizes (ISO 14496-12, 8.7.3.2): where each has its own size, no more than there is room for.
fn sample_count(table: &[u8]) -> usize {
    let (Some(common), Some(count)) = (big_u32(table, 4), big_u32(table, 8)) else { return 0 };
    let count = usize::try_from(count).unwrap_or(0);
    if common == 0 { count.min(table.len().saturating_sub(12) / 4) } else { count }
}

fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn fault(why: &str) -> Error {
    Error::unreadable("MP4", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap();
        [&length.to_be_bytes(), kind.as_slice(), body].concat()
    }

    fn film(samples: u32) -> Vec<u8> {
        let mut header = vec![0; 100];
        header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
        header[16..20].copy_from_slice(&2500_u32.to_be_bytes());
        let mut track = vec![0; 84];
        track[76..80].copy_from_slice(&(640_u32 << 16).to_be_bytes());
        track[80..84].copy_from_slice(&(360_u32 << 16).to_be_bytes());
        let coding = [&[0; 8], part(b"avc1", &[]).as_slice()].concat();
        let sizes = [[0; 4], [0; 4], samples.to_be_bytes(), [0; 4], [0; 4]].concat();
        let table = part(b"stbl", &[part(b"stsd", &coding), part(b"stsz", &sizes)].concat());
        let media = [part(b"hdlr", b"\0\0\0\0\0\0\0\0vide"), part(b"minf", &table)].concat();
        let track = part(b"trak", &[part(b"tkhd", &track), part(b"mdia", &media)].concat());
        let index = part(b"moov", &[part(b"mvhd", &header), track].concat());
        [part(b"ftyp", b"isom"), index, part(b"mdat", b"x")].concat()
    }

    fn read(bytes: &[u8]) -> Result<Mp4Facts, Error> {
        read_mp4(Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn the_index_tells_length_size_and_coding() {
        let facts = read(&film(2)).unwrap();
        assert_eq!((facts.duration_ms, facts.width, facts.height), (2500, Some(640), Some(360)));
        assert_eq!((facts.video_frames, facts.is_h264, facts.has_aac), (2, true, false));
        assert!(facts.is_fast_start);
    }

    #[test]
    fn a_count_without_the_bytes_for_it_is_not_believed() {
        assert_eq!(read(&film(u32::MAX)).unwrap().video_frames, 2);
    }

    #[test]
    fn a_film_cut_inside_its_index_is_unreadable() {
        let film = film(2);
        assert!(read(&film[..60]).is_err());
        assert!(read(&film[..7]).is_err());
    }
}
