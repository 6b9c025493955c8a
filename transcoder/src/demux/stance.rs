//! How pictures are turned to stand as they were seen. Telephones store film as the sensor sees it, with a matrix that says
//! how to turn it; cameras that face their owner may have it mirrored as well.

use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::{Stream, ffi};

/// From the picture as stored to the picture as shown: first the mirror, then the turn. What else a matrix can say, as
/// moving and slanting, no player of ours does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stance {
    /// Whether top and bottom change places.
    pub is_mirrored: bool,
    /// Quarter turns clockwise, 0 to 3.
    pub quarter_turns: u8,
}

impl Stance {
    /// As the matrix of a track tells, if it has one.
    pub(super) fn of(stream: &Stream) -> Self {
        let matrix = stream.side_data().find(|data| data.kind() == SideData::DisplayMatrix);
        matrix
            .and_then(|data| cells(data.data()))
            .map_or_else(Self::default, |cells| Self::from_cells(&cells))
    }

    /// Whether pictures are shown as they are stored.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// Whether width and height change places.
    pub fn is_on_its_side(self) -> bool {
        self.quarter_turns % 2 == 1
    }

    fn from_cells(cells: &[i32; 9]) -> Self {
        // SAFETY: av_display_rotation_get reads nine integers; `cells` holds exactly nine.
        let degrees = unsafe { ffi::av_display_rotation_get(cells.as_ptr()) };
        if !degrees.is_finite() {
            return Self::default();
        }
        let [across_x, across_y, _, down_x, down_y, ..] = cells.map(i64::from);
        Self {
            // The determinant: only a mirror makes it negative.
            is_mirrored: across_x * down_y < across_y * down_x,
            // libav counts counter-clockwise.
            quarter_turns: ((-degrees / 90.0).round() as i64).rem_euclid(4) as u8,
        }
    }
}

/// The nine integers of a matrix, in three rows.
fn cells(bytes: &[u8]) -> Option<[i32; 9]> {
    let (cells, rest) = bytes.as_chunks::<4>();
    let cells: Vec<i32> = cells.iter().map(|cell| i32::from_ne_bytes(*cell)).collect();
    cells.try_into().ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << 16;

    /// Mirror and quarter turns of a matrix with these four cells.
    fn stance(a: i32, b: i32, c: i32, d: i32) -> (bool, u8) {
        let stance = Stance::from_cells(&[a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]);
        (stance.is_mirrored, stance.quarter_turns)
    }

    #[test]
    fn each_of_the_eight_ways_to_stand_is_told_apart() {
        assert_eq!(stance(1, 0, 0, 1), (false, 0));
        assert_eq!(stance(0, 1, -1, 0), (false, 1));
        assert_eq!(stance(-1, 0, 0, -1), (false, 2));
        assert_eq!(stance(0, -1, 1, 0), (false, 3));
        assert_eq!(stance(1, 0, 0, -1), (true, 0));
        assert_eq!(stance(0, 1, 1, 0), (true, 1));
        assert_eq!(stance(-1, 0, 0, 1), (true, 2));
        assert_eq!(stance(0, -1, -1, 0), (true, 3));
    }

    #[test]
    fn a_matrix_that_says_nothing_leaves_pictures_as_they_are() {
        assert_eq!(stance(0, 0, 0, 0), (false, 0));
        assert_eq!(cells(&[0; 35]), None);
        assert_eq!(cells(&[0; 40]), None);
    }
}
