//! Tiles read back as a browser reads them.

use prost::Message;

use super::mercator::TileId;
use super::{TileMaker, tile};
use crate::api::small_city;

/// The part of the Mapbox Vector Tile format that is looked at here.
#[derive(Clone, PartialEq, Message)]
struct ReadTile {
    #[prost(message, repeated, tag = "3")]
    layers: Vec<ReadLayer>,
}

#[derive(Clone, PartialEq, Message)]
struct ReadLayer {
    #[prost(uint32, required, tag = "15")]
    version: u32,
    #[prost(string, required, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    features: Vec<ReadFeature>,
    #[prost(string, repeated, tag = "3")]
    keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    values: Vec<ReadValue>,
    #[prost(uint32, optional, tag = "5")]
    extent: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct ReadFeature {
    #[prost(uint32, repeated, tag = "2")]
    tags: Vec<u32>,
    #[prost(uint32, optional, tag = "3")]
    kind: Option<u32>,
    #[prost(uint32, repeated, tag = "4")]
    geometry: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct ReadValue {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(int64, optional, tag = "4")]
    number: Option<i64>,
    #[prost(bool, optional, tag = "7")]
    truth: Option<bool>,
}

fn read(z: u8, x: u32, y: u32) -> ReadTile {
    let maker = TileMaker::of(&small_city());
    let bytes = tile::draw(&maker.index, TileId::new(z, x, y).unwrap()).unwrap();
    ReadTile::decode(bytes.as_slice()).unwrap()
}

fn texts(layer: &ReadLayer) -> Vec<&str> {
    layer.values.iter().filter_map(|value| value.text.as_deref()).collect()
}

#[test]
fn a_tile_has_the_city_in_its_layers() {
    let tile = read(10, 837, 420);
    let names: Vec<&str> = tile.layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["water", "roads", "labels"]);
    assert!(tile.layers.iter().all(|layer| layer.version == 2 && layer.extent == Some(4096)));
    let roads = &tile.layers[1];
    assert!(texts(roads).contains(&"滨江路") && texts(roads).contains(&"primary"), "{roads:?}");
    assert_eq!(roads.keys, ["class", "name", "way", "bridge", "tunnel"]);
    // Residential streets are not seen from so far away.
    assert!(!texts(roads).contains(&"解放大道"));
    assert!(texts(&tile.layers[2]).contains(&"江岸"));
}

#[test]
fn small_streets_are_seen_from_near_and_water_has_its_hole() {
    let tile = read(13, 6697, 3363);
    let roads = tile.layers.iter().find(|layer| layer.name == "roads").unwrap();
    assert!(texts(roads).contains(&"解放大道"), "{roads:?}");
    let water = tile.layers.iter().find(|layer| layer.name == "water").unwrap();
    let rings = areas(&water.features[0].geometry);
    assert_eq!(rings.len(), 2, "{rings:?}");
    assert!(rings[0] > 0 && rings[1] < 0, "an outer ring turns one way and a hole the other: {rings:?}");
}

/// Twice the area of each ring, signed, by the format's own commands.
fn areas(geometry: &[u32]) -> Vec<i64> {
    let unzigzag = |value: u32| i64::from((value >> 1) as i32 ^ -((value & 1) as i32));
    let (mut at, mut rings, mut ring) = ((0i64, 0i64), Vec::new(), Vec::new());
    let mut rest = geometry.iter();
    while let Some(&command) = rest.next() {
        let (id, count) = (command & 7, command >> 3);
        if id == 7 {
            let next = ring.iter().cycle().skip(1);
            let double =
                ring.iter().zip(next).map(|(a, b): (&(i64, i64), &(i64, i64))| a.0 * b.1 - b.0 * a.1).sum();
            rings.push(double);
            ring.clear();
            continue;
        }
        for _ in 0..count {
            let (dx, dy) = (unzigzag(*rest.next().unwrap()), unzigzag(*rest.next().unwrap()));
            at = (at.0 + dx, at.1 + dy);
            ring.push(at);
        }
    }
    rings
}
