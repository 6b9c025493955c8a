//! A recipe an administrator wrote.
#![no_main]

use balado_media::Recipe;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(recipe) = Recipe::parse(text) {
        let again = serde_json::to_string(&recipe).expect("a recipe is JSON");
        assert_eq!(Recipe::parse(&again).expect("it reads back"), recipe);
    }
});
