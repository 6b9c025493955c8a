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

/// A picture this good compared with the best of all may stand for the film, if it comes earlier. Two thirds of a fade,
/// which takes contrast and sharpness alike, stay below it.
const GOOD_ENOUGH: f64 = 0.85;

/// Of two pictures, the later is kept too if it is this much better.
const CLEARLY_BETTER: f64 = 1.04;

/// Below this, there is nothing to see: black, white, fog.
const DULL: f64 = 12.0;

/// Looks at pictures as they pass.
#[derive(Default)]
pub(super) struct Poster {
    candidates: u32,
    /// Each better than the one before, none much worse than the last.
    best: Vec<(f64, Video)>,
}

impl Poster {
    /// Whether more pictures could change the choice.
    pub(super) fn wants_more(&self) -> bool {
        self.candidates < CANDIDATES || self.best.last().is_none_or(|(score, _)| *score < DULL)
    }

    /// Looks at a picture.
    pub(super) fn consider(&mut self, frame: &Video) {
        self.candidates += 1;
        let score = score(frame);
        if self.best.last().is_none_or(|(best, _)| score > best * CLEARLY_BETTER) {
            self.best.retain(|(earlier, _)| *earlier >= score * GOOD_ENOUGH);
            self.best.push((score, frame.clone()));
        }
    }

    /// Writes the chosen picture as JPEG.
    pub(super) fn write(self, path: &str, quality: u8, matrix: Matrix) -> Result<()> {
        let Some((_, frame)) = self.best.into_iter().next() else {
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
        let sharp = score(&stripe(20, 220, 2.0));
        assert!(score(&stripe(16, 16, 2.0)) < DULL);
        assert!(score(&stripe(16, 96, 2.0)) < sharp * 0.5);
        assert!(score(&stripe(20, 220, 24.0)) < sharp * GOOD_ENOUGH);
    }

    #[test]
    fn the_first_good_picture_wins_over_a_slightly_better_one() {
        let mut poster = Poster::default();
        for frame in [stripe(16, 16, 2.0), stripe(16, 100, 2.0), stripe(16, 200, 2.0), stripe(16, 215, 2.0)] {
            poster.consider(&frame);
        }
        assert_eq!(poster.best[0].1.data(0)[32], 200);
    }
}
