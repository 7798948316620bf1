//! An immutable picture of the fleet for readers: every unit's position with its age, and an R-tree over them.

use roads::Wgs84;
use rstar::RTree;
use rstar::primitives::GeomWithData;

use super::Fix;
use crate::ids::UnitId;
use crate::time::{Span, UtcTime};

/// Where one unit is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitFix {
    /// The unit.
    pub unit: UnitId,
    /// Its present position.
    pub fix: Fix,
    /// When it last gave a sign of life, UTC.
    pub heard_at: UtcTime,
}

/// The fleet at one moment.
#[derive(Debug, Clone)]
pub struct FleetPicture {
    at: UtcTime,
    /// In the order of the units' codes.
    units: Vec<UnitFix>,
    tree: RTree<GeomWithData<[f64; 3], u32>>,
}

impl FleetPicture {
    /// A picture of these positions. Of several positions of one unit the last counts.
    pub fn new(at: UtcTime, mut units: Vec<UnitFix>) -> Self {
        // Reversed first: the sort is stable, so that the last of a unit's positions comes to stand before the others.
        units.reverse();
        units.sort_by_key(|located| located.unit);
        units.dedup_by_key(|located| located.unit);
        let points = units.iter().enumerate();
        let points =
            points.map(|(place, located)| GeomWithData::new(on_sphere(located.fix.position), place as u32));
        let tree = RTree::bulk_load(points.collect());
        Self { at, units, tree }
    }

    /// A picture without units.
    pub fn empty(at: UtcTime) -> Self {
        Self::new(at, Vec::new())
    }

    /// When it was taken, UTC.
    pub fn at(&self) -> UtcTime {
        self.at
    }

    /// Every unit with a position, in the order of their codes.
    pub fn units(&self) -> &[UnitFix] {
        &self.units
    }

    /// Where one unit is.
    pub fn unit(&self, unit: UnitId) -> Option<&UnitFix> {
        let place = self.units.binary_search_by_key(&unit, |located| located.unit).ok()?;
        self.units.get(place)
    }

    /// The units by straight distance from a place, nearest first, found one by one as they are asked for, each with its
    /// distance in metres.
    pub fn by_distance(&self, place: Wgs84) -> impl Iterator<Item = (&UnitFix, f64)> + '_ {
        self.tree.nearest_neighbor_iter(on_sphere(place)).filter_map(move |found| {
            let located = self.units.get(found.data as usize)?;
            Some((located, place.distance_m(located.fix.position)))
        })
    }

    /// The nearest `count` units by straight distance, nearest first.
    pub fn nearest(&self, place: Wgs84, count: usize) -> Vec<(&UnitFix, f64)> {
        self.by_distance(place).take(count).collect()
    }
}

impl UnitFix {
    /// How old the position is; never negative.
    pub fn age(&self, now: UtcTime) -> Span {
        now.since(self.fix.at).max(Span::ZERO)
    }
}

/// A point on the unit sphere: chords keep the order of great circles, anywhere on the earth.
fn on_sphere(place: Wgs84) -> [f64; 3] {
    let (longitude, latitude) = (place.longitude().to_radians(), place.latitude().to_radians());
    [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()]
}
