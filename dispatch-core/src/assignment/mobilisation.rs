//! How long until the wheels roll: learned station by station and hour by hour from what was seen.

use serde::{Deserialize, Serialize};

use super::UnitState;
use super::hourly::{Belief, HourOfDay, HourlyMeans};
use crate::ids::StationId;
use crate::time::Span;

/// How long units take to roll from their stations, as learned from the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mobilisation {
    stations: HourlyMeans<StationId>,
}

impl Mobilisation {
    /// Takes in one departure: when the order was given, and the time from there to rolling.
    pub fn observe(&mut self, station: StationId, hour: HourOfDay, took: Span) {
        self.stations.observe(BELIEF, station, hour, took);
    }

    /// Expected time from the order to rolling for a unit at this station, whatever the hour.
    pub fn at_station(&self, station: StationId) -> Span {
        self.stations.at_place(BELIEF, station)
    }

    /// Expected time from the order to rolling for a unit at this station at this hour.
    pub fn at_hour(&self, station: StationId, hour: HourOfDay) -> Span {
        self.stations.at_hour(BELIEF, station, hour)
    }

    /// Expected time until the wheels of a unit roll that is ordered at once.
    pub fn expected(&self, state: UnitState, station: StationId, hour: HourOfDay) -> Span {
        match state {
            UnitState::AtStation | UnitState::AssumedAtStation => self.at_hour(station, hour),
            UnitState::Standing | UnitState::AtHospital => STANDING,
            UnitState::Driving => Span::ZERO,
        }
    }

    /// How many departures from a station were seen.
    pub fn seen(&self, station: StationId) -> u32 {
        self.stations.seen(station)
    }
}

/// Expected time left until the wheels roll, `elapsed` after the order; never negative.
pub fn remaining(expected: Span, elapsed: Span) -> Span {
    (expected - elapsed.max(Span::ZERO)).max(Span::ZERO)
}

/// What is believed of a station of which nothing was seen. Assumption, replaced by what is learned.
const BELIEF: Belief = Belief { mean: Span::seconds(60), count: 20, took_max: Span::seconds(900) };
/// A crew that stands by beside its vehicle, away from the station. Assumption.
const STANDING: Span = Span::seconds(20);

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: HourOfDay = hour(12);

    const fn hour(hour: u8) -> HourOfDay {
        HourOfDay::of_clock(hour)
    }

    #[test]
    fn an_hour_is_learned_from_its_station() {
        let station = "S01".parse().unwrap();
        let (night, evening) = (hour(4), hour(20));
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
            (UnitState::AtHospital, 20),
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
