//! Sound and video containers that start with a mark of their own.

use super::{Format, Sniffed, big_u32, find, slice};
use balado_domain::deposit::Family;

/// The container, when `head` starts like one.
pub(super) fn container(head: &[u8]) -> Option<Sniffed> {
    iso_media(head).or_else(|| by_mark(head)).or_else(|| transport_stream(head))
}

fn by_mark(head: &[u8]) -> Option<Sniffed> {
    let riff = head.starts_with(b"RIFF") || head.starts_with(b"RF64") || head.starts_with(b"BW64");
    let form = slice(head, 8, 4);
    let format = if riff && form == b"WAVE" {
        Format::Wav
    } else if riff && form == b"AVI " {
        Format::Avi
    } else if head.starts_with(b"FORM") && (form == b"AIFF" || form == b"AIFC") {
        Format::Aiff
    } else if head.starts_with(b"fLaC") {
        Format::Flac
    } else if head.starts_with(b"#!AMR\n") || head.starts_with(b"#!AMR-WB\n") {
        Format::Amr
    } else if head.starts_with(b"caff") {
        Format::Caf
    } else if head.starts_with(b"FLV\x01") {
        Format::Flv
    } else if head.starts_with(&[0, 0, 1, 0xBA]) || head.starts_with(&[0, 0, 1, 0xB3]) {
        Format::MpegPs
    } else if head.starts_with(b"OggS") {
        return Some(Sniffed::guess(Format::Ogg, ogg_family(head)));
    } else if head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) {
        return Some(matroska(head));
    } else if head.starts_with(&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) {
        return Some(Sniffed::guess(Format::Asf, asf_family(head)));
    } else {
        return None;
    };
    Some(Sniffed::sure(format))
}

fn ogg_family(head: &[u8]) -> Family {
    if find(slice(head, 0, 8192), b"\x80theora").is_some() { Family::Video } else { Family::Audio }
}

/// The header names the document type (RFC 8794, §11.2.8): `webm` for browsers, `matroska` for everything else.
fn matroska(head: &[u8]) -> Sniffed {
    let sniffed = Sniffed::guess(Format::Matroska, matroska_family(head));
    if find(slice(head, 0, 64), b"\x42\x82\x88matroska").is_none() {
        return sniffed;
    }
    let media_type = if sniffed.family == Family::Audio { "audio/x-matroska" } else { "video/x-matroska" };
    Sniffed { media_type, ..sniffed }
}

/// A track's codec name follows the id of its element (0x86) and a one-byte length.
fn matroska_family(head: &[u8]) -> Family {
    let names = |letter: u8| {
        head.windows(4).any(|w| matches!(w, [0x86, length, l, b'_'] if *length > 0x80 && *l == letter))
    };
    if !names(b'V') && names(b'A') { Family::Audio } else { Family::Video }
}

/// A stream properties object names video by this GUID.
fn asf_family(head: &[u8]) -> Family {
    const VIDEO: [u8; 16] =
        [0xC0, 0xEF, 0x19, 0xBC, 0x4D, 0x5B, 0xCF, 0x11, 0xA8, 0xFD, 0x00, 0x80, 0x5F, 0x5C, 0x44, 0x2B];
    if find(head, &VIDEO).is_some() { Family::Video } else { Family::Audio }
}

fn iso_media(head: &[u8]) -> Option<Sniffed> {
    let size = big_u32(head, 0)?;
    match slice(head, 4, 4) {
        b"ftyp" => Some(branded(head, usize::try_from(size).ok()?.clamp(16, 4096))),
        // QuickTime before brands existed starts straight with one of its atoms.
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" if size == 1 || size >= 8 => {
            Some(Sniffed::guess(Format::IsoMedia, track_family(head)))
        }
        _ => None,
    }
}

fn branded(head: &[u8], size: usize) -> Sniffed {
    let brands = slice(head, 8, size - 8);
    let has = |wanted: &[&[u8; 4]]| {
        brands.chunks_exact(4).enumerate().any(|(at, brand)| at != 1 && wanted.iter().any(|w| *w == brand))
    };
    let major = slice(brands, 0, 4);
    // ISO/IEC 23008-12 annex B and the AV1 image format: pictures and short sequences of them.
    let is_still = matches!(
        major,
        b"mif1"
            | b"mif2"
            | b"msf1"
            | b"heic"
            | b"heix"
            | b"heim"
            | b"heis"
            | b"hevc"
            | b"hevx"
            | b"hevm"
            | b"hevs"
            | b"avif"
            | b"avis"
    );
    if is_still && has(&[b"avif", b"avis"]) {
        return Sniffed::sure(Format::Avif);
    }
    if is_still {
        return Sniffed::sure(Format::Heif);
    }
    match major {
        b"M4A " | b"M4B " | b"M4P " => Sniffed::guess(Format::IsoMedia, Family::Audio),
        _ => Sniffed::guess(Format::IsoMedia, track_family(head)),
    }
}

/// Handler atoms say `vide` or `soun`; when the index is at the end of the file none is in the head.
fn track_family(head: &[u8]) -> Family {
    let handler =
        |kind: &[u8; 4]| head.windows(16).any(|w| slice(w, 0, 4) == b"hdlr" && slice(w, 12, 4) == kind);
    if !handler(b"vide") && handler(b"soun") { Family::Audio } else { Family::Video }
}

/// Sync bytes every 188 bytes, or every 192 after a 4-byte time stamp. A recording that begins inside a packet needs
/// more of them in a row to be believed.
fn transport_stream(head: &[u8]) -> Option<Sniffed> {
    let synced = |start: usize, step: usize, count: usize| {
        (0..count).all(|number| head.get(start + number * step) == Some(&0x47))
    };
    let is_stream = synced(0, 188, 5) || synced(4, 192, 5) || (1..192).any(|start| synced(start, 188, 12));
    is_stream.then(|| Sniffed::guess(Format::MpegTs, Family::Video))
}
