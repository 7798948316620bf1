//! One position report of a vehicle, and why one may be refused before it moves anything.

use roads::Wgs84;
use serde::{Deserialize, Serialize};

use crate::time::{Span, UtcTime};

/// One position report, as the vehicle measured it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Which start of the vehicle's terminal made it; grows with each start.
    pub boot: u64,
    /// Its number within that start.
    pub seq: u64,
    /// When it was measured, UTC, by the vehicle's clock.
    pub at: UtcTime,
    /// Where, WGS-84.
    pub position: Wgs84,
    /// How fast, in km/h.
    pub speed_kmh: f32,
    /// Which way, in degrees clockwise from north.
    pub heading_deg: Option<f32>,
    /// Radius in metres within which the vehicle is believed to be.
    pub accuracy_m: Option<f32>,
}

/// What became of a position report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is where the unit is now.
    Current,
    /// It came late: kept for the history, and "now" stays as it was.
    History,
    /// It moves nothing and enters no history.
    Refused(FixRefusal),
}

/// Why a position report was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FixRefusal {
    /// Measured in the future.
    #[error("the fix is more than 5 s in the future: set the vehicle's clock")]
    Future,
    /// Longitude and latitude both zero: a receiver without a fix, not a place.
    #[error("the fix is at 0,0: the receiver has no position yet")]
    NullIsland,
    /// A speed, heading or accuracy that no vehicle has.
    #[error("speed, heading or accuracy is not a number in its range")]
    Implausible,
    /// Farther from the last position than anything drives: held until a second one agrees with it.
    #[error("the fix is farther away than the unit can have driven: waiting for a second one that agrees")]
    Jump,
}

impl Fix {
    /// Which of two reports of one unit was made later, by the vehicle's own count.
    pub fn order(&self) -> (u64, u64) {
        (self.boot, self.seq)
    }

    /// Refuses what cannot be true on its own, whatever came before.
    pub(super) fn check(&self, now: UtcTime) -> Result<(), FixRefusal> {
        if self.at > now + FUTURE_MAX {
            return Err(FixRefusal::Future);
        }
        if self.position.longitude().abs() < NULL_ISLAND_DEG
            && self.position.latitude().abs() < NULL_ISLAND_DEG
        {
            return Err(FixRefusal::NullIsland);
        }
        let heading_good = self.heading_deg.is_none_or(|deg| (0.0..=360.0).contains(&deg));
        let accuracy_good = self.accuracy_m.is_none_or(|m| (0.0..=ACCURACY_M_MAX).contains(&m));
        if !(0.0..=SPEED_KMH_MAX).contains(&self.speed_kmh) || !heading_good || !accuracy_good {
            return Err(FixRefusal::Implausible);
        }
        Ok(())
    }

    /// Whether a vehicle can have driven from one fix to the other in the time between them.
    pub(super) fn reachable_from(&self, earlier: &Self) -> bool {
        let seconds = self.at.since(earlier.at).as_secs_f64().abs();
        let drivable_m = JUMP_KMH / 3.6 * seconds + SCATTER_M;
        earlier.position.distance_m(self.position) <= drivable_m
    }
}

/// A vehicle's clock may be this much ahead of ours.
const FUTURE_MAX: Span = Span::seconds(5);
/// No ambulance is faster than this.
const JUMP_KMH: f64 = 250.0;
/// Two fixes of a standing receiver may lie this far apart: without it, fixes shortly after each other look like jumps.
const SCATTER_M: f64 = 50.0;
/// About 100 m around 0,0, in the sea.
const NULL_ISLAND_DEG: f64 = 0.001;
const SPEED_KMH_MAX: f32 = 300.0;
/// A position less certain than this says nothing that dispatching can use.
const ACCURACY_M_MAX: f32 = 5_000.0;
