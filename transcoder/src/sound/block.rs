//! A moment of mixed sound: the same number of samples for one or two channels.

/// Samples of an MP3 frame, and of every block but the last of the pass.
pub(super) const BLOCK: usize = 1152;

/// Up to so many samples of each channel, 1.0 being full scale.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// One or two, of equal length: the size of a whole block, with silence behind the last sample.
    pub(super) planes: Vec<Vec<f32>>,
    /// Samples that are sound.
    pub(super) filled: usize,
}

impl Block {
    /// Silence that is filled from its start.
    pub(super) fn empty(channels: usize, size: usize) -> Self {
        Self { planes: vec![vec![0.0; size]; channels], filled: 0 }
    }

    /// Takes as many samples as there is room for, from `start` of `source`, and tells how many.
    pub(super) fn fill(&mut self, source: &[&[f32]], start: usize) -> usize {
        let room = self.planes.first().map_or(0, Vec::len) - self.filled;
        let rest = source.iter().map(|plane| plane.len().saturating_sub(start)).min().unwrap_or(0);
        let count = room.min(rest);
        for (plane, from) in self.planes.iter_mut().zip(source) {
            let place = plane.get_mut(self.filled..self.filled + count);
            if let (Some(place), Some(from)) = (place, from.get(start..start + count)) {
                place.copy_from_slice(from);
            }
        }
        self.filled += count;
        count
    }

    /// Whether there is no more room.
    pub(super) fn is_full(&self) -> bool {
        self.planes.first().is_none_or(|plane| plane.len() == self.filled)
    }

    /// How far its strongest sample is from zero.
    pub(super) fn peak(&self) -> f32 {
        self.planes.iter().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// All samples, the silence behind the last included.
    pub(super) fn whole(&self) -> Vec<&[f32]> {
        self.planes.iter().map(Vec::as_slice).collect()
    }

    /// The samples that are sound.
    pub(super) fn sound(&self) -> Vec<&[f32]> {
        self.planes.iter().map(|plane| plane.get(..self.filled).unwrap_or(plane)).collect()
    }
}
