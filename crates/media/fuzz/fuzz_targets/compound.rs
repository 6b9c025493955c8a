//! The look into a compound file before LibreOffice gets it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = balado_media::prescan::inspect_compound(std::io::Cursor::new(bytes));
});
