//! The small pictures for looking ahead: taken from those that pass, laid out by [`Layout`].

use super::colour::Matrix;
use super::planes::{Canvas, Small};
use crate::error::{Error, Result};
use balado_media::recipe::SpriteProfile;
use balado_media::sprite::Layout;
use balado_media::still;
use ffmpeg_next::frame::Video;

/// Says which of the passing pictures a sprite needs. The interval doubles when pictures run out, so that a film of
/// unknown length costs no more than one picture in two hundred.
#[derive(Debug, Clone)]
pub(super) struct Due {
    interval_ms: i64,
    most: i64,
    /// A picture may come this much before its moment.
    early_ms: i64,
    next: i64,
}

impl Due {
    /// For pictures that come one by one: each is taken at its moment or right after.
    pub(super) fn steady(profile: &SpriteProfile) -> Self {
        let interval_ms = i64::from(profile.interval_ms.max(1));
        Self { interval_ms, most: i64::from(profile.max_tiles.max(1)), early_ms: 0, next: 0 }
    }

    /// For key frames, which come when they please: one shortly before its moment is as good. A known playing time gives the interval.
    pub(super) fn scattered(profile: &SpriteProfile, duration_ms: Option<i64>) -> Self {
        let interval_ms = Layout::new(profile, duration_ms.unwrap_or(0), 1, 1).interval_ms;
        Self { interval_ms, early_ms: interval_ms / 4, ..Self::steady(profile) }
    }

    /// Whether the picture of this moment is needed; if so, none is before the next moment.
    pub(super) fn is_due(&mut self, at_ms: i64) -> bool {
        let number = at_ms.saturating_add(self.early_ms) / self.interval_ms;
        if number < self.next {
            return false;
        }
        self.next = number + 1;
        if self.next > self.most {
            self.interval_ms *= 2;
            self.early_ms *= 2;
            self.next = at_ms / self.interval_ms + 1;
        }
        true
    }
}

/// Collects the small pictures of a film.
pub(super) struct Sprite {
    profile: SpriteProfile,
    size: (u32, u32),
    tile: (u32, u32),
    taken: Vec<(i64, Small)>,
}

impl Sprite {
    /// For a film of this size.
    pub(super) fn new(profile: &SpriteProfile, width: u32, height: u32) -> Self {
        let layout = Layout::new(profile, 0, width, height);
        Self {
            profile: profile.clone(),
            size: (width, height),
            tile: (layout.tile_width, layout.tile_height),
            taken: Vec::new(),
        }
    }

    /// Keeps a picture, small.
    pub(super) fn take(&mut self, at_ms: i64, frame: &Video) {
        self.taken.push((at_ms, Small::of(frame, self.tile.0, self.tile.1)));
    }

    /// Adds what another took of the same film.
    pub(super) fn join(&mut self, other: Self) {
        self.taken.extend(other.taken);
    }

    /// Writes the sprite of a film that plays `duration_ms`, and gives its size in pixels.
    pub(super) fn write(&self, path: &str, duration_ms: i64, matrix: Matrix) -> Result<(u32, u32)> {
        let layout = Layout::new(&self.profile, duration_ms, self.size.0, self.size.1);
        let (width, height) = layout.size();
        let mut canvas = Canvas::new(width, height);
        for number in 0..layout.count {
            let at_ms = i64::from(number) * layout.interval_ms;
            let nearest = self.taken.iter().min_by_key(|(taken_ms, _)| ((taken_ms - at_ms).abs(), *taken_ms));
            if let Some((_, small)) = nearest {
                canvas.paint_small(small, layout.corner(number), matrix);
            }
        }
        let jpeg = still::encode(&canvas.into_bytes(), width, height, self.profile.quality)
            .map_err(|e| Error::fault("sprite", e))?;
        std::fs::write(path, jpeg)?;
        Ok((width, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_media::Recipe;

    fn profile() -> SpriteProfile {
        SpriteProfile { max_tiles: 4, interval_ms: 1000, ..Recipe::standard().video.sprite }
    }

    fn taken(due: &mut Due, moments: impl Iterator<Item = i64>) -> Vec<i64> {
        moments.filter(|at_ms| due.is_due(*at_ms)).collect()
    }

    #[test]
    fn the_interval_doubles_as_the_film_goes_on() {
        let found = taken(&mut Due::steady(&profile()), (0..170).map(|n| n * 100));
        assert_eq!(found, [0, 1000, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000]);
    }

    #[test]
    fn of_key_frames_one_near_each_moment_is_taken_and_no_more() {
        let mut due = Due::scattered(&profile(), Some(4000));
        assert_eq!(taken(&mut due, [0, 400, 900, 1300, 2600, 2900, 3700].into_iter()), [0, 900, 2600, 2900]);
        let mut long = Due::scattered(&profile(), Some(3_600_000));
        assert!(taken(&mut long, (0..1800).map(|n| n * 2000)).len() <= 4);
    }
}
