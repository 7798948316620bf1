//! Travel times in whole microseconds, so that sums do not depend on their order and two machines agree on every tie; and the
//! straight-line estimate that stands in where the roads cannot answer, always marked as such.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::{SpeedFactors, Wgs84};

/// A span of travel in microseconds; never negative. In JSON a plain integer of microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TravelTime(u64);

impl TravelTime {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any journey: what an unreachable place compares as.
    pub const MAX: Self = Self(u64::MAX);

    /// From whole microseconds.
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// From seconds, rounded to the nearest microsecond; what is negative or not a number counts as zero.
    pub fn from_s(seconds: f64) -> Self {
        Self((seconds * 1e6).round().max(0.0) as u64)
    }

    /// Whole microseconds.
    pub const fn us(self) -> u64 {
        self.0
    }

    /// Seconds, for people and for charts.
    pub fn as_s(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The sum, stopping at [`TravelTime::MAX`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, stopping at zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for TravelTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Sum for TravelTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for TravelTime {
    /// `m:ss`, rounded to the nearest second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0.saturating_add(500_000) / 1_000_000;
        write!(f, "{}:{:02}", s / 60, s % 60)
    }
}

/// What a travel time rests on. Every answer carries it, and whoever shows the time must show this too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The road network and its live weights.
    Road,
    /// Straight distance with a detour factor: rivers, railways and closures are unknown to it.
    StraightLine,
}

/// Lights and sirens, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Emergency drive with lights and sirens.
    LightsAndSirens,
    /// Ordinary drive with the traffic.
    Ordinary,
}

/// The estimate where no road answer exists: straight distance times [`DETOUR_FACTOR`] at a city's mean speed.
/// Callers show it as [`Basis::StraightLine`].
pub fn straight_line_time(from: Wgs84, to: Wgs84, profile: Profile) -> TravelTime {
    let speed_kmh = match profile {
        Profile::LightsAndSirens => STRAIGHT_LINE_LIGHTS_KMH,
        Profile::Ordinary => STRAIGHT_LINE_ORDINARY_KMH,
    };
    TravelTime::from_s(from.distance_m(to) * DETOUR_FACTOR / (speed_kmh / 3.6))
}

/// The same estimate at an hour at which roads are faster or slower than usual: by the factor of main roads.
pub fn straight_line_time_at(from: Wgs84, to: Wgs84, profile: Profile, hour: &SpeedFactors) -> TravelTime {
    let usual = straight_line_time(from, to, profile);
    TravelTime((usual.0 as f64 / hour.main_roads).round() as u64)
}

/// Time to cover the last metres between a position and the road: a straight line at [`OFF_ROAD_KMH`].
pub fn off_road_time(distance_m: f64) -> TravelTime {
    TravelTime::from_s(distance_m / (OFF_ROAD_KMH / 3.6))
}

/// Road distance over straight distance in a city; measured values lie between 1.2 and 1.5. Assumption, to be set per centre.
pub const DETOUR_FACTOR: f64 = 1.4;
/// Mean speed of an emergency drive over a whole journey. Assumption, to be set per centre.
pub const STRAIGHT_LINE_LIGHTS_KMH: f64 = 40.0;
/// Mean speed of an ordinary drive over a whole journey. Assumption, to be set per centre.
pub const STRAIGHT_LINE_ORDINARY_KMH: f64 = 28.0;
/// Speed off the mapped roads: yards, compounds, a crew on foot with a stretcher. Assumption, to be set per centre.
pub const OFF_ROAD_KMH: f64 = 8.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_to_microseconds() {
        assert_eq!(TravelTime::from_s(1.234_567_8).us(), 1_234_568);
        assert_eq!(TravelTime::from_s(-3.0), TravelTime::ZERO);
        assert_eq!(TravelTime::from_s(f64::NAN), TravelTime::ZERO);
        assert_eq!(TravelTime::MAX + TravelTime::from_s(1.0), TravelTime::MAX);
        assert_eq!(TravelTime::from_s(125.6).to_string(), "2:06");
    }

    #[test]
    fn the_straight_line_is_slower_without_lights() {
        let a = Wgs84::new(114.0, 30.0).unwrap();
        let b = Wgs84::new(114.0, 30.1).unwrap();
        let lights = straight_line_time(a, b, Profile::LightsAndSirens);
        assert!((lights.as_s() - 11_119.508 * 1.4 * 3.6 / 40.0).abs() < 0.01);
        assert!(straight_line_time(a, b, Profile::Ordinary) > lights);
        let at = |main_roads| {
            straight_line_time_at(
                a,
                b,
                Profile::LightsAndSirens,
                &SpeedFactors { main_roads, ..SpeedFactors::USUAL },
            )
        };
        assert_eq!(at(1.0), lights);
        assert_eq!(at(0.5).us(), 2 * lights.us());
    }
}
