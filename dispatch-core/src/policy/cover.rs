//! What free units cover: zones of demand, each with the stations from which it is reached in time.
//!
//! A zone that `k` free units cover is worth `1 - q^k` of its demand, where `q` is the share of time that a unit is busy (Daskin's
//! MEXCLP): the `k`-th unit adds `(1 - q) q^(k-1)` of it.

use serde::{Deserialize, Serialize};

use crate::ids::{StationId, UnitId};
use crate::record::Record;

/// What free units can cover from the stations.
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

    /// The place of a station among the stations.
    pub fn place(&self, station: StationId) -> Option<usize> {
        self.stations.binary_search(&station).ok()
    }

    /// How many free units stand by at each station or are on their way there, in the order of the stations; one may be left out.
    pub fn standing(&self, record: &Record, except: Option<UnitId>) -> Vec<u16> {
        let mut standing = vec![0; self.stations.len()];
        let counts = |id: UnitId| Some(id) != except && !record.is_of_a_neighbour(id);
        for unit in record.units().values().filter(|unit| counts(unit.spec.id) && unit.is_free()) {
            if let Some(place) = self.place(unit.standby()) {
                standing[place] += 1;
            }
        }
        standing
    }

    /// Calls per day that one more unit at each station would add to the cover.
    pub fn gains(&self, busy: f64, standing: &[u16]) -> Vec<f64> {
        self.worths(busy, standing, Some)
    }

    /// Calls per day that the cover loses when one of the units at each station goes; 0 where none stands.
    pub fn losses(&self, busy: f64, standing: &[u16]) -> Vec<f64> {
        let mut losses = self.worths(busy, standing, |covering| covering.checked_sub(1));
        for (loss, _) in losses.iter_mut().zip(standing).filter(|(_, count)| **count == 0) {
            *loss = 0.0;
        }
        losses
    }

    /// Calls per day covered by the units that stand by.
    pub fn covered(&self, busy: f64, standing: &[u16]) -> f64 {
        let covered = |(members, calls_per_day): (&[u16], f64)| {
            let missed = (0..covering(members, standing)).fold(1.0, |missed, _| missed * busy);
            calls_per_day * (1.0 - missed)
        };
        self.zones().map(covered).sum()
    }

    /// Each zone: the stations that cover it, and its calls per day.
    pub fn zones(&self) -> impl Iterator<Item = (&[u16], f64)> {
        let mut from = 0;
        self.first.iter().skip(1).zip(&self.calls_per_day).map(move |(to, calls_per_day)| {
            let members = &self.members[from..*to as usize];
            from = *to as usize;
            (members, *calls_per_day)
        })
    }

    /// What the unit in some row of the others is worth at each station.
    fn worths(&self, busy: f64, standing: &[u16], row: impl Fn(usize) -> Option<usize>) -> Vec<f64> {
        let most: usize = standing.iter().map(|count| usize::from(*count)).sum();
        // Multiplied step by step, not by a power whose last digit differs between machines.
        let next = |worth: &f64| Some(worth * busy);
        let worth: Vec<f64> = std::iter::successors(Some(1.0 - busy), next).take(most + 1).collect();
        let mut sums = vec![0.0; self.stations.len()];
        for (members, calls_per_day) in self.zones() {
            let Some(row) = row(covering(members, standing)) else { continue };
            let each = calls_per_day * worth[row];
            for member in members {
                sums[usize::from(*member)] += each;
            }
        }
        sums
    }
}

/// How many of the units that stand by cover a zone.
fn covering(members: &[u16], standing: &[u16]) -> usize {
    let mut count: u32 = 0;
    for member in members {
        count += u32::from(standing[usize::from(*member)]);
    }
    count as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> CoverZones {
        let stations = ["S1", "S2", "S3"].map(|code| code.parse().unwrap()).to_vec();
        CoverZones::new("test".to_owned(), stations, [(10.0, vec![0]), (4.0, vec![0, 1]), (6.0, vec![1, 2])])
    }

    #[test]
    fn what_is_lost_and_gained_is_the_difference_of_what_is_covered() {
        let zones = zones();
        for standing in [[0, 0, 0], [1, 0, 0], [1, 2, 0], [2, 1, 3]] {
            let covered = zones.covered(0.4, &standing);
            let (gains, losses) = (zones.gains(0.4, &standing), zones.losses(0.4, &standing));
            for place in 0..3 {
                let mut more = standing;
                more[place] += 1;
                assert!((zones.covered(0.4, &more) - covered - gains[place]).abs() < 1e-12);
                if standing[place] > 0 {
                    let mut fewer = standing;
                    fewer[place] -= 1;
                    assert!((covered - zones.covered(0.4, &fewer) - losses[place]).abs() < 1e-12);
                } else {
                    assert!(losses[place].abs() < 1e-12);
                }
            }
        }
    }
}
