//! A city to try the system in: a generated one (海棠市) whose river, few bridges, ring road and hills make straight-line distance
//! wrong, or stations, units and hospitals placed on a real map. Deterministic by seed.

pub mod banks;
pub mod files;
pub mod names;
pub mod places;
pub mod plane;
pub mod real;
pub mod ring;
pub mod sites;
pub mod streets;
pub mod terrain;

pub use files::{CityFiles, write};
pub use places::{CityDistrict, north_of_river};
pub use plane::Point;
pub use real::around;
pub use sites::{HospitalPlan, StationPlan, UnitPlan, person_name};

use roads::base_map::HospitalSite;
use roads::{MapBuilder, MapError, NodeKey, RoadMap, WaySpec, Wgs84};

use crate::chance::Chance;

/// A city: its map and who stands ready in it.
#[derive(Debug)]
pub struct City {
    /// Its name.
    pub name: String,
    /// Roads and base map.
    pub map: RoadMap,
    /// Whose data the map is, where it is not OpenStreetMap's.
    pub map_attribution: Option<&'static str>,
    /// Districts, the smallest first; empty when the map has none.
    pub districts: Vec<CityDistrict>,
    /// Hospitals that take patients from ambulances.
    pub hospitals: Vec<HospitalPlan>,
    /// Stations.
    pub stations: Vec<StationPlan>,
    /// Units.
    pub units: Vec<UnitPlan>,
}

/// Generates the fictional city.
pub fn generate(seed: u64, unit_count: usize) -> Result<City, MapError> {
    let map = generate_map(seed)?;
    let on_road = |p: Point| on_road(&map, p.on_earth());
    let hospital = |(number, (name, at, skills)): (usize, &(&str, Point, &[_]))| HospitalPlan {
        id: format!("H{:02}", number + 1),
        name: (*name).to_owned(),
        position: on_road(*at),
        skills: skills.iter().copied().collect(),
    };
    let station = |(number, (name, at, _)): (usize, &(&str, Point, usize))| StationPlan {
        id: format!("S{:02}", number + 1),
        name: (*name).to_owned(),
        position: on_road(*at),
    };
    let hospitals = sites::HOSPITALS.iter().enumerate().map(hospital).collect();
    let stations: Vec<StationPlan> = sites::STATIONS.iter().enumerate().map(station).collect();
    let shares: Vec<usize> = sites::STATIONS.iter().map(|s| s.2).collect();
    let units = sites::units(&stations, &shares, unit_count, seed);
    Ok(City {
        name: CITY_NAME.to_owned(),
        map,
        map_attribution: Some(ATTRIBUTION),
        districts: places::districts(),
        hospitals,
        stations,
        units,
    })
}

/// The roads and base map of the fictional city alone.
pub fn generate_map(seed: u64) -> Result<RoadMap, MapError> {
    let mut sheet = streets::Sheet::default();
    let mut street_names = names::Names::new(&mut Chance::of(seed, "names", 0));
    let mut grid = streets::draw(&mut sheet, &mut street_names, seed);
    banks::draw(&mut sheet, &mut grid);
    ring::draw(&mut sheet, &grid);
    let mut map = MapBuilder::new();
    let keys: Vec<NodeKey> = sheet.nodes.iter().map(|node| map.add_node(node.on_earth())).collect();
    for (number, street) in sheet.streets.iter().enumerate() {
        let nodes = street.nodes.iter().map(|&node| keys[node as usize]).collect();
        let mut way = WaySpec::new(FIRST_WAY + number as i64, street.class, nodes);
        way.name.clone_from(&street.name);
        way.direction = street.direction;
        way.bridge = street.bridge;
        way.tunnel = street.tunnel;
        map.add_way(way);
    }
    places::draw(&mut map);
    for (name, at, _) in sites::HOSPITALS {
        map.add_hospital(HospitalSite {
            name: name.to_owned(),
            position: at.on_earth(),
            emergency: Some(true),
        });
    }
    map.build(&mut |_| {})
}

/// The nearest point of a road, so that a gate is where a vehicle can stand.
fn on_road(map: &RoadMap, position: Wgs84) -> Wgs84 {
    map.snap(position, SNAP_M_MAX).map_or(position, |snap| snap.on_road)
}

/// The generated city's name.
pub const CITY_NAME: &str = "海棠市";
/// Nobody must take the generated city for a real one.
const ATTRIBUTION: &str = "虚构城市 · fictional city";
/// Way ids start here: ids of one to three digits are too easily mistyped for one another at a desk.
const FIRST_WAY: i64 = 1_001;
/// A site farther than this from every road stays where it was put.
const SNAP_M_MAX: f64 = 3_000.0;

#[cfg(test)]
mod tests;
