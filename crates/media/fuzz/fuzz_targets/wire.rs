//! A line of either side: what a taken-over child might say to the worker, and the other way round.
#![no_main]

use balado_media::wire::{Attempt, Control, Event, Targets};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(line: &[u8]) {
    if let Ok(said) = serde_json::from_slice::<T>(line) {
        let again = serde_json::to_vec(&said).expect("what was read can be written");
        assert!(!again.contains(&b'\n'), "one line");
        assert_eq!(serde_json::from_slice::<T>(&again).expect("and read again"), said);
    }
}

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    reads_back::<Control>(line);
    reads_back::<Event>(line);
    reads_back::<Attempt>(line);
    reads_back::<Targets>(line);
});
