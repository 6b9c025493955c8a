//! A JPEG as a taken-over child might have made it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = balado_media::readback::read_jpeg(bytes);
});
