//! The fine peaks: what a page needs to draw a recording closely enough to cut it. Small, and quick to read in parts.
//!
//! The bytes are those of the data files of BBC's `audiowaveform`, version 2, which players know. Little endian:
//!
//! | bytes | what | here |
//! |---|---|---|
//! | 0..4 | version | 2 |
//! | 4..8 | flags: 1 means 8 bits a number, 0 means 16 | 1 |
//! | 8..12 | samples per second | of the MP3 |
//! | 12..16 | samples per peak | 441 for 10 ms at 44.1 kHz |
//! | 16..20 | number of peaks | |
//! | 20..24 | channels | 1: the extremes over all channels |
//! | 24.. | for each peak its lowest and its highest sample | two signed bytes, full scale 127 |

use crate::Error;

/// Version of the layout.
const VERSION: u32 = 2;

/// Numbers have eight bits.
const EIGHT_BITS: u32 = 1;

/// Bytes before the first peak.
const HEADER_BYTES: usize = 24;

/// Fine peaks of a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peaks {
    /// Samples per second of the sound.
    pub sample_rate_hz: u32,
    /// Samples one peak stands for; the last may stand for fewer.
    pub samples_per_peak: u32,
    /// Lowest and highest sample of each slice, full scale -127 to 127.
    pub pairs: Vec<(i8, i8)>,
}

impl Peaks {
    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        let header = [VERSION, EIGHT_BITS, self.sample_rate_hz, self.samples_per_peak, count, 1];
        let mut bytes = Vec::with_capacity(HEADER_BYTES + 2 * self.pairs.len());
        bytes.extend(header.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(self.pairs.iter().flat_map(|(low, high)| [low.cast_unsigned(), high.cast_unsigned()]));
        bytes
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is of another layout, or its length is not what its header says.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |why: &str| Error::unreadable("peaks", why);
        let (header, data) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(|| refuse("no header"))?;
        let mut numbers =
            header.chunks_exact(4).map(|four| four.first_chunk().map_or(0, |four| u32::from_le_bytes(*four)));
        let mut next = || numbers.next().unwrap_or(0);
        let (version, flags, sample_rate_hz, samples_per_peak, count, channels) =
            (next(), next(), next(), next(), next(), next());
        if (version, flags, channels) != (VERSION, EIGHT_BITS, 1) {
            return Err(refuse("another layout"));
        }
        if sample_rate_hz == 0 || samples_per_peak == 0 {
            return Err(refuse("peaks of no length"));
        }
        if usize::try_from(count).ok().and_then(|count| count.checked_mul(2)) != Some(data.len()) {
            return Err(refuse("another number of peaks than told"));
        }
        let pairs: Vec<_> =
            data.chunks_exact(2).map(|pair| (pair[0].cast_signed(), pair[1].cast_signed())).collect();
        if pairs.iter().any(|(low, high)| low > high) {
            return Err(refuse("a lowest sample above the highest"));
        }
        Ok(Self { sample_rate_hz, samples_per_peak, pairs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks() -> Peaks {
        Peaks { sample_rate_hz: 44_100, samples_per_peak: 441, pairs: vec![(-127, 127), (0, 0), (-3, 5)] }
    }

    #[test]
    fn the_layout_is_the_published_one() {
        let bytes = peaks().to_bytes();
        let header: [u8; 24] =
            [2, 0, 0, 0, 1, 0, 0, 0, 0x44, 0xAC, 0, 0, 0xB9, 1, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(bytes[..24], header);
        assert_eq!(bytes[24..], [0x81, 0x7F, 0, 0, 0xFD, 5]);
        assert_eq!(Peaks::from_bytes(&bytes).unwrap(), peaks());
    }

    #[test]
    fn what_is_not_whole_or_of_another_kind_is_refused() {
        let whole = peaks().to_bytes();
        for size in 0..whole.len() {
            assert!(Peaks::from_bytes(&whole[..size]).is_err(), "{size}");
        }
        for (at, value) in [(0, 1), (4, 0), (12, 0), (16, 4), (20, 2), (24, 0x7F)] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            bytes[13] = if at == 12 { 0 } else { bytes[13] };
            bytes[25] = if at == 24 { 0 } else { bytes[25] };
            assert!(Peaks::from_bytes(&bytes).is_err(), "{at}");
        }
    }
}
