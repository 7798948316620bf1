//! What free units can cover from the stations of a living city, worked out from where help was wanted and how long the ways are.

use roads::Wgs84;

use super::{Cell, Demand, TravelTable};
use crate::ids::StationId;
use crate::policy::cover::CoverZones;
use crate::policy::dmexclp::MoveUp;
use crate::record::Record;
use crate::time::Span;

/// A place and how often help is wanted there, as far as the centre's people know before it has counted calls of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsualDemand {
    /// Where, WGS-84.
    pub position: Wgs84,
    /// How often, calls per day.
    pub calls_per_day: f64,
}

/// What the zones of cover are worked out from.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverInputs {
    /// The stations in the order of their codes, with the expected time until a unit there rolls.
    stations: Vec<(StationId, Wgs84, Span)>,
    /// The cells with how often help is wanted in each, calls per day.
    cells: Vec<(Cell, f64)>,
    /// In time means within this of being sent.
    target: Span,
    /// Names what this is.
    name: String,
}

impl CoverInputs {
    /// The stations of the record, and the demand: the centre's own calls, and what its people say is usual, which weighs as much as
    /// thirty days of counting.
    pub fn new(record: &Record, demand: &Demand, usual: &[UsualDemand]) -> Self {
        let rolls = |station| record.mobilisation().at_station(station);
        let stations = record.stations().values();
        let stations = stations.map(|station| (station.id, station.position, rolls(station.id))).collect();
        let target = record.rules().cover_within_s;
        let days = demand.days();
        let name = format!("{} incidents of {days:.0} days, {} places known", demand.total(), usual.len());
        Self { stations, cells: calls_per_day(demand, days, usual), target, name }
    }

    /// Where the stations are and where the cells' middles are: what a table of road times is asked for.
    pub fn ends(&self) -> (Vec<Wgs84>, Vec<Wgs84>) {
        let from = self.stations.iter().map(|(_, position, _)| *position).collect();
        let to = self.cells.iter().map(|(cell, _)| cell.centre()).collect();
        (from, to)
    }

    /// The zones: cells that are reached from the same stations count as one. A table that does not fit covers nothing beyond its end.
    pub fn zones(&self, table: &TravelTable) -> CoverZones {
        let width = self.cells.len();
        let mut zones = std::collections::BTreeMap::<Vec<u16>, f64>::new();
        for (column, (_, calls_per_day)) in self.cells.iter().enumerate() {
            let in_time = |(row, (_, _, rolls)): (usize, &(StationId, Wgs84, Span))| {
                let travel = table.times.get(row * width + column).copied().flatten()?;
                (*rolls + travel <= self.target).then(|| u16::try_from(row).ok()).flatten()
            };
            let members: Vec<u16> = self.stations.iter().enumerate().filter_map(in_time).collect();
            *zones.entry(members).or_default() += calls_per_day;
        }
        let stations = self.stations.iter().map(|(station, _, _)| *station).collect();
        let zones = zones.into_iter().map(|(members, calls_per_day)| (calls_per_day, members));
        CoverZones::new(self.name.clone(), stations, zones)
    }
}

/// Calls per day and cell, in the order of the cells.
pub(crate) fn calls_per_day(demand: &Demand, days: f64, usual: &[UsualDemand]) -> Vec<(Cell, f64)> {
    let mut cells: std::collections::BTreeMap<Cell, f64> =
        demand.cells().map(|(cell, count)| (cell, count as f64)).collect();
    let mut weight = days.max(1.0);
    if !usual.is_empty() {
        weight = days + USUAL_DAYS;
        for place in usual {
            *cells.entry(Cell::at(place.position)).or_default() += place.calls_per_day * USUAL_DAYS;
        }
    }
    cells.into_iter().map(|(cell, calls)| (cell, calls / weight)).collect()
}

impl CoverZones {
    /// How often help is wanted in all zones, calls per day.
    pub fn total_calls_per_day(&self) -> f64 {
        self.calls_per_day.iter().sum()
    }

    /// Whether these say something that `older` did not: other stations or zones, or demand that shifted by more than `share` of all.
    pub fn differ_from(&self, older: &Self, share: f64) -> bool {
        let Self { id: _, stations, calls_per_day, members, first } = self;
        if *stations != older.stations || *members != older.members || *first != older.first {
            return true;
        }
        let shift: f64 = calls_per_day.iter().zip(&older.calls_per_day).map(|(a, b)| (a - b).abs()).sum();
        shift > share * older.total_calls_per_day()
    }

    /// What a move-up gains, as a share of all demand in millionths.
    pub fn gain_ppm(&self, advice: &MoveUp) -> u32 {
        let gain_at = |station: StationId| {
            let place = self.stations.binary_search(&station).ok()?;
            advice.gains.get(place).copied()
        };
        let gain = gain_at(advice.to).unwrap_or_default() - gain_at(advice.from).unwrap_or_default();
        ppm(gain, self.total_calls_per_day())
    }
}

/// A share in millionths, so that a record of it is the same on every machine.
fn ppm(part: f64, whole: f64) -> u32 {
    if whole > 0.0 { (part / whole * 1e6).round().clamp(0.0, 1e6) as u32 } else { 0 }
}

/// How many days of the centre's own counting its people's word weighs.
const USUAL_DAYS: f64 = 30.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignment::Basis;

    fn place(longitude: f64) -> Wgs84 {
        Wgs84::new(longitude, 30.0).unwrap()
    }

    /// Two stations; the table says which of three cells each reaches in time.
    fn inputs(usual: &[UsualDemand]) -> CoverInputs {
        let stations = ["S01", "S02"].map(|code| (code.parse().unwrap(), place(114.0), Span::seconds(60)));
        let cells = calls_per_day(&Demand::default(), 0.0, usual);
        CoverInputs { stations: stations.into(), cells, target: Span::seconds(600), name: "test".to_owned() }
    }

    fn three_places() -> [UsualDemand; 3] {
        [(114.0, 6.0), (114.1, 3.0), (114.2, 1.0)]
            .map(|(at, calls_per_day)| UsualDemand { position: place(at), calls_per_day })
    }

    /// S01 reaches the first two places, S02 the last two; exactly in time is in time, mobilisation counted.
    fn zones() -> CoverZones {
        let inputs = inputs(&three_places());
        let mut order: Vec<usize> = (0..3).collect();
        order.sort_by_key(|place| Cell::at(three_places()[*place].position));
        let reached = |row: usize, place: usize| match (row, place) {
            (0, 0 | 1) | (1, 1 | 2) => Some(Span::seconds(540)),
            (0, _) => Some(Span::from_micros(540_000_001)),
            _ => None,
        };
        let times = (0..2).flat_map(|row| order.iter().map(move |place| reached(row, *place))).collect();
        inputs.zones(&TravelTable { times, basis: Basis::Road })
    }

    #[test]
    fn cells_reached_from_the_same_stations_are_one_zone() {
        let zones = zones();
        assert!(zones.is_sound());
        let mut found: Vec<_> = (0..zones.calls_per_day.len())
            .map(|zone| {
                let members = &zones.members[zones.first[zone] as usize..zones.first[zone + 1] as usize];
                (members.to_vec(), zones.calls_per_day[zone])
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found, [(vec![0], 6.0), (vec![0, 1], 3.0), (vec![1], 1.0)]);
    }

    #[test]
    fn only_what_matters_makes_new_zones() {
        let old = zones();
        let mut new = old.clone();
        new.id = "later".to_owned();
        new.calls_per_day[0] *= 1.01;
        assert!(!new.differ_from(&old, 0.02));
        new.calls_per_day[0] *= 1.5;
        assert!(new.differ_from(&old, 0.02));
        let mut other = old.clone();
        other.stations[1] = "S03".parse().unwrap();
        assert!(other.differ_from(&old, 0.02));
    }
}
