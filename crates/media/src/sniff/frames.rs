//! Bare frames without a container: MP3, MP2, AAC in ADTS, AC-3. One sync word proves nothing, so several frames in a
//! row must agree.

use super::{Format, Sniffed, slice};
use balado_domain::deposit::Family;

/// How far junk before the first frame is forgiven (broken cutters, unknown tags).
const JUNK_BYTES: usize = 16 * 1024;

/// Bare frames, when `head` holds some, after an ID3 tag or not.
pub(super) fn bare_frames(head: &[u8]) -> Option<Sniffed> {
    if head.starts_with(b"ID3") {
        return Some(after_tag(head));
    }
    if head.starts_with(&[0x0B, 0x77]) && slice(head, 5, 1).first().is_some_and(|b| b >> 3 <= 16) {
        return Some(Sniffed::sure(Format::Ac3));
    }
    let limit = head.len().min(JUNK_BYTES);
    (0..limit).filter(|at| head.get(*at) == Some(&0xFF)).find_map(|at| {
        let frames = head.get(at..)?;
        let needed = if at == 0 { 2 } else { 4 };
        run_of(frames, needed, mpeg_frame)
            .map(|layer| Sniffed::sure(if layer == 2 { Format::Mp2 } else { Format::Mp3 }))
            .or_else(|| run_of(frames, needed, adts_frame).map(|_| Sniffed::sure(Format::Adts)))
    })
}

/// ID3 stands before MP3, and sometimes before AAC or FLAC; a tag with a cover often fills the whole head.
fn after_tag(head: &[u8]) -> Sniffed {
    let frames = head.get(behind_tag(head)..).unwrap_or(&[]);
    if frames.starts_with(b"fLaC") {
        return Sniffed::sure(Format::Flac);
    }
    if run_of(frames, 2, adts_frame).is_some() {
        return Sniffed::sure(Format::Adts);
    }
    Sniffed::guess(Format::Mp3, Family::Audio)
}

/// Where the sound begins in a file of `size` bytes whose ID3 tag claims to be longer than the file; nothing when the tag
/// says what can be true. Readers that believe such a tag find no sound at all.
#[must_use]
pub fn sound_behind_lying_tag(head: &[u8], size: u64) -> Option<usize> {
    let claimed = tag_size(head)?;
    if (claimed as u64).saturating_add(10) < size {
        return None;
    }
    (10..head.len()).find(|at| run_of(head.get(*at..).unwrap_or(&[]), 4, mpeg_frame).is_some())
}

/// Where an ID3 tag at the start ends, as it claims; 0 without one.
#[must_use]
pub fn behind_tag(head: &[u8]) -> usize {
    const HEADER: usize = 10;
    // A footer repeats the header.
    let footer = if slice(head, 5, 1).first().is_some_and(|flags| flags & 0x10 != 0) { HEADER } else { 0 };
    tag_size(head).map_or(0, |size| size.saturating_add(HEADER + footer))
}

/// Bytes of the ID3 tag at the start, without its own ten, as it claims.
fn tag_size(head: &[u8]) -> Option<usize> {
    let digits = slice(head, 6, 4).iter();
    head.starts_with(b"ID3").then(|| digits.fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F)))
}

/// Whether `needed` frames of one kind follow each other; a file shorter than that may end after one whole frame.
fn run_of(bytes: &[u8], needed: usize, frame: fn(&[u8]) -> Option<(u8, usize)>) -> Option<u8> {
    let (kind, _) = frame(bytes)?;
    let mut at = 0;
    for count in 0..needed {
        let rest = bytes.get(at..).unwrap_or(&[]);
        // After junk, one whole frame at the very end is more likely chance than sound.
        if rest.is_empty() && count > 0 && needed == 2 {
            return Some(kind);
        }
        let (same, length) = frame(rest)?;
        if same != kind {
            return None;
        }
        at = at.checked_add(length)?;
    }
    Some(kind)
}

/// Layer (2 or 3) and length of the MPEG audio frame at the start. Tables: ISO/IEC 11172-3 and 13818-3.
fn mpeg_frame(bytes: &[u8]) -> Option<(u8, usize)> {
    const V1_L2: [u32; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const V1_L3: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [first, second, third, ..] = *bytes else { return None };
    if first != 0xFF || second & 0xE0 != 0xE0 {
        return None;
    }
    let version = second >> 3 & 3;
    let layer = 4 - (second >> 1 & 3);
    if version == 1 || !(2..=3).contains(&layer) {
        return None;
    }
    let table = match (version, layer) {
        (3, 2) => &V1_L2,
        (3, _) => &V1_L3,
        _ => &V2,
    };
    let kilobits = *table.get(usize::from(third >> 4)).filter(|rate| **rate > 0)?;
    let rate = *[44_100_u32, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
    let rate = match version {
        3 => rate,
        2 => rate / 2,
        _ => rate / 4,
    };
    let per_frame = if layer == 3 && version != 3 { 72 } else { 144 };
    let length = per_frame * kilobits * 1000 / rate + u32::from(third >> 1 & 1);
    Some((layer, usize::try_from(length).ok()?))
}

/// Length of the ADTS frame at the start.
fn adts_frame(bytes: &[u8]) -> Option<(u8, usize)> {
    let [first, second, third, fourth, fifth, sixth, ..] = *bytes else { return None };
    let rate = third >> 2 & 0xF;
    if first != 0xFF || second & 0xF6 != 0xF0 || rate > 12 {
        return None;
    }
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
    (length > 7).then_some((0, length))
}
