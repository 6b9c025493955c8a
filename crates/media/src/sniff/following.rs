//! Whether a file can be decoded before its end is there: for `app`, which has it followed then, and for `transcoder`,
//! which waits for the end otherwise. Both must come to the same answer from the same head.

use super::{BoxWalk, Format, SNIFF_BYTES, frames};

/// The first frame of an MP3, and what may stand between it and the tag before it.
const FIRST_FRAME_BYTES: usize = 8 * 1024;

/// Whether the file of this format that begins with `head` can be decoded in the order of its bytes. An MP4 must be
/// fragmented or have its index in front, within the head; an MP3 must begin within it: its first frame may tell of the
/// silence at its ends.
#[must_use]
pub fn can_be_followed(format: Format, head: &[u8]) -> bool {
    match format {
        Format::Mp3 => frames::behind_tag(head) + FIRST_FRAME_BYTES <= SNIFF_BYTES,
        Format::Mp2
        | Format::Adts
        | Format::Flac
        | Format::Wav
        | Format::Ogg
        | Format::Matroska
        | Format::MpegTs
        | Format::Amr => true,
        Format::IsoMedia => {
            let mut walk = BoxWalk::default();
            walk.take(head.get(..SNIFF_BYTES).unwrap_or(head));
            walk.index_leads() == Some(true)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sniff;

    fn fixture(name: &str) -> Vec<u8> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/media").join(name);
        std::fs::read(path).unwrap()
    }

    #[test]
    fn what_a_browser_records_can_be_followed_from_its_first_piece() {
        for (name, first) in
            [("sound.webm", 2303), ("film.webm", 7780), ("film.mp4", 1200), ("film.mkv", 7442)]
        {
            let bytes = fixture(&format!("recorded/{name}"));
            let head = &bytes[..first];
            let sniffed = sniff(head).unwrap();
            assert!(can_be_followed(sniffed.format, head), "{name}");
        }
    }

    #[test]
    fn a_picture_and_an_mp4_with_its_index_at_the_end_cannot() {
        for name in ["photo.jpg", "lecon.docx"] {
            let bytes = fixture(name);
            assert!(!can_be_followed(sniff(&bytes).unwrap().format, &bytes), "{name}");
        }
        let clip = fixture("clip.mp4");
        assert!(can_be_followed(Format::IsoMedia, &clip));
        let media = clip.windows(4).position(|kind| kind == b"mdat").unwrap() - 4;
        assert!(!can_be_followed(Format::IsoMedia, &clip[media..]));
    }

    #[test]
    fn an_mp3_behind_a_large_cover_cannot() {
        let tag = |bytes: u8| [b"ID3\x03\0\0\0".as_slice(), &[bytes, 0, 0]].concat();
        assert!(can_be_followed(Format::Mp3, &tag(3)));
        assert!(!can_be_followed(Format::Mp3, &tag(4)));
    }
}
