//! An MP4 as a taken-over child might have made it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let facts = balado_media::readback::read_mp4(std::io::Cursor::new(bytes), bytes.len() as u64);
    if let Ok(facts) = facts {
        assert!(facts.duration_ms >= 0);
    }
});
