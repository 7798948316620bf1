//! DMEXCLP: a unit that becomes free stands by where it adds most expected cover (Jagtenberg, Bhulai, van der Mei 2015).
//!
//! A place that `k` other free units cover already gains `(1 - q) q^k` of its demand from one more, where `q` is the share of time
//! that a unit is busy.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{StationId, UnitId};
use crate::record::Record;

/// The policy with its parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dmexclp {
    busy: f64,
}

/// What free units can cover from the stations: zones of demand, each with the stations from which it is reached in time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CoverZones {
    /// Names what the zones were worked out from.
    pub id: String,
    /// The stations, in the order of their codes.
    pub stations: Vec<StationId>,
    /// How often help is wanted in each zone, calls per day.
    pub calls_per_day: Vec<f64>,
    /// The stations that cover each zone, as places in `stations`, zone after zone.
    pub members: Vec<u16>,
    /// Where the members of each zone begin; one more than there are zones.
    pub first: Vec<u32>,
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
        let others = others(record, zones, unit);
        let gains = self.gains(zones, &others);
        // The first of equals.
        let (best, _) = gains.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1))?;
        let to = zones.stations[best];
        let (busy, zones) = (self.busy, zones.id.clone());
        (to != from).then(|| Arc::new(MoveUp { unit, from, to, busy, zones, others, gains }))
    }

    /// What one more unit at each station would add.
    fn gains(self, zones: &CoverZones, others: &[u16]) -> Vec<f64> {
        let most: usize = others.iter().map(|count| usize::from(*count)).sum();
        // Multiplied step by step, not by a power whose last digit differs between machines.
        let next = |worth: &f64| Some(worth * self.busy);
        let worth: Vec<f64> = std::iter::successors(Some(1.0 - self.busy), next).take(most + 1).collect();
        let mut gains = vec![0.0; zones.stations.len()];
        for (bounds, calls_per_day) in zones.first.windows(2).zip(&zones.calls_per_day) {
            let members = &zones.members[bounds[0] as usize..bounds[1] as usize];
            let covering: usize =
                members.iter().map(|member| usize::from(others[usize::from(*member)])).sum();
            let gain = calls_per_day * worth[covering];
            for member in members {
                gains[usize::from(*member)] += gain;
            }
        }
        gains
    }
}

/// How many free units other than this one stand by at each station.
fn others(record: &Record, zones: &CoverZones, unit: UnitId) -> Vec<u16> {
    let mut others = vec![0; zones.stations.len()];
    for other in record.units().values() {
        if other.spec.id != unit
            && other.is_free()
            && let Ok(place) = zones.stations.binary_search(&other.standby())
        {
            others[place] += 1;
        }
    }
    others
}

impl CoverZones {
    /// Zones from lists of (calls per day, stations as places in `stations`). The stations must be in the order of their codes.
    pub fn new(
        id: String,
        stations: Vec<StationId>,
        zones: impl IntoIterator<Item = (f64, Vec<u16>)>,
    ) -> Self {
        let mut cover = Self { id, stations, first: vec![0], ..Self::default() };
        for (calls_per_day, members) in zones {
            cover.calls_per_day.push(calls_per_day);
            cover.members.extend(members);
            cover.first.push(cover.members.len() as u32);
        }
        cover
    }

    /// Whether every place, count and rate in it makes sense.
    pub fn is_sound(&self) -> bool {
        self.stations.is_sorted()
            && self.first.len() == self.calls_per_day.len() + 1
            && self.first.first() == Some(&0)
            && self.first.is_sorted()
            && self.first.last().is_some_and(|last| *last as usize == self.members.len())
            && self.members.iter().all(|member| usize::from(*member) < self.stations.len())
            && self.calls_per_day.iter().all(|rate| rate.is_finite() && *rate >= 0.0)
    }
}
