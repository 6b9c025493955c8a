//! The look into a ZIP package before LibreOffice gets it.
#![no_main]

use balado_media::Format;
use balado_media::prescan::inspect_package;
use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for format in [Format::Ooxml, Format::Odt, Format::Ods, Format::Odp] {
        let _ = inspect_package(Cursor::new(bytes), format, 500);
    }
});
