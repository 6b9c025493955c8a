//! What a decoder must know of H.264 (its sequence parameter sets), and whether it changes on the way. An MP4 holds it once,
//! so a stream in which it changes cannot be copied.

use crate::error::{Error, Result};
use ffmpeg_next::Packet;
use ffmpeg_next::codec::packet::side_data::Type as SideData;

/// Bytes of a packet in which its parameter sets stand, if it has any.
const PARAMETER_SET_WITHIN: usize = 512;

/// The NAL unit type of a sequence parameter set.
const SEQUENCE: u8 = 7;

/// The parameter sets of a stream.
pub(super) struct ParameterSets {
    declared: Vec<u8>,
    first: Option<Vec<u8>>,
}

impl ParameterSets {
    /// Of a stream whose container declares these: an `avcC` where a length stands before each unit of a packet
    /// (ISO/IEC 14496-15), anything else where units stand between start codes.
    pub(super) fn declared(declared: Vec<u8>) -> Self {
        Self { declared, first: None }
    }

    /// # Errors
    /// When the packet brings other parameters than there were.
    pub(super) fn refuse_change(&mut self, packet: &Packet) -> Result<()> {
        let is_other =
            packet.side_data().any(|it| it.kind() == SideData::NewExtraData && it.data() != self.declared);
        let data = packet.data().filter(|_| packet.is_key()).unwrap_or(&[]);
        let is_changed = match self.declared.as_slice() {
            [1, _, _, _, sizes, ..] => self.brings_undeclared(data, usize::from(sizes & 3) + 1),
            _ => self.brings_another(data),
        };
        if is_other || is_changed {
            return Err(Error::Fault("the parameters of the pictures change".to_owned()));
        }
        Ok(())
    }

    /// Whether one among units behind their lengths (`avc3` may have them) is not in the `avcC`.
    fn brings_undeclared(&self, data: &[u8], length_bytes: usize) -> bool {
        let count = self.declared.get(5).map_or(0, |count| usize::from(count & 0x1F));
        let declares =
            |set: &[u8]| units(self.declared.get(6..).unwrap_or(&[]), 2).take(count).any(|one| one == set);
        units(data, length_bytes).any(|unit| is_sequence(unit) && !declares(without_padding(unit)))
    }

    /// Whether one between start codes is not the first one.
    fn brings_another(&mut self, data: &[u8]) -> bool {
        let Some(found) = sequence_parameters(data) else { return false };
        self.first.get_or_insert_with(|| found.to_owned()) != found
    }
}

/// Units with a length of so many bytes before each.
fn units(mut rest: &[u8], length_bytes: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (unit, after) = after.split_at(length.min(after.len()));
        rest = after;
        Some(unit)
    })
}

fn is_sequence(unit: &[u8]) -> bool {
    unit.first().is_some_and(|kind| kind & 0x1F == SEQUENCE)
}

/// A longer start code, or padding, puts zeros behind a unit, which ends in none itself.
fn without_padding(unit: &[u8]) -> &[u8] {
    let length = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    unit.get(..length).unwrap_or(unit)
}

/// The sequence parameter set between start codes.
fn sequence_parameters(data: &[u8]) -> Option<&[u8]> {
    let head = data.get(..PARAMETER_SET_WITHIN).unwrap_or(data);
    let code = |from: usize| {
        head.get(from..)?.windows(3).position(|window| window == [0, 0, 1]).map(|place| from + place)
    };
    let mut start = code(0)? + 3;
    loop {
        let end = code(start);
        let unit = head.get(start..end.unwrap_or(head.len()))?;
        if is_sequence(unit) {
            return Some(without_padding(unit));
        }
        start = end? + 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_set_is_found_behind_others_and_without_padding() {
        let stream = [0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 5, 0, 0, 1, 0x65, 9];
        assert_eq!(sequence_parameters(&stream), Some(&[0x67, 1, 2, 3][..]));
        assert_eq!(sequence_parameters(&[0, 0, 1, 0x65, 9, 9]), None);
        assert_eq!(sequence_parameters(&[]), None);
    }

    #[test]
    fn a_set_behind_its_length_must_be_one_of_those_declared() {
        for length_bytes in [1_u8, 2, 4] {
            let sizes = 0xFC | (length_bytes - 1);
            let declared = vec![1, 66, 0, 30, sizes, 0xE2, 0, 3, 0x67, 1, 2, 0, 2, 0x67, 9, 1, 0, 1, 0x68];
            let mut sets = ParameterSets::declared(declared);
            let mut is_kept = |units: &[&[u8]]| {
                let mut data = Vec::new();
                for unit in units {
                    data.resize(data.len() + usize::from(length_bytes) - 1, 0);
                    data.push(u8::try_from(unit.len()).unwrap());
                    data.extend_from_slice(unit);
                }
                let mut packet = Packet::copy(&data);
                packet.set_flags(ffmpeg_next::codec::packet::Flags::KEY);
                sets.refuse_change(&packet).is_ok()
            };
            assert!(is_kept(&[&[9, 0x10], &[0x67, 1, 2], &[0x67, 9, 0], &[0x68, 7], &[0x65, 1]]));
            assert!(is_kept(&[&[0x65, 0x67, 5]]));
            assert!(!is_kept(&[&[9, 0x10], &[0x67, 1, 3], &[0x65, 1]]), "{length_bytes}");
            assert!(!is_kept(&[&[], &[0x27, 1, 2]]), "{length_bytes}");
        }
        let cut_short = ParameterSets::declared(vec![1, 66, 0, 30, 0xFF, 0xE1, 0, 9, 0x67]);
        assert!(cut_short.brings_undeclared(&[0, 0, 0, 200, 0x67, 1], 4));
        assert!(!cut_short.brings_undeclared(&[0, 0, 0], 4));
    }
}
