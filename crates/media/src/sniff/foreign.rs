//! Formats that people do have and Balado does not take: named as such, because "save it in a common format" helps and
//! "this is nothing we know" does not.

use super::slice;
use crate::Refusal;

/// Where a mark stands and what it is. From the specifications of each; the shared-mime-info list has them all.
const MARKS: [(usize, &[u8]); 29] = [
    (0, b"8BPS\0\x01"),
    (0, b"8BPS\0\x02"),
    (0, b"gimp xcf "),
    (0, b"\0\0\x01\0\x01\0"),
    (0, b"\0\0\0\x0CjP  \r\n\x87\n"),
    (0, b"\0\0\0\x0CJXL \r\n\x87\n"),
    (0, b"\xFF\x0A"),
    (0, b"II+\0"),
    (0, b"MM\0+"),
    (4, b"ftypcrx "),
    (0, b"AT&TFORM"),
    (0, b"%!PS-Adobe"),
    (0, b"\xD7\xCD\xC6\x9A"),
    (0, b".RMF\0"),
    (0, b"MThd\0\0\0\x06"),
    (0, b"MAC \x96\x0F"),
    (0, b"wvpk"),
    (0, b"MPCK"),
    (0, b"DSD \x1C"),
    (0, b"riff\x2E\x91\xCF\x11"),
    (0, b"DKIF\0\0"),
    (0, b"YUV4MPEG2 "),
    (0, b"\x06\x0E\x2B\x34\x02\x05\x01\x01"),
    (0, b"7z\xBC\xAF\x27\x1C"),
    (0, b"Rar!\x1A\x07"),
    (0, b"\x1F\x8B\x08"),
    (0, b"\xFD7zXZ\0"),
    (0, b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D"),
    (0, b"SQLite format 3\0"),
];

/// The refusal, when `head` starts like one of them.
pub(super) fn foreign(head: &[u8]) -> Option<Refusal> {
    let known = MARKS.iter().any(|(at, mark)| slice(head, *at, mark.len()) == *mark);
    known.then_some(Refusal::UnsupportedFormat)
}
