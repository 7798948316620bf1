//! Measures the crate on a real extract, prints a table, and writes `target/bench/roads.json` (rows of
//! `{"what","value","unit","peer","ratio"}`): `cargo run --release -p roads --example bench_roads -- FILE.osm.pbf`.
//! The peer of a search is a one-to-all Dijkstra over the same network in the same run.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads a file, a clock, and prints"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::process::ExitCode;
use std::time::Instant;

use roads::{
    ArcId, Network, Profile, ReverseSearch, RoadMap, SearchSpace, Snap, Source, TableIndex, TravelTime,
    Weights, nearest_arrivals, travel_time,
};
use serde_json::json;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bench_roads FILE.osm.pbf");
        return ExitCode::FAILURE;
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("cannot read {path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut rows = Rows::default();
    let started = Instant::now();
    let mut ordering_at = started;
    let read = RoadMap::from_osm_pbf(&bytes, &mut |progress| {
        if progress.stage == roads::Stage::OrderingTables && progress.done == 0 {
            ordering_at = Instant::now();
        }
    });
    let map = match read {
        Ok(map) => map,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    rows.add("import of the extract, without table order", ms(ordering_at - started), "ms", None);
    rows.add("table order, once per import", ms(ordering_at.elapsed()), "ms", None);
    rows.add("junctions", map.network().node_count() as f64, "", None);
    rows.add("arcs", map.network().arc_count() as f64, "", None);
    map_file(&map, &mut rows);
    searches(&map, &mut rows);
    tables(&map, &mut rows);
    match rows.write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write {RESULT}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn map_file(map: &RoadMap, rows: &mut Rows) {
    let file = map.to_bytes();
    rows.add("map file", file.len() as f64 / 1e6, "MB", None);
    let mut loads = Vec::new();
    for _ in 0..5 {
        let started = Instant::now();
        let again = RoadMap::from_bytes(&file).expect("the file just written");
        loads.push(ms(started.elapsed()));
        assert_eq!(again.id(), map.id());
    }
    rows.add("load of the map file, median of 5", quantile(&mut loads, 0.5), "ms", None);
    let started = Instant::now();
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    rows.add("weights of one profile", ms(started.elapsed()), "ms", None);
    let way = map.network().ways().find(|way| way.bridge).or_else(|| map.network().ways().next());
    let started = Instant::now();
    let closed = weights.with_closures(map.network(), &way.iter().map(|way| way.id).collect());
    rows.add("closing a road", ms(started.elapsed()), "ms", None);
    assert_eq!(closed.profile(), weights.profile());
}

fn searches(map: &RoadMap, rows: &mut Rows) {
    let network = map.network();
    let weights = Weights::base(network, Profile::LightsAndSirens);
    let mut random = Random(42);
    let mut space = SearchSpace::new();
    let targets = random.places(network, 400);
    let mut peer = Vec::new();
    for target in targets.iter().take(40) {
        let started = Instant::now();
        assert!(one_to_all(network, &weights, target) > 0);
        peer.push(us(started.elapsed()));
    }
    let peer_us = quantile(&mut peer, 0.5);
    rows.add("one-to-all Dijkstra (peer), median of 40", peer_us, "us", None);
    for count in [500, 5_000] {
        let units = random.places(network, count);
        let delays: Vec<TravelTime> =
            units.iter().map(|_| TravelTime::from_s(random.below(120) as f64)).collect();
        let mut times = Vec::new();
        for target in &targets {
            let started = Instant::now();
            let mut sources: Vec<Source<usize>> = units
                .iter()
                .zip(&delays)
                .enumerate()
                .map(|(key, (snap, &delay))| {
                    let road_time_min = weights.road_time_min(snap.asked, target.asked);
                    Source { key, snap: *snap, delay, road_time_min }
                })
                .collect();
            sources.sort_by_key(|source| source.road_time_min);
            let mut search = ReverseSearch::new(network, &weights, &mut space, target);
            assert_eq!(nearest_arrivals(&mut search, sources, 10).arrivals.len(), 10);
            times.push(us(started.elapsed()));
        }
        let what = |which: &str| {
            format!("nearest 10 of {count} units by road time, bounds and sorting included, {which}")
        };
        rows.add(&what("median"), quantile(&mut times, 0.5), "us", Some(peer_us));
        rows.add(&what("p99"), quantile(&mut times, 0.99), "us", Some(peer_us));
    }
    let mut times = Vec::new();
    for pair in targets.chunks_exact(2) {
        let started = Instant::now();
        assert!(travel_time(network, &weights, &mut space, &pair[0], &pair[1]).is_some());
        times.push(us(started.elapsed()));
    }
    rows.add("one travel time across the city, median", quantile(&mut times, 0.5), "us", Some(peer_us));
    let mut times = Vec::new();
    for target in &targets {
        let started = Instant::now();
        assert!(map.snap(target.asked, 50.0).is_some());
        times.push(us(started.elapsed()));
    }
    rows.add("finding the road at a position, median", quantile(&mut times, 0.5), "us", None);
}

fn tables(map: &RoadMap, rows: &mut Rows) {
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    let started = Instant::now();
    let index = TableIndex::new(map);
    rows.add("table index, once per start", ms(started.elapsed()), "ms", None);
    let started = Instant::now();
    let tables = index.customise(map, &weights);
    rows.add("table customising, per change of weights", ms(started.elapsed()), "ms", None);
    let mut random = Random(7);
    let (units, targets) = (random.places(map.network(), 500), random.places(map.network(), 100));
    let mut space = SearchSpace::new();
    let started = Instant::now();
    let mut by_search = Vec::new();
    for target in targets.iter().take(5) {
        let mut search = ReverseSearch::new(map.network(), &weights, &mut space, target);
        by_search.push(units.iter().map(|unit| search.time_to_reach(unit)).collect::<Vec<_>>());
    }
    let search_ms = ms(started.elapsed()) / 5.0;
    let started = Instant::now();
    let one = tables.times_to(&units, &targets[0]);
    rows.add("table 500 to 1, peer: reverse search to all", ms(started.elapsed()), "ms", Some(search_ms));
    let started = Instant::now();
    let table = tables.times(&units, &targets);
    rows.add(
        "table 500 to 100, peer: 100 reverse searches",
        ms(started.elapsed()),
        "ms",
        Some(search_ms * 100.0),
    );
    let wrong = by_search
        .iter()
        .enumerate()
        .flat_map(|(t, column)| column.iter().zip(&table).filter(move |(x, row)| **x != row[t]));
    rows.add("table cells that differ from the search, of 2500", wrong.count() as f64, "", None);
    assert!(one.iter().zip(&table).all(|(time, row)| *time == row[0]));
}

/// The peer: a plain forward Dijkstra over all arcs, with a binary heap and a cleared array. Returns how many arcs it reached.
fn one_to_all(network: &Network, weights: &Weights, source: &Snap) -> usize {
    thread_local! {
        static TURNS: std::cell::RefCell<Vec<Vec<ArcId>>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    TURNS.with_borrow_mut(|turns| {
        if turns.is_empty() {
            *turns = successors(network);
        }
        let mut at_end = vec![u64::MAX; network.arc_count()];
        let mut heap = BinaryHeap::new();
        for (arc, _) in source.arcs(network) {
            at_end[arc.index()] = 0;
            heap.push(Reverse((0, arc)));
        }
        while let Some(Reverse((us, arc))) = heap.pop() {
            if us > at_end[arc.index()] {
                continue;
            }
            for &next in &turns[arc.index()] {
                let then = us + weights.arc_time(next).map_or(u64::MAX / 2, TravelTime::us);
                if then < at_end[next.index()] {
                    at_end[next.index()] = then;
                    heap.push(Reverse((then, next)));
                }
            }
        }
        at_end.iter().filter(|&&us| us != u64::MAX).count()
    })
}

fn successors(network: &Network) -> Vec<Vec<ArcId>> {
    let arcs: Vec<ArcId> = network.ways().flat_map(|way| network.arcs_of_way(way.id)).collect();
    let mut leaving: Vec<Vec<ArcId>> = vec![Vec::new(); network.node_count()];
    for &arc in &arcs {
        leaving[network.arc_ends(arc).0.index()].push(arc);
    }
    let mut turns = vec![Vec::new(); arcs.len()];
    for &arc in &arcs {
        let ahead = leaving[network.arc_ends(arc).1.index()].iter().copied();
        turns[arc.index()] = ahead.filter(|&to| network.may_turn(arc, to)).collect();
    }
    turns
}

/// A small generator (splitmix64): the same places in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % bound as u64) as usize
    }

    fn places(&mut self, network: &Network, count: usize) -> Vec<Snap> {
        let arcs: Vec<ArcId> = network.ways().flat_map(|way| network.arcs_of_way(way.id)).collect();
        let mut place =
            || Snap::on_arc(network, arcs[self.below(arcs.len())], self.below(1000) as f64 / 999.0);
        (0..count).map(|_| place()).collect()
    }
}

#[derive(Default)]
struct Rows(Vec<serde_json::Value>);

impl Rows {
    fn add(&mut self, what: &str, value: f64, unit: &str, peer: Option<f64>) {
        let ratio = peer.map(|peer| peer / value);
        let with_peer = peer
            .zip(ratio)
            .map(|(peer, ratio)| format!("  peer {peer:.1}, {ratio:.1} x"))
            .unwrap_or_default();
        println!("{what:<85} {value:>12.3} {unit}{with_peer}");
        self.0.push(json!({ "what": what, "value": value, "unit": unit, "peer": peer, "ratio": ratio }));
    }

    fn write(&self) -> std::io::Result<()> {
        let path = std::path::Path::new(RESULT);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, format!("{:#}\n", serde_json::Value::from(self.0.clone())))
    }
}

fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

fn ms(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn us(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Where runs are kept to be compared.
const RESULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench/roads.json");
