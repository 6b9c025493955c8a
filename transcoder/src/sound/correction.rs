//! Decides, once all is known, by how many steps the volume of each granule of an MP3 is shifted: back to one gain for
//! the whole, that which brings the loudness nearest to its aim, and lower where a peak would pass the ceiling.

use super::leveler::Aim;
use super::loudness::gated;
use super::replay::{Heard, SPAN};
use balado_media::mp3::GAIN_STEP_DB;

/// Samples of a granule.
const GRANULE: usize = 576;

/// From the first sample a decoder gives to the middle of the first granule: half of its filters' overlap.
const GRANULE_LATENCY: usize = 528;

/// Granules in which a volume that was turned down comes up by one step: 1.5 dB in 52 ms.
const RELEASE_GRANULES: usize = 4;

/// Rounds of looking for the best whole; each gets within a step unless peaks stand in the way.
const ROUNDS: usize = 8;

/// What is known of an MP3 at its end.
pub(super) struct Made<'a> {
    /// Steps in the gain of each frame.
    pub(super) steps: &'a [i8],
    /// What replaying it told.
    pub(super) heard: &'a Heard,
    /// The rest of the gain (dB).
    pub(super) unstepped: f64,
}

impl Made<'_> {
    /// Steps by which each granule is shifted.
    pub(super) fn shifts(&self, aim: Aim) -> Vec<i8> {
        let highest = ((aim.most_boost - self.unstepped) / GAIN_STEP_DB + 0.05).floor() as i32;
        let mut whole = i32::from(self.steps.last().copied().unwrap_or(0)).min(highest);
        let mut best = (f64::INFINITY, self.shifts_to(whole));
        for _ in 0..ROUNDS {
            let shifts = self.shifts_to(whole);
            let Some(loudness) = self.loudness(&shifts) else { break };
            let missing = aim.loudness - loudness;
            if missing.abs() >= best.0 {
                break;
            }
            best = (missing.abs(), shifts);
            whole = (whole + (missing / GAIN_STEP_DB).round() as i32).min(highest);
        }
        best.1
    }

    /// The shifts that leave so many steps in the gain of the whole.
    fn shifts_to(&self, whole: i32) -> Vec<i8> {
        let granules = self.steps.len() * 2;
        let wanted = |granule: usize| whole - i32::from(self.steps.get(granule / 2).copied().unwrap_or(0));
        let excess = (0..granules).map(|granule| (wanted(granule) - self.room(granule)).max(0)).collect();
        let lowered = eased(excess);
        let shifts = lowered.into_iter().enumerate().map(|(granule, lowered)| wanted(granule) - lowered);
        shifts.map(|shift| i8::try_from(shift.clamp(-128, 127)).unwrap_or(0)).collect()
    }

    /// Steps a granule may get louder: the least of all samples it is heard in, but for the faint ends of its window.
    fn room(&self, granule: usize) -> i32 {
        let from = granule * GRANULE / SPAN + 1;
        let spans = self.heard.room.get(from..self.heard.room.len().min(from + 4)).unwrap_or(&[]);
        i32::from(spans.iter().copied().min().unwrap_or(i8::MAX))
    }

    fn loudness(&self, shifts: &[i8]) -> Option<f64> {
        let powers: Vec<f32> =
            (-128..=127).map(|shift| 10_f64.powf(f64::from(shift) * GAIN_STEP_DB / 10.0) as f32).collect();
        let power = |shift: i8| powers.get(usize::from(shift.cast_unsigned() ^ 0x80)).copied().unwrap_or(1.0);
        let hop = self.heard.hop;
        let energies = self.heard.energies.iter().enumerate().map(|(index, energy)| {
            let granule = |sample: usize| sample.saturating_sub(GRANULE_LATENCY) / GRANULE;
            let (from, to) = (granule(index * hop), granule((index + 1) * hop));
            let played =
                shifts.get(from.min(shifts.len())..shifts.len().min(to.max(from + 1))).unwrap_or(&[]);
            let mean = played.iter().map(|shift| power(*shift)).sum::<f32>() / played.len().max(1) as f32;
            energy * if played.is_empty() { 1.0 } else { mean }
        });
        gated(&energies.collect::<Vec<f32>>())
    }
}

/// Goes down before each excess by one step a granule, and up after it more slowly.
fn eased(mut excess: Vec<i32>) -> Vec<i32> {
    let mut next = 0;
    for steps in excess.iter_mut().rev() {
        *steps = (*steps).max(next - 1);
        next = *steps;
    }
    let (mut last, mut since) = (0, 0);
    for steps in &mut excess {
        since += 1;
        let floor = if since >= RELEASE_GRANULES { last - 1 } else { last };
        if *steps < floor {
            *steps = floor;
        }
        if *steps != last {
            since = 0;
        }
        last = *steps;
    }
    excess
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIM: Aim = Aim { loudness: -19.0, most_boost: 20.0 };

    /// So many frames at a loudness, with peaks so many steps below the ceiling.
    fn heard(frames: usize, loudness: f64, room: i8) -> Heard {
        let energy = 10_f64.powf((loudness + 0.691) / 10.0) as f32;
        Heard { energies: vec![energy; frames * 1152 / 4410], hop: 4410, room: vec![room; frames * 4] }
    }

    #[test]
    fn one_gain_comes_back_from_many() {
        let mut steps = vec![0_i8; 200];
        steps[100..].fill(-4);
        let heard = heard(200, -19.0, 20);
        let mut energies = heard.energies.clone();
        let half = energies.len() / 2;
        energies[..half].iter_mut().for_each(|energy| *energy *= 10_f32.powf(0.4 * 1.505));
        let heard = Heard { energies, ..heard };
        let shifts = Made { steps: &steps, heard: &heard, unstepped: 3.0 }.shifts(AIM);
        assert_eq!((shifts[0], shifts[199], shifts[202], shifts[399]), (-4, -4, 0, 0));
    }

    #[test]
    fn the_whole_is_brought_to_the_nearest_step() {
        let (steps, heard) = (vec![0; 200], heard(200, -23.0, 20));
        let made = Made { steps: &steps, heard: &heard, unstepped: 3.0 };
        assert!(made.shifts(AIM).iter().all(|shift| *shift == 3));
        let at_most = Aim { most_boost: 5.0, ..AIM };
        assert!(made.shifts(at_most).iter().all(|shift| *shift == 1), "5 dB are one step above 3 dB");
    }

    #[test]
    fn a_peak_without_room_is_not_made_louder() {
        let steps = vec![0; 200];
        let mut heard = heard(200, -23.5, 20);
        heard.room[401] = 0;
        let shifts = Made { steps: &steps, heard: &heard, unstepped: 0.0 }.shifts(AIM);
        assert_eq!((shifts[150], shifts[350]), (3, 3));
        // Span 401 is heard in granules 199 and 200.
        assert_eq!(shifts[196..=212], [3, 2, 1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
    }

    #[test]
    fn silence_is_left_alone() {
        let (steps, heard) = (vec![0; 50], heard(50, -120.0, 127));
        assert!(
            Made { steps: &steps, heard: &heard, unstepped: 0.0 }.shifts(AIM).iter().all(|shift| *shift == 0)
        );
    }
}
