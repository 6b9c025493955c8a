//! Two programs in turn, and the ratio of what they cost.

use crate::process::Cost;
use anyhow::Result;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// User and system seconds, children included.
    Cpu,
    /// Seconds from start to end.
    Wall,
}

impl Figure {
    fn of(self, cost: &Cost) -> f64 {
        match self {
            Self::Cpu => cost.cpu_seconds,
            Self::Wall => cost.wall_seconds,
        }
    }
}

/// The ratio of ours to theirs over several pairs.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    /// Median over the pairs.
    pub median: f64,
    /// An interval that holds the true median with at least 95 % probability from six pairs on; with fewer, the extremes.
    pub interval: (f64, f64),
    /// Median of our seconds.
    pub ours_seconds: f64,
    /// Median of their seconds.
    pub theirs_seconds: f64,
    /// Pairs run.
    pub pairs: usize,
}

/// Runs both once unmeasured, then in turn. `allowance_seconds` is taken off ours before the ratio.
///
/// # Errors
/// When a run fails.
pub fn alternate(
    pairs: usize,
    figure: Figure,
    allowance_seconds: f64,
    mut ours: impl FnMut() -> Result<Cost>,
    mut theirs: impl FnMut() -> Result<Cost>,
) -> Result<Ratio> {
    if pairs > 1 {
        ours()?;
        theirs()?;
    }
    let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
    for _ in 0..pairs.max(1) {
        of_ours.push(figure.of(&ours()?));
        of_theirs.push(figure.of(&theirs()?));
    }
    Ok(ratio(&of_ours, &of_theirs, allowance_seconds))
}

/// The ratio of figures that were measured pair by pair.
#[must_use]
pub fn ratio(ours: &[f64], theirs: &[f64], allowance_seconds: f64) -> Ratio {
    let mut ratios: Vec<f64> =
        ours.iter().zip(theirs).map(|(a, b)| (a - allowance_seconds).max(0.0) / b.max(1e-9)).collect();
    ratios.sort_by(f64::total_cmp);
    let cut = outside_interval(ratios.len());
    let interval = (
        ratios.get(cut).copied().unwrap_or(f64::NAN),
        ratios.get(ratios.len().wrapping_sub(cut + 1)).copied().unwrap_or(f64::NAN),
    );
    Ratio {
        median: median(&ratios),
        interval,
        ours_seconds: median(ours),
        theirs_seconds: median(theirs),
        pairs: ratios.len(),
    }
}

/// How many of the smallest (and of the largest) values lie outside the interval of the median: the sign test, which
/// assumes nothing about how the values are spread.
fn outside_interval(count: usize) -> usize {
    let total = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let (mut tail, mut choose, mut outside) = (0.0, 1.0, 0);
    for drawn in 0..count / 2 {
        tail += choose * total;
        if tail > 0.025 {
            break;
        }
        outside = drawn;
        choose *= (count - drawn) as f64 / (drawn + 1) as f64;
    }
    outside
}

/// The middle value; the mean of the two middle ones of an even number.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle), sorted.get(middle.wrapping_sub(1))) {
        (1, Some(value), _) => *value,
        (_, Some(upper), Some(lower)) => f64::midpoint(*upper, *lower),
        _ => f64::NAN,
    }
}

/// The value below which `percent` of them lie, by the nearest rank.
#[must_use]
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(rank).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_pairs_leave_one_out_at_each_end() {
        let ours = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let found = ratio(&ours, &[1.0; 9], 0.0);
        assert_eq!((found.median, found.interval), (5.0, (2.0, 8.0)));
    }

    #[test]
    fn few_pairs_give_their_extremes() {
        let found = ratio(&[3.0, 1.0, 2.0], &[1.0; 3], 0.0);
        assert_eq!((found.median, found.interval), (2.0, (1.0, 3.0)));
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(
            (percentile(&values, 95), percentile(&values, 99), percentile(&values, 50)),
            (19.0, 20.0, 10.0)
        );
    }
}
