//! The way that travels with an order, so that a crew sees the road ahead with the centre away: found over the roads as they
//! are at that moment, and drawn with no more points than a screen can show.

use std::sync::{Arc, Mutex, PoisonError};

use dispatch_core::Record;
use dispatch_core::assignment::{Assignment, Stage};
use link::v1;
use roads::{SearchSpace, Wgs84, route};

use crate::centre::{CentreHandle, OrderCard, Outgoing, OutgoingKind};
use crate::road_weights::RoadsNow;

/// A way from somewhere to somewhere.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// Its line on the road, WGS-84; empty when there is no road between the two, or no map.
    pub(super) points: Vec<v1::Wgs84>,
    /// Expected time on it in seconds; 0: unknown.
    pub(super) travel_time_s: u32,
}

/// The ways that a message carries.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// From the vehicle to the patient.
    pub(super) to_scene: Way,
    /// From the patient to the hospital.
    pub(super) to_hospital: Way,
}

/// Finds ways. Searching takes milliseconds: never call it where others wait.
#[derive(Debug, Clone, Default)]
pub(super) struct WayFinder {
    /// One for all: orders are few, and a search is short.
    space: Arc<Mutex<SearchSpace>>,
}

impl WayFinder {
    /// The ways for a message; none for one that needs none.
    pub(super) fn find(&self, centre: &CentreHandle, outgoing: &Outgoing, record: &Record) -> Ways {
        let begun = std::time::Instant::now();
        let Some(roads) = centre.roads() else { return Ways::default() };
        let ways = match &outgoing.kind {
            OutgoingKind::Order(card) | OutgoingKind::Update(card) => {
                self.for_order(centre, &roads, card, record)
            }
            OutgoingKind::Destination { assignment, hospital, .. } => {
                let assignment = record.assignment(*assignment);
                let from = assignment.and_then(|assignment| conveys_from(centre, assignment, record));
                let to_hospital =
                    from.map(|from| self.way(&roads, from, hospital.position)).unwrap_or_default();
                Ways { to_hospital, ..Ways::default() }
            }
            OutgoingKind::Recall { .. } | OutgoingKind::Message { .. } => return Ways::default(),
        };
        metrics::histogram!("jichi_ways_search_seconds").record(begun.elapsed().as_secs_f64());
        ways
    }

    fn for_order(&self, centre: &CentreHandle, roads: &RoadsNow, card: &OrderCard, record: &Record) -> Ways {
        let OrderCard { assignment, incident, .. } = card;
        let scene = incident.sketch.place.position;
        let vehicle = whereabouts(centre, assignment, record);
        let reached = assignment.times.at(Stage::OnScene).is_some();
        let to_scene = match (vehicle, scene) {
            (Some(vehicle), Some(scene)) if !reached => self.way(roads, vehicle, scene),
            _ => Way::default(),
        };
        let chosen = assignment.destination.as_ref();
        let hospital = chosen.and_then(|chosen| record.hospitals().get(&chosen.hospital));
        let from = conveys_from(centre, assignment, record);
        let to_hospital = match (from, hospital) {
            (Some(from), Some(hospital)) => self.way(roads, from, hospital.spec.position),
            _ => Way::default(),
        };
        Ways { to_scene, to_hospital }
    }

    fn way(&self, roads: &RoadsNow, from: Wgs84, to: Wgs84) -> Way {
        let snaps = roads.map.snap(from, SNAP_M_MAX).zip(roads.map.snap(to, SNAP_M_MAX));
        let Some((from, to)) = snaps else { return Way::default() };
        // A search that panicked leaves nothing behind that the next one does not clear.
        let mut space = self.space.lock().unwrap_or_else(PoisonError::into_inner);
        let found = route(roads.map.network(), &roads.weights, &mut space, &from, &to);
        drop(space);
        found.map_or_else(Way::default, |found| Way {
            points: drawn(&found.points),
            travel_time_s: found.time.as_s().round().clamp(1.0, f64::from(u32::MAX)) as u32,
        })
    }
}

/// Where the unit is, or is taken to be.
fn whereabouts(centre: &CentreHandle, assignment: &Assignment, record: &Record) -> Option<Wgs84> {
    let seen = centre.picture().unit(assignment.unit).map(|unit| unit.fix.position);
    seen.or_else(|| Some(record.stations().get(&record.unit(assignment.unit)?.spec.station)?.position))
}

/// Where the way to the hospital begins: at the scene, and from the moment of leaving it wherever the vehicle is.
fn conveys_from(centre: &CentreHandle, assignment: &Assignment, record: &Record) -> Option<Wgs84> {
    let scene = record.incident(assignment.incident)?.sketch.place.position;
    let left = assignment.times.at(Stage::LeftScene).is_some();
    scene.filter(|_| !left).or_else(|| whereabouts(centre, assignment, record))
}

/// The line with as few points as keep it on its road. Taken piece by piece, so that the work grows with its length and not with
/// the square; what is then still too long loses every second point until it fits.
fn drawn(points: &[Wgs84]) -> Vec<v1::Wgs84> {
    let mut kept: Vec<Wgs84> = Vec::new();
    for from in (0..points.len()).step_by(PIECE_POINTS) {
        // The first point of a piece is the last of the one before.
        let piece = thinned(&points[from..points.len().min(from + PIECE_POINTS + 1)]);
        kept.extend(piece.into_iter().skip(usize::from(from > 0)));
    }
    while kept.len() > link::ROUTE_POINTS_MAX {
        let last = kept.len() - 1;
        let mut at = 0..;
        kept.retain(|_| at.next().is_some_and(|at: usize| at.is_multiple_of(2) || at == last));
    }
    kept.iter().map(|at| v1::Wgs84 { longitude_deg: at.longitude(), latitude_deg: at.latitude() }).collect()
}

/// The points that a line cannot leave out without going astray by more than [`TOLERANCE_M`] (Douglas and Peucker). The parts
/// still to look at are on a list, not on the stack: a long and winding way must not end the process.
fn thinned(points: &[Wgs84]) -> Vec<Wgs84> {
    let (Some(last), Some(&start)) = (points.len().checked_sub(1), points.first()) else { return Vec::new() };
    let flat: Vec<(f64, f64)> = points.iter().map(|&point| metres_from(start, point)).collect();
    let mut keep = vec![false; points.len()];
    (keep[0], keep[last]) = (true, true);
    let mut parts = vec![(0, last)];
    while let Some((from, to)) = parts.pop() {
        let inner = (from + 1..to).map(|at| (off_line(flat[at], flat[from], flat[to]), at));
        let Some((off_m, at)) = inner.max_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        if off_m > TOLERANCE_M {
            keep[at] = true;
            parts.extend([(from, at), (at, to)]);
        }
    }
    points.iter().zip(keep).filter_map(|(&point, keep)| keep.then_some(point)).collect()
}

/// East and north of a point in metres: flat, which is good enough along one way.
fn metres_from(start: Wgs84, point: Wgs84) -> (f64, f64) {
    let east_deg = point.longitude() - start.longitude();
    let north_deg = point.latitude() - start.latitude();
    (east_deg * METRES_A_DEGREE * start.latitude().to_radians().cos(), north_deg * METRES_A_DEGREE)
}

/// How far a point lies off the straight line between two others, in metres.
fn off_line(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let along = (x * (point.0 - from.0) + y * (point.1 - from.1)) / (x * x + y * y);
    let along = if along.is_finite() { along.clamp(0.0, 1.0) } else { 0.0 };
    (point.0 - from.0 - along * x).hypot(point.1 - from.1 - along * y)
}

/// A position farther than this from any road has no way.
const SNAP_M_MAX: f64 = 500.0;
/// A line may leave its road by this much.
const TOLERANCE_M: f64 = 3.0;
/// A piece that is thinned at once.
const PIECE_POINTS: usize = 256;
/// Of latitude.
const METRES_A_DEGREE: f64 = 111_195.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn zigzag(count: usize, height_deg: f64) -> Vec<Wgs84> {
        let at =
            |n: usize| (118.0 + n as f64 * 1e-4, 32.0 + if n.is_multiple_of(2) { 0.0 } else { height_deg });
        (0..count).map(at).map(|(lon, lat)| Wgs84::new(lon, lat).unwrap()).collect()
    }

    #[test]
    fn a_straight_road_needs_its_two_ends_only() {
        assert_eq!(drawn(&zigzag(200, 1e-6)).len(), 2);
        assert_eq!(drawn(&zigzag(500, 1e-6)).len(), 3, "two pieces");
        assert_eq!(drawn(&zigzag(500, 1e-3)).len(), 500);
    }

    #[test]
    fn no_line_has_more_points_than_the_link_allows() {
        let long = drawn(&zigzag(30_000, 1e-2));
        assert!(long.len() <= link::ROUTE_POINTS_MAX, "{}", long.len());
        assert!((long[0].longitude_deg - 118.0).abs() < 1e-9);
    }
}
