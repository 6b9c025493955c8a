//! Reads the index of an MP4.

use crate::Error;
use re_mp4::{Mp4, StsdBoxContent, TrackKind};
use std::io::{Read, Seek, SeekFrom};

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
    let is_fast_start = starts_with_index(&mut source)?;
    source.seek(SeekFrom::Start(0)).map_err(|e| Error::unreadable("MP4", e.to_string()))?;
    let mp4 = Mp4::read(source, size).map_err(|e| Error::unreadable("MP4", e.to_string()))?;
    // The movie's own duration counts what its edit lists play, a track's counts what it stores.
    let header = &mp4.moov.mvhd;
    let duration_ms = u128::from(header.duration) * 1000 / u128::from(header.timescale.max(1));
    let mut facts = Mp4Facts {
        duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
        width: None,
        height: None,
        video_frames: 0,
        is_h264: false,
        has_aac: false,
        is_fast_start,
    };
    for track in mp4.tracks().values() {
        let contents = &track.trak(&mp4).mdia.minf.stbl.stsd.contents;
        if track.kind == Some(TrackKind::Video) && facts.width.is_none() {
            facts.width = Some(track.width);
            facts.height = Some(track.height);
            facts.video_frames = track.samples.len();
            facts.is_h264 = matches!(contents, StsdBoxContent::Avc1(_));
        }
        facts.has_aac |= matches!(contents, StsdBoxContent::Mp4a(_));
    }
    Ok(facts)
}

/// Whether `moov` comes before `mdat` among the outermost boxes.
fn starts_with_index<R: Read + Seek>(source: &mut R) -> Result<bool, Error> {
    let unreadable = |e: std::io::Error| Error::unreadable("MP4", e.to_string());
    let mut at = 0_u64;
    for _ in 0..64 {
        source.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        let mut header = [0_u8; 16];
        source.read_exact(&mut header[..8]).map_err(unreadable)?;
        let mut size = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
        match &header[4..8] {
            b"moov" => return Ok(true),
            b"mdat" => return Ok(false),
            _ => {}
        }
        if size == 1 {
            source.read_exact(&mut header[8..]).map_err(unreadable)?;
            size = header[8..].iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
        }
        if size < 8 {
            return Err(Error::unreadable("MP4", "a box of no size"));
        }
        at = at.checked_add(size).ok_or_else(|| Error::unreadable("MP4", "a box of impossible size"))?;
    }
    Err(Error::unreadable("MP4", "too many boxes before the index"))
}
