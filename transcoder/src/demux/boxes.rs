//! The outermost boxes of an MP4. Without looking at them, a film cut in half would be published as half a film.

use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::Refusal;
use std::io::{Read, Seek, SeekFrom};

/// Walks the outermost boxes and gives the bytes of the index.
///
/// # Errors
/// When a box ends beyond the file, which means its end is missing, or there is no index.
pub(super) fn index_size(original: &Original) -> Result<u64> {
    let size = original.size()?;
    let mut file = original.reader()?;
    let mut at = 0_u64;
    let mut index = None;
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
        // Zero means "to the end of the file".
        if length == 0 {
            length = size - at;
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
        if &kind == b"moov" {
            index = Some(length);
        }
        at = end;
    }
    index.ok_or_else(|| Error::refused(Refusal::Incomplete, "no index"))
}
