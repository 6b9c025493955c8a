//! How many scans a JPEG has, by walking its segments (ITU-T T.81, B.1): what lies inside a segment is another picture's, and
//! what lies behind the picture's end is an archive, a film or noise.

use std::io::{BufRead, BufReader, Read};

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// Scans of the first picture in a JPEG, counted up to one more than `most`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn count(source: impl Read, most: usize) -> std::io::Result<usize> {
    let mut source = BufReader::with_capacity(256 * 1024, source);
    let mut scans = 0;
    while scans <= most {
        match next_marker(&mut source)? {
            None | Some(END_OF_IMAGE) => break,
            // These stand alone: start of the picture, restarts, and one for arithmetic coding.
            Some(0x01 | 0xD0..=0xD8) => {}
            Some(kind) => {
                scans += usize::from(kind == START_OF_SCAN);
                let mut length = [0; 2];
                if source.read_exact(&mut length).is_err() {
                    break;
                }
                let rest = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
                std::io::copy(&mut source.by_ref().take(rest), &mut std::io::sink())?;
            }
        }
    }
    Ok(scans)
}

/// The next marker, behind coded data in which 0xFF is followed by zero.
fn next_marker(source: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    while source.skip_until(0xFF)? > 0 {
        let mut kind = [0xFF];
        // Any number of 0xFF may stand before a marker.
        while kind == [0xFF] {
            if source.read(&mut kind)? == 0 {
                return Ok(None);
            }
        }
        if kind != [0] {
            return Ok(Some(kind[0]));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 6] = [0xFF, 0xDA, 0, 4, 1, 0];
    const END: [u8; 2] = [0xFF, 0xD9];

    fn scans(parts: &[&[u8]]) -> usize {
        count([&[0xFF, 0xD8], parts.concat().as_slice()].concat().as_slice(), 200).unwrap()
    }

    #[test]
    fn every_scan_of_the_picture_counts() {
        let data = [7, 0xFF, 0, 9, 0xFF, 0xD3, 8];
        assert_eq!(scans(&[&HEADER, &data, &HEADER, &data, &END]), 2);
        assert_eq!(
            scans(&[&HEADER, &data, &[0xFF, 0xFF, 0xFF], &HEADER[1..]]),
            2,
            "with fill bytes, without an end"
        );
        assert_eq!(scans(&[&HEADER.repeat(300), &END]), 201, "no further than asked");
    }

    #[test]
    fn what_is_in_a_segment_or_behind_the_end_is_no_scan_of_the_picture() {
        let thumbnail = [&[0xFF, 0xE1, 0, 26], HEADER.repeat(4).as_slice()].concat();
        let archive = HEADER.repeat(1000);
        assert_eq!(scans(&[&thumbnail, &HEADER, &[1, 2, 3], &END, &archive]), 1);
        assert_eq!(scans(&[&HEADER, &[0xFF]]), 1);
    }
}
