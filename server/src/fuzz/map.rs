//! OpenStreetMap extracts and map files, as a download or a disk may leave them.

use roads::{RoadMap, Wgs84};
use sha2::{Digest, Sha256};

use super::damaged;
use crate::api::small_city;

/// Two streets, uncompressed, so that damage reaches what is behind the blocks.
const EXTRACT: &[u8] = include_bytes!("__fuzz__/map_extract/corpus/two-streets.osm.pbf");

#[test]
fn extracts() {
    let sound = RoadMap::from_osm_pbf(EXTRACT, &mut |_| {}).expect("the corpus holds a sound extract");
    used(&sound);
    bolero::check!(name = "map_extract").with_iterations(ITERATIONS).with_max_len(512).for_each(
        |input: &[u8]| {
            for bytes in [input, &damaged(EXTRACT, input)] {
                if let Ok(map) = RoadMap::from_osm_pbf(bytes, &mut |_| {}) {
                    used(&map);
                }
            }
        },
    );
}

#[test]
fn map_files() {
    let sound = small_city().to_bytes();
    bolero::check!(name = "map_file").with_iterations(ITERATIONS).with_max_len(512).for_each(
        |input: &[u8]| {
            for bytes in [input, &damaged(&sound, input), &rehashed(&sound, input)] {
                if let Ok(map) = RoadMap::from_bytes(bytes) {
                    used(&map);
                }
            }
        },
    );
}

/// A map that was taken is a map that can be used, and kept. Its file may have been written in another way than ours (a number in more bytes
/// than it needs), which gives it another id; what we write of it is always the same.
fn used(map: &RoadMap) {
    let written = map.to_bytes();
    let kept = RoadMap::from_bytes(&written).expect("a map that was taken can be kept");
    assert!(kept.to_bytes() == written, "a map that was kept is the same map");
    let middle = Wgs84::new(114.31, 30.6).expect("invariant: a place on the earth");
    let _ = map.snap(middle, 5_000.0);
}

/// A damaged map file whose checksum is right: as somebody would send it on purpose.
fn rehashed(sound: &[u8], input: &[u8]) -> Vec<u8> {
    let contents = damaged(&sound[HEADER_BYTES..], input);
    let mut file = sound[..LENGTH_AT].to_vec();
    file.extend_from_slice(&(contents.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&contents));
    file.extend_from_slice(&contents);
    file
}

/// Mark and version come before the length, the checksum after it.
const LENGTH_AT: usize = 8 + 4;
const HEADER_BYTES: usize = LENGTH_AT + 8 + 32;
const ITERATIONS: usize = 400;
