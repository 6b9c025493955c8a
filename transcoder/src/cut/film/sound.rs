//! Which sound frames stand beside the pictures of a new film: pure arithmetic, then reading them in order.
//!
//! The first piece begins with the very frame that holds its first moment and one before it, which the decoder needs and the
//! edit list hides. At each seam the frame nearest to the wanted moment follows, so sound is never farther than half a
//! frame (12 ms) from its picture, however many pieces there are.

use super::index::{Index, SoundIndex};
use super::plan::Plan;
use crate::demux;
use crate::error::{Error, Result};
use crate::original::Original;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, Rational, Rescale};

/// A sound frame of the new film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    /// Its place in the source.
    frame: usize,
    /// When it is heard there.
    time: i64,
    /// When it is heard.
    at: i64,
    /// For how long.
    duration: i64,
}

/// Chooses frames. `pieces` are (from, to, at) in the unit of the sound, which may begin after the first piece, end before
/// the last, and have holes.
fn place(frames: &[(i64, i64)], pieces: &[(i64, i64, i64)]) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    let mut heard = 0;
    for (number, (from, to, at)) in pieces.iter().enumerate() {
        let end = at + to - from;
        let is_last = number + 1 == pieces.len();
        let moved = |time: i64| time - from + at;
        let mut next = if number == 0 {
            let first = frames.partition_point(|(time, duration)| time + duration <= *from);
            if frames.get(first).is_none_or(|(time, _)| moved(*time) >= end) {
                continue;
            }
            let run_in = first.saturating_sub(1);
            heard = frames.get(run_in).map_or(0, |(time, _)| moved(*time));
            run_in
        } else {
            // Behind a hole, or a piece without sound, it goes on where this piece begins.
            heard = heard.max(at - frames.first().map_or(0, |(_, duration)| duration / 2));
            frames.partition_point(|(time, duration)| moved(*time) + duration / 2 <= heard)
        };
        while let Some((time, duration)) = frames.get(next).copied() {
            // Where the source has a hole, so has the new film.
            let reached = heard.max(moved(time) - duration);
            let over = if is_last { reached >= end } else { reached + duration / 2 > end };
            if over || moved(time) >= end {
                break;
            }
            heard = reached;
            let lasts = if is_last { duration.min(end - heard) } else { duration };
            placed.push(Placed { frame: next, time, at: heard, duration: lasts });
            heard += duration;
            next += 1;
        }
    }
    placed
}

/// The sound of a new film, frame by frame.
pub(super) struct SoundFeed {
    input: Input,
    stream: usize,
    pub(super) unit: Rational,
    placed: std::vec::IntoIter<Placed>,
    next: Option<Placed>,
    read: usize,
}

impl SoundFeed {
    /// Nothing when the source is silent, or the pieces hold no sound.
    pub(super) fn open(original: &Original, index: &Index, film: &Plan) -> Result<Option<Self>> {
        let Some(SoundIndex { stream, unit, frames }) = &index.sound else { return Ok(None) };
        let scaled = |ticks: i64| ticks.rescale(index.unit, *unit);
        let pieces: Vec<(i64, i64, i64)> = film
            .pieces
            .iter()
            .map(|piece| (scaled(piece.from), scaled(piece.to), scaled(piece.at)))
            .collect();
        let mut placed = place(frames, &pieces).into_iter();
        let Some(next) = placed.next() else { return Ok(None) };
        let mut input = demux::open_finished(original)?;
        demux::keep_only(&mut input, &[*stream]);
        Ok(Some(Self { input, stream: *stream, unit: *unit, placed, next: Some(next), read: 0 }))
    }

    pub(super) fn parameters(&self) -> Result<Parameters> {
        let stream = self.input.stream(self.stream);
        Ok(stream.ok_or_else(|| Error::Fault("a track vanished".to_owned()))?.parameters())
    }

    /// The next frame heard at or before a moment in the unit of the sound, on the clock of the new film.
    pub(super) fn take_until(&mut self, until: i64) -> Result<Option<Packet>> {
        let Some(next) = self.next.filter(|next| next.at <= until) else { return Ok(None) };
        let mut packet = self.read(next)?;
        packet.set_pts(Some(next.at));
        packet.set_dts(Some(next.at));
        packet.set_duration(next.duration);
        self.next = self.placed.next();
        Ok(Some(packet))
    }

    /// A frame of the source; frames are asked for in order.
    fn read(&mut self, Placed { frame, time, .. }: Placed) -> Result<Packet> {
        if frame > self.read + 200 || frame < self.read {
            let before = (time - 1).rescale(self.unit, Rational(1, 1_000_000));
            self.input.seek(before, ..before)?;
        }
        loop {
            let mut packet = Packet::empty();
            packet.read(&mut self.input).map_err(|e| Error::fault("a sound frame of the index", e))?;
            if packet.stream() == self.stream && packet.pts().or(packet.dts()) == Some(time) {
                self.read = frame + 1;
                // Without its side data: what it tells of samples to skip is about the source.
                return Ok(Packet::copy(packet.data().unwrap_or(&[])));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Vec<(i64, i64)> {
        (-1..100).map(|n| (n * 1024, 1024)).collect()
    }

    #[test]
    fn the_first_piece_begins_at_the_very_sample_and_the_last_ends_there() {
        let placed = place(&frames(), &[(5000, 20_000, 0)]);
        assert_eq!(placed[0], Placed { frame: 4, time: 3 * 1024, at: 3 * 1024 - 5000, duration: 1024 });
        let last = placed.last().unwrap();
        assert_eq!(last.at + last.duration, 15_000);
        let whole = place(&frames(), &[(0, 10_000, 0)]);
        assert_eq!(whole[0], Placed { frame: 0, time: -1024, at: -1024, duration: 1024 });
    }

    #[test]
    fn a_piece_before_the_sound_begins_takes_none_away_from_the_next() {
        let late: Vec<(i64, i64)> = (0..100).map(|n| (60_000 + n * 1024, 1024)).collect();
        let placed = place(&late, &[(0, 10_000, 0), (70_000, 100_000, 10_000)]);
        let first = placed.first().unwrap();
        assert!((first.at - 10_000).abs() <= 512 && (first.time - 70_000).abs() <= 1024, "{first:?}");
        let last = placed.last().unwrap();
        assert_eq!(last.at + last.duration, 40_000);
    }

    #[test]
    fn a_piece_after_the_sound_has_ended_has_none() {
        assert_eq!(place(&frames(), &[(200_000, 220_000, 0)]), []);
        let placed = place(&frames(), &[(200_000, 220_000, 0), (220_000, 230_000, 20_000)]);
        assert_eq!(placed, []);
    }

    #[test]
    fn behind_a_hole_nothing_is_heard_that_was_cut_out() {
        // A hole from 20 480 to 40 960.
        let with_hole: Vec<(i64, i64)> = (0..20).chain(40..80).map(|n| (n * 1024, 1024)).collect();
        let placed = place(&with_hole, &[(0, 30_000, 0), (50_000, 60_000, 30_000)]);
        let second = placed.iter().find(|one| one.time > 30_000).unwrap();
        assert!((second.time - 50_000).abs() <= 1024 && (second.at - 30_000).abs() <= 512, "{second:?}");
    }

    #[test]
    fn after_any_number_of_seams_sound_is_within_half_a_frame() {
        let pieces: Vec<(i64, i64, i64)> =
            (0..9).map(|n| (n * 10_000 + 333, n * 10_000 + 5010, n * 4677)).collect();
        let placed = place(&frames(), &pieces);
        assert!(placed.windows(2).all(|pair| pair[0].at + 1024 == pair[1].at));
        for one in &placed[2..] {
            let piece = pieces.iter().rev().find(|(_, _, at)| *at <= one.at + 512).unwrap();
            let wanted = frames()[one.frame].0 - piece.0 + piece.2;
            assert!((wanted - one.at).abs() <= 512, "{one:?} {wanted}");
        }
    }
}
