//! The outermost boxes of an MP4. Without looking at them, a film cut in half would be published as half a film.

use crate::boxes::{OuterBox, box_at};
use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::Refusal;

/// Walks the outermost boxes and gives the bytes of the index.
///
/// # Errors
/// When a box ends beyond the file, which means its end is missing, or there is no index.
pub(super) fn index_size(original: &Original) -> Result<u64> {
    let size = original.size()?;
    let mut file = original.reader()?;
    let mut at = 0_u64;
    let mut index = None;
    while let Some(OuterBox { kind, content }) = box_at(&mut file, at, size)? {
        if content.end < content.start {
            return Err(Error::refused(Refusal::Damaged, "a box of impossible size"));
        }
        if content.end > size && matches!(&kind, b"moov" | b"mdat" | b"moof") {
            return Err(Error::refused(
                Refusal::Incomplete,
                format!("a box ends at {}, the file at {size}", content.end),
            ));
        }
        if &kind == b"moov" {
            index = Some(content.end - at);
        }
        at = content.end;
    }
    index.ok_or_else(|| Error::refused(Refusal::Incomplete, "no index"))
}
