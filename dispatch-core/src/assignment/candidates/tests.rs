//! Who is gathered for an incident, against a scan of every unit, on a small grid of streets and without any.

use proptest::prelude::*;
use roads::{MapBuilder, Profile, RoadClass, WaySpec, Wgs84, straight_line_time, travel_time};

use super::scene::span;
use super::*;
use crate::actor::Actor;
use crate::assignment::{Basis, Outcome, Proposal, UnitState, propose};
use crate::event::{Event, Fact};
use crate::fleet::{Fix, UnitFix};
use crate::ids::{AssignmentId, ProposalId, UnitId};
use crate::incident::{
    AreaClass, IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Skill, Triage,
};
use crate::time::Span;
use crate::vehicle::{CrewRole, Station, UnitSpec};
use std::collections::BTreeSet;

const NOW: UtcTime = UtcTime::from_micros(1_800_000_000_000_000);

fn place(longitude: f64, latitude: f64) -> Wgs84 {
    Wgs84::new(longitude, latitude).unwrap()
}

fn incident_id() -> IncidentId {
    IncidentId::new(uuid::Uuid::from_u128(1))
}

fn unit_id(number: usize) -> UnitId {
    format!("A{number:03}").parse().unwrap()
}

/// Streets every 0.005 degrees from 114.000 to 114.035 and from 30.000 to 30.035; the middle column is a motorway.
fn grid() -> RoadMap {
    let mut city = MapBuilder::new();
    let at = |column: i32, row: i32| place(114.0 + 0.005 * f64::from(column), 30.0 + 0.005 * f64::from(row));
    let nodes: Vec<Vec<_>> =
        (0..8).map(|row| (0..8).map(|column| city.add_node(at(column, row))).collect()).collect();
    for line in 0..8_usize {
        let across = nodes[line].clone();
        let along = nodes.iter().map(|row| row[line]).collect();
        let class = if line == 4 { RoadClass::Motorway } else { RoadClass::Residential };
        city.add_way(WaySpec::new(1 + line as i64, RoadClass::Secondary, across));
        city.add_way(WaySpec {
            direction: roads::Direction::Both,
            ..WaySpec::new(101 + line as i64, class, along)
        });
    }
    city.build(&mut |_| {}).unwrap()
}

/// One unit of a test: where it is (`None`: never reported), how fast, how old the fix is, what it can do, what is wrong with it.
#[derive(Debug, Clone)]
struct Car {
    position: Option<(f64, f64)>,
    speed_kmh: f32,
    age_s: i64,
    skills: u8,
    trouble: u8,
}

fn skills(bits: u8) -> BTreeSet<Skill> {
    let all = [Skill::Als, Skill::Stroke];
    all.into_iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, skill)| skill).collect()
}

struct Town {
    record: Record,
    fixes: Vec<UnitFix>,
}

impl Town {
    fn new(cars: &[Car], wanted: u8, target: Option<Wgs84>) -> Self {
        let mut town = Self { record: Record::default(), fixes: Vec::new() };
        for (code, longitude) in [("S01", 114.002), ("S02", 114.031)] {
            let station = Station {
                id: code.parse().unwrap(),
                name: code.to_owned(),
                position: place(longitude, 30.011),
            };
            town.apply(Fact::StationRegistered { station: station.into() });
        }
        for (number, car) in cars.iter().enumerate() {
            town.add(number, car);
        }
        let sketch = IncidentSketch {
            kind: IncidentKind::Emergency,
            complaint: "胸痛".to_owned(),
            triage: Triage::level(Level::I),
            place: Place { position: target, area: AreaClass::CityCore, ..Place::default() },
            patients: Vec::new(),
            needs: Needs { skills: skills(wanted), ..Needs::default() },
            notes: String::new(),
            wish: None,
            text_only: false,
            test: false,
            scheduled_at: None,
        };
        let number = IncidentNumber { date: 20_261_121, count: 1 };
        town.apply(Fact::IncidentCreated {
            incident: incident_id(),
            number,
            call: None,
            sketch: sketch.into(),
        });
        for (number, car) in cars.iter().enumerate() {
            if car.trouble == 4 {
                town.send_and_end(number, Outcome::RefusedOrder);
            }
        }
        town
    }

    fn apply(&mut self, fact: Fact) {
        self.record.apply(&Event { at: NOW, by: Actor::rule("test"), fact }, &mut Vec::new());
    }

    fn add(&mut self, number: usize, car: &Car) {
        let id = unit_id(number);
        let station = if number.is_multiple_of(2) { "S01" } else { "S02" }.parse().unwrap();
        let (plate, phone) = (String::new(), String::new());
        self.apply(Fact::UnitRegistered {
            unit: UnitSpec { id, station, skills: skills(car.skills), plate, phone }.into(),
        });
        if car.trouble != 1 {
            self.apply(Fact::SignedOn { unit: id, name: "李强".to_owned(), role: CrewRole::Driver });
        }
        match car.trouble {
            2 => self.apply(Fact::UnitPaused { unit: id, reason: "加油".to_owned() }),
            3 => self.apply(Fact::UnitSilent { unit: id, since: NOW }),
            _ => {}
        }
        if let Some((longitude, latitude)) = car.position {
            let fix = Fix {
                boot: 1,
                seq: 1,
                at: NOW - Span::seconds(car.age_s),
                position: place(longitude, latitude),
                speed_kmh: car.speed_kmh,
                heading_deg: None,
                accuracy_m: None,
            };
            self.fixes.push(UnitFix { unit: id, fix, heard_at: NOW });
        }
    }

    fn send_and_end(&mut self, number: usize, outcome: Outcome) {
        let assignment = AssignmentId::new(uuid::Uuid::from_u128(100 + number as u128));
        let unit = unit_id(number);
        self.apply(Fact::UnitAssigned {
            assignment,
            incident: incident_id(),
            unit,
            proposal: None,
            reason: None,
            choice: None,
        });
        let source = crate::assignment::StampSource::Terminal;
        self.apply(Fact::AssignmentEnded { assignment, outcome, at: NOW, reason: String::new(), source });
    }

    fn gather(&self, roads: Option<(&RoadMap, &Weights)>) -> Result<ProposalInputs, NoProposal> {
        let picture = FleetPicture::new(NOW, self.fixes.clone());
        let mut scratch = Scratch::default();
        let view = roads.map(|(map, weights)| RoadsView { map, weights, scratch: &mut scratch });
        gather(&self.record, &picture, view, incident_id(), NOW)
    }

    fn proposal(&self, roads: Option<(&RoadMap, &Weights)>) -> Proposal {
        propose(ProposalId::new(uuid::Uuid::nil()), self.gather(roads).unwrap())
    }

    fn why_left_out(&self, number: usize) -> Option<LeftOutReason> {
        let inputs = self.gather(None).unwrap();
        inputs.left_out.iter().find(|out| out.unit == unit_id(number)).map(|out| out.why)
    }
}

/// Every unit that may go with its number of lacks and its arrival, found by looking at each alone.
fn scan(
    cars: &[Car],
    wanted: u8,
    target: Wgs84,
    roads: Option<(&RoadMap, &Weights)>,
) -> Vec<(usize, Span, UnitId)> {
    let mut space = SearchSpace::new();
    let mut all = Vec::new();
    for (number, car) in cars.iter().enumerate() {
        if car.trouble != 0 {
            continue;
        }
        let station = place(if number % 2 == 0 { 114.002 } else { 114.031 }, 30.011);
        let position = car.position.map_or(station, |(longitude, latitude)| place(longitude, latitude));
        let at_station = station.distance_m(position) <= 150.0;
        let driving = car.position.is_some() && car.speed_kmh >= 8.0 && car.age_s <= 30;
        let mobilisation = match (driving, at_station) {
            (true, _) => 0,
            (false, true) => 60,
            (false, false) if car.age_s > 1800 => continue,
            (false, false) => 20,
        };
        let by_road = roads.and_then(|(map, weights)| {
            let (from, to) = (map.snap(position, 500.0)?, map.snap(target, 500.0)?);
            travel_time(map.network(), weights, &mut space, &from, &to)
        });
        let travel =
            by_road.unwrap_or_else(|| straight_line_time(position, target, Profile::LightsAndSirens));
        let lacks = skills(wanted).difference(&skills(car.skills)).count();
        all.push((lacks, Span::seconds(mobilisation) + span(travel), unit_id(number)));
    }
    all.sort_unstable();
    all
}

prop_compose! {
    fn car()(
        // A little beyond the streets, so that some are off the map.
        reported in prop::bool::weighted(0.9),
        position in (113.985_f64..114.050, 29.985_f64..30.050),
        parked in prop::bool::weighted(0.2),
        speed_kmh in prop_oneof![Just(0.0_f32), Just(45.0)],
        age_s in prop_oneof![4 => Just(1_i64), 1 => Just(40), 1 => Just(4000)],
        skills in 0_u8..4,
        trouble in prop_oneof![6 => Just(0_u8), 1 => 1_u8..5],
    ) -> Car {
        let position = if parked { (114.002, 30.011) } else { position };
        Car { position: reported.then_some(position), speed_kmh, age_s, skills, trouble }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_search_finds_exactly_the_first_arrivals(
        cars in prop::collection::vec(car(), 0..60),
        wanted in 0_u8..4,
        target in (114.000_f64..114.035, 30.000_f64..30.035),
        on_roads in any::<bool>(),
    ) {
        let map = grid();
        let weights = Weights::base(map.network(), Profile::LightsAndSirens);
        let roads = on_roads.then_some((&map, &weights));
        let target = place(target.0, target.1);
        let proposal = Town::new(&cars, wanted, Some(target)).proposal(roads);

        let scanned = scan(&cars, wanted, target, roads);
        let mut expected: Vec<_> = scanned.iter().take(10).copied().collect();
        let quickest = scanned.iter().min_by_key(|(_, arrival, unit)| (*arrival, *unit));
        if let Some(quickest) = quickest.filter(|quickest| !expected.contains(quickest)) {
            expected.pop();
            expected.push(*quickest);
        }
        let found: Vec<_> = proposal.ranked.iter().map(|c| (c.lacks.len(), c.arrival_s, c.unit)).collect();
        prop_assert_eq!(found, expected);
    }
}

fn car_at(longitude: f64, latitude: f64) -> Car {
    Car { position: Some((longitude, latitude)), speed_kmh: 0.0, age_s: 1, skills: 0, trouble: 0 }
}

#[test]
fn units_that_may_not_go_are_left_out_with_the_reason() {
    use LeftOutReason::{GaveBack, NoCrew, NoPosition, Paused, Silent, Taken};

    let near = car_at(114.010, 30.010);
    let cars = [
        Car { trouble: 1, ..near.clone() },
        Car { trouble: 2, ..near.clone() },
        Car { trouble: 3, ..near.clone() },
        Car { trouble: 4, ..near.clone() },
        Car { age_s: 1801, ..near.clone() },
        near.clone(),
        Car { position: None, ..near.clone() },
        Car { age_s: 90_000, ..car_at(114.031, 30.011) },
        near,
    ];
    let mut town = Town::new(&cars, 0, Some(place(114.010, 30.010)));
    let assignment = AssignmentId::new(uuid::Uuid::from_u128(99));
    let unit = unit_id(8);
    town.apply(Fact::UnitAssigned {
        assignment,
        incident: incident_id(),
        unit,
        proposal: None,
        reason: None,
        choice: None,
    });
    let expected = [
        Some(NoCrew),
        Some(Paused),
        Some(Silent),
        Some(GaveBack),
        Some(NoPosition),
        None,
        None,
        None,
        Some(Taken),
    ];
    let found: Vec<_> = (0..cars.len()).map(|number| town.why_left_out(number)).collect();
    assert_eq!(found, expected);

    let states: Vec<_> = town.gather(None).unwrap().candidates.iter().map(|c| (c.unit, c.state)).collect();
    let expected = [(5, UnitState::Standing), (6, UnitState::AssumedAtStation), (7, UnitState::AtStation)];
    assert_eq!(states, expected.map(|(number, state)| (unit_id(number), state)));
}

#[test]
fn a_rolling_unit_farther_away_beats_an_unready_one_next_door() {
    let parked = car_at(114.002, 30.011);
    let rolling = Car { speed_kmh: 50.0, ..car_at(114.006, 30.011) };
    let town = Town::new(&[parked, rolling], 0, Some(place(114.003, 30.010)));
    let ranked: Vec<_> = town.proposal(None).ranked.iter().map(|c| c.unit).collect();
    assert_eq!(ranked, [unit_id(1), unit_id(0)]);
}

#[test]
fn estimates_are_marked_where_the_roads_do_not_answer() {
    use Basis::{Road, StraightLine};

    let map = grid();
    let weights = Weights::base(map.network(), Profile::LightsAndSirens);
    let cars = [car_at(114.010, 30.010), car_at(114.060, 30.010)];
    let bases = |target: Wgs84, weights: &Weights| {
        let inputs = Town::new(&cars, 0, Some(target)).gather(Some((&map, weights))).unwrap();
        let bases: Vec<_> = inputs.candidates.iter().map(|c| c.basis).collect();
        (bases, inputs.road_weights)
    };
    assert_eq!(bases(place(114.020, 30.020), &weights), (vec![Road, StraightLine], weights.id().to_owned()));
    assert_eq!(bases(place(114.100, 30.020), &weights), (vec![StraightLine, StraightLine], String::new()));
    let every_way = (1..9).chain(101..109).collect();
    let closed = weights.with_closures(map.network(), &every_way);
    // Cut off on the map: an estimate is better than nobody.
    let (cut_off, _) = bases(place(114.0225, 30.020), &closed);
    assert_eq!(cut_off, vec![StraightLine]);
}

#[test]
fn no_proposal_without_a_place_or_after_the_end() {
    let mut town = Town::new(&[car_at(114.0, 30.0)], 0, None);
    assert_eq!(town.gather(None), Err(NoProposal::NoPosition(incident_id())));
    town.apply(Fact::IncidentCancelled { incident: incident_id(), reason: "误报".to_owned() });
    assert_eq!(town.gather(None), Err(NoProposal::Ended(incident_id())));
    town.record = Record::default();
    assert_eq!(town.gather(None), Err(NoProposal::UnknownIncident(incident_id())));
}
