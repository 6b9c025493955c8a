//! Changes how loud a frame is played without touching its sound: every granule carries one volume, in steps of a
//! quarter of a power of two.

use super::{FrameHeader, crc};

/// What one step of volume is worth: 20·log10(2^(1/4)) dB.
pub const GAIN_STEP_DB: f64 = 1.505_149_978_319_906;

/// Where the volume stands in the 59 (MPEG-1) or 63 bits of a granule: after its length and its big values.
const GAIN_AT: usize = 12 + 9;

/// Shifts the volume of each granule of a frame by so many steps, both channels alike; an MPEG-2 frame has one granule
/// and takes the first. Every other bit stays, but for the check sum of a protected frame. Volume stops at either end
/// of its scale.
pub fn shift_gain(frame: &mut [u8], steps: [i8; 2]) {
    let Some(header) = FrameHeader::of(frame).filter(|_| steps != [0, 0]) else { return };
    let (start, channels) = (header.side_start() * 8, usize::from(header.channels));
    // Main data begin, private bits, and for MPEG-1 the scale factor selection, come before the granules.
    let (prologue, granule_bits) = match (header.is_mpeg_one, header.channels) {
        (true, 1) => (9 + 5 + 4, 59),
        (true, _) => (9 + 3 + 8, 59),
        (false, 1) => (8 + 1, 63),
        (false, _) => (8 + 2, 63),
    };
    let granules = if header.is_mpeg_one { 2 } else { 1 };
    for (granule, step) in steps.into_iter().take(granules).enumerate() {
        for channel in 0..channels {
            let at = start + prologue + (granule * channels + channel) * granule_bits + GAIN_AT;
            shift_byte(frame, at, step);
        }
    }
    if header.is_protected {
        protect(frame, header);
    }
}

/// Adds to the eight bits at a bit position.
fn shift_byte(frame: &mut [u8], at: usize, step: i8) {
    let (byte, bit) = (at / 8, at % 8);
    let Some([first, second]) = frame.get_mut(byte..byte + 2).and_then(|pair| pair.first_chunk_mut()) else {
        return;
    };
    let pair = u16::from_be_bytes([*first, *second]);
    let room = 8 - bit;
    let gain = ((pair >> room) as u8).saturating_add_signed(step);
    let rest = pair & !(0xFF << room);
    [*first, *second] = (rest | u16::from(gain) << room).to_be_bytes();
}

fn protect(frame: &mut [u8], header: FrameHeader) {
    let side = header.side_start()..header.side_start() + header.side_bytes();
    if let (Some(tail), Some(side)) = (frame.get(2..4), frame.get(side)) {
        let sum = crc::of_frame([tail, side]).to_be_bytes();
        if let Some(place) = frame.get_mut(4..6) {
            place.copy_from_slice(&sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(frame: &[u8]) -> Vec<bool> {
        frame.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect()
    }

    fn value(bits: &[bool]) -> u32 {
        bits.iter().fold(0, |value, bit| value << 1 | u32::from(*bit))
    }

    /// Every byte 0x55 behind the header, so that a bit that moved shows.
    fn frame(header: [u8; 4]) -> Vec<u8> {
        let length = FrameHeader::parse(header).unwrap().length;
        let mut frame = vec![0x55; length];
        frame[..4].copy_from_slice(&header);
        frame
    }

    #[test]
    fn only_the_volume_of_each_granule_changes() {
        // MPEG-1 mono, MPEG-1 stereo, MPEG-2 mono: first granule, bits of a granule, granules times channels.
        let kinds = [
            ([0xFF, 0xFB, 0x50, 0xC0], 18, 59, vec![0, 1]),
            ([0xFF, 0xFB, 0x90, 0x00], 20, 59, vec![0, 0, 1, 1]),
            ([0xFF, 0xF3, 0x80, 0xC0], 9, 63, vec![0]),
        ];
        for (header, first, size, granules) in kinds {
            let before = frame(header);
            let mut after = before.clone();
            shift_gain(&mut after, [3, -5]);
            let (mut old, mut new) = (bits(&before), bits(&after));
            for (place, granule) in granules.into_iter().enumerate() {
                let at = 32 + first + place * size + 21;
                let wanted = i64::from(value(&old[at..at + 8])) + [3, -5][granule];
                assert_eq!(i64::from(value(&new[at..at + 8])), wanted, "{header:?} {place}");
                old[at..at + 8].fill(false);
                new[at..at + 8].fill(false);
            }
            assert_eq!(old, new, "{header:?}");
        }
    }

    #[test]
    fn volume_stops_at_the_ends_of_its_scale_and_comes_back_otherwise() {
        let before = frame([0xFF, 0xFB, 0x50, 0xC0]);
        let mut after = before.clone();
        shift_gain(&mut after, [7, -7]);
        shift_gain(&mut after, [-7, 7]);
        assert_eq!(before, after);
        shift_gain(&mut after, [-128, 127]);
        shift_gain(&mut after, [-128, 127]);
        let new = bits(&after);
        assert_eq!((value(&new[71..79]), value(&new[130..138])), (0, 255));
    }

    #[test]
    fn the_check_sum_of_a_protected_frame_follows() {
        let mut protected = frame([0xFF, 0xFA, 0x50, 0xC0]);
        shift_gain(&mut protected, [1, 1]);
        let sum = crc::of_frame([&protected[2..4], &protected[6..23]]);
        assert_eq!(protected[4..6], sum.to_be_bytes());
    }
}
