//! Rollout: a second opinion on a proposal. Some hundred futures of an hour or two are lived through once with each of the best
//! candidates, and what all waits cost is compared (Guigues, Kleywegt, Nascimento 2024 among others).
//!
//! It is a value made from values: a [`City`], worked out beforehand, and the [`Situation`] of one moment with the seed of its chance.
//! Every contender lives through the same futures, so that the difference between two of them is what the choice makes.
//! Inside, whoever is there first goes, and a unit that becomes free stands by where it adds the most cover, if the centre moves units
//! up. Taken as it is not: any unit can do anything, and nobody is called off.

mod chance;
mod city;
mod course;
mod durations;
mod future;
mod learned;
mod opinion;
mod situation;
mod survey;
mod zones;

pub use city::{BadCity, City, CityPlan, PLACES_MAX, PlaceNumber, StationPlan, ZonePlan};
pub use durations::{Durations, SEEN_MIN, Spread};
pub use opinion::{Outlook, SecondOpinion, Verdict};
pub use situation::{Busy, Contender, Free, Holds, Patient, Situation, Task};
pub use survey::Extent;
pub use zones::ZONES_MAX;

use course::{Course, Tally};
use future::Future;

use crate::time::Span;

/// Lives through the futures of a situation with each contender. `None` where there is nothing to choose between, or a number in it
/// means nothing in this city.
pub fn rollout(city: &City, situation: &Situation) -> Option<SecondOpinion> {
    let scenarios = affordable(city, situation);
    if situation.contenders.len() < 2 || scenarios < SCENARIOS_MIN || !situation.is_sound(city) {
        return None;
    }
    let mut course = Course::new(city, situation);
    let mut future = Future::default();
    let mut sums: Vec<Sums> = vec![Sums::default(); situation.contenders.len()];
    for number in 0..scenarios {
        future.draw(city, situation, number);
        let mut first = None;
        for (contender, sums) in situation.contenders.iter().zip(&mut sums) {
            let tally = course.live(&future, contender);
            sums.add(&tally, *first.get_or_insert(tally.penalty()));
        }
    }
    let alternatives = situation.contenders.len() - 1;
    let outlooks = situation.contenders.iter().zip(&sums);
    let outlooks = outlooks.map(|(contender, sums)| sums.outlook(contender, alternatives));
    Some(SecondOpinion::new(situation.seed, situation.horizon, scenarios, outlooks.collect()))
}

/// How many futures are lived through: those asked for, fewer where the city is so large that they would take too long.
fn affordable(city: &City, situation: &Situation) -> u16 {
    let calls = city.calls_per_ms * situation.horizon.micros().max(0) as f64 / 1_000.0;
    let units = (situation.free.len() + situation.busy.len()) as f64;
    let groups: usize = city.cover.groups_of.iter().map(Vec::len).sum();
    let moves = if situation.move_up.is_some() { groups as f64 } else { 1.0 };
    let course = units + calls * (CALL_STEPS + units / 4.0 + moves);
    let steps = course * situation.contenders.len().max(1) as f64;
    let most = (STEPS_MAX / steps).min(f64::from(u16::MAX)) as u16;
    situation.scenarios.min(most.max(SCENARIOS_MIN))
}

impl Tally {
    fn penalty(&self) -> f64 {
        self.own + self.others
    }
}

/// What the futures add up to for one contender.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    penalty: f64,
    /// The mean, and the sum of the squared distances from it, kept up one by one (Welford): large costs leave no rounding behind.
    gain: f64,
    gain_squares: f64,
    others_wait_ms: f64,
    others_late: f64,
}

impl Sums {
    fn add(&mut self, tally: &Tally, first: f64) {
        let gain = first - tally.penalty();
        self.count += 1.0;
        self.penalty += tally.penalty();
        let off = gain - self.gain;
        self.gain += off / self.count;
        self.gain_squares += off * (gain - self.gain);
        self.others_wait_ms += tally.others_wait_ms;
        self.others_late += f64::from(tally.others_late);
    }

    fn outlook(&self, contender: &Contender, alternatives: usize) -> Outlook {
        let count = self.count;
        let variance = (self.gain_squares / (count - 1.0)).max(0.0);
        let wait_us = (self.others_wait_ms / count * 1_000.0).round();
        Outlook {
            unit: contender.unit,
            arrival_s: contender.arrival,
            penalty: self.penalty / count,
            gain: self.gain,
            half_width: quantile(alternatives, count - 1.0) * (variance / count).sqrt(),
            others_wait_s: Span::from_micros(wait_us as i64),
            others_late: self.others_late / count,
        }
    }
}

/// How many standard errors on either side hold 95 % for all of so many comparisons together (Bonferroni), by Student's distribution
/// with these degrees of freedom (its expansion around the normal one).
fn quantile(comparisons: usize, freedom: f64) -> f64 {
    let normal = NORMAL[comparisons.clamp(1, NORMAL.len()) - 1];
    normal + (normal * normal * normal + normal) / (4.0 * freedom)
}

/// The most contenders that are worth living through.
pub const CONTENDERS_MAX: usize = 5;
/// Fewer futures say too little.
pub const SCENARIOS_MIN: u16 = 20;
/// Quantiles of the normal distribution at 1 - 0.05 / (2 n), for n from 1 to 4.
const NORMAL: [f64; CONTENDERS_MAX - 1] = [1.959_964, 2.241_403, 2.393_980, 2.497_705];
/// What a call costs apart from the looks at units and stations.
const CALL_STEPS: f64 = 40.0;
/// About a tenth of a second's work.
const STEPS_MAX: f64 = 5e7;

#[cfg(test)]
mod tests;
