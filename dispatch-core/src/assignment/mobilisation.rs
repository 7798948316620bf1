//! How long until the wheels roll: learned station by station and hour by hour from what was seen, with a prior where little was seen
//! yet. The hour leans on its station, the station on what is believed of any.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UnitState;
use crate::ids::StationId;
use crate::time::{Span, UtcTime};

/// How long units take to roll from their stations, as learned from the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mobilisation {
    stations: BTreeMap<StationId, Station>,
}

/// An hour of the city's day, 0 to 23: crews roll slower at four in the morning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HourOfDay(u8);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Station {
    all: Seen,
    /// Only the hours of which something was seen.
    hours: BTreeMap<u8, Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Seen {
    count: i64,
    total_s: Span,
}

impl HourOfDay {
    /// The hour that a city's clocks show, which are ahead of UTC by `utc_offset`.
    pub fn at(time: UtcTime, utc_offset: Span) -> Self {
        let hours = (time + utc_offset).micros().div_euclid(3_600_000_000);
        Self(u8::try_from(hours.rem_euclid(24)).unwrap_or_default())
    }
}

impl Seen {
    fn add(&mut self, took: Span, count_max: i64) {
        if self.count >= count_max {
            // The oldest fade: a station whose doors were moved is learned anew within some hundred departures.
            self.total_s = Span::from_micros(self.total_s.micros() / self.count * (count_max - 1));
            self.count = count_max - 1;
        }
        self.count += 1;
        self.total_s += took;
    }

    /// The mean of what was seen and of `prior_count` departures of `prior`. In whole microseconds, so that every machine gets the same.
    fn mean_with(self, prior: Span, prior_count: i64) -> Span {
        let total = prior.micros() * prior_count + self.total_s.micros();
        Span::from_micros(total / (prior_count + self.count))
    }
}

impl Mobilisation {
    /// Takes in one departure: when the order was given, and the time from there to rolling. What cannot be one (before the order, or a
    /// press forgotten until the scene) teaches nothing.
    pub fn observe(&mut self, station: StationId, hour: HourOfDay, took: Span) {
        if !(Span::ZERO..=OBSERVATION_MAX).contains(&took) {
            return;
        }
        let known = self.stations.entry(station).or_default();
        known.all.add(took, COUNT_MAX);
        known.hours.entry(hour.0).or_default().add(took, HOUR_COUNT_MAX);
    }

    /// Expected time from the order to rolling for a unit at this station, whatever the hour.
    pub fn at_station(&self, station: StationId) -> Span {
        let seen = self.stations.get(&station).map(|known| known.all).unwrap_or_default();
        seen.mean_with(PRIOR, PRIOR_COUNT)
    }

    /// Expected time from the order to rolling for a unit at this station at this hour.
    pub fn at_hour(&self, station: StationId, hour: HourOfDay) -> Span {
        let seen = self.stations.get(&station).and_then(|known| known.hours.get(&hour.0)).copied();
        seen.unwrap_or_default().mean_with(self.at_station(station), HOUR_PRIOR_COUNT)
    }

    /// Expected time until the wheels of a unit roll that is ordered at once.
    pub fn expected(&self, state: UnitState, station: StationId, hour: HourOfDay) -> Span {
        match state {
            UnitState::AtStation | UnitState::AssumedAtStation => self.at_hour(station, hour),
            UnitState::Standing => STANDING,
            UnitState::Driving => Span::ZERO,
        }
    }

    /// How many departures from a station were seen.
    pub fn seen(&self, station: StationId) -> u32 {
        self.stations.get(&station).map_or(0, |known| known.all.count.unsigned_abs() as u32)
    }
}

/// Expected time left until the wheels roll, `elapsed` after the order; never negative.
pub fn remaining(expected: Span, elapsed: Span) -> Span {
    (expected - elapsed.max(Span::ZERO)).max(Span::ZERO)
}

/// What is believed of a station of which nothing was seen. Assumption, replaced by what is learned.
const PRIOR: Span = Span::seconds(60);
/// How many departures that belief weighs.
const PRIOR_COUNT: i64 = 20;
/// A crew that stands by beside its vehicle, away from the station. Assumption.
const STANDING: Span = Span::seconds(20);
/// Longer is a forgotten press.
const OBSERVATION_MAX: Span = Span::seconds(900);
/// How many departures are remembered of a station, in effect.
const COUNT_MAX: i64 = 500;
/// How many departures the whole station's mean weighs at one hour.
const HOUR_PRIOR_COUNT: i64 = 20;
/// How many departures are remembered of one hour, in effect.
const HOUR_COUNT_MAX: i64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: HourOfDay = HourOfDay(12);

    #[test]
    fn an_hour_is_learned_from_its_station() {
        let station = "S01".parse().unwrap();
        let (night, evening) = (HourOfDay(4), HourOfDay(20));
        let mut learned = Mobilisation::default();
        for (hour, took) in [(NOON, 40); 60].into_iter().chain([(night, 100); 20]) {
            learned.observe(station, hour, Span::seconds(took));
        }
        // (60 x 20 + 40 x 60 + 100 x 20) / 100 for the station; each hour leans on that with the weight of 20 departures.
        assert_eq!(learned.at_station(station), Span::seconds(56));
        assert_eq!(learned.at_hour(station, night), Span::seconds(78));
        assert_eq!(learned.at_hour(station, NOON), Span::seconds(44));
        assert_eq!(learned.at_hour(station, evening), Span::seconds(56), "nothing was seen at that hour");
    }

    #[test]
    fn the_hour_is_the_citys() {
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let east = Span::seconds(8 * 3600);
        assert_eq!(HourOfDay::at(at("2026-11-21T15:59:59Z"), east), HourOfDay(23));
        assert_eq!(HourOfDay::at(at("2026-11-21T16:00:00Z"), east), HourOfDay(0));
        assert_eq!(HourOfDay::at(at("2026-11-21T01:30:00Z"), Span::seconds(-5 * 3600)), HourOfDay(20));
    }

    #[test]
    fn a_station_is_learned_from_a_prior() {
        let (fast, other) = ("S01".parse().unwrap(), "S02".parse().unwrap());
        let mut learned = Mobilisation::default();
        assert_eq!(learned.at_station(fast), Span::seconds(60));
        for _ in 0..20 {
            learned.observe(fast, NOON, Span::seconds(30));
        }
        assert_eq!(learned.at_station(fast), Span::seconds(45));
        assert_eq!(learned.at_station(other), Span::seconds(60));
        for impossible in [-1, 901, 90_000] {
            learned.observe(fast, NOON, Span::seconds(impossible));
        }
        assert_eq!((learned.at_station(fast), learned.seen(fast)), (Span::seconds(45), 20));
    }

    #[test]
    fn what_was_learned_fades() {
        let station = "S01".parse().unwrap();
        let mut learned = Mobilisation::default();
        for took in [100; 2000].into_iter().chain([40; 2000]) {
            learned.observe(station, NOON, Span::seconds(took));
        }
        let now = learned.at_station(station);
        assert!(now < Span::seconds(45), "{now:?}");
    }

    #[test]
    fn expectation_by_state_and_what_is_left_of_it() {
        let learned = Mobilisation::default();
        let station = "S01".parse().unwrap();
        let table = [
            (UnitState::AtStation, 60),
            (UnitState::AssumedAtStation, 60),
            (UnitState::Standing, 20),
            (UnitState::Driving, 0),
        ];
        for (state, seconds) in table {
            assert_eq!(learned.expected(state, station, NOON), Span::seconds(seconds), "{state:?}");
        }
        for (elapsed, left) in [(-5, 60), (0, 60), (25, 35), (60, 0), (200, 0)] {
            assert_eq!(
                remaining(Span::seconds(60), Span::seconds(elapsed)),
                Span::seconds(left),
                "{elapsed}"
            );
        }
    }
}
