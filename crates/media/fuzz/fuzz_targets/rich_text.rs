//! The look into rich text before LibreOffice gets it.
#![no_main]

use balado_media::prescan::inspect_rich_text;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = inspect_rich_text(bytes, 3);
});
