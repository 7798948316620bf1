//! DMEXCLP: a unit that becomes free stands by where it adds most expected cover (Jagtenberg, Bhulai, van der Mei 2015).
//!
//! A place that `k` other free units cover already gains `(1 - q) q^k` of its demand from one more, where `q` is the share of time
//! that a unit is busy.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cover::CoverZones;
use crate::ids::{StationId, UnitId};
use crate::record::Record;

/// The policy with its parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dmexclp {
    busy: f64,
}

/// Advice that a unit that became free should stand by at another station, with what it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MoveUp {
    /// The unit.
    pub unit: UnitId,
    /// Where it stands by so far.
    pub from: StationId,
    /// Where it should stand by.
    pub to: StationId,
    /// Share of time that a unit is taken to be busy.
    pub busy: f64,
    /// The zones it was worked out with.
    pub zones: String,
    /// How many other free units stand by at each station or are on their way there, in the order of the zones' stations.
    pub others: Vec<u16>,
    /// Calls per day that one more unit at each station would add to the cover, in the same order.
    pub gains: Vec<f64>,
}

impl Dmexclp {
    /// The policy for units that are busy for this share of the time, 0 to 1.
    pub fn new(busy: f64) -> Option<Self> {
        (0.0..=1.0).contains(&busy).then_some(Self { busy })
    }

    /// The share of time that a unit is taken to be busy.
    pub fn busy(self) -> f64 {
        self.busy
    }

    /// Where a unit should stand by that becomes free now; `None` when it is best where it stands by already.
    pub fn advise(self, record: &Record, zones: &CoverZones, unit: UnitId) -> Option<Arc<MoveUp>> {
        let from = record.unit(unit)?.standby();
        let others = zones.standing(record, Some(unit));
        let gains = zones.gains(self.busy, &others);
        // The first of equals.
        let (best, _) = gains.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1))?;
        let to = zones.stations[best];
        let (busy, zones) = (self.busy, zones.id.clone());
        (to != from).then(|| Arc::new(MoveUp { unit, from, to, busy, zones, others, gains }))
    }
}
