//! Real OpenStreetMap extracts, where they are at hand (`../shared/data/osm` from the project's root): the import, known one-way
//! streets and turn rules, the map file, and the travel times against a plain forward Dijkstra.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::OnceLock;

use roads::base_map::{AreaKind, LineKind};
use roads::{
    ArcId, Network, Profile, ReverseSearch, RoadClass, RoadMap, SearchSpace, Snap, TableIndex, U_TURN_S,
    Weights, Wgs84,
};

pub(crate) fn extract(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/osm").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("MISSING: {} is not here; this test checks nothing without it", path.display());
    }
    bytes
}

pub(crate) fn porto() -> Option<&'static RoadMap> {
    static PORTO: OnceLock<Option<RoadMap>> = OnceLock::new();
    let read = || {
        Some(RoadMap::from_osm_pbf(&extract("porto-2015.osm.pbf")?, &mut |_| {}).expect("a sound extract"))
    };
    PORTO.get_or_init(read).as_ref()
}

/// Places spread over the network, the same in every run.
fn places(network: &Network, count: usize, seed: usize) -> Vec<Snap> {
    let arcs: Vec<ArcId> = network.ways().flat_map(|way| network.arcs_of_way(way.id)).collect();
    (0..count)
        .map(|n| {
            Snap::on_arc(network, arcs[(n * 7_919 + seed * 104_729) % arcs.len()], (n % 10) as f64 / 9.0)
        })
        .collect()
}

#[test]
fn porto_has_roads_with_names() {
    let Some(map) = porto() else { return };
    let network = map.network();
    assert!(network.arc_count() > 50_000, "{}", network.arc_count());
    assert!(network.ways().any(|way| way.name == "Avenida da Boavista"));
    assert!(network.ways().any(|way| way.bridge && way.class == RoadClass::Motorway));
    assert!(map.bounds().contains(Wgs84::new(-8.61, 41.15).expect("Porto")));
}

#[test]
fn helsinki_has_scenery() {
    let Some(bytes) = extract("helsinki-centre.osm.pbf") else { return };
    let map = RoadMap::from_osm_pbf(&bytes, &mut |_| {}).expect("a sound extract");
    let base = map.base_map();
    let areas = |kind| base.areas.iter().filter(|area| area.kind == kind).count();
    assert!(areas(AreaKind::Green) > 5, "{} green areas", areas(AreaKind::Green));
    assert!(base.lines.iter().any(|line| line.kind == LineKind::Railway));
    assert!(base.labels.iter().any(|label| label.name == "Kluuvi"), "{:?}", base.labels);
}

#[test]
fn every_place_of_porto_reaches_every_other() {
    let Some(map) = porto() else { return };
    let weights = Weights::base(map.network(), Profile::Ordinary);
    let mut space = SearchSpace::new();
    for target in places(map.network(), 3, 1) {
        let mut search = ReverseSearch::new(map.network(), &weights, &mut space, &target);
        for source in places(map.network(), 500, 2) {
            assert!(search.time_to_reach(&source).is_some(), "from {source:?} to {target:?}");
        }
    }
}

#[test]
fn travel_times_in_porto_are_those_of_a_plain_dijkstra() {
    let Some(map) = porto() else { return };
    let network = map.network();
    let weights = Weights::base(network, Profile::LightsAndSirens);
    let sources = places(network, 6, 3);
    let targets = places(network, 60, 4);
    let index = TableIndex::new(map);
    let table = index.customise(map, &weights).times(&sources, &targets);
    let mut space = SearchSpace::new();
    for (s, source) in sources.iter().enumerate() {
        let judged = forward(network, &weights, source, &targets);
        for (t, target) in targets.iter().enumerate() {
            let found = ReverseSearch::new(network, &weights, &mut space, target).time_to_reach(source);
            assert_eq!(found.map(roads::TravelTime::us), judged[t], "search from {source:?} to {target:?}");
            assert_eq!(table[s][t], found, "table from {source:?} to {target:?}");
        }
    }
}

#[test]
fn the_other_extracts_can_be_read_too() {
    for (name, arcs_min) in [("helsinki-centre.osm.pbf", 300), ("wuhan-undirected.osm.pbf", 50_000)] {
        let Some(bytes) = extract(name) else { continue };
        let map = RoadMap::from_osm_pbf(&bytes, &mut |_| {}).expect("a sound extract");
        assert!(map.network().arc_count() > arcs_min, "{name}: {} arcs", map.network().arc_count());
    }
}

#[test]
fn porto_comes_back_from_its_map_file() {
    let Some(map) = porto() else { return };
    let bytes = map.to_bytes();
    let again = RoadMap::from_bytes(&bytes).expect("what was written can be read");
    assert_eq!(again.id(), map.id());
    assert_eq!(again.base_map(), map.base_map());
    assert_eq!(again.to_bytes(), bytes);
    let weights = |map: &RoadMap| Weights::base(map.network(), Profile::Ordinary).id().to_owned();
    assert_eq!(weights(&again), weights(map));
}

/// Forward over arcs from the source, with a heap: the same graph, the other direction, none of the crate's search code.
fn forward(network: &Network, weights: &Weights, source: &Snap, targets: &[Snap]) -> Vec<Option<u64>> {
    let us = |arc: ArcId| weights.arc_time(arc).expect("nothing is closed").us();
    let along = |arc: ArcId, fraction: f64| (us(arc) as f64 * fraction).round() as u64;
    let arcs: Vec<ArcId> = crate::oracle::arcs(network).collect();
    let mut leaving: BTreeMap<usize, Vec<ArcId>> = BTreeMap::new();
    for &arc in &arcs {
        leaving.entry(network.arc_ends(arc).0.index()).or_default().push(arc);
    }
    // Time at the beginning of each arc, turn into it included.
    let mut at_begin: Vec<Option<u64>> = vec![None; network.arc_count()];
    let mut heap = BinaryHeap::new();
    let turn = |heap: &mut BinaryHeap<_>, at_begin: &mut Vec<Option<u64>>, from: ArcId, end_us: u64| {
        for &to in leaving.get(&network.arc_ends(from).1.index()).into_iter().flatten() {
            if network.may_turn(from, to) {
                let back = if network.twin(from) == Some(to) { (U_TURN_S * 1e6) as u64 } else { 0 };
                if at_begin[to.index()].is_none_or(|known| end_us + back < known) {
                    at_begin[to.index()] = Some(end_us + back);
                    heap.push(Reverse((end_us + back, to)));
                }
            }
        }
    };
    for (arc, fraction) in source.arcs(network) {
        turn(&mut heap, &mut at_begin, arc, us(arc) - along(arc, fraction));
    }
    while let Some(Reverse((begin, arc))) = heap.pop() {
        if at_begin[arc.index()] == Some(begin) {
            turn(&mut heap, &mut at_begin, arc, begin + us(arc));
        }
    }
    let time_to = |target: &Snap| {
        let ends: Vec<_> = target.arcs(network).collect();
        let driven =
            ends.iter().filter_map(|&(arc, f)| at_begin[arc.index()].map(|begin| begin + along(arc, f)));
        let ahead = source.arcs(network).flat_map(|(from, begin)| {
            ends.iter()
                .filter(move |&&(to, end)| to == from && end >= begin)
                .map(move |&(arc, end)| (arc, begin, end))
        });
        driven.chain(ahead.map(|(arc, begin, end)| along(arc, end) - along(arc, begin))).min()
    };
    targets.iter().map(time_to).collect()
}
