//! What is drawn under the roads and what has a name on it: water, green, built-up areas, railways, places, districts, hospitals.

use serde::{Deserialize, Serialize};

use crate::{Bounds, Wgs84};

/// Everything to draw that is not a road.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseMap {
    /// Areas, in the order of drawing.
    pub areas: Vec<MapArea>,
    /// Rivers, canals, railways.
    pub lines: Vec<MapLine>,
    /// Names of places.
    pub labels: Vec<MapLabel>,
    /// Administrative districts with a name.
    pub districts: Vec<District>,
    /// Hospitals as the map knows them.
    pub hospitals: Vec<HospitalSite>,
}

impl BaseMap {
    /// The smallest named district around the position.
    pub fn district_at(&self, p: Wgs84) -> Option<&District> {
        self.districts
            .iter()
            .filter(|d| d.polygons.iter().any(|polygon| polygon.contains(p)))
            .max_by_key(|d| d.admin_level)
    }

    /// All positions rounded to what the map file keeps, so that a map is the same before and after it was stored.
    pub(crate) fn rounded(mut self) -> Self {
        let areas = self.areas.iter_mut().map(|area| &mut area.polygon);
        for polygon in areas.chain(self.districts.iter_mut().flat_map(|d| &mut d.polygons)) {
            polygon.outer.iter_mut().chain(polygon.holes.iter_mut().flatten()).for_each(round);
        }
        self.lines.iter_mut().flat_map(|line| &mut line.points).for_each(round);
        self.labels.iter_mut().map(|label| &mut label.position).for_each(round);
        self.hospitals.iter_mut().map(|hospital| &mut hospital.position).for_each(round);
        self
    }
}

/// An area of one kind, with its name where it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct MapArea {
    /// What it is.
    pub kind: AreaKind,
    /// Its name; empty when it has none.
    pub name: String,
    /// Its shape.
    pub polygon: Polygon,
}

/// A closed ring with holes. Rings repeat their first point at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    /// The outer ring.
    pub outer: Vec<Wgs84>,
    /// Rings cut out of it.
    pub holes: Vec<Vec<Wgs84>>,
}

impl Polygon {
    /// Whether the position lies inside and in none of the holes.
    pub fn contains(&self, p: Wgs84) -> bool {
        ring_contains(&self.outer, p) && !self.holes.iter().any(|hole| ring_contains(hole, p))
    }

    /// The box around it; `None` for an empty ring.
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.outer.iter().copied())
    }
}

/// What an area shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum AreaKind {
    /// Houses, shops, factories.
    BuiltUp = 0,
    /// Parks, woods, grass, fields.
    Green = 1,
    /// Rivers, lakes, the sea.
    Water = 2,
    /// Grounds of a hospital.
    HospitalGrounds = 3,
}

/// A line that is not a road.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLine {
    /// What it is.
    pub kind: LineKind,
    /// Its name; empty when it has none.
    pub name: String,
    /// Its points in order.
    pub points: Vec<Wgs84>,
}

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum LineKind {
    /// River, canal, stream.
    Waterway = 0,
    /// Railway or metro above ground.
    Railway = 1,
}

/// The name of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLabel {
    /// How big the place is.
    pub kind: PlaceKind,
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub position: Wgs84,
}

/// How big a place is, biggest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PlaceKind {
    /// 市.
    City = 0,
    /// 镇, town.
    Town = 1,
    /// 区, 街道.
    Suburb = 2,
    /// 村.
    Village = 3,
    /// A quarter or a named group of houses.
    Neighbourhood = 4,
}

/// An administrative district.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    /// Its name.
    pub name: String,
    /// OpenStreetMap's `admin_level`: the higher, the smaller the district.
    pub admin_level: u8,
    /// Its parts.
    pub polygons: Vec<Polygon>,
}

/// A hospital as the map knows it: a start for the list of receiving hospitals, to be checked by people.
#[derive(Clone, Debug, PartialEq)]
pub struct HospitalSite {
    /// Its name.
    pub name: String,
    /// A point in its grounds.
    pub position: Wgs84,
    /// `Some(true)` when the map says it has an emergency department, `Some(false)` when it says it has none.
    pub emergency: Option<bool>,
}

fn round(position: &mut Wgs84) {
    *position = crate::network::point(position.to_e7());
}

fn ring_contains(ring: &[Wgs84], p: Wgs84) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.latitude() > p.latitude()) != (b.latitude() > p.latitude()) {
            let along = (p.latitude() - a.latitude()) / (b.latitude() - a.latitude());
            if p.longitude() < a.longitude() + along * (b.longitude() - a.longitude()) {
                inside = !inside;
            }
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Vec<Wgs84> {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)]
            .map(|(x, y)| Wgs84::new(west + x, south + y).unwrap())
            .to_vec()
    }

    #[test]
    fn a_hole_is_outside_and_the_smallest_district_wins() {
        let city = Polygon { outer: square(0.0, 0.0, 10.0), holes: vec![square(8.0, 8.0, 1.0)] };
        let quarter = Polygon { outer: square(1.0, 1.0, 2.0), holes: vec![] };
        let map = BaseMap {
            districts: vec![
                District { name: "quarter".into(), admin_level: 9, polygons: vec![quarter] },
                District { name: "city".into(), admin_level: 6, polygons: vec![city] },
            ],
            ..BaseMap::default()
        };
        let name_at = |x, y| map.district_at(Wgs84::new(x, y).unwrap()).map(|d| d.name.as_str());
        assert_eq!(name_at(2.0, 2.0), Some("quarter"));
        assert_eq!(name_at(5.0, 5.0), Some("city"));
        assert_eq!(name_at(8.5, 8.5), None);
        assert_eq!(name_at(11.0, 5.0), None);
    }
}
