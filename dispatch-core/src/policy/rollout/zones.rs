//! The zones of a city: places where help was wanted, taken together by H3 cells as coarse as it takes for there to be few enough.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng, Resolution};
use roads::Wgs84;

use super::city::ZonePlan;

/// What is known of one cell.
#[derive(Debug, Clone, Copy)]
struct Known {
    calls_per_day: f64,
    /// How often in its busiest place.
    busiest: f64,
    position: Wgs84,
}

impl ZonePlan {
    /// Zones of places with how often help is wanted at each, calls per day: [`ZONES_MAX`] at most. A zone stands where most of its
    /// calls come from, for the middle of a cell may lie in a lake.
    pub fn of(places: impl IntoIterator<Item = (Wgs84, f64)>) -> Vec<Self> {
        let single = |(position, calls_per_day): (Wgs84, f64)| {
            (cell(position, RESOLUTIONS[0]), Known { calls_per_day, busiest: calls_per_day, position })
        };
        let mut zones = joined(places.into_iter().map(single));
        for known in zones.values_mut() {
            // Of one fine cell all calls count as one place.
            known.busiest = known.calls_per_day;
        }
        for resolution in &RESOLUTIONS[1..] {
            if zones.len() <= ZONES_MAX {
                break;
            }
            zones = joined(zones.values().map(|known| (cell(known.position, *resolution), *known)));
        }
        let zone = |known: &Known| Self { position: known.position, calls_per_day: known.calls_per_day };
        zones.values().map(zone).collect()
    }
}

fn joined(parts: impl Iterator<Item = (CellIndex, Known)>) -> BTreeMap<CellIndex, Known> {
    let mut zones = BTreeMap::<CellIndex, Known>::new();
    for (cell, part) in parts {
        let Some(known) = zones.get_mut(&cell) else {
            zones.insert(cell, part);
            continue;
        };
        known.calls_per_day += part.calls_per_day;
        if part.busiest > known.busiest {
            (known.busiest, known.position) = (part.busiest, part.position);
        }
    }
    zones
}

fn cell(position: Wgs84, resolution: Resolution) -> CellIndex {
    let point = LatLng::new(position.latitude(), position.longitude())
        .expect("invariant: a WGS-84 position is finite");
    point.to_cell(resolution)
}

/// The most zones: with them the table of travel times of a city with its stations and hospitals stays small.
pub const ZONES_MAX: usize = 192;
/// From about 0.7 km² a cell to the size of a country.
const RESOLUTIONS: [Resolution; 9] = [
    Resolution::Eight,
    Resolution::Seven,
    Resolution::Six,
    Resolution::Five,
    Resolution::Four,
    Resolution::Three,
    Resolution::Two,
    Resolution::One,
    Resolution::Zero,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_keep_the_demand_and_stand_where_it_is_greatest() {
        let at = |east: u32, north: u32| {
            Wgs84::new(114.0 + f64::from(east) / 100.0, 30.0 + f64::from(north) / 100.0).unwrap()
        };
        let places = (0..40).flat_map(|east| (0..40).map(move |north| (east, north)));
        let rate = |(east, north): (u32, u32)| if (east, north) == (20, 20) { 9.0 } else { 0.5 };
        let zones = ZonePlan::of(places.map(|place| (at(place.0, place.1), rate(place))));
        assert!((30..=ZONES_MAX).contains(&zones.len()), "{}", zones.len());
        let total: f64 = zones.iter().map(|zone| zone.calls_per_day).sum();
        assert!((total - (1_599.0 * 0.5 + 9.0)).abs() < 1e-6, "{total}");
        assert!(zones.iter().any(|zone| zone.position == at(20, 20)), "the busiest place is a zone's place");
        assert_eq!(ZonePlan::of([]), []);
        let two = ZonePlan::of([(at(0, 0), 1.0), (at(0, 0), 2.0), (at(30, 30), 1.0)]);
        let mut rates: Vec<f64> = two.iter().map(|zone| zone.calls_per_day).collect();
        rates.sort_by(f64::total_cmp);
        assert_eq!(rates, [1.0, 3.0]);
    }
}
