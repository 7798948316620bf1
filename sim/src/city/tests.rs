//! The generated city is what it is made for: the same by seed, and a place where straight distance misleads.

use std::collections::BTreeSet;

use roads::{Profile, RoadMap, SearchSpace, Weights, Wgs84, route, straight_line_time};

use super::plane::Point;
use super::terrain::{river_half_m, river_y};
use super::*;

fn map() -> RoadMap {
    generate_map(1).unwrap()
}

/// Time and length of the way, when `closed` roads are closed.
fn way(map: &RoadMap, from: Wgs84, to: Wgs84, closed: &BTreeSet<i64>) -> Option<(f64, f64)> {
    let weights = Weights::base(map.network(), Profile::LightsAndSirens).with_closures(map.network(), closed);
    let (from, to) = (map.snap(from, 500.0)?, map.snap(to, 500.0)?);
    route(map.network(), &weights, &mut SearchSpace::new(), &from, &to)
        .map(|way| (way.time.as_s(), way.length_m))
}

/// Two places that face each other across the water.
fn banks(x: f64) -> (Wgs84, Wgs84) {
    let off_m = river_half_m(x) + 60.0;
    (Point::new(x, river_y(x) + off_m).on_earth(), Point::new(x, river_y(x) - off_m).on_earth())
}

#[test]
fn the_same_seed_draws_the_same_city() {
    assert_eq!(map().to_bytes(), map().to_bytes());
    assert_ne!(map().id(), generate_map(2).unwrap().id());
}

#[test]
fn it_has_the_size_of_a_city_and_bridges_with_names() {
    let map = map();
    let junctions = map.network().node_count();
    assert!((5_000..12_000).contains(&junctions), "{junctions} junctions");
    let bounds = map.bounds();
    let across_m = bounds.south_west.distance_m(bounds.north_east);
    assert!((27_000.0..33_000.0).contains(&across_m), "{across_m} m from corner to corner");
    let bridges: BTreeSet<&str> = map.network().ways().filter(|way| way.bridge).map(|way| way.name).collect();
    for name in ["一桥", "二桥", "三桥", "绕城西大桥", "绕城东大桥", "临溪桥"] {
        assert!(bridges.contains(name), "{name} is not among {bridges:?}");
    }
    assert!(map.network().ways().any(|way| way.tunnel));
    assert!(map.network().ways().any(|way| way.name.starts_with("解放")));
}

#[test]
fn from_bank_to_bank_the_straight_line_is_wrong() {
    let map = map();
    let (north, south) = banks(9_200.0);
    let (time_s, length_m) = way(&map, north, south, &BTreeSet::new()).unwrap();
    let straight_m = north.distance_m(south);
    assert!(length_m > 4.0 * straight_m, "{length_m} m by road, {straight_m} m straight");
    assert!(time_s > 2.0 * straight_line_time(north, south, Profile::LightsAndSirens).as_s());
}

#[test]
fn a_closed_bridge_costs_minutes() {
    let map = map();
    let (north, south) = banks(13_500.0);
    let bridge: BTreeSet<i64> =
        map.network().ways().filter(|way| way.name == "二桥").map(|way| way.id).collect();
    let open_s = way(&map, north, south, &BTreeSet::new()).unwrap().0;
    let closed_s = way(&map, north, south, &bridge).unwrap().0;
    assert!(closed_s > open_s + 120.0, "{open_s} s open, {closed_s} s closed");
}

#[test]
fn stations_and_hospitals_stand_on_both_banks_and_reach_each_other() {
    let city = generate(1, 40).unwrap();
    assert_eq!((city.units.len(), city.stations.len(), city.hospitals.len()), (40, 13, 6));
    let none = BTreeSet::new();
    for station in &city.stations {
        for hospital in &city.hospitals {
            let way = way(&city.map, station.position, hospital.position, &none);
            assert!(
                way.is_some_and(|(time_s, _)| time_s < 3_600.0),
                "{} to {}: {way:?}",
                station.name,
                hospital.name
            );
        }
    }
    let names: BTreeSet<&str> =
        city.units.iter().flat_map(|u| u.crew.iter().map(|(name, _)| name.as_str())).collect();
    assert_eq!(names.len(), 120, "every person has a name of their own");
}

#[test]
fn a_real_map_gets_stations_and_hospitals_too() {
    let city = around(map(), 20, 1);
    assert_eq!((city.units.len(), city.stations.len(), city.hospitals.len()), (20, 13, 6));
    assert_eq!(city.name, "海棠市");
    assert!(city.hospitals.iter().any(|hospital| hospital.name == "海棠市第一人民医院"));
    assert_eq!(city.districts.len(), 5);
}

#[test]
fn the_files_can_be_read_back() {
    let out = std::env::temp_dir().join(format!("jichi-city-{}", uuid::Uuid::now_v7()));
    let files = CityFiles {
        out: out.clone(),
        clock_file: Some("clock.toml".into()),
        clock_rate: 30.0,
        api: "127.0.0.1:8120".into(),
        vehicles: "127.0.0.1:9120".into(),
        first_terminal_port: 8201,
        first_feed_port: 9301,
        calls_per_day: 260.0,
        seed: 1,
    };
    write(&generate(1, 3).unwrap(), &files).unwrap();
    let drive = crate::drive::config::Config::read(&out.join("drive.toml")).unwrap();
    assert_eq!((drive.units.len(), drive.units[2].feed.as_str()), (3, "127.0.0.1:9303"));
    let table = |name: &str| std::fs::read_to_string(out.join(name)).unwrap().parse::<toml::Table>().unwrap();
    let centre = table("centre.toml");
    assert_eq!(centre["centre"]["name"].as_str(), Some("海棠市急救中心"));
    assert_eq!(centre["districts"].as_array().map(Vec::len), Some(5));
    assert_eq!(table("agents/A02.toml")["terminal"].as_str(), Some("127.0.0.1:8202"));
    assert_eq!(RoadMap::from_bytes(&std::fs::read(out.join("city.map")).unwrap()).unwrap().id(), map().id());
    std::fs::remove_dir_all(out).unwrap();
}
