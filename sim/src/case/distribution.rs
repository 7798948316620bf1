//! The distributions a case may draw from, by the names and parameters of Julia's package Distributions, in which cases are written.
//! Draws use sums, products and comparisons, and for the rest one library's own powers and logarithms: the same bits on any machine.

use super::expression::{Argument, Named};
use crate::chance::Chance;

/// What may be drawn from; times in days.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Distribution {
    /// By its mean.
    Exponential(f64),
    /// By mean and deviation.
    Normal(f64, f64),
    /// By its ends.
    Uniform(f64, f64),
    /// Whole numbers from one to another.
    DiscreteUniform(f64, f64),
    /// By the probability of 1.
    Bernoulli(f64),
    /// By the weights of 1, 2, 3 and so on.
    Categorical(Vec<f64>),
    /// By shape and scale.
    Weibull(f64, f64),
    /// By shape and scale.
    Gamma(f64, f64),
    /// By mean and deviation of the logarithm.
    LogNormal(f64, f64),
    /// By its ends and its peak.
    Triangular(f64, f64, f64),
    /// Always the same.
    Dirac(f64),
    /// Another one, between two bounds.
    Truncated(Box<Distribution>, f64, f64),
}

impl Distribution {
    /// The distribution a case names; `None` where there is no such, or its parameters are none.
    pub(super) fn of(named: &Named) -> Option<Self> {
        if matches!(named.name.as_str(), "Truncated" | "truncated") {
            return Self::truncated(&named.arguments);
        }
        let numbers = named.numbers()?;
        let finite = numbers.iter().all(|number| number.is_finite());
        match (named.name.as_str(), numbers.as_slice()) {
            _ if !finite => None,
            ("Exponential", &[]) => Some(Self::Exponential(1.0)),
            ("Exponential", &[mean]) if mean > 0.0 => Some(Self::Exponential(mean)),
            ("Normal", &[mean, deviation]) if deviation >= 0.0 => Some(Self::Normal(mean, deviation)),
            ("Normal", &[mean]) => Some(Self::Normal(mean, 1.0)),
            ("Uniform", &[low, high]) if low <= high => Some(Self::Uniform(low, high)),
            ("Uniform", &[]) => Some(Self::Uniform(0.0, 1.0)),
            ("DiscreteUniform", &[low, high]) if low <= high => Some(Self::DiscreteUniform(low, high)),
            ("Bernoulli", &[p]) if (0.0..=1.0).contains(&p) => Some(Self::Bernoulli(p)),
            ("Categorical", weights) if are_weights(weights) => Some(Self::Categorical(weights.to_vec())),
            ("Weibull", &[shape, scale]) if shape > 0.0 && scale > 0.0 => Some(Self::Weibull(shape, scale)),
            ("Rayleigh", &[scale]) if scale > 0.0 => {
                Some(Self::Weibull(2.0, scale * std::f64::consts::SQRT_2))
            }
            ("Gamma" | "Erlang", &[shape, scale]) if shape > 0.0 && scale > 0.0 => {
                Some(Self::Gamma(shape, scale))
            }
            ("LogNormal", &[mean, deviation]) if deviation >= 0.0 => Some(Self::LogNormal(mean, deviation)),
            ("TriangularDist", &[low, high]) if low < high => {
                Some(Self::Triangular(low, high, f64::midpoint(low, high)))
            }
            ("TriangularDist", &[low, high, peak]) if low < high && (low..=high).contains(&peak) => {
                Some(Self::Triangular(low, high, peak))
            }
            ("Dirac", &[value]) => Some(Self::Dirac(value)),
            _ => None,
        }
    }

    fn truncated(arguments: &[Argument]) -> Option<Self> {
        let [Argument::Named(inner), Argument::Number(low), Argument::Number(high)] = arguments else {
            return None;
        };
        let inner = Self::of(inner).filter(|_| low < high)?;
        // Bounds that are never met would be looked for for ever.
        let mut chance = Chance::of(0, "truncated", 0);
        let met = (0..TRIES_MAX).any(|_| (*low..=*high).contains(&inner.free_draw(&mut chance)));
        met.then(|| Self::Truncated(Box::new(inner), *low, *high))
    }

    /// The weights of 1, 2, 3 and so on, where those are what it draws.
    pub(super) fn weights(&self) -> Option<Vec<f64>> {
        match self {
            Self::Categorical(weights) => Some(weights.clone()),
            Self::DiscreteUniform(low, high) if *low >= 1.0 && *high <= CATEGORIES_MAX => {
                Some((1..=*high as usize).map(|n| f64::from(u8::from(n as f64 >= *low))).collect())
            }
            Self::Dirac(value) if (1.0..=CATEGORIES_MAX).contains(value) => {
                Some((1..=*value as usize).map(|n| f64::from(u8::from(n == *value as usize))).collect())
            }
            Self::Exponential(_)
            | Self::Normal(..)
            | Self::Uniform(..)
            | Self::DiscreteUniform(..)
            | Self::Bernoulli(_)
            | Self::Weibull(..)
            | Self::Gamma(..)
            | Self::LogNormal(..)
            | Self::Triangular(..)
            | Self::Dirac(_)
            | Self::Truncated(..) => None,
        }
    }

    /// One draw, never negative: a time in days, 0 or 1, or the number of a category from 1.
    pub(super) fn draw(&self, chance: &mut Chance) -> f64 {
        self.free_draw(chance).max(0.0)
    }

    fn free_draw(&self, chance: &mut Chance) -> f64 {
        match self {
            Self::Exponential(mean) => mean * exponential(chance),
            Self::Normal(mean, deviation) if *deviation > 0.0 => mean + deviation * normal(chance),
            Self::Normal(value, _) | Self::Dirac(value) => *value,
            Self::Uniform(low, high) => chance.between(*low, *high),
            Self::DiscreteUniform(low, high) => low + chance.below((high - low) as usize + 1) as f64,
            Self::Bernoulli(p) => f64::from(u8::from(chance.yes(*p))),
            Self::Categorical(weights) => 1.0 + chance.weighted(weights.iter().copied()) as f64,
            Self::Weibull(shape, scale) => scale * libm::pow(exponential(chance), 1.0 / shape),
            Self::Gamma(shape, scale) => scale * gamma(*shape, chance),
            Self::LogNormal(mean, deviation) => libm::exp(mean + deviation * normal(chance)),
            Self::Triangular(low, high, peak) => triangular(*low, *high, *peak, chance),
            Self::Truncated(inner, low, high) => {
                let mut draws = (0..TRIES_MAX).map(|_| inner.free_draw(chance));
                draws.find(|drawn| (*low..=*high).contains(drawn)).unwrap_or(low.max(0.0))
            }
        }
    }

    /// The mean of many draws: what a plan reckons with.
    pub(super) fn expected(&self) -> f64 {
        if let Self::Exponential(mean) | Self::Normal(mean, _) | Self::Dirac(mean) = self {
            return mean.max(0.0);
        }
        let mut chance = Chance::of(0, "expected", 0);
        (0..EXPECTED_DRAWS).map(|_| self.draw(&mut chance)).sum::<f64>() / f64::from(EXPECTED_DRAWS)
    }
}

fn are_weights(weights: &[f64]) -> bool {
    weights.iter().all(|weight| *weight >= 0.0) && weights.iter().sum::<f64>() > 0.0
}

/// An exponential draw of mean 1 by comparisons alone (von Neumann 1951): the same bits on any machine, which a logarithm is not.
pub(crate) fn exponential(chance: &mut Chance) -> f64 {
    let mut whole = 0.0;
    loop {
        let first = chance.unit();
        let (mut last, mut falling) = (first, 1_u32);
        loop {
            let next = chance.unit();
            if next > last {
                break;
            }
            (last, falling) = (next, falling + 1);
        }
        if falling % 2 == 1 {
            return whole + first;
        }
        whole += 1.0;
    }
}

/// A normal draw of mean 0 and deviation 1, from exponential ones (Kahn): no square root of a logarithm.
pub(crate) fn normal(chance: &mut Chance) -> f64 {
    loop {
        let size = exponential(chance);
        if exponential(chance) >= (size - 1.0) * (size - 1.0) / 2.0 {
            return if chance.yes(0.5) { size } else { -size };
        }
    }
}

/// A gamma draw of scale 1 (Marsaglia and Tsang 2000).
pub(crate) fn gamma(shape: f64, chance: &mut Chance) -> f64 {
    if shape < 1.0 {
        // Of a shape greater by one, drawn towards 0.
        return gamma(shape + 1.0, chance) * libm::pow(chance.unit(), 1.0 / shape);
    }
    let (d, c) = (shape - 1.0 / 3.0, 1.0 / (9.0 * shape - 3.0).sqrt());
    loop {
        let x = normal(chance);
        let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
        if v > 0.0 && libm::log(chance.unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}

fn triangular(low: f64, high: f64, peak: f64, chance: &mut Chance) -> f64 {
    let share = chance.unit();
    let turn = (peak - low) / (high - low);
    if share < turn {
        low + (share * (high - low) * (peak - low)).sqrt()
    } else {
        high - ((1.0 - share) * (high - low) * (high - peak)).sqrt()
    }
}

/// How often a draw between bounds is tried; bounds are checked when they are read.
const TRIES_MAX: u32 = 10_000;
const EXPECTED_DRAWS: u32 = 20_000;
const CATEGORIES_MAX: f64 = 64.0;

#[cfg(test)]
mod tests {
    use super::super::expression::named;
    use super::*;

    fn moments(text: &str) -> (f64, f64) {
        let from = Distribution::of(&named(text).unwrap()).unwrap();
        let mut chance = Chance::of(3, "draws", 0);
        let draws: Vec<f64> = (0..100_000).map(|_| from.free_draw(&mut chance)).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64;
        (mean, variance)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        for (text, mean, variance) in [
            ("Exponential(2)", 2.0, 4.0),
            ("Normal(10, 3)", 10.0, 9.0),
            ("Uniform(1, 4)", 2.5, 0.75),
            ("DiscreteUniform(1, 3)", 2.0, 2.0 / 3.0),
            ("Categorical([0.5, 0, 0.5])", 2.0, 1.0),
            ("Weibull(2.5, 34.3)", 30.4331, 169.587),
            ("Rayleigh(1)", 1.2533, 0.4292),
            ("Gamma(0.5, 2)", 1.0, 2.0),
            ("Erlang(3, 2)", 6.0, 12.0),
            ("LogNormal(1, 0.5)", 3.0802, 2.6948),
            ("TriangularDist(0, 10, 2)", 4.0, 4.6667),
            ("Truncated(Exponential(12), 2, 30)", 10.9932, 50.769),
        ] {
            let (drawn_mean, drawn_variance) = moments(text);
            assert!((drawn_mean / mean - 1.0).abs() < 0.01, "{text}: mean {drawn_mean}");
            assert!((drawn_variance / variance - 1.0).abs() < 0.04, "{text}: variance {drawn_variance}");
        }
    }

    #[test]
    fn parameters_that_are_none_are_refused() {
        for text in [
            "Exponential(-1)",
            "Exponential(1, 2)",
            "Normal(0, -1)",
            "Bernoulli(1.2)",
            "Categorical([0, 0])",
            "Weibull(0, 1)",
            "Uniform(2, 1)",
            "Cauchy(0, 1)",
            "Truncated(Exponential(1), -5, -4)",
            "Truncated(Exponential(1), 3, 2)",
        ] {
            assert_eq!(Distribution::of(&named(text).unwrap()), None, "{text}");
        }
        let weights = |text: &str| Distribution::of(&named(text).unwrap()).unwrap().weights();
        assert_eq!(weights("DiscreteUniform(2, 3)"), Some(vec![0.0, 1.0, 1.0]));
        assert_eq!(weights("Exponential(2)"), None);
    }
}
