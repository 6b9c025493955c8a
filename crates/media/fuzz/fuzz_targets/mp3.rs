//! Single frames of an MP3 that is copied or cut: what they say of themselves, and what is changed in them.
#![no_main]

use balado_media::mp3::{FrameHeader, Info, InfoFrame, frame_with_reservoir, shift_gain, silent_frame};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Info::read(bytes);
    let Some(header) = FrameHeader::of(bytes) else { return };
    let _ = (header.reach(bytes), header.sound_bytes(bytes));
    let (frame, reservoir) = bytes.split_at(bytes.len().min(header.length));
    for made in [frame_with_reservoir(frame, reservoir), first(frame).and_then(|like| silent_frame(like, reservoir))] {
        assert!(made.is_none_or(|made| FrameHeader::of(&made).is_some_and(|header| header.length == made.len())));
    }
    let _ = first(frame).and_then(InfoFrame::length);
    let mut louder = frame.to_vec();
    shift_gain(&mut louder, [3, -3]);
    assert_eq!(louder.len(), frame.len());
    assert_eq!(FrameHeader::of(&louder), FrameHeader::of(frame));
});

fn first(frame: &[u8]) -> Option<[u8; 4]> {
    frame.first_chunk().copied()
}
