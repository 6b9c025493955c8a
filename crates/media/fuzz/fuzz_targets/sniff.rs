//! What a file is, from its first bytes: the only look that is taken outside the box.
#![no_main]

libfuzzer_sys::fuzz_target!(|head: &[u8]| {
    if let Ok(sniffed) = balado_media::examine(head) {
        assert!(!sniffed.media_type.is_empty());
        assert_eq!(balado_media::sniff(head), Some(sniffed));
    }
});
