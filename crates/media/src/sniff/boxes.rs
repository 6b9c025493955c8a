//! The outermost boxes of an ISO media file, walked while its bytes pass: where the index stands, and whether the file
//! ends where its last box does.
//!
//! Holds one box header at most; boxes inside boxes are not looked at.

use crate::Refusal;

/// Bytes of a box header with a long length.
const HEADER_BYTES: usize = 16;

/// A walk over the outermost boxes of a file whose bytes arrive in order.
#[derive(Debug, Clone, Default)]
pub struct BoxWalk {
    /// Bytes seen.
    seen: u64,
    /// Where the next box starts, or the last one ends.
    next: u64,
    header: Vec<u8>,
    index_leads: Option<bool>,
    has_index: bool,
    is_broken: bool,
    /// The last box goes on to the end of the file, wherever that is.
    is_open: bool,
    /// The last box is one whose missing end is missing media.
    is_vital: bool,
}

impl BoxWalk {
    /// Sees the next bytes.
    pub fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_over() {
            let skipped = usize::try_from(self.next.saturating_sub(self.seen)).unwrap_or(usize::MAX);
            let skipped = if self.header.is_empty() { skipped.min(bytes.len()) } else { 0 };
            bytes = bytes.get(skipped..).unwrap_or(&[]);
            self.seen = self.seen.saturating_add(skipped as u64);
            if let Some((first, rest)) = bytes.split_first() {
                self.header.push(*first);
                self.seen = self.seen.saturating_add(1);
                bytes = rest;
                self.read_header();
            }
        }
        self.seen = self.seen.saturating_add(bytes.len() as u64);
    }

    /// Whether the index stands before the media, so that the file can be decoded as it arrives; nothing before it is known.
    #[must_use]
    pub fn index_leads(&self) -> Option<bool> {
        self.index_leads
    }

    /// What is wrong with the file if it ends here.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when a box cannot be, [`Refusal::Incomplete`] when the file is cut or has no index.
    pub fn end(&self) -> Result<(), Refusal> {
        if self.is_broken {
            return Err(Refusal::Damaged);
        }
        let is_cut = self.is_vital && !self.is_open && self.next > self.seen;
        if is_cut || !self.has_index { Err(Refusal::Incomplete) } else { Ok(()) }
    }

    fn is_over(&self) -> bool {
        self.is_broken || self.is_open
    }

    fn read_header(&mut self) {
        let [a, b, c, d, kind @ ..] = self.header.as_slice() else { return };
        let Some(kind) = kind.get(..4) else { return };
        let length = match u32::from_be_bytes([*a, *b, *c, *d]) {
            1 if self.header.len() < HEADER_BYTES => return,
            1 => self.header.iter().skip(8).fold(0, |length, byte| length << 8 | u64::from(*byte)),
            short => u64::from(short),
        };
        let is_media = matches!(kind, b"mdat" | b"moof");
        let is_index = kind == b"moov";
        if is_media || is_index {
            self.index_leads = self.index_leads.or(Some(is_index));
        }
        self.has_index |= is_index;
        self.is_vital = is_media || is_index;
        // Zero means "to the end of the file".
        self.is_open = length == 0;
        self.is_broken = length > 0 && length < self.header.len() as u64;
        self.next = self.next.saturating_add(length);
        self.header.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_box(kind: &[u8; 4], content: usize) -> Vec<u8> {
        let mut bytes = u32::try_from(content + 8).unwrap().to_be_bytes().to_vec();
        bytes.extend(kind);
        bytes.resize(content + 8, 0);
        bytes
    }

    /// The walk comes to the same whatever pieces the file arrives in.
    fn walked(file: &[u8]) -> BoxWalk {
        let ends: Vec<_> = [1, 3, 7, 4096]
            .iter()
            .map(|step| {
                let mut walk = BoxWalk::default();
                file.chunks(*step).for_each(|piece| walk.take(piece));
                (walk.index_leads(), walk.end(), walk)
            })
            .collect();
        assert!(ends.iter().all(|end| (end.0, end.1) == (ends[0].0, ends[0].1)));
        ends.into_iter().next().unwrap().2
    }

    #[test]
    fn an_index_in_front_is_told_from_one_at_the_end() {
        let front =
            [a_box(b"ftyp", 12), a_box(b"free", 30), a_box(b"moov", 99), a_box(b"mdat", 500)].concat();
        let end = [a_box(b"ftyp", 12), a_box(b"mdat", 500), a_box(b"moov", 99)].concat();
        assert_eq!((walked(&front).index_leads(), walked(&front).end()), (Some(true), Ok(())));
        assert_eq!((walked(&end).index_leads(), walked(&end).end()), (Some(false), Ok(())));
        assert_eq!(walked(&front[..40]).index_leads(), None);
    }

    #[test]
    fn a_file_that_ends_inside_its_media_is_cut() {
        let whole = [a_box(b"moov", 99), a_box(b"mdat", 500), a_box(b"free", 50)].concat();
        assert_eq!(walked(&whole[..300]).end(), Err(Refusal::Incomplete));
        // What is missing of a free box is missed by nobody.
        assert_eq!(walked(&whole[..620]).end(), Ok(()));
        assert_eq!(walked(&a_box(b"mdat", 10)).end(), Err(Refusal::Incomplete));
        assert_eq!(walked(&[0, 0, 0, 5, b'm', b'o', b'o', b'v']).end(), Err(Refusal::Damaged));
    }

    #[test]
    fn long_and_open_boxes_are_understood() {
        let mut long = a_box(b"moov", 8);
        long.extend([0, 0, 0, 1]);
        long.extend(b"mdat");
        long.extend(20_u64.to_be_bytes());
        long.extend([0; 4]);
        assert_eq!(walked(&long).end(), Ok(()));
        assert_eq!(walked(&long[..long.len() - 1]).end(), Err(Refusal::Incomplete));
        let open = [a_box(b"moov", 8), b"\0\0\0\0mdat".to_vec(), vec![0xFF; 50]].concat();
        assert_eq!(walked(&open).end(), Ok(()));
    }
}
