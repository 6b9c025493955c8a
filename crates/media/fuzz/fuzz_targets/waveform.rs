//! Peaks as a taken-over child might have written them.
#![no_main]

use balado_media::Waveform;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(waveform) = Waveform::from_json(bytes) {
        let again = serde_json::to_vec(&waveform).expect("a waveform is JSON");
        assert_eq!(Waveform::from_json(&again).expect("it reads back"), waveform);
    }
});
