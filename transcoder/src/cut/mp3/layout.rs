//! Which frames of a new MP3 are copied and which are encoded: pure arithmetic on samples.
//!
//! Samples count as a decoder puts them out, from the first sample of the first frame of sound. Frame `f` puts out samples
//! `[1152 f, 1152 (f + 1))`, but what it holds describes more: granules overlap by half, and the filter bank spreads
//! each over 480 samples more. A frame can stand in the new file only if all it describes is there unchanged.

use balado_media::mp3::{DECODER_DELAY, FRAME_SAMPLES};

/// Samples a frame describes: its own, half a granule pair more, and the filter bank's spread.
const REACH: i64 = FRAME_SAMPLES + 576 + 480;

/// One piece of the source in the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the new file.
    at: i64,
    /// Where it begins in the source; as far from a frame's start as `at` is.
    from: i64,
    /// Where it ends in the source.
    to: i64,
}

impl Piece {
    fn end(&self) -> i64 {
        self.at + self.to - self.from
    }
}

/// A new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pieces: Vec<Piece>,
    /// First sample wanted, in the new file.
    first: i64,
    /// First sample no longer wanted, in the new file.
    last: i64,
}

/// Frames that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// Of the source, from that frame.
    Copied {
        /// First frame of the source.
        frame: usize,
        /// How many.
        count: usize,
    },
    /// New ones, from that place of the new file.
    Encoded {
        /// First frame of the new file.
        place: i64,
        /// How many.
        count: i64,
        /// The frame of the source that follows.
        next: Option<usize>,
    },
}

impl Layout {
    /// For the wanted samples, in order and not empty; `end` is the number of samples of the source.
    pub(super) fn new(wanted: &[(i64, i64)], end: i64) -> Self {
        let mut seams = wanted.to_vec();
        for right in 1..seams.len() {
            let (before, after) = seams.split_at_mut(right);
            if let (Some(left), Some(right)) = (before.last_mut(), after.first_mut()) {
                meet(left, right, end);
            }
        }
        let begin = seams.first().map_or(0, |(from, _)| *from);
        let finish = seams.last().map_or(0, |(_, to)| *to);
        // One frame more at the start: the first wanted one overlaps with it.
        let run_in = (begin / FRAME_SAMPLES - 1).max(0) * FRAME_SAMPLES;
        let run_out = (finish + FRAME_SAMPLES - 1) / FRAME_SAMPLES * FRAME_SAMPLES;
        if let Some(first) = seams.first_mut() {
            first.0 = run_in;
        }
        if let Some(last) = seams.last_mut() {
            last.1 = run_out;
        }
        let mut at = 0;
        let mut pieces = Vec::with_capacity(seams.len());
        for (from, to) in seams {
            pieces.push(Piece { at, from, to });
            at += to - from;
        }
        Self { pieces, first: begin - run_in, last: at - (run_out - finish) }
    }

    /// Samples heard.
    pub(super) fn samples(&self) -> i64 {
        self.last - self.first
    }

    /// The delay to be told in the header when `lead` samples stand before the layout; negative when it cannot be.
    pub(super) fn delay_from(&self, lead: i64) -> i64 {
        lead + self.first - i64::from(DECODER_DELAY)
    }

    /// What is heard of the source, piece by piece.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (i64, i64)> {
        self.pieces.iter().map(|piece| {
            let from = piece.from + (self.first - piece.at).max(0);
            let to = piece.to - (piece.end() - self.last).max(0);
            (from, to)
        })
    }

    /// The sample of the source heard at a sample of the new file; beyond its ends the source simply goes on.
    pub(super) fn source_of(&self, sample: i64) -> i64 {
        let found = self.pieces.iter().find(|piece| sample < piece.end()).or(self.pieces.last());
        found.map_or(0, |piece| sample - piece.at + piece.from)
    }

    /// The frames, in order.
    pub(super) fn runs(&self) -> Vec<Run> {
        let total = self.pieces.last().map_or(0, Piece::end) / FRAME_SAMPLES;
        let mut runs: Vec<Run> = Vec::new();
        for place in 0..total {
            match (self.copied(place), runs.last_mut()) {
                (Some(frame), Some(Run::Copied { frame: first, count })) if *first + *count == frame => {
                    *count += 1
                }
                (Some(frame), last) => {
                    if let Some(Run::Encoded { next, .. }) = last {
                        *next = Some(frame);
                    }
                    runs.push(Run::Copied { frame, count: 1 });
                }
                (None, Some(Run::Encoded { count, .. })) => *count += 1,
                (None, _) => runs.push(Run::Encoded { place, count: 1, next: None }),
            }
        }
        runs
    }

    /// The frame of the source that can stand at a place of the new file.
    fn copied(&self, place: i64) -> Option<usize> {
        let start = place * FRAME_SAMPLES;
        let index = self.pieces.iter().position(|piece| piece.at <= start && start < piece.end())?;
        let piece = self.pieces.get(index)?;
        let is_last = index + 1 == self.pieces.len();
        let whole = is_last || start + REACH <= piece.end();
        whole.then(|| usize::try_from((start - piece.at + piece.from) / FRAME_SAMPLES).ok()).flatten()
    }
}

/// Moves the end of one piece and the start of the next so that both have the same distance from a frame's start.
fn meet(left: &mut (i64, i64), right: &mut (i64, i64), end: i64) {
    let apart = (left.1 - right.0).rem_euclid(FRAME_SAMPLES);
    let shorter = shifted(*left, *right, -apart);
    let longer = shifted(*left, *right, FRAME_SAMPLES - apart);
    let fits = |(left, right): &((i64, i64), (i64, i64))| {
        left.0 < left.1 && left.1 <= end && right.0 < right.1 && right.0 >= 0
    };
    let nearest = if apart <= FRAME_SAMPLES / 2 { [shorter, longer] } else { [longer, shorter] };
    if let Some((new_left, new_right)) = nearest.into_iter().find(fits) {
        (*left, *right) = (new_left, new_right);
    } else {
        // Neither fits at the very edge of the source: the whole step is taken on the side that has room.
        left.1 += FRAME_SAMPLES - apart;
        if left.1 > end {
            left.1 -= FRAME_SAMPLES - apart;
            right.0 -= FRAME_SAMPLES - apart;
        }
    }
}

fn shifted(left: (i64, i64), right: (i64, i64), longer: i64) -> ((i64, i64), (i64, i64)) {
    let half = longer / 2;
    ((left.0, left.1 + half), (right.0 - (longer - half), right.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: i64 = 1152 * 1000;

    #[test]
    fn one_piece_is_copied_with_a_frame_to_run_in() {
        let layout = Layout::new(&[(1152 * 10 + 100, 1152 * 20 + 5)], END);
        assert_eq!(layout.runs(), [Run::Copied { frame: 9, count: 12 }]);
        assert_eq!((layout.samples(), layout.delay_from(0)), (11_425, 1152 + 100 - 529));
        let whole = Layout::new(&[(1105, END - 50)], END);
        assert_eq!(whole.runs(), [Run::Copied { frame: 0, count: 1000 }]);
        assert_eq!(whole.delay_from(0), 576);
    }

    #[test]
    fn a_seam_costs_at_most_two_frames() {
        for shift in 0..1152 {
            let layout = Layout::new(&[(5000, 100_000), (300_000 + shift, 400_000)], END);
            let runs = layout.runs();
            let [Run::Copied { .. }, Run::Encoded { count, next: Some(next), .. }, Run::Copied { frame, .. }] =
                runs[..]
            else {
                panic!("{runs:?}")
            };
            assert!(count <= 2 && next == frame, "{runs:?}");
            assert!((layout.samples() - (95_000 + 100_000 - shift)).abs() <= 576);
            for ((from, to), (wanted_from, wanted_to)) in
                layout.pieces().zip([(5000, 100_000), (300_000 + shift, 400_000)])
            {
                assert!((from - wanted_from).abs() <= 288 && (to - wanted_to).abs() <= 288);
            }
        }
    }

    #[test]
    fn pieces_of_a_few_samples_are_encoded_together() {
        let wanted: Vec<(i64, i64)> = (0..5).map(|n| (10_000 + n * 5000, 10_040 + n * 5000)).collect();
        let layout = Layout::new(&wanted, END);
        let total: i64 = layout
            .runs()
            .iter()
            .map(|run| match run {
                Run::Copied { count, .. } => i64::try_from(*count).unwrap(),
                Run::Encoded { count, .. } => *count,
            })
            .sum();
        assert_eq!(total * 1152, layout.pieces.last().unwrap().end());
        assert!(layout.samples() > 0);
    }

    #[test]
    fn samples_of_the_new_file_are_found_in_the_source() {
        let layout = Layout::new(&[(11_520, 23_040), (115_200, 126_720)], END);
        assert_eq!(layout.source_of(0), 10_368);
        assert_eq!(layout.source_of(12_671), 23_039);
        assert_eq!(layout.source_of(12_672), 115_200);
        assert_eq!(layout.source_of(1_000_000), 115_200 + 1_000_000 - 12_672);
    }
}
