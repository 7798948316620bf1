//! How sure a mean is: intervals and probabilities by Student's t, and Holm's correction where many are looked at together.

use serde::Serialize;

/// A mean with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean over the replications.
    pub mean: f64,
    /// The half width of its 95 % interval; `None` with one replication.
    pub half_width: Option<f64>,
    /// How likely a mean as far from 0 is by chance alone; `None` with one replication.
    pub p: Option<f64>,
}

impl Estimate {
    /// The mean of some values; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        if values.len() < 2 {
            return Some(Self { mean, half_width: None, p: None });
        }
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        let freedom = count - 1.0;
        let p = if error > 0.0 { two_sided(mean / error, freedom) } else { f64::from(u8::from(mean == 0.0)) };
        Some(Self { mean, half_width: Some(quantile_975(freedom) * error), p: Some(p) })
    }
}

/// Holm's correction: probabilities that may each be held against 5 % although so many are looked at.
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let mut corrected = vec![1.0; probabilities.len()];
    let mut highest = 0.0_f64;
    for (rank, &place) in order.iter().enumerate() {
        highest = highest.max(probabilities[place] * (order.len() - rank) as f64).min(1.0);
        corrected[place] = highest;
    }
    corrected
}

/// How likely a t as far from 0 is.
fn two_sided(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The t within which 95 % lie.
fn quantile_975(freedom: f64) -> f64 {
    let (mut low, mut high) = (1.0, 13.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if two_sided(middle, freedom) > 0.05 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front =
        a * libm::log(x) + b * libm::log(1.0 - x) + libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let away_from_0 = |value: f64| if value.abs() < TINY { TINY } else { value };
    // Lentz's way, from the front: the part above the line, the part below it, and what they come to.
    let (mut above, mut below) = (1.0, 1.0 / away_from_0(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = below;
    for step in 1..STEPS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            below = 1.0 / away_from_0(1.0 + term * below);
            above = away_from_0(1.0 + term / above);
            fraction *= above * below;
        }
        if (fraction - before).abs() < CLOSE * fraction.abs() {
            break;
        }
    }
    libm::exp(front) * fraction / a
}

const TINY: f64 = 1e-300;
const CLOSE: f64 = 1e-14;
const STEPS_MAX: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_probabilities_are_those_of_the_tables() {
        for (freedom, t) in
            [(1.0, 12.706), (2.0, 4.303), (4.0, 2.776), (13.0, 2.160), (30.0, 2.042), (1000.0, 1.962)]
        {
            assert!((quantile_975(freedom) - t).abs() < 0.001, "{freedom}: {}", quantile_975(freedom));
        }
        for (t, freedom, p) in [(2.0, 10.0, 0.0734), (1.0, 1.0, 0.5), (3.5, 29.0, 0.001_53), (0.0, 5.0, 1.0)]
        {
            assert!((two_sided(t, freedom) - p).abs() < 0.000_1, "{t}: {}", two_sided(t, freedom));
        }
    }

    #[test]
    fn the_interval_of_known_values() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]).unwrap();
        assert!((estimate.mean - 2.0).abs() < 1e-12);
        // t(2) = 4.303, deviation 1, over the root of 3.
        assert!((estimate.half_width.unwrap() - 4.3027 / 3.0_f64.sqrt()).abs() < 1e-3);
        assert_eq!(Estimate::of(&[0.0, 0.0]).unwrap().p, Some(1.0));
        assert_eq!(Estimate::of(&[7.0]).unwrap().half_width, None);
        assert_eq!(Estimate::of(&[]), None);
    }

    #[test]
    fn holm_corrects_the_smallest_most() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (ours, wanted) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((ours - wanted).abs() < 1e-12, "{corrected:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
