//! How long something usually takes, place by place and hour by hour: learned from what was seen, with a prior where little was seen
//! yet. The hour leans on its place, the place on what is believed of any.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{Span, UtcTime};

/// An hour of the city's day, 0 to 23: crews roll slower at four in the morning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HourOfDay(u8);

/// What was seen at each place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct HourlyMeans<K: Ord>(BTreeMap<K, Seen>);

/// What is believed of a place of which nothing was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Belief {
    /// How long it takes.
    pub(super) mean: Span,
    /// How many observations that weighs.
    pub(super) count: i64,
    /// Whatever took longer is a forgotten press, and teaches nothing.
    pub(super) took_max: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Seen {
    all: Mean,
    /// Only the hours of which something was seen.
    hours: BTreeMap<u8, Mean>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Mean {
    count: i64,
    total_s: Span,
}

impl HourOfDay {
    /// The hour that a city's clocks show, which are ahead of UTC by `utc_offset`.
    pub fn at(time: UtcTime, utc_offset: Span) -> Self {
        let hours = (time + utc_offset).micros().div_euclid(3_600_000_000);
        Self(u8::try_from(hours.rem_euclid(24)).unwrap_or_default())
    }

    /// The hour of this number.
    #[cfg(test)]
    pub(super) const fn of_clock(hour: u8) -> Self {
        Self(hour)
    }
}

impl<K: Ord> Default for HourlyMeans<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Copy> HourlyMeans<K> {
    /// Takes in one observation. What cannot be one (it ended before it began, or a press was forgotten) teaches nothing.
    pub(super) fn observe(&mut self, belief: Belief, place: K, hour: HourOfDay, took: Span) {
        if !(Span::ZERO..=belief.took_max).contains(&took) {
            return;
        }
        let known = self.0.entry(place).or_default();
        known.all.add(took, COUNT_MAX);
        known.hours.entry(hour.0).or_default().add(took, HOUR_COUNT_MAX);
    }

    /// How long it is expected to take at a place, whatever the hour.
    pub(super) fn at_place(&self, belief: Belief, place: K) -> Span {
        let seen = self.0.get(&place).map(|known| known.all).unwrap_or_default();
        seen.with(belief.mean, belief.count)
    }

    /// How long it is expected to take at a place at an hour.
    pub(super) fn at_hour(&self, belief: Belief, place: K, hour: HourOfDay) -> Span {
        let seen = self.0.get(&place).and_then(|known| known.hours.get(&hour.0)).copied();
        seen.unwrap_or_default().with(self.at_place(belief, place), HOUR_PRIOR_COUNT)
    }

    /// How many observations there were of a place.
    pub(super) fn seen(&self, place: K) -> u32 {
        self.0.get(&place).map_or(0, |known| known.all.count.unsigned_abs() as u32)
    }
}

impl Mean {
    fn add(&mut self, took: Span, count_max: i64) {
        if self.count >= count_max {
            // The oldest fade: a station whose doors were moved is learned anew within some hundred departures.
            self.total_s = Span::from_micros(self.total_s.micros() / self.count * (count_max - 1));
            self.count = count_max - 1;
        }
        self.count += 1;
        self.total_s += took;
    }

    /// The mean of what was seen and of `prior_count` times `prior`. In whole microseconds, so that every machine gets the same.
    fn with(self, prior: Span, prior_count: i64) -> Span {
        let total = prior.micros() * prior_count + self.total_s.micros();
        Span::from_micros(total / (prior_count + self.count))
    }
}

/// How many observations are remembered of a place, in effect.
const COUNT_MAX: i64 = 500;
/// How many observations the whole place's mean weighs at one hour.
const HOUR_PRIOR_COUNT: i64 = 20;
/// How many observations are remembered of one hour, in effect.
const HOUR_COUNT_MAX: i64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_is_the_citys() {
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let east = Span::seconds(8 * 3600);
        assert_eq!(HourOfDay::at(at("2026-11-21T15:59:59Z"), east), HourOfDay(23));
        assert_eq!(HourOfDay::at(at("2026-11-21T16:00:00Z"), east), HourOfDay(0));
        assert_eq!(HourOfDay::at(at("2026-11-21T01:30:00Z"), Span::seconds(-5 * 3600)), HourOfDay(20));
    }
}
