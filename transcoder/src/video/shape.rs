//! What leaves: upright, square pixels, inside the box of a profile, at one steady rate.

use super::colour::Colours;
use crate::demux::{Stance, VideoTrack};

/// Below this neither x264 nor players are at ease.
const SMALLEST_SIDE: u32 = 16;

/// Two ratios of width to height no further apart than this are the same.
const SAME_FORM: f64 = 0.01;

/// The box of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Longest side allowed, in pixels.
    pub(super) long_side: u32,
    /// Shortest side allowed, in pixels.
    pub(super) short_side: u32,
    /// Frames per second at most.
    pub(super) frame_rate: u32,
}

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// Pixels across, even.
    pub(super) width: u32,
    /// Pixels down, even.
    pub(super) height: u32,
    /// Frames per second.
    pub(super) rate: (i32, i32),
    /// Pictures of a steady source for each of these.
    pub(super) source_pictures: u32,
    /// How pictures are turned between decoder and output.
    pub(super) stance: Stance,
    /// Width over height of the stored pictures this shape is made for, as they are shown before they are turned.
    pub(super) ratio: f64,
    /// Width of one stored pixel over its height, where pictures do not tell themselves.
    pub(super) told_aspect: Option<f64>,
    /// What the numbers mean, before and after.
    pub(super) colours: Colours,
}

impl Shape {
    /// The shape a track gets: never enlarged, long side and short side each within the box.
    pub(super) fn for_track(track: &VideoTrack, bounds: Bounds) -> Self {
        let (width, height) = track.upright_size();
        let (long, short) = (f64::from(width.max(height)), f64::from(width.min(height)));
        let fit = (f64::from(bounds.long_side) / long).min(f64::from(bounds.short_side) / short).min(1.0);
        let side = |pixels: u32| {
            let scaled = (f64::from(pixels) * fit / 2.0).round() as u32 * 2;
            scaled.clamp(SMALLEST_SIDE, bounds.long_side.max(SMALLEST_SIDE))
        };
        let (rate, source_pictures) = steady_rate(track, bounds.frame_rate);
        Self {
            width: side(width),
            height: side(height),
            rate,
            source_pictures,
            stance: track.stance,
            ratio: f64::from(track.width) * track.pixel_aspect() / f64::from(track.height),
            told_aspect: track.told_aspect,
            colours: Colours::of(track),
        }
    }

    /// Size of the output before it is turned.
    pub(super) fn lying_size(&self) -> (u32, u32) {
        if self.stance.is_on_its_side() { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// The size in which a picture shown that wide for its height fits into [`Self::lying_size`]: all of it, unless the
    /// picture has another form than those this shape is made for.
    pub(super) fn fitted_size(&self, ratio: f64) -> (u32, u32) {
        let (width, height) = self.lying_size();
        let wider = ratio / self.ratio;
        let part =
            |side: u32, share: f64| ((f64::from(side) * share / 2.0).round() as u32 * 2).clamp(2, side);
        // Coding in blocks moves a side by some lines; nobody sees that, and a thin black line everybody.
        if (wider - 1.0).abs() <= SAME_FORM {
            (width, height)
        } else if wider > 1.0 {
            (width, part(height, 1.0 / wider))
        } else {
            (part(width, wider), height)
        }
    }

    /// The number under which a picture of this moment is shown, unless another takes it. Of a source that is twice as fast
    /// every second one falls between two numbers: half its own distance decides, so that rounding never does.
    pub(super) fn number_at(&self, at_us: i64) -> i64 {
        let (frames, seconds) = (f64::from(self.rate.0), f64::from(self.rate.1.max(1)));
        let exact = at_us as f64 * frames / seconds / 1e6;
        (exact - 0.5 / f64::from(self.source_pictures.max(1))).ceil() as i64
    }

    /// When the picture of this number is shown, in milliseconds.
    pub(super) fn time_ms(&self, number: i64) -> i64 {
        number.saturating_mul(1000 * i64::from(self.rate.1)) / i64::from(self.rate.0.max(1))
    }
}

/// A steady source keeps its rate, or a whole part of it that fits; anything else gets the highest rate allowed. The second
/// value says how many pictures of the source there are for each.
fn steady_rate(track: &VideoTrack, highest: u32) -> ((i32, i32), u32) {
    let highest_rate = ((i32::try_from(highest).unwrap_or(30), 1), 1);
    let (mean, base) = (track.mean_rate, track.base_rate);
    let steady = base >= 1.0 && (mean - base).abs() / base < 0.02;
    if !steady {
        return highest_rate;
    }
    // A thousandth above the limit is rounding, not a higher rate.
    let part = (base / f64::from(highest) - 0.001).ceil().max(1.0);
    (named_rate(base / part), part as u32)
}

/// A rate as a fraction.
fn named_rate(rate: f64) -> (i32, i32) {
    // Rates of television are thousandths below a whole number; those of telephones wander around one.
    let whole = rate.round();
    if (rate - whole * 1000.0 / 1001.0).abs() < 0.005 && [24.0, 30.0].contains(&whole) {
        return (whole as i32 * 1000, 1001);
    }
    if (rate - whole).abs() < 0.05 {
        return (whole as i32, 1);
    }
    ((rate * 1000.0).round() as i32, 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { long_side: 1280, short_side: 720, frame_rate: 30 };

    fn track(width: u32, height: u32, mean_rate: f64, base_rate: f64) -> VideoTrack {
        VideoTrack { width, height, mean_rate, base_rate, ..VideoTrack::sample() }
    }

    fn size(track: &VideoTrack) -> (u32, u32) {
        let shape = Shape::for_track(track, BOUNDS);
        (shape.width, shape.height)
    }

    #[test]
    fn pictures_fit_the_box_lying_or_standing_and_are_never_enlarged() {
        assert_eq!(size(&track(1920, 1080, 30.0, 30.0)), (1280, 720));
        assert_eq!(size(&track(1080, 1920, 30.0, 30.0)), (720, 1280));
        assert_eq!(size(&track(1024, 768, 30.0, 30.0)), (960, 720));
        assert_eq!(size(&track(641, 361, 30.0, 30.0)), (642, 362));
        assert_eq!(size(&track(1, 9999, 30.0, 30.0)), (16, 1280));
        let stance = Stance { quarter_turns: 1, ..Stance::default() };
        let turned = VideoTrack { stance, ..track(1920, 1080, 30.0, 30.0) };
        assert_eq!(size(&turned), (720, 1280));
    }

    #[test]
    fn a_picture_of_another_form_fits_the_first_ones_size() {
        let shape = Shape::for_track(&track(640, 480, 30.0, 30.0), BOUNDS);
        assert_eq!(shape.fitted_size(4.0 / 3.0), (640, 480));
        assert_eq!(shape.fitted_size(640.0 / 484.0), (640, 480));
        assert_eq!(shape.fitted_size(3.0 / 4.0), (360, 480));
        assert_eq!(shape.fitted_size(16.0 / 9.0), (640, 360));
        assert_eq!((shape.fitted_size(0.001), shape.fitted_size(1000.0)), ((2, 480), (640, 2)));
        let stance = Stance { quarter_turns: 3, ..Stance::default() };
        let turned = Shape::for_track(&VideoTrack { stance, ..track(640, 480, 30.0, 30.0) }, BOUNDS);
        assert_eq!((turned.width, turned.fitted_size(3.0 / 4.0)), (480, (360, 480)));
    }

    #[test]
    fn steady_rates_are_kept_or_halved_and_wandering_ones_set() {
        let rate = |mean, base| Shape::for_track(&track(640, 360, mean, base), BOUNDS).rate;
        assert_eq!(rate(25.0, 25.0), (25, 1));
        assert_eq!(rate(50.0, 50.0), (25, 1));
        assert_eq!(rate(60.0, 60.0), (30, 1));
        assert_eq!(rate(29.97, 29.97), (30_000, 1001));
        assert_eq!(rate(59.94, 59.94), (30_000, 1001));
        assert_eq!(rate(1000.0, 1000.0), (29_412, 1000));
        assert_eq!(rate(19.8, 1000.0), (30, 1));
        assert_eq!(rate(0.0, 0.0), (30, 1));
    }

    #[test]
    fn of_a_fast_source_every_second_picture_is_shown() {
        for rate in [50.0, 59.94, 60.0, 90.0, 120.0, 240.0] {
            let shape = Shape::for_track(&track(640, 360, rate, rate), BOUNDS);
            // Times as Matroska and as MP4 tell them: whole milliseconds, whole microseconds.
            for grain_us in [1000.0, 1.0] {
                let at_us = |n: u32| ((f64::from(n) * 1e6 / rate / grain_us).round() * grain_us) as i64;
                let numbers: Vec<i64> = (0..1200).map(|n| shape.number_at(at_us(n))).collect();
                // The last picture of a number is the one that is shown.
                let shown: Vec<usize> = (1..numbers.len()).filter(|n| numbers[*n] > numbers[n - 1]).collect();
                let step = shape.source_pictures as usize;
                assert!(shown.windows(2).all(|two| two[1] - two[0] == step), "{rate}, {grain_us}: {shown:?}");
            }
        }
    }

    #[test]
    fn a_moment_falls_on_the_nearest_picture() {
        let shape = Shape::for_track(&track(640, 360, 25.0, 25.0), BOUNDS);
        assert_eq!([0, 19_000, 21_000, 60_000_000].map(|us| shape.number_at(us)), [0, 0, 1, 1500]);
        assert_eq!(shape.time_ms(1500), 60_000);
    }
}
