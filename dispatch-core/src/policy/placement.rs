//! Where units should be based: the static problem MEXCLP (Daskin 1983), by adding one unit after the other where it gains most, then
//! by moving single units as long as that gains. At the size of a city this is within a hair of the best there is.

use super::cover::CoverZones;

/// Units by station, and what they cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// How many units at each station, in the order of the zones' stations.
    pub units: Vec<u16>,
    /// Calls per day that they are expected to cover.
    pub covered_per_day: f64,
}

/// The best that is found for so many units that are busy for this share of the time, with room for so many at each station.
/// Units for which no station has room are left out.
pub fn place(zones: &CoverZones, busy: f64, count: u16, room: &[u16]) -> Placement {
    let mut units = vec![0; zones.stations.len()];
    for _ in 0..count {
        let Some(best) = best_addition(zones, busy, &units, room) else { break };
        units[best] += 1;
    }
    // Every move gains, and there are finitely many placements: it ends. The bound keeps rounding from going round in circles.
    for _ in 0..MOVES_MAX {
        let Some((from, to)) = best_move(zones, busy, &units, room) else { break };
        units[from] -= 1;
        units[to] += 1;
    }
    let covered_per_day = zones.covered(busy, &units);
    Placement { units, covered_per_day }
}

fn best_addition(zones: &CoverZones, busy: f64, units: &[u16], room: &[u16]) -> Option<usize> {
    let gains = zones.gains(busy, units);
    // The first of equals.
    let open = (0..units.len()).rev().filter(|place| units[*place] < room[*place]);
    open.max_by(|a, b| gains[*a].total_cmp(&gains[*b]))
}

fn best_move(zones: &CoverZones, busy: f64, units: &[u16], room: &[u16]) -> Option<(usize, usize)> {
    let losses = zones.losses(busy, units);
    let mut best: Option<(f64, usize, usize)> = None;
    for from in (0..units.len()).filter(|place| units[*place] > 0) {
        let mut left = units.to_vec();
        left[from] -= 1;
        let gains = zones.gains(busy, &left);
        for to in (0..units.len()).filter(|to| *to != from && units[*to] < room[*to]) {
            let gain = gains[to] - losses[from];
            if gain > GAIN_MIN && best.is_none_or(|(known, ..)| gain > known) {
                best = Some((gain, from, to));
            }
        }
    }
    best.map(|(_, from, to)| (from, to))
}

/// Less than this many calls per day is rounding.
const GAIN_MIN: f64 = 1e-9;
/// More moves than any city needs.
const MOVES_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zones(rates: &[(f64, u8)]) -> CoverZones {
        let stations = ["S1", "S2", "S3", "S4"].map(|code| code.parse().unwrap()).to_vec();
        let members = |bits: u8| (0..4).filter(|bit| bits & (1 << bit) != 0).collect();
        CoverZones::new("test".to_owned(), stations, rates.iter().map(|(rate, bits)| (*rate, members(*bits))))
    }

    /// Every way to base so many units at four stations.
    fn by_trying(zones: &CoverZones, count: u16, room: &[u16]) -> f64 {
        let mut best: f64 = 0.0;
        for a in 0..=count {
            for b in 0..=count - a {
                for c in 0..=count - a - b {
                    let units = [a, b, c, count - a - b - c];
                    if units.iter().zip(room).all(|(units, room)| units <= room) {
                        best = best.max(zones.covered(0.5, &units));
                    }
                }
            }
        }
        best
    }

    proptest! {
        #[test]
        fn it_is_within_a_hair_of_the_best(
            rates in prop::collection::vec((0.1_f64..10.0, 1_u8..16), 1..12),
            count in 0_u16..6,
            room in prop::collection::vec(2_u16..4, 4),
        ) {
            let zones = zones(&rates);
            let found = place(&zones, 0.5, count, &room);
            prop_assert_eq!(found.units.iter().sum::<u16>(), count);
            prop_assert!(found.units.iter().zip(&room).all(|(units, room)| units <= room));
            prop_assert!(found.covered_per_day >= by_trying(&zones, count, &room) * 0.98);
        }
    }

    #[test]
    fn a_station_without_room_gets_none() {
        let zones = zones(&[(10.0, 1), (1.0, 2)]);
        assert_eq!(place(&zones, 0.5, 3, &[1, 1, 0, 0]).units, [1, 1, 0, 0]);
    }
}
