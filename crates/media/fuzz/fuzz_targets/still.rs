//! A picture from outside, decoded as in the box: chosen by its first bytes, under the same caps but fewer pixels, so
//! that one run stays short.
#![no_main]

use balado_media::Recipe;
use balado_media::readback::read_jpeg;
use balado_media::still::convert;
use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(sniffed) = balado_media::examine(bytes) else { return };
    if sniffed.family != balado_media::examine(b"GIF89a").expect("a GIF").family {
        return;
    }
    let profile = Recipe::standard().image;
    if let Ok(still) = convert(Cursor::new(bytes), sniffed.format, &profile, 1_000_000) {
        let facts = read_jpeg(&still.jpeg).expect("it reads back");
        assert!(!facts.has_metadata && facts.ends_clean);
        assert_eq!((u32::from(facts.width), u32::from(facts.height)), (still.width, still.height));
    }
});
