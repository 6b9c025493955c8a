//! Fine peaks as a taken-over child might have written them.
#![no_main]

use balado_media::Peaks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(peaks) = Peaks::from_bytes(bytes) {
        assert_eq!(Peaks::from_bytes(&peaks.to_bytes()).expect("they read back"), peaks);
    }
});
