//! Stations, units and hospitals on a real map: hospitals from the map where it names some, stations spread where roads are dense,
//! so that a centre can try its own city before it has typed in its master data.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::incident::{AreaClass, Skill};
use roads::base_map::{HospitalSite, PlaceKind, Polygon};
use roads::{RoadClass, RoadMap, Wgs84};

use super::sites::{HospitalPlan, StationPlan, units};
use super::{City, CityDistrict, on_road};

/// Places stations, units and hospitals on a map.
pub fn around(map: RoadMap, unit_count: usize, seed: u64) -> City {
    let cells = dense_cells(&map);
    let hospitals = hospitals(&map, &cells);
    let stations: Vec<StationPlan> = spread(&cells, STATION_COUNT.min(unit_count.max(1)))
        .into_iter()
        .enumerate()
        .map(|(number, at)| StationPlan {
            id: format!("S{:02}", number + 1),
            name: format!("{}站", near_name(&map, at).unwrap_or_else(|| format!("{:02} 号", number + 1))),
            position: on_road(&map, at),
        })
        .collect();
    let shares = vec![1; stations.len()];
    let units = units(&stations, &shares, unit_count, seed);
    let city = map.base_map().labels.iter().find(|label| label.kind == PlaceKind::City);
    let name = city.map_or_else(|| "演示城市".to_owned(), |label| label.name.clone());
    let districts = districts(&map);
    City { name, map, map_attribution: None, districts, hospitals, stations, units }
}

/// A part of the map and how much road lies in it.
#[derive(Debug, Clone, Copy)]
struct Cell {
    middle: Wgs84,
    road_m: f64,
}

/// Parts of about one kilometre with their length of city street, the longest first.
fn dense_cells(map: &RoadMap) -> Vec<Cell> {
    let network = map.network();
    let mut cells: BTreeMap<(i64, i64), (f64, f64, f64)> = BTreeMap::new();
    for number in 0..network.road_piece_count() {
        let piece = network.road_piece(number);
        // Motorways and yards say little about where people live.
        if piece.way.class <= RoadClass::MotorwayLink || piece.way.class >= RoadClass::Service {
            continue;
        }
        let at = piece.points[piece.points.len() / 2];
        let key = (
            (at.longitude() * CELLS_A_DEGREE).floor() as i64,
            (at.latitude() * CELLS_A_DEGREE).floor() as i64,
        );
        let cell = cells.entry(key).or_default();
        cell.0 += piece.length_m;
        cell.1 += at.longitude() * piece.length_m;
        cell.2 += at.latitude() * piece.length_m;
    }
    let middle = |(road_m, lon, lat): (f64, f64, f64)| {
        Some(Cell { middle: Wgs84::new(lon / road_m, lat / road_m).ok()?, road_m })
    };
    let mut cells: Vec<Cell> = cells.into_values().filter_map(middle).collect();
    cells.sort_by(|a, b| b.road_m.total_cmp(&a.road_m));
    cells
}

/// `count` places: each next one where the most road is far from all before it.
fn spread(cells: &[Cell], count: usize) -> Vec<Wgs84> {
    let mut chosen: Vec<Wgs84> = Vec::with_capacity(count);
    while chosen.len() < count {
        let worth = |cell: &Cell| {
            let near_m = chosen.iter().map(|c| c.distance_m(cell.middle)).fold(FAR_M, f64::min);
            cell.road_m * near_m
        };
        let Some(best) = cells.iter().max_by(|a, b| worth(a).total_cmp(&worth(b))) else { break };
        chosen.push(best.middle);
    }
    chosen
}

/// The map's hospitals with an emergency department first, thinned to those apart from one another; else the densest places.
fn hospitals(map: &RoadMap, cells: &[Cell]) -> Vec<HospitalPlan> {
    let mut sites: Vec<&HospitalSite> = map.base_map().hospitals.iter().collect();
    sites.retain(|site| {
        !site.name.is_empty() && site.emergency != Some(false) && map.snap(site.position, 500.0).is_some()
    });
    sites.sort_by(|a, b| (b.emergency, &a.name).cmp(&(a.emergency, &b.name)));
    let mut taken: Vec<(String, Wgs84)> = Vec::new();
    for site in sites {
        if taken.len() < HOSPITAL_COUNT && taken.iter().all(|(_, at)| at.distance_m(site.position) > 600.0) {
            taken.push((site.name.clone(), site.position));
        }
    }
    if taken.is_empty() {
        let made_up = |(number, at): (usize, Wgs84)| (format!("第{}医院", COUNT_WORDS[number]), at);
        taken = spread(cells, COUNT_WORDS.len()).into_iter().enumerate().map(made_up).collect();
    }
    let plan = |(number, (name, at)): (usize, (String, Wgs84))| HospitalPlan {
        id: format!("H{:02}", number + 1),
        name,
        position: on_road(map, at),
        skills: SKILLS[number % SKILLS.len()].iter().copied().collect::<BTreeSet<Skill>>(),
    };
    taken.into_iter().enumerate().map(plan).collect()
}

/// The map's districts, the smallest first, all counted as a city's core: a map does not say more.
fn districts(map: &RoadMap) -> Vec<CityDistrict> {
    let mut districts: Vec<_> = map.base_map().districts.iter().collect();
    districts.sort_by_key(|district| std::cmp::Reverse(district.admin_level));
    let part = |name: &str, polygon: &Polygon| CityDistrict {
        name: name.to_owned(),
        area: AreaClass::CityCore,
        border: polygon.outer.clone(),
    };
    districts
        .iter()
        .flat_map(|d| d.polygons.iter().map(|polygon| part(&d.name, polygon)))
        .take(DISTRICTS_MAX)
        .collect()
}

fn near_name(map: &RoadMap, at: Wgs84) -> Option<String> {
    let near = |label: &&roads::base_map::MapLabel| {
        label.position.distance_m(at) < 1_500.0 && !label.name.is_empty()
    };
    let labels = map.base_map().labels.iter().filter(near);
    labels
        .min_by(|a, b| a.position.distance_m(at).total_cmp(&b.position.distance_m(at)))
        .map(|label| label.name.clone())
}

const CELLS_A_DEGREE: f64 = 100.0;
const FAR_M: f64 = 30_000.0;
const STATION_COUNT: usize = 13;
const HOSPITAL_COUNT: usize = 8;
const DISTRICTS_MAX: usize = 60;
const COUNT_WORDS: [&str; 4] = ["一", "二", "三", "四"];
/// What the hospitals are assumed to be equipped for, in turn: a map does not say, a centre must.
const SKILLS: [&[Skill]; 4] = [
    &[Skill::ChestPain, Skill::Stroke, Skill::Trauma],
    &[Skill::ChestPain, Skill::Stroke],
    &[Skill::Maternal, Skill::Newborn],
    &[Skill::Trauma],
];
