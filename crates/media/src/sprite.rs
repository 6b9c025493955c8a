//! Where each small picture of a sprite lies and which moment it shows.
//!
//! A sprite carries no description: its layout follows from the recipe and from what is recorded of the MP4 (playing
//! time, width, height). The transcoder, which draws it, and the pages, which show it, both ask here. Whole numbers
//! only, so that a script can compute the same.

use crate::recipe::SpriteProfile;

/// How a sprite is cut into small pictures: row by row, from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Pictures in a row.
    pub columns: u32,
    /// Rows. What the last one leaves free is black.
    pub rows: u32,
    /// Pictures, at least one.
    pub count: u32,
    /// Pixels across each, even.
    pub tile_width: u32,
    /// Pixels down each, even.
    pub tile_height: u32,
    /// Milliseconds from one to the next. Picture `n` shows the film at `n * interval_ms`.
    pub interval_ms: i64,
}

impl Layout {
    /// The layout for a film of `width` by `height` pixels that plays `duration_ms`.
    #[must_use]
    pub fn new(profile: &SpriteProfile, duration_ms: i64, width: u32, height: u32) -> Self {
        let most = i64::from(profile.max_tiles.max(1));
        let mut interval_ms = i64::from(profile.interval_ms.max(1));
        while ceiling(duration_ms, interval_ms) > most {
            interval_ms = interval_ms.saturating_mul(2);
        }
        let count = u32::try_from(ceiling(duration_ms, interval_ms).max(1)).unwrap_or(1);
        let columns = profile.columns.clamp(1, count);
        let (tile_width, tile_height) = tile(profile.tile_side, width.max(1), height.max(1));
        Self { columns, rows: count.div_ceil(columns), count, tile_width, tile_height, interval_ms }
    }

    /// Pixels across and down the whole sprite.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.columns * self.tile_width, self.rows * self.tile_height)
    }

    /// Left and top edge, in pixels, of picture `number`.
    #[must_use]
    pub fn corner(&self, number: u32) -> (u32, u32) {
        (number % self.columns * self.tile_width, number / self.columns * self.tile_height)
    }

    /// The picture to show for a moment of the film.
    #[must_use]
    pub fn number_at(&self, at_ms: i64) -> u32 {
        u32::try_from(at_ms.max(0) / self.interval_ms).unwrap_or(u32::MAX).min(self.count - 1)
    }
}

fn ceiling(value: i64, step: i64) -> i64 {
    value.max(0) / step + i64::from(value.max(0) % step != 0)
}

/// Longest side `side` or less, never larger than the film, both sides even.
fn tile(side: u32, width: u32, height: u32) -> (u32, u32) {
    let long = width.max(height);
    let side = side.min(long);
    // Rounded half up, in pairs of pixels.
    let even = |pixels: u32| {
        let (pixels, side, long) = (u64::from(pixels), u64::from(side), u64::from(long));
        u32::try_from((pixels * side + long) / (2 * long) * 2).unwrap_or(2).max(2)
    };
    (even(width), even(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipe;

    fn layout(duration_ms: i64, width: u32, height: u32) -> Layout {
        Layout::new(&Recipe::standard().video.sprite, duration_ms, width, height)
    }

    #[test]
    fn a_minute_has_a_picture_every_two_seconds_in_rows_of_ten() {
        let minute = layout(60_000, 1280, 720);
        let expected =
            Layout { columns: 10, rows: 3, count: 30, tile_width: 160, tile_height: 90, interval_ms: 2000 };
        assert_eq!(minute, expected);
        assert_eq!(minute.size(), (1600, 270));
        assert_eq!(minute.corner(23), (480, 180));
    }

    #[test]
    fn the_interval_doubles_until_the_pictures_suffice() {
        assert_eq!((layout(200_000, 640, 360).interval_ms, layout(200_000, 640, 360).count), (2000, 100));
        assert_eq!((layout(200_001, 640, 360).interval_ms, layout(200_001, 640, 360).count), (4000, 51));
        assert_eq!(layout(12 * 3_600_000, 640, 360).interval_ms, 512_000);
    }

    #[test]
    fn a_moment_finds_its_picture_even_beyond_the_end() {
        let minute = layout(60_000, 1280, 720);
        assert_eq!([0, 1999, 2000, 59_999, 99_999, -5].map(|at| minute.number_at(at)), [0, 0, 1, 29, 29, 0]);
    }

    #[test]
    fn odd_films_have_even_pictures_and_at_least_one() {
        assert_eq!((layout(0, 1280, 720).count, layout(0, 1280, 720).rows), (1, 1));
        let upright = layout(1000, 720, 1280);
        assert_eq!((upright.columns, upright.tile_width, upright.tile_height), (1, 90, 160));
        let small = layout(1000, 16, 34);
        assert_eq!((small.tile_width, small.tile_height), (16, 34));
        let line = layout(1000, 16, 1280);
        assert_eq!((line.tile_width, line.tile_height), (2, 160));
    }
}
