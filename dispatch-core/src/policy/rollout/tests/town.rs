//! Towns for tests: any town at all by seed, and one along a line that can be seen through.

use roads::Wgs84;

use super::super::chance::Chance;
use super::super::*;
use crate::assignment::Basis;
use crate::fleet::TravelTable;
use crate::incident::Level;
use crate::time::Span;

/// The zone in the middle of the line.
pub(super) const CENTRE: PlaceNumber = PlaceNumber::test(3);

struct Dice(Chance);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        (self.0.share() * count as f64) as usize
    }

    fn seconds(&mut self, most: usize) -> Span {
        Span::from_micros((self.below(most * 1_000_000)) as i64)
    }

    fn level(&mut self) -> Level {
        [Level::I, Level::II, Level::III, Level::IV][self.below(4)]
    }
}

fn place(longitude: f64) -> Wgs84 {
    Wgs84::new(longitude, 30.0).unwrap()
}

/// So that no two ways are as long as one another: of equals either may go.
fn jitter(number: usize) -> f64 {
    let number = number as f64;
    number * number * 1e-5
}

/// Times between all places that have nothing to do with where they are; some are none.
pub(super) fn table(seed: u64, plan: &CityPlan) -> TravelTable {
    let mut dice = Dice(Chance::stream(seed, 99));
    let count = plan.places().len();
    let times = (0..count * count).map(|_| (dice.below(20) > 0).then(|| dice.seconds(1_800))).collect();
    TravelTable { times, basis: Basis::Road }
}

/// Any town, and anything that may stand in it.
pub(super) fn anything(seed: u64) -> (City, Situation) {
    let mut dice = Dice(Chance::stream(seed, 1));
    let stations = (0..=dice.below(5)).map(|number| StationPlan {
        id: format!("S{number}").parse().unwrap(),
        position: place(114.0 + number as f64 / 50.0 + jitter(number)),
        rolls: Span::seconds(20 * number as i64),
    });
    let stations: Vec<_> = stations.collect();
    let hospitals = (0..dice.below(3)).map(|number| {
        (format!("H{number}").parse().unwrap(), place(114.01 + number as f64 / 50.0 + jitter(7 + number)))
    });
    let hospitals: Vec<_> = hospitals.collect();
    let zones = (0..=dice.below(6)).map(|number| ZonePlan {
        position: place(114.005 + number as f64 / 50.0 + jitter(11 + number)),
        calls_per_day: dice.below(1_000) as f64 / 9.0,
    });
    let zones: Vec<_> = zones.collect();
    let plan = CityPlan {
        stations,
        hospitals,
        zones,
        levels: [1.0, 2.0, 3.0, 1.0],
        goals: [480, 720, 900, 1_800].map(Span::seconds),
        cover_within: Span::seconds(600),
        durations: Durations::default(),
    };
    let city = City::new(plan.clone(), &table(seed, &plan)).unwrap();
    let situation = situation(&mut dice, &plan, seed);
    (city, situation)
}

fn situation(dice: &mut Dice, plan: &CityPlan, seed: u64) -> Situation {
    let (stations, hospitals, zones) = (plan.stations.len(), plan.hospitals.len(), plan.zones.len());
    let all = stations + hospitals + zones;
    let station = |dice: &mut Dice| PlaceNumber::test(dice.below(stations));
    let zone = |dice: &mut Dice| PlaceNumber::test(stations + hospitals + dice.below(zones));
    let hospital = |dice: &mut Dice| PlaceNumber::test(stations + dice.below(hospitals));
    let patient =
        |dice: &mut Dice| Patient { level: dice.level(), waited: dice.seconds(600), zone: zone(dice) };
    let free: Vec<Free> = (0..=dice.below(6))
        .map(|_| Free {
            station: station(dice),
            on_the_way: (dice.below(3) == 0).then(|| PlaceNumber::test(dice.below(all))),
        })
        .collect();
    let busy: Vec<Busy> = (0..dice.below(6))
        .map(|_| {
            let task = match dice.below(if hospitals == 0 { 2 } else { 4 }) {
                0 => Task::ToScene { arrival: dice.seconds(900), patient: patient(dice) },
                1 => Task::OnScene { since: dice.seconds(4_000), zone: zone(dice) },
                2 => Task::ToHospital { arrival: dice.seconds(900), hospital: hospital(dice) },
                _ => Task::AtHospital { since: dice.seconds(4_000), hospital: hospital(dice) },
            };
            Busy { station: station(dice), task }
        })
        .collect();
    let ordered = busy.iter().enumerate().filter(|(_, unit)| matches!(unit.task, Task::ToScene { .. }));
    let holds = (0..free.len()).map(Holds::Nothing).chain(ordered.map(|(number, _)| Holds::Order(number)));
    let contenders = holds.take(CONTENDERS_MAX).enumerate().map(|(number, holds)| Contender {
        unit: format!("A{number}").parse().unwrap(),
        arrival: dice.seconds(1_500),
        holds,
    });
    let contenders = contenders.collect();
    let waiting = (0..dice.below(4)).map(|_| patient(dice)).collect();
    let move_up = (dice.below(2) == 0).then(|| dice.below(11) as f64 / 10.0);
    let (patient, horizon) = (patient(dice), Span::seconds(3_600));
    Situation { seed, scenarios: 30, horizon, patient, contenders, free, busy, waiting, move_up }
}

/// Every place is one minute from the next on the line: a station at 0, one at 10, a hospital at 5, the centre at 1, the other end
/// at 11.
const LINE: [i64; 5] = [0, 10, 5, 1, 11];

/// The times along the line.
pub(super) fn line(plan: &CityPlan) -> TravelTable {
    let count = plan.places().len();
    let minutes = |from: usize, to: usize| Some(Span::seconds((LINE[from] - LINE[to]).abs() * 60));
    let times = (0..count * count).map(|at| minutes(at / count, at % count)).collect();
    TravelTable { times, basis: Basis::Road }
}

/// Four of five calls come from the centre; one unit is near it, two are at the other end. The patient waits in between.
pub(super) fn line_situation(level: Level, arrival_s: [i64; 2]) -> (City, Situation) {
    let at = |number: usize| place(114.0 + LINE[number] as f64 / 100.0);
    let station = |number: usize| StationPlan {
        id: format!("S{number}").parse().unwrap(),
        position: at(number),
        rolls: Span::ZERO,
    };
    let zone = |number: usize, calls_per_day: f64| ZonePlan { position: at(number), calls_per_day };
    let plan = CityPlan {
        stations: vec![station(0), station(1)],
        hospitals: vec![("H1".parse().unwrap(), at(2))],
        zones: vec![zone(3, 38.4), zone(4, 9.6)],
        levels: [1.0, 1.0, 1.0, 1.0],
        goals: [480, 720, 900, 1_800].map(Span::seconds),
        cover_within: Span::seconds(300),
        durations: Durations::default(),
    };
    let city = City::new(plan.clone(), &line(&plan)).unwrap();
    let free = [0, 1, 1].map(|station| Free { station: PlaceNumber::test(station), on_the_way: None });
    let contender = |number: usize| Contender {
        unit: format!("A{number}").parse().unwrap(),
        arrival: Span::seconds(arrival_s[number]),
        holds: Holds::Nothing(number),
    };
    let situation = Situation {
        seed: 11,
        scenarios: 200,
        horizon: Span::seconds(5_400),
        patient: Patient { level, waited: Span::seconds(60), zone: PlaceNumber::test(4) },
        contenders: vec![contender(0), contender(1)],
        free: free.to_vec(),
        busy: Vec::new(),
        waiting: Vec::new(),
        move_up: None,
    };
    (city, situation)
}
