//! An MP3 as a taken-over child might have made it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(facts) = balado_media::readback::read_mp3(bytes) {
        assert!(facts.duration_ms >= 0 && facts.frames > 0);
    }
});
