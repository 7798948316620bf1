//! Whole proposals on a real city: gathered, searched over the roads with turn rules, ranked, with reasons and fit, against OSRM's
//! table of the same units to the same incidents in the same run.
//!
//! `cargo run --release -p dispatch-core --example bench_proposal -- EXTRACT ROWS.json [PYTHON OSRM_FOLDER]`: without the last two
//! the peer is left out.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads files and a clock, and prints"
)]

mod peer;
mod town;

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use dispatch_core::assignment::{Proposal, RoadsView, Scratch, gather, propose};
use dispatch_core::ids::ProposalId;
use roads::{Profile, ReverseSearch, RoadMap, SearchSpace, Weights};
use serde_json::{Value, json};
use uuid::Uuid;

use peer::Peer;
use town::Town;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [extract, rows_path, peer @ ..] = arguments.as_slice() else {
        return Err("usage: bench_proposal EXTRACT ROWS.json [PYTHON OSRM_FOLDER]".into());
    };
    let map = RoadMap::from_osm_pbf(&std::fs::read(extract)?, &mut |_| {})?;
    let towns = [Town::of(&map, 500)?, Town::of(&map, 5_000)?];
    let peer = match peer {
        [python, folder] => {
            Some(Peer::ask(Path::new(python), Path::new(extract), Path::new(folder), &towns)?)
        }
        _ => None,
    };
    let mut rows = Vec::new();
    for (number, town) in towns.iter().enumerate() {
        measure(&map, town, peer.as_ref().map(|peer| &peer.sets[number]), &mut rows);
    }
    if let Some(peer) = &peer {
        println!("peer: OSRM {}, contraction hierarchies, profile car", peer.version);
    }
    for row in &rows {
        let number = |key: &str| row[key].as_f64().map_or_else(|| "-".to_owned(), |it| format!("{it:.2}"));
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let (value, beside, ratio) = (number("value"), number("peer"), number("ratio"));
        println!("{:<66}{value:>12} {:<4}{beside:>12}{ratio:>10}", text("what"), text("unit"));
    }
    std::fs::write(rows_path, serde_json::to_vec_pretty(&rows)?)?;
    Ok(())
}

fn measure(map: &RoadMap, town: &Town, peer: Option<&peer::Set>, rows: &mut Vec<Value>) {
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    let mut scratch = Scratch::default();
    let mut propose_for = |incident| {
        let view = RoadsView { map, weights: &weights, scratch: &mut scratch };
        let begun = Instant::now();
        let inputs = gather(&town.record, &town.picture, Some(view), incident, town::start());
        let made = inputs.map(|inputs| propose(ProposalId::new(Uuid::nil()), inputs));
        (begun.elapsed(), made.expect("invariant: every incident of the town has a place and is open"))
    };
    // The first look at each page of memory is not what a running centre pays.
    town.incidents.iter().take(20).for_each(|&(id, _)| drop(propose_for(id)));
    let made: Vec<(Duration, Proposal)> = town.incidents.iter().map(|&(id, _)| propose_for(id)).collect();
    let listed = made.iter().filter(|(_, proposal)| proposal.ranked.len() == 10).count();
    assert_eq!(listed, made.len(), "a city of {} units has ten to propose", town.units.len());
    let mut times: Vec<f64> = made.iter().map(|(spent, _)| spent.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let units = town.units.len();
    let http = peer.map(|set| peer::median(&set.http_ms));
    let inside = peer.map(|set| peer::median(&set.inside_ms));
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    rows.push(row(
        &format!("proposal, 10 of {units}, median; peer: OSRM's table over HTTP"),
        p50,
        "ms",
        http,
    ));
    rows.push(row(
        &format!("proposal, 10 of {units}, median; peer: OSRM's table in process"),
        p50,
        "ms",
        inside,
    ));
    rows.push(row(&format!("proposal, 10 of {units}, p99"), p99, "ms", None));
    if let Some(set) = peer {
        compare_times(map, town, set, &weights, rows);
    }
}

/// Both see the same roads with other speeds and rules; the times are compared, not expected to be equal.
fn compare_times(map: &RoadMap, town: &Town, set: &peer::Set, weights: &Weights, rows: &mut Vec<Value>) {
    let mut space = SearchSpace::new();
    let (mut ratios, mut shared, mut compared) = (Vec::new(), 0, 0);
    for (durations, (_, place)) in set.durations_s.iter().zip(&town.incidents) {
        let Some(target) = map.snap(*place, 500.0) else { continue };
        let mut search = ReverseSearch::new(map.network(), weights, &mut space, &target);
        let ours = town.units.iter().map(|unit| {
            let snap = map.snap(*unit, 500.0)?;
            search.time_to_reach(&snap).map(roads::TravelTime::as_s)
        });
        let both: Vec<(f64, f64)> =
            ours.zip(durations).filter_map(|(ours, theirs)| Some((ours?, (*theirs)?))).collect();
        ratios.extend(both.iter().filter(|(_, theirs)| *theirs > 60.0).map(|(ours, theirs)| ours / theirs));
        let first_ten = |of: fn(&(f64, f64)) -> f64| {
            let mut order: Vec<usize> = (0..both.len()).collect();
            order.sort_by(|&a, &b| of(&both[a]).total_cmp(&of(&both[b])));
            order.truncate(10);
            order
        };
        let (ours, theirs) = (first_ten(|pair| pair.0), first_ten(|pair| pair.1));
        shared += ours.iter().filter(|unit| theirs.contains(unit)).count();
        compared += 10;
    }
    let units = town.units.len();
    let median = peer::median(&ratios);
    rows.push(row(&format!("our drive with lights / OSRM's car, {units} units, median"), median, "", None));
    let share = f64::from(shared as u32) * 100.0 / f64::from(compared.max(1));
    rows.push(row(&format!("of OSRM's ten quickest also ours, {units} units"), share, "%", None));
}

fn row(what: &str, value: f64, unit: &str, peer: Option<f64>) -> Value {
    json!({ "what": what, "value": value, "unit": unit, "peer": peer, "ratio": peer.map(|peer| peer / value) })
}
