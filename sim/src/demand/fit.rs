//! How long things take, fitted to what was recorded: the family that comes closest, and how close that is.

use serde::{Deserialize, Serialize};

use crate::case::{exponential, gamma, normal};
use crate::chance::Chance;

/// A distribution of times, seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case", deny_unknown_fields)]
pub enum Duration {
    /// By its mean.
    Exponential {
        /// Seconds.
        mean_s: f64,
    },
    /// By shape and scale.
    Gamma {
        /// No unit.
        shape: f64,
        /// Seconds.
        scale_s: f64,
    },
    /// By mean and deviation of the logarithm of the seconds.
    LogNormal {
        /// Of the logarithm.
        mean: f64,
        /// Of the logarithm.
        deviation: f64,
    },
    /// By shape and scale.
    Weibull {
        /// No unit.
        shape: f64,
        /// Seconds.
        scale_s: f64,
    },
    /// By its quantiles at equal steps from 0 to 1; between two of them any time is as likely as any other.
    Quantiles {
        /// Seconds, rising.
        at_s: Vec<f64>,
    },
}

/// A distribution with what it was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitted {
    /// The distribution.
    pub model: Duration,
    /// How many times were recorded.
    pub count: usize,
    /// Their mean, seconds.
    pub mean_s: f64,
    /// The greatest distance between the recorded shares and the model's (Kolmogorov and Smirnov).
    pub distance: f64,
    /// What half, nine of ten and nineteen of twenty recorded times lie below, seconds.
    pub recorded_s: [f64; 3],
    /// The same of the model, seconds.
    pub modelled_s: [f64; 3],
}

impl Fitted {
    /// Fits to recorded times, seconds; `None` where there are too few.
    pub fn to(recorded: &[f64]) -> Option<Self> {
        if recorded.len() < COUNT_MIN {
            return None;
        }
        // A stamp to the second that shows none has some part of one.
        let mut seconds: Vec<f64> = recorded.iter().map(|time| time.max(0.5)).collect();
        seconds.sort_by(f64::total_cmp);
        let mean_s = seconds.iter().sum::<f64>() / seconds.len() as f64;
        let keeps_mean = |model: &Duration| (model.mean_s() / mean_s - 1.0).abs() <= MEAN_OFF_MAX;
        let families = families(&seconds).into_iter().filter(|model| model.is_sound() && keeps_mean(model));
        let near = families.map(|model| (model.distance(&seconds), model)).min_by(|a, b| a.0.total_cmp(&b.0));
        let (distance, model) = match near {
            Some((distance, model)) if distance <= NEAR => (distance, model),
            _ => {
                let steps = QUANTILE_STEPS;
                let at = |step: usize| seconds[(step * (seconds.len() - 1) + steps / 2) / steps];
                let mut at_s: Vec<f64> = (0..=steps).map(at).collect();
                // One forgotten stamp would make a long tail: the last step ends where the mean comes out right.
                let rest: f64 = at_s[..steps].windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).sum();
                let before = at_s[steps - 1];
                at_s[steps] = (2.0 * (mean_s * steps as f64 - rest) - before).max(before);
                let model = Duration::Quantiles { at_s };
                (model.distance(&seconds), model)
            }
        };
        let recorded_s = SHARES.map(|share| quantile(&seconds, share));
        let modelled_s = SHARES.map(|share| model.quantile_s(share));
        Some(Self { model, count: seconds.len(), mean_s, distance, recorded_s, modelled_s })
    }
}

impl Duration {
    /// A time by chance, seconds.
    pub fn draw_s(&self, chance: &mut Chance) -> f64 {
        match self {
            Self::Exponential { mean_s } => mean_s * exponential(chance),
            Self::Gamma { shape, scale_s } => scale_s * gamma(*shape, chance),
            Self::LogNormal { mean, deviation } => libm::exp(mean + deviation * normal(chance)),
            Self::Weibull { shape, scale_s } => scale_s * libm::pow(exponential(chance), 1.0 / shape),
            Self::Quantiles { at_s } => between(at_s, chance.unit()),
        }
    }

    /// Its mean, seconds.
    pub fn mean_s(&self) -> f64 {
        match self {
            Self::Exponential { mean_s } => *mean_s,
            Self::Gamma { shape, scale_s } => shape * scale_s,
            Self::LogNormal { mean, deviation } => libm::exp(mean + deviation * deviation / 2.0),
            Self::Weibull { shape, scale_s } => scale_s * libm::tgamma(1.0 + 1.0 / shape),
            Self::Quantiles { at_s } => {
                let steps = at_s.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
                steps.sum::<f64>() / (at_s.len() - 1).max(1) as f64
            }
        }
    }

    /// What share of times is at most so long.
    pub fn share(&self, seconds: f64) -> f64 {
        let x = seconds.max(0.0);
        match self {
            Self::Exponential { mean_s } => 1.0 - libm::exp(-x / mean_s),
            Self::Gamma { shape, scale_s } => lower_gamma(*shape, x / scale_s),
            Self::LogNormal { mean, deviation } => {
                0.5 * libm::erfc((mean - libm::log(x.max(1e-9))) / (deviation * std::f64::consts::SQRT_2))
            }
            Self::Weibull { shape, scale_s } => 1.0 - libm::exp(-libm::pow(x / scale_s, *shape)),
            Self::Quantiles { at_s } => {
                let above = at_s.partition_point(|at| *at <= x);
                let steps = (at_s.len() - 1) as f64;
                match (above.checked_sub(1), at_s.get(above)) {
                    (None, _) => 0.0,
                    (Some(_), None) => 1.0,
                    (Some(below), Some(next)) => {
                        (below as f64 + (x - at_s[below]) / (next - at_s[below])) / steps
                    }
                }
            }
        }
    }

    /// The time that a share of times does not exceed, seconds.
    pub fn quantile_s(&self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        while self.share(high) < share && high < 1e8 {
            high *= 2.0;
        }
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.share(middle) < share { low = middle } else { high = middle }
        }
        high
    }

    /// Whether its parameters are those of a distribution.
    pub fn is_sound(&self) -> bool {
        let positive = |values: &[f64]| values.iter().all(|value| value.is_finite() && *value > 0.0);
        match self {
            Self::Exponential { mean_s } => positive(&[*mean_s]),
            Self::Gamma { shape, scale_s } | Self::Weibull { shape, scale_s } => {
                positive(&[*shape, *scale_s])
            }
            Self::LogNormal { mean, deviation } => mean.is_finite() && positive(&[*deviation]),
            Self::Quantiles { at_s } => {
                at_s.len() > 1
                    && at_s.windows(2).all(|pair| pair[0] >= 0.0 && pair[0] <= pair[1] && pair[1].is_finite())
            }
        }
    }

    /// The greatest distance from the shares of recorded times, in order.
    fn distance(&self, sorted: &[f64]) -> f64 {
        let count = sorted.len() as f64;
        let (mut first, mut farthest) = (0, 0.0_f64);
        while first < sorted.len() {
            let share = self.share(sorted[first]);
            let end = sorted.partition_point(|other| *other <= sorted[first]);
            let (below, above) = (first as f64 / count, end as f64 / count);
            let off = if end - first == 1 {
                (share - below).abs().max((share - above).abs())
            } else {
                // Stamps are whole seconds: the step of a record is no distance, what lies beside it is.
                (below - share).max(share - above)
            };
            farthest = farthest.max(off);
            first = end;
        }
        farthest
    }
}

/// Each family as near as it comes.
fn families(sorted: &[f64]) -> Vec<Duration> {
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    let logs: Vec<f64> = sorted.iter().map(|seconds| libm::log(*seconds)).collect();
    let log_mean = logs.iter().sum::<f64>() / count;
    let log_squares: f64 = logs.iter().map(|log| (log - log_mean) * (log - log_mean)).sum();
    // The likeliest gamma, by Minka's closed form.
    let s = libm::log(mean) - log_mean;
    let shape = (3.0 - s + ((s - 3.0) * (s - 3.0) + 24.0 * s).sqrt()) / (12.0 * s);
    let weibull = weibull_shape(sorted, log_mean);
    let power_mean = sorted.iter().map(|seconds| libm::pow(*seconds, weibull)).sum::<f64>() / count;
    vec![
        Duration::Exponential { mean_s: mean },
        Duration::Gamma { shape, scale_s: mean / shape },
        Duration::LogNormal { mean: log_mean, deviation: (log_squares / count).sqrt() },
        Duration::Weibull { shape: weibull, scale_s: libm::pow(power_mean, 1.0 / weibull) },
    ]
}

/// The shape of the likeliest Weibull, by halving.
fn weibull_shape(sorted: &[f64], log_mean: f64) -> f64 {
    let slope = |k: f64| {
        let (mut powers, mut weighted) = (0.0, 0.0);
        for seconds in sorted {
            let power = libm::pow(*seconds / sorted[sorted.len() - 1], k);
            powers += power;
            weighted += power * libm::log(*seconds);
        }
        weighted / powers - 1.0 / k - log_mean
    };
    let (mut low, mut high) = (0.05, 20.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
}

fn between(at_s: &[f64], share: f64) -> f64 {
    let place = share * (at_s.len() - 1) as f64;
    let below = (place as usize).min(at_s.len() - 2);
    at_s[below] + (at_s[below + 1] - at_s[below]) * (place - below as f64)
}

/// The regularised lower incomplete gamma function: a series below its bend, a continued fraction above it.
fn lower_gamma(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term.abs() > sum.abs() * 1e-14 && n < shape + 10_000.0 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return sum * front;
    }
    let (mut partial, mut above) = (x + 1.0 - shape, 1e300);
    let mut below = 1.0 / partial;
    let mut fraction = below;
    for step in 1..10_000 {
        let n = f64::from(step);
        let factor = -n * (n - shape);
        partial += 2.0;
        below = 1.0 / (factor * below + partial);
        above = partial + factor / above;
        fraction *= above * below;
        if (above * below - 1.0).abs() < 1e-14 {
            break;
        }
    }
    1.0 - front * fraction
}

/// Fewer times than this say nothing.
const COUNT_MIN: usize = 20;
/// A family that is no nearer than this is left for the recorded quantiles.
const NEAR: f64 = 0.06;
/// Nor is one whose mean is further off than this share.
const MEAN_OFF_MAX: f64 = 0.05;
const QUANTILE_STEPS: usize = 40;
const SHARES: [f64; 3] = [0.5, 0.9, 0.95];

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(model: &Duration) -> Vec<f64> {
        let mut chance = Chance::of(5, "fit", 0);
        (0..4_000).map(|_| model.draw_s(&mut chance)).collect()
    }

    #[test]
    fn what_was_drawn_from_a_family_is_fitted_by_it() {
        for model in [
            Duration::Exponential { mean_s: 300.0 },
            Duration::Gamma { shape: 3.0, scale_s: 400.0 },
            Duration::LogNormal { mean: 5.0, deviation: 0.7 },
            Duration::Weibull { shape: 2.2, scale_s: 900.0 },
        ] {
            let fitted = Fitted::to(&drawn(&model)).unwrap();
            assert!(fitted.distance < 0.03, "{model:?}: {fitted:?}");
            for (ours, theirs) in fitted.modelled_s.iter().zip(SHARES.map(|share| model.quantile_s(share))) {
                assert!((ours / theirs - 1.0).abs() < 0.06, "{model:?}: {fitted:?}");
            }
            assert!((fitted.model.mean_s() / model.mean_s() - 1.0).abs() < 0.06, "{model:?}: {fitted:?}");
        }
    }

    #[test]
    fn what_no_family_fits_keeps_its_own_quantiles() {
        let mut two: Vec<f64> = drawn(&Duration::Gamma { shape: 40.0, scale_s: 1.0 });
        two.extend(drawn(&Duration::Gamma { shape: 40.0, scale_s: 30.0 }));
        let fitted = Fitted::to(&two).unwrap();
        assert!(matches!(fitted.model, Duration::Quantiles { .. }) && fitted.distance < 0.03, "{fitted:?}");
        let again: f64 = drawn(&fitted.model).iter().sum::<f64>() / 4_000.0;
        assert!((again / fitted.mean_s - 1.0).abs() < 0.05, "{again}");
        assert_eq!(Fitted::to(&[1.0; 5]), None);
    }

    #[test]
    fn shares_are_those_of_the_tables() {
        // Chi-squared with 4 degrees of freedom: 95 % below 9.488.
        let chi = Duration::Gamma { shape: 2.0, scale_s: 2.0 };
        assert!((chi.share(9.488) - 0.95).abs() < 1e-4);
        let log = Duration::LogNormal { mean: 0.0, deviation: 1.0 };
        assert!((log.share(1.0) - 0.5).abs() < 1e-12 && (log.quantile_s(0.975) - 7.099).abs() < 0.01);
    }
}
