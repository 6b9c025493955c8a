//! What is looked at while a file arrives: its outermost boxes, whether it can be followed, whether a GIF moves, where
//! the sound starts behind a tag that lies.
#![no_main]

use balado_media::sniff::{gif_images, sound_behind_lying_tag};
use balado_media::{BoxWalk, can_be_followed, sniff};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut whole = BoxWalk::default();
    whole.take(bytes);
    // However the bytes arrive, the verdict is the same.
    let mut pieces = BoxWalk::default();
    let step = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    bytes.chunks(step).for_each(|piece| pieces.take(piece));
    assert_eq!((whole.index_leads(), whole.end()), (pieces.index_leads(), pieces.end()));
    if let Some(sniffed) = sniff(bytes) {
        let _ = can_be_followed(sniffed.format, bytes);
    }
    let _ = gif_images(bytes);
    if let Some(start) = sound_behind_lying_tag(bytes, bytes.len() as u64) {
        assert!(start < bytes.len());
    }
});
