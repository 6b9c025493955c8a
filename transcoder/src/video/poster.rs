//! The picture that stands for a film: chosen by what is on it, near the beginning where it can be.
//!
//! A good one has contrast and sharp edges. Black, fog, a picture half faded in and one blurred by a moving camera all
//! lack one of the two.

use super::colour::Matrix;
use super::planes::Canvas;
use crate::error::{Error, Result};
use balado_media::still;
use ffmpeg_next::frame::Video;

/// How many pictures are looked at while there is something to see.
const CANDIDATES: u32 = 60;

/// Steps of [`STEP`] by which a picture may be worse than the best of all and still stand for the film, if it comes earlier.
/// Two thirds of a fade, which takes contrast and sharpness alike, are further off.
const STEPS_BELOW_BEST: i32 = 4;

/// Pictures whose scores lie within one such step are equally good.
const STEP: f64 = 1.04;

/// Below this, there is nothing to see: black, white, fog.
const DULL: f64 = 12.0;

/// Looks at pictures, in any order: what it chooses does not depend on that.
#[derive(Default)]
pub(super) struct Poster {
    /// By number, each of a higher level than the one before, none much lower than the last.
    best: Vec<Candidate>,
}

struct Candidate {
    /// Its place among all that could be looked at.
    number: u32,
    level: i32,
    frame: Video,
}

impl Poster {
    /// Whether the picture of that number could change the choice.
    pub(super) fn wants(&self, number: u32) -> bool {
        number < CANDIDATES || self.best.last().is_none_or(|best| best.level < level(DULL))
    }

    /// Looks at a picture.
    pub(super) fn consider(&mut self, number: u32, frame: &Video) {
        let level = level(score(frame));
        if self.is_among_best(number, level) {
            self.keep(Candidate { number, level, frame: frame.clone() });
        }
    }

    /// Looks at what another found.
    pub(super) fn join(&mut self, other: Self) {
        for candidate in other.best {
            if self.is_among_best(candidate.number, candidate.level) {
                self.keep(candidate);
            }
        }
    }

    fn is_among_best(&self, number: u32, level: i32) -> bool {
        self.best.last().is_none_or(|best| level + STEPS_BELOW_BEST >= best.level)
            && self.best.iter().all(|one| number < one.number || level > one.level)
    }

    fn keep(&mut self, new: Candidate) {
        self.best.retain(|one| one.number < new.number || one.level > new.level);
        let place = self.best.partition_point(|one| one.number < new.number);
        self.best.insert(place, new);
        let top = self.best.last().map_or(0, |best| best.level);
        self.best.retain(|one| one.level + STEPS_BELOW_BEST >= top);
    }

    /// Writes the chosen picture as JPEG.
    pub(super) fn write(self, path: &str, quality: u8, matrix: Matrix) -> Result<()> {
        let Some(Candidate { frame, .. }) = self.best.into_iter().next() else {
            return Err(Error::refused(balado_media::Refusal::Damaged, "no picture for a poster"));
        };
        let (width, height) = (frame.width(), frame.height());
        let mut canvas = Canvas::new(width, height);
        canvas.paint_frame(&frame, matrix);
        let jpeg = still::encode(&canvas.into_bytes(), width, height, quality)
            .map_err(|e| Error::fault("poster", e))?;
        Ok(std::fs::write(path, jpeg)?)
    }
}

/// The whole steps of [`STEP`] in a score, so that equally good means the same whichever two are compared.
fn level(score: f64) -> i32 {
    (score.max(1.0).ln() / STEP.ln()) as i32
}

/// Contrast, raised by sharpness: squares, because blur spreads a step without making it smaller. One row in four tells
/// enough.
fn score(frame: &Video) -> f64 {
    let stride = frame.stride(0).max(1);
    let width = frame.width() as usize;
    let (mut count, mut sum, mut squares, mut edges) = (0_u64, 0_u64, 0_u64, 0_u64);
    for row in frame.data(0).chunks(stride).take(frame.height() as usize).step_by(4) {
        let row = row.get(..width).unwrap_or(row);
        for (luma, next) in row.iter().zip(row.iter().skip(2)).step_by(2) {
            count += 1;
            sum += u64::from(*luma);
            squares += u64::from(*luma) * u64::from(*luma);
            edges += u64::from(luma.abs_diff(*next)).pow(2);
        }
    }
    let count = (count as f64).max(1.0);
    let mean = sum as f64 / count;
    let contrast = (squares as f64 / count - mean * mean).max(0.0).sqrt();
    contrast * (edges as f64 / count).sqrt().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::format::Pixel;

    /// One light stripe with edges `ramp` pixels wide.
    fn stripe(low: u8, high: u8, ramp: f64) -> Video {
        let mut frame = Video::new(Pixel::YUV420P, 64, 64);
        let stride = frame.stride(0);
        for row in frame.data_mut(0).chunks_mut(stride) {
            for (x, luma) in row.iter_mut().enumerate() {
                let from_edge = 16.0 - (x as f64 - 32.0).abs();
                let light = (from_edge / ramp + 0.5).clamp(0.0, 1.0);
                *luma = low + (f64::from(high - low) * light) as u8;
            }
        }
        frame
    }

    #[test]
    fn black_fades_and_blur_lose_to_a_sharp_picture() {
        let good_enough = level(score(&stripe(20, 220, 2.0))) - STEPS_BELOW_BEST;
        assert!(score(&stripe(16, 16, 2.0)) < DULL);
        assert!(level(score(&stripe(16, 96, 2.0))) < good_enough);
        assert!(level(score(&stripe(20, 220, 24.0))) < good_enough);
    }

    #[test]
    fn the_first_good_picture_wins_whatever_the_order() {
        let film = [stripe(16, 16, 2.0), stripe(16, 100, 2.0), stripe(16, 200, 2.0), stripe(16, 215, 2.0)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let (mut poster, mut other) = (Poster::default(), Poster::default());
            for (place, number) in order.into_iter().enumerate() {
                let who = if place < 2 { &mut poster } else { &mut other };
                who.consider(number as u32, &film[number]);
            }
            poster.join(other);
            assert_eq!(poster.best[0].number, 2, "{order:?}");
        }
    }
}
