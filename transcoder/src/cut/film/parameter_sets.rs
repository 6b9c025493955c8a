//! The parameter sets of an MP4's pictures (`avcC`, ISO/IEC 14496-15): those of the source, and beside them those of the
//! pictures encoded here, under a number the source does not use. Each picture names its set, so no player has to switch.

/// Sequence and picture parameter sets of an encoder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ParameterSets {
    pub(super) sequence: Vec<Vec<u8>>,
    pub(super) picture: Vec<Vec<u8>>,
}

/// An `avcC` taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Configuration {
    head: [u8; 5],
    sets: ParameterSets,
    /// What profiles from High on add.
    tail: Vec<u8>,
}

/// Highest number of a sequence parameter set.
const HIGHEST: u32 = 31;

impl Configuration {
    /// Takes it apart; nothing unless lengths have four bytes, as the muxer of our films writes them.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let head: [u8; 5] = bytes.get(..5)?.try_into().ok()?;
        if head[0] != 1 || head[4] & 3 != 3 {
            return None;
        }
        let mut at = 5;
        let sequence = take_sets(bytes, &mut at, 0x1F)?;
        let picture = take_sets(bytes, &mut at, 0xFF)?;
        Some(Self { head, sets: ParameterSets { sequence, picture }, tail: bytes.get(at..)?.to_vec() })
    }

    /// The profile and the level, as the format numbers them.
    pub(super) fn profile_and_level(&self) -> (u8, u8) {
        (self.head[1], self.head[3])
    }

    /// A number no set of the source has.
    pub(super) fn free_number(&self) -> Option<u32> {
        let sequence = self.sets.sequence.iter().filter_map(|set| number(set.get(4..)?));
        let picture = self.sets.picture.iter().filter_map(|set| number(set.get(1..)?));
        let highest = sequence.chain(picture).max().unwrap_or(0);
        Some(highest + 1).filter(|number| *number <= HIGHEST)
    }

    /// The whole again, with these sets too.
    pub(super) fn with(&self, more: &ParameterSets) -> Option<Vec<u8>> {
        let mut bytes = self.head.to_vec();
        let sequence: Vec<&Vec<u8>> = self.sets.sequence.iter().chain(&more.sequence).collect();
        let picture: Vec<&Vec<u8>> = self.sets.picture.iter().chain(&more.picture).collect();
        bytes.push(0xE0 | u8::try_from(sequence.len()).ok().filter(|count| *count < 32)?);
        put_sets(&mut bytes, &sequence)?;
        bytes.push(u8::try_from(picture.len()).ok()?);
        put_sets(&mut bytes, &picture)?;
        bytes.extend_from_slice(&self.tail);
        Some(bytes)
    }
}

impl ParameterSets {
    /// Those among the units of an encoder's header.
    pub(super) fn of_stream(bytes: &[u8]) -> Self {
        let mut sets = Self::default();
        for unit in units(bytes) {
            match unit.first().map(|first| first & 0x1F) {
                Some(7) => sets.sequence.push(unit.to_vec()),
                Some(8) => sets.picture.push(unit.to_vec()),
                _ => {}
            }
        }
        sets
    }
}

/// The slices of an encoded picture, with a length of four bytes before each, as an MP4 stores them.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes.len() + 16);
    for unit in
        units(bytes).filter(|unit| unit.first().is_some_and(|first| (1..=5).contains(&(first & 0x1F))))
    {
        made.extend_from_slice(&u32::try_from(unit.len()).unwrap_or(0).to_be_bytes());
        made.extend_from_slice(unit);
    }
    made
}

/// Units between start codes (ITU-T H.264, annex B).
fn units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(bytes).unwrap_or(&[]);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.windows(3).position(|three| three == [0, 0, 1]).unwrap_or(rest.len());
        let unit = rest.get(..end).unwrap_or(&[]);
        rest = rest.get(end + 3..).unwrap_or(&[]);
        // Zeros before a start code belong to nothing.
        let used = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        unit.get(..used)
    })
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    let at = bytes.windows(3).position(|three| three == [0, 0, 1])?;
    bytes.get(at + 3..)
}

fn take_sets(bytes: &[u8], at: &mut usize, mask: u8) -> Option<Vec<Vec<u8>>> {
    let count = bytes.get(*at)? & mask;
    *at += 1;
    let mut sets = Vec::new();
    for _ in 0..count {
        let [high, low] = bytes.get(*at..*at + 2)?.try_into().ok()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        sets.push(bytes.get(*at + 2..*at + 2 + length)?.to_vec());
        *at += 2 + length;
    }
    Some(sets)
}

fn put_sets(bytes: &mut Vec<u8>, sets: &[&Vec<u8>]) -> Option<()> {
    for set in sets {
        bytes.extend_from_slice(&u16::try_from(set.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(set);
    }
    Some(())
}

/// The first Exp-Golomb number of these bytes.
fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() {
        return None;
    }
    let bits = bytes.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte))
        << (8 * 8_usize.saturating_sub(bytes.len()));
    let zeros = bits.leading_zeros();
    if zeros > 15 {
        return None;
    }
    u32::try_from((bits << zeros >> (63 - zeros)) - 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &[u8] =
        &[1, 100, 0, 31, 0xFF, 0xE1, 0, 5, 0x67, 100, 0, 31, 0x80, 1, 0, 2, 0x68, 0xC0, 0xFD, 0xF8, 0xF8, 0];

    #[test]
    fn numbers_are_read_bit_by_bit() {
        assert_eq!(
            [0x80, 0x40, 0x60, 0x20].map(|byte| number(&[byte])),
            [Some(0), Some(1), Some(2), Some(3)]
        );
        assert_eq!(number(&[]), None);
    }

    #[test]
    fn sets_are_added_beside_those_of_the_source() {
        let source = Configuration::parse(SOURCE).unwrap();
        assert_eq!(source.profile_and_level(), (100, 31));
        assert_eq!(source.free_number(), Some(1));
        assert_eq!(source.with(&ParameterSets::default()).unwrap(), SOURCE);
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 6, 9];
        let sets = ParameterSets::of_stream(&stream);
        assert_eq!(sets, ParameterSets { sequence: vec![vec![0x67, 1, 2]], picture: vec![vec![0x68, 3]] });
        let both = Configuration::parse(&source.with(&sets).unwrap()).unwrap();
        assert_eq!((both.sets.sequence.len(), both.sets.picture.len()), (2, 2));
        assert_eq!(both.tail, source.tail);
        for length in 0..SOURCE.len() - 4 {
            assert_eq!(Configuration::parse(&SOURCE[..length]), None);
        }
    }

    #[test]
    fn only_slices_are_stored() {
        let stream = [0, 0, 0, 1, 9, 0x10, 0, 0, 1, 6, 5, 0, 0, 1, 0x65, 7, 7, 0, 0, 1, 0x65, 8];
        assert_eq!(stored(&stream), [0, 0, 0, 3, 0x65, 7, 7, 0, 0, 0, 2, 0x65, 8]);
    }
}
