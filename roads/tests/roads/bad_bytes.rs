//! Bytes that are not what they should be: every one of them gets an error in words, none a panic.

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use roads::{MapBuilder, MapError, RoadClass, RoadMap, WaySpec};

use crate::city::position;

fn helsinki() -> Option<&'static [u8]> {
    static BYTES: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/osm/helsinki-centre.osm.pbf");
    let bytes = BYTES.get_or_init(|| std::fs::read(&path).ok());
    if bytes.is_none() {
        eprintln!("MISSING: {} is not here; only made-up bytes are checked", path.display());
    }
    bytes.as_deref()
}

fn read(bytes: &[u8]) -> Result<RoadMap, MapError> {
    RoadMap::from_osm_pbf(bytes, &mut |_| {})
}

fn small_map() -> RoadMap {
    let mut builder = MapBuilder::new();
    let a = builder.add_node(position(0.0, 0.0));
    let b = builder.add_node(position(0.01, 0.0));
    builder.add_way(WaySpec { name: "a street".into(), ..WaySpec::new(1, RoadClass::Primary, vec![a, b]) });
    builder.build(&mut |_| {}).expect("a sound town")
}

#[test]
fn empty_and_foreign_files_are_named_for_what_they_are() {
    assert!(matches!(read(b""), Err(MapError::Empty)));
    for foreign in [
        &b"\x1f\x8b\x08 a gzip"[..],
        b"<?xml version=\"1.0\"?><osm/>",
        b"PK\x03\x04",
        b"x",
        &[0; 4096],
        &[0xff; 64],
    ] {
        let error = read(foreign).expect_err("not a PBF");
        assert!(matches!(error, MapError::NotPbf { .. }), "{error}");
    }
    assert!(matches!(RoadMap::from_bytes(b"no map"), Err(MapError::NotAMapFile)));
}

#[test]
fn a_cut_file_says_so_at_every_length() {
    let Some(bytes) = helsinki() else { return };
    for cut in (1..bytes.len()).step_by(bytes.len() / 97) {
        match read(&bytes[..cut]) {
            // A cut between two blocks leaves a sound but smaller file.
            Ok(_) | Err(MapError::Truncated { .. } | MapError::NotPbf { .. } | MapError::NoRoads) => {}
            Err(other) => panic!("cut at {cut}: {other}"),
        }
    }
}

#[test]
fn a_block_that_claims_to_be_huge_is_refused_before_anything_is_allocated() {
    // BlobHeader { type: "OSMHeader", datasize: 2^31 - 1 }, then nothing.
    let header = b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\x07";
    let mut bytes = (header.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(header);
    assert!(matches!(read(&bytes), Err(MapError::NotPbf { .. })));
    // A negative size.
    let header = b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let mut bytes = (header.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(header);
    assert!(matches!(read(&bytes), Err(MapError::NotPbf { .. })));
}

#[test]
fn a_map_file_of_another_version_or_with_a_changed_byte_is_refused() {
    let bytes = small_map().to_bytes();
    let mut other = bytes.clone();
    other[8] = 99;
    assert!(matches!(RoadMap::from_bytes(&other), Err(MapError::OtherVersion { found: 99, .. })));
    for at in 12..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        assert!(matches!(RoadMap::from_bytes(&changed), Err(MapError::DamagedMapFile { .. })), "byte {at}");
        assert!(RoadMap::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 50, ..ProptestConfig::default() })]

    /// Changed bytes anywhere: an error or a map, never a panic that leaves the crate.
    #[test]
    fn damaged_extracts_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        near_the_start in any::<bool>(),
    ) {
        let Some(bytes) = helsinki() else { return Ok(()) };
        let mut bytes = bytes.to_vec();
        let reach = if near_the_start { 400 } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(reach)] = value;
        }
        prop_assert!(catch_unwind(|| drop(read(&bytes))).is_ok());
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(catch_unwind(|| drop(read(&bytes))).is_ok());
        prop_assert!(RoadMap::from_bytes(&bytes).is_err());
    }
}
