//! The picture that stands for a film: the liveliest of those looked at, not the first, which is often black.

use crate::error::{Error, Result};
use balado_media::still;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling::{Context, Flags};

/// How many pictures are looked at, one a second.
const CANDIDATES: u32 = 60;

/// A later picture must be this much livelier: viewers expect one near the beginning.
const CLEARLY_BETTER: f64 = 1.25;

/// Looks at pictures as they pass.
pub(super) struct Poster {
    every: u32,
    seen: u32,
    candidates: u32,
    best: Option<(f64, Video)>,
}

impl Poster {
    /// Looks at one picture a second, of `rate` (frames, seconds).
    pub(super) fn new(rate: (i32, i32)) -> Self {
        let every = u32::try_from(rate.0 / rate.1.max(1)).unwrap_or(1).max(1);
        Self { every, seen: 0, candidates: 0, best: None }
    }

    /// Looks at every picture it is shown.
    pub(super) fn of_key_frames() -> Self {
        Self { every: 1, seen: 0, candidates: 0, best: None }
    }

    /// Whether more pictures could change the choice.
    pub(super) fn wants_more(&self) -> bool {
        self.candidates < CANDIDATES
    }

    pub(super) fn consider(&mut self, frame: &Video) {
        let due = self.seen.is_multiple_of(self.every) && self.wants_more();
        self.seen += 1;
        if !due {
            return;
        }
        self.candidates += 1;
        let liveliness = liveliness(frame);
        if self.best.as_ref().is_none_or(|(best, _)| liveliness > best * CLEARLY_BETTER) {
            self.best = Some((liveliness, frame.clone()));
        }
    }

    /// Writes the chosen picture as JPEG.
    pub(super) fn write(self, path: &str, quality: u8) -> Result<()> {
        let Some((_, frame)) = self.best else {
            return Err(Error::refused(balado_media::Refusal::Damaged, "no picture for a poster"));
        };
        let (width, height) = (frame.width(), frame.height());
        let mut scaler =
            Context::get(frame.format(), width, height, Pixel::RGB24, width, height, Flags::BILINEAR)?;
        let mut colours = Video::empty();
        scaler.run(&frame, &mut colours)?;
        let row = width as usize * 3;
        let mut pixels = Vec::with_capacity(row * height as usize);
        for line in colours.data(0).chunks(colours.stride(0)).take(height as usize) {
            pixels.extend_from_slice(line.get(..row).unwrap_or(line));
        }
        let jpeg = still::encode(&pixels, width, height, quality).map_err(|e| Error::fault("poster", e))?;
        Ok(std::fs::write(path, jpeg)?)
    }
}

/// How much brightness varies: zero for black, white and fog. One pixel in sixteen tells enough.
fn liveliness(frame: &Video) -> f64 {
    let stride = frame.stride(0).max(1);
    let width = frame.width() as usize;
    let (mut count, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
    for line in frame.data(0).chunks(stride).take(frame.height() as usize).step_by(4) {
        for luma in line.iter().take(width).step_by(4) {
            let luma = f64::from(*luma);
            count += 1.0;
            sum += luma;
            squares += luma * luma;
        }
    }
    let mean = sum / count.max(1.0);
    (squares / count.max(1.0) - mean * mean).max(0.0).sqrt()
}
