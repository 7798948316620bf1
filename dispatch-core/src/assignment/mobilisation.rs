//! How long until the wheels roll: learned station by station from what was seen, with a prior where little was seen yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UnitState;
use crate::ids::StationId;
use crate::time::Span;

/// How long units take to roll from their stations, as learned from the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mobilisation {
    stations: BTreeMap<StationId, Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Seen {
    count: i64,
    total_s: Span,
}

impl Mobilisation {
    /// Takes in one departure: the time from the order to rolling. What cannot be one (before the order, or a press forgotten
    /// until the scene) teaches nothing.
    pub fn observe(&mut self, station: StationId, took: Span) {
        if !(Span::ZERO..=OBSERVATION_MAX).contains(&took) {
            return;
        }
        let seen = self.stations.entry(station).or_default();
        if seen.count >= COUNT_MAX {
            // The oldest fade: a station whose doors were moved is learned anew within some hundred departures.
            seen.total_s = Span::from_micros(seen.total_s.micros() / seen.count * (COUNT_MAX - 1));
            seen.count = COUNT_MAX - 1;
        }
        seen.count += 1;
        seen.total_s += took;
    }

    /// Expected time from the order to rolling for a unit at this station: the mean of what was seen and of
    /// `PRIOR_COUNT` departures of `PRIOR`. In whole microseconds, so that every machine gets the same.
    pub fn at_station(&self, station: StationId) -> Span {
        let seen = self.stations.get(&station).copied().unwrap_or_default();
        let total = PRIOR.micros() * PRIOR_COUNT + seen.total_s.micros();
        Span::from_micros(total / (PRIOR_COUNT + seen.count))
    }

    /// Expected time until the wheels of a unit roll that is ordered at once.
    pub fn expected(&self, state: UnitState, station: StationId) -> Span {
        match state {
            UnitState::AtStation | UnitState::AssumedAtStation => self.at_station(station),
            UnitState::Standing => STANDING,
            UnitState::Driving => Span::ZERO,
        }
    }

    /// How many departures from a station were seen.
    pub fn seen(&self, station: StationId) -> u32 {
        self.stations.get(&station).map_or(0, |seen| seen.count.unsigned_abs() as u32)
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
/// How many departures are remembered, in effect.
const COUNT_MAX: i64 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_is_learned_from_a_prior() {
        let (fast, other) = ("S01".parse().unwrap(), "S02".parse().unwrap());
        let mut learned = Mobilisation::default();
        assert_eq!(learned.at_station(fast), Span::seconds(60));
        for _ in 0..20 {
            learned.observe(fast, Span::seconds(30));
        }
        assert_eq!(learned.at_station(fast), Span::seconds(45));
        assert_eq!(learned.at_station(other), Span::seconds(60));
        for impossible in [-1, 901, 90_000] {
            learned.observe(fast, Span::seconds(impossible));
        }
        assert_eq!((learned.at_station(fast), learned.seen(fast)), (Span::seconds(45), 20));
    }

    #[test]
    fn what_was_learned_fades() {
        let station = "S01".parse().unwrap();
        let mut learned = Mobilisation::default();
        for took in [100; 2000].into_iter().chain([40; 2000]) {
            learned.observe(station, Span::seconds(took));
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
            assert_eq!(learned.expected(state, station), Span::seconds(seconds), "{state:?}");
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
