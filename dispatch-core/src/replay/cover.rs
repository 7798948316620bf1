//! What free units cover from the stations, where the journal does not say: worked out from where help was wanted before the day, and
//! on the day itself where too little is known from before.

use std::sync::Arc;

use roads::{Profile, RoadMap, Snap, TableIndex, Weights, Wgs84, straight_line_time};

use super::past::Past;
use crate::command::Action;
use crate::fleet::Demand;
use crate::policy::cover::CoverZones;
use crate::record::Record;
use crate::time::Span;

/// The zones of cover, one for each cell in which help was wanted.
pub(super) fn zones(past: &Past, record: &Record, map: Option<&RoadMap>) -> Action {
    let (demand, days) = demand(past);
    let cells: Vec<(Wgs84, f64)> =
        demand.cells().map(|(cell, count)| (cell.centre(), count as f64 / days)).collect();
    let places: Vec<Wgs84> = cells.iter().map(|(middle, _)| *middle).collect();
    let stations: Vec<_> = record.stations().values().collect();
    let from: Vec<Wgs84> = stations.iter().map(|station| station.position).collect();
    let times = times(&from, &places, map);
    let zones = cells.iter().enumerate().map(|(column, (_, calls_per_day))| {
        let within = |row: &usize| {
            let travel = times[*row][column];
            let mobilisation = record.mobilisation().at_station(stations[*row].id);
            travel.is_some_and(|travel| mobilisation + travel <= IN_TIME)
        };
        let members = (0..stations.len()).filter(within).map(|row| row as u16).collect();
        (*calls_per_day, members)
    });
    let codes = stations.iter().map(|station| station.id).collect();
    let id = format!("{} incidents before {}", demand.total(), past.date());
    Action::AdoptCover { zones: Arc::new(CoverZones::new(id, codes, zones)) }
}

/// Where help was wanted, and in how many days.
fn demand(past: &Past) -> (Demand, f64) {
    let before = past.demand();
    if before.total() >= KNOWN_MIN {
        return (before.clone(), past.days_before());
    }
    let mut demand = before.clone();
    past.events().iter().for_each(|event| demand.apply(event));
    (demand, past.days_before() + 1.0)
}

/// Row by row: from each station to each place with lights and sirens; `None` where no way leads, or one of them is off the map.
fn times(from: &[Wgs84], to: &[Wgs84], map: Option<&RoadMap>) -> Vec<Vec<Option<Span>>> {
    let span = |time: roads::TravelTime| Some(Span::from_micros(i64::try_from(time.us()).ok()?));
    let Some(map) = map else {
        let straight = |a: Wgs84, b: Wgs84| span(straight_line_time(a, b, Profile::LightsAndSirens));
        return from.iter().map(|&a| to.iter().map(|&b| straight(a, b)).collect()).collect();
    };
    let snapped = |places: &[Wgs84]| -> Vec<Option<Snap>> {
        places.iter().map(|place| map.snap(*place, SNAP_M_MAX)).collect()
    };
    let (from, to) = (snapped(from), snapped(to));
    let known = |snaps: &[Option<Snap>]| -> Vec<Snap> { snaps.iter().flatten().copied().collect() };
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    let mut rows =
        TableIndex::new(map).customise(map, &weights).times(&known(&from), &known(&to)).into_iter();
    let mut times = Vec::with_capacity(from.len());
    for station in &from {
        let mut row = station.and_then(|_| rows.next()).unwrap_or_default().into_iter();
        times.push(to.iter().map(|place| place.and_then(|_| row.next()).flatten().and_then(span)).collect());
    }
    times
}

/// Covered is what is reached within ten minutes of the order: the target of a county's core.
const IN_TIME: Span = Span::seconds(600);
/// A cell's middle may lie in a park.
const SNAP_M_MAX: f64 = 1_000.0;
/// With fewer incidents before the day, where help is wanted is not known from before.
const KNOWN_MIN: u64 = 100;
