//! The two check sums of MP3: over the side information of a frame, and over all the music.

/// x^16 + x^15 + x^2 + 1, most significant bit first.
const POLYNOMIAL: u16 = 0x8005;

/// The check sum of the LAME tag: the same polynomial, least significant bit first, from zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MusicCrc(u16);

/// One step of [`MusicCrc`] for each byte.
const TABLE: [u16; 256] = {
    let mut table = [0_u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL.reverse_bits() } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

impl MusicCrc {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |value, byte| value >> 8 ^ TABLE[usize::from(value as u8 ^ byte)]);
    }

    /// The sum over all bytes taken.
    #[must_use]
    pub fn value(self) -> u16 {
        self.0
    }
}

/// The check sum a protected frame carries: over the last two bytes of its header and its side information.
pub(super) fn of_frame(parts: [&[u8]; 2]) -> u16 {
    let bytes = parts.into_iter().flatten();
    bytes.fold(0xFFFF, |value, byte| {
        (0..8).fold(value ^ u16::from(*byte) << 8, |value, _| {
            if value & 0x8000 == 0 { value << 1 } else { value << 1 ^ POLYNOMIAL }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_published_check_values() {
        // CRC-16/ARC and CRC-16/CMS of the nine digits.
        let mut crc = MusicCrc::default();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.value(), 0xBB3D);
        assert_eq!(of_frame([b"12345", b"6789"]), 0xAEE7);
    }
}
