//! Positions taken in per CPU second, nearest units, and whole proposals, on a made-up fleet and a grid of streets:
//! `cargo run --release -p dispatch-core --example bench_positions -- [ROWS.json]`. Prints a table and writes rows of
//! `{"what","value","unit","peer","ratio"}`. The peer of the tree is a linear scan, that of a proposal a search
//! of the whole network and every unit's time.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads a clock, writes a file and prints"
)]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{RoadsView, Scratch, gather, propose};
use dispatch_core::fleet::{Fix, Fleet, FleetPicture, Heard, UnitFix};
use dispatch_core::ids::{IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Triage};
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Event, Fact, Record, Span, UtcTime};
use roads::{
    MapBuilder, Profile, ReverseSearch, RoadClass, RoadMap, SearchSpace, TravelTime, WaySpec, Weights, Wgs84,
};
use serde_json::{Value, json};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "target/bench/positions.json".to_owned());
    let mut rows = Vec::new();
    let fleet = ingest(&mut rows)?;
    nearest(&fleet, &mut rows)?;
    let map = streets()?;
    for units in [500, 5_000] {
        proposals(&map, units, &mut rows)?;
    }
    println!("{:<58} {:>14} {:<10} {:>12} {:>8}", "what", "value", "unit", "peer", "ratio");
    for row in &rows {
        let number =
            |key: &str| row[key].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let (value, peer, ratio) = (number("value"), number("peer"), number("ratio"));
        println!("{:<58} {value:>14} {:<10} {peer:>12} {ratio:>8}", text("what"), text("unit"));
    }
    if let Some(folder) = std::path::Path::new(&path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, serde_json::to_vec_pretty(&rows)?)?;
    Ok(())
}

/// 10,000 units at one position a second, for a minute.
fn ingest(rows: &mut Vec<Value>) -> Result<Fleet, Box<dyn Error>> {
    let mut chance = Chance(7);
    let mut cars: Vec<(UnitId, f64, f64)> = Vec::new();
    for number in 0..UNITS {
        cars.push((unit(number)?, chance.between(0.0, SIDE_DEG), chance.between(0.0, SIDE_DEG)));
    }
    let mut fleet = Fleet::new();
    let mut current = 0_u64;
    let mut spent = Duration::ZERO;
    for second in 0..SECONDS {
        let now = start() + Span::seconds(second as i64);
        let mut fixes = Vec::with_capacity(UNITS);
        for (id, east, north) in &mut cars {
            *east += chance.between(-0.0001, 0.0001);
            *north += chance.between(-0.0001, 0.0001);
            fixes.push((*id, fix(second, now, *east, *north)?));
        }
        let begun = cpu_time();
        for (id, fix) in fixes {
            current += u64::from(fleet.observe(id, fix, now) == Heard::Current);
        }
        spent += cpu_time().saturating_sub(begun);
    }
    assert_eq!(current, SECONDS * UNITS as u64, "every made-up position is a plausible one");
    rows.push(row("positions observed, 10,000 units", current as f64 / spent.as_secs_f64(), "1/CPU s", None));
    let copied = median((0..50).map(|_| timed(|| fleet.positions())));
    rows.push(row("copy of 10,000 positions, on the owner's thread", ms(copied), "ms", None));
    let positions = fleet.positions();
    let loaded = median((0..50).map(|_| timed(|| FleetPicture::new(start(), positions.clone()))));
    rows.push(row("picture with its tree, 10,000 units", ms(loaded), "ms", None));
    Ok(fleet)
}

/// The nearest ten in a straight line, against a scan.
fn nearest(fleet: &Fleet, rows: &mut Vec<Value>) -> Result<(), Box<dyn Error>> {
    let picture = fleet.picture(start());
    let mut chance = Chance(11);
    let mut places = Vec::new();
    for _ in 0..1_000 {
        places.push(place(chance.between(0.0, SIDE_DEG), chance.between(0.0, SIDE_DEG))?);
    }
    let tree = median(places.iter().map(|&place| timed(|| picture.nearest(place, 10))));
    let scan = median(places.iter().map(|&place| {
        timed(|| {
            let mut all: Vec<f64> =
                picture.units().iter().map(|it| place.distance_m(it.fix.position)).collect();
            all.select_nth_unstable_by(9, f64::total_cmp);
            all
        })
    }));
    rows.push(row("nearest 10 of 10,000 in a straight line", us(tree), "us", Some(us(scan))));
    Ok(())
}

/// Whole proposals: gathered, searched over the roads, ranked.
fn proposals(map: &RoadMap, units: usize, rows: &mut Vec<Value>) -> Result<(), Box<dyn Error>> {
    let mut chance = Chance(units as u64);
    let town = town(units, &mut chance)?;
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    let (mut space, mut scratch) = (SearchSpace::new(), Scratch::default());
    let mut run = |incident: IncidentId, by_road: bool| {
        let view = by_road.then_some(RoadsView { map, weights: &weights, scratch: &mut scratch });
        let begun = Instant::now();
        let inputs = gather(&town.record, &town.picture, view, incident, start());
        let made = inputs.map(|inputs| propose(ProposalId::new(Uuid::nil()), inputs));
        let spent = begun.elapsed();
        assert!(made.is_ok_and(|proposal| !proposal.ranked.is_empty()), "there is always somebody");
        spent
    };
    let mut by_road: Vec<Duration> = town.incidents.iter().map(|&(id, _)| run(id, true)).collect();
    let straight = median(town.incidents.iter().map(|&(id, _)| run(id, false)));
    let every = median(town.incidents.iter().take(20).filter_map(|&(_, place)| {
        let begun = Instant::now();
        let target = map.snap(place, 500.0)?;
        let mut search = ReverseSearch::new(map.network(), &weights, &mut space, &target);
        search.advance(TravelTime::MAX);
        let time = |it: &UnitFix| search.time_from(&map.snap(it.fix.position, 500.0)?);
        let mut times: Vec<_> = town.picture.units().iter().filter_map(time).collect();
        times.sort_unstable();
        black_box(times);
        Some(begun.elapsed())
    }));
    by_road.sort_unstable();
    let (p50, p99) = (by_road[by_road.len() / 2], by_road[by_road.len() * 99 / 100]);
    rows.push(row(&format!("proposal, 10 of {units} by road, median"), us(p50), "us", Some(us(every))));
    rows.push(row(&format!("proposal, 10 of {units} by road, p99"), us(p99), "us", None));
    rows.push(row(&format!("proposal, 10 of {units} without a map, median"), us(straight), "us", None));
    Ok(())
}

struct Town {
    record: Record,
    picture: FleetPicture,
    incidents: Vec<(IncidentId, Wgs84)>,
}

fn town(units: usize, chance: &mut Chance) -> Result<Town, Box<dyn Error>> {
    let mut record = Record::default();
    let mut apply =
        |fact: Fact| record.apply(&Event { at: start(), by: Actor::rule("bench"), fact }, &mut Vec::new());
    let station = Station { id: "S01".parse()?, name: "S01".to_owned(), position: place(0.1, 0.1)? };
    apply(Fact::StationRegistered { station: station.into() });
    let mut fleet = Fleet::new();
    for number in 0..units {
        let (id, station) = (unit(number)?, "S01".parse()?);
        let (skills, plate, phone) = ([].into(), String::new(), String::new());
        apply(Fact::UnitRegistered { unit: UnitSpec { id, station, skills, plate, phone }.into() });
        apply(Fact::SignedOn { unit: id, name: "crew".to_owned(), role: CrewRole::Driver });
        let (east, north) = (chance.between(0.0, SIDE_DEG), chance.between(0.0, SIDE_DEG));
        fleet.observe(id, fix(1, start(), east, north)?, start());
    }
    let mut incidents = Vec::new();
    for number in 0..200_u32 {
        let incident = IncidentId::new(Uuid::from_u128(u128::from(number) + 1));
        let position = place(chance.between(0.0, SIDE_DEG), chance.between(0.0, SIDE_DEG))?;
        let sketch = IncidentSketch {
            kind: IncidentKind::Emergency,
            complaint: "bench".to_owned(),
            triage: Triage::level(Level::I),
            place: Place { position: Some(position), ..Place::default() },
            patients: Vec::new(),
            needs: Needs::default(),
            notes: String::new(),
            wish: None,
            text_only: false,
            test: false,
            scheduled_at: None,
        };
        let number = IncidentNumber { date: 20_261_121, count: number + 1 };
        apply(Fact::IncidentCreated { incident, number, call: None, sketch: sketch.into() });
        incidents.push((incident, position));
    }
    let picture = fleet.picture(start());
    Ok(Town { record, picture, incidents })
}

/// A square of streets every 250 m: as many junctions as a city of some millions.
fn streets() -> Result<RoadMap, Box<dyn Error>> {
    let step = SIDE_DEG / (STREETS - 1) as f64;
    let mut city = MapBuilder::new();
    let mut nodes = Vec::new();
    for row in 0..STREETS {
        for column in 0..STREETS {
            nodes.push(city.add_node(place(step * column as f64, step * row as f64)?));
        }
    }
    for line in 0..STREETS {
        let class = if line % 8 == 0 { RoadClass::Primary } else { RoadClass::Residential };
        let across = nodes[line * STREETS..(line + 1) * STREETS].to_vec();
        let along = nodes.iter().skip(line).step_by(STREETS).copied().collect();
        city.add_way(WaySpec::new(1 + line as i64, class, across));
        city.add_way(WaySpec::new(10_001 + line as i64, class, along));
    }
    Ok(city.build(&mut |_| {})?)
}

fn start() -> UtcTime {
    UtcTime::from_micros(1_795_233_600_000_000)
}

fn unit(number: usize) -> Result<UnitId, Box<dyn Error>> {
    Ok(format!("U{number:05}").parse()?)
}

/// A place by its distance from the south-west corner, in degrees.
fn place(east_deg: f64, north_deg: f64) -> Result<Wgs84, Box<dyn Error>> {
    Ok(Wgs84::new(114.0 + east_deg, 30.0 + north_deg)?)
}

fn fix(seq: u64, at: UtcTime, east_deg: f64, north_deg: f64) -> Result<Fix, Box<dyn Error>> {
    let position = place(east_deg, north_deg)?;
    Ok(Fix { boot: 1, seq, at, position, speed_kmh: 30.0, heading_deg: None, accuracy_m: Some(5.0) })
}

/// Time this thread has spent on a processor; the wall clock where the system does not say.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| STARTED.with(Instant::elapsed), Duration::from_nanos)
}

fn timed<T>(what: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(what());
    begun.elapsed()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn row(what: &str, value: f64, unit: &str, peer: Option<f64>) -> Value {
    json!({ "what": what, "value": value, "unit": unit, "peer": peer, "ratio": peer.map(|peer| peer / value) })
}

/// The same numbers in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        low + (high - low) * ((mixed >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

thread_local! {
    static STARTED: Instant = Instant::now();
}

const UNITS: usize = 10_000;
const SECONDS: u64 = 60;
/// Side of the square in degrees: about 40 km.
const SIDE_DEG: f64 = 0.4;
const STREETS: usize = 160;
