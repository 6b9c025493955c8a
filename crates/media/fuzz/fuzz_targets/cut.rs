//! What to keep of a recording: as people type it, as programs ask for it, and divided by what a child says it found.
#![no_main]

use balado_media::cut::{CutWish, MAX_PARTS, Survey, parse_spans, settle};

/// A recording of an hour.
const DURATION_MS: i64 = 3_600_000;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(stretches) = parse_spans(&text).and_then(|spans| settle(&spans, DURATION_MS)) {
        assert!(!stretches.is_empty());
        let inside = |stretch: &balado_media::cut::Stretch| {
            0 <= stretch.from_ms && stretch.from_ms < stretch.to_ms && stretch.to_ms <= DURATION_MS
        };
        assert!(stretches.iter().all(inside), "{stretches:?}");
    }
    let (wish, survey) = text.split_once('\n').unwrap_or((&text, "{}"));
    let survey = serde_json::from_str::<Survey>(survey).unwrap_or_default();
    if let Ok(wish) = serde_json::from_str::<CutWish>(wish)
        && let Ok(plan) = wish.plan(DURATION_MS, &survey)
    {
        assert!(plan.parts.len() <= MAX_PARTS);
    }
});
