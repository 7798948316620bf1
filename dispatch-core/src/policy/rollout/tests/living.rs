//! The situation of a proposal in a living centre: who is a contender, who is free and on what, and when nothing is said.

use std::collections::BTreeMap;

use roads::Wgs84;
use uuid::Uuid;

use super::super::survey::contenders;
use super::super::*;
use crate::actor::Actor;
use crate::assignment::{Candidate, DispatchLevel, Grounds, Proposal, Stage, StampSource, gather, propose};
use crate::destination::HospitalSpec;
use crate::fleet::{Demand, Fix, FleetPicture, TravelTable, UnitFix, UsualDemand};
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::incident::{IncidentKind, IncidentSketch, Level, Needs, Place, Triage};
use crate::reports::Ledger;
use crate::time::UtcTime;
use crate::vehicle::{CrewRole, Station, UnitSpec};
use crate::{Action, Command, DispatchCentre};

const START: UtcTime = UtcTime::from_micros(1_800_000_000_000_000);
const EXTENT: Extent = Extent { scenarios: 100, horizon: Span::seconds(5_400) };

fn place(east: f64) -> Wgs84 {
    Wgs84::new(114.0 + east, 30.0).unwrap()
}

fn unit(number: usize) -> UnitId {
    format!("A{number:02}").parse().unwrap()
}

fn incident(number: u128) -> IncidentId {
    IncidentId::new(Uuid::from_u128(number))
}

/// Two stations a good kilometre apart with two units each, a hospital between them.
struct Town {
    centre: DispatchCentre,
    now: UtcTime,
}

impl Town {
    fn new() -> Self {
        let mut town = Self { centre: DispatchCentre::new(), now: START };
        for (code, east) in [("S01", 0.0), ("S02", 0.02)] {
            let station = Station { id: code.parse().unwrap(), name: code.to_owned(), position: place(east) };
            town.ask(Action::RegisterStation { station });
        }
        let (id, name) = ("H01".parse().unwrap(), "医院".to_owned());
        let hospital = HospitalSpec { id, name, position: place(0.01), skills: [].into() };
        town.ask(Action::RegisterHospital { hospital });
        for number in 0..4 {
            let station = if number < 2 { "S01" } else { "S02" }.parse().unwrap();
            let (id, plate, phone) = (unit(number), String::new(), String::new());
            town.ask(Action::RegisterUnit {
                unit: UnitSpec { id, station, skills: [].into(), plate, phone },
            });
            town.ask(Action::SignOn { unit: id, name: "李强".to_owned(), role: CrewRole::Driver });
        }
        town
    }

    fn ask(&mut self, action: Action) {
        let command = Command { by: Actor::rule("test"), action };
        self.centre.execute(&command, self.now).unwrap();
    }

    fn happens(&mut self, number: u128, level: Level, east: f64) {
        let sketch = IncidentSketch {
            kind: IncidentKind::Emergency,
            complaint: "腹痛".to_owned(),
            triage: Triage::level(level),
            place: Place { position: Some(place(east)), ..Place::default() },
            patients: Vec::new(),
            needs: Needs::default(),
            notes: String::new(),
            wish: None,
            text_only: false,
            test: false,
            scheduled_at: None,
        };
        self.ask(Action::CreateIncident { incident: incident(number), call: None, sketch: sketch.into() });
    }

    fn proposal(&self, number: u128) -> Proposal {
        let inputs =
            gather(self.centre.record(), &self.picture(&[]), None, incident(number), self.now).unwrap();
        propose(ProposalId::new(Uuid::nil()), inputs)
    }

    fn picture(&self, seen: &[(usize, f64)]) -> FleetPicture {
        let fix = |(number, east): &(usize, f64)| {
            let (at, position) = (self.now, place(*east));
            let (heading_deg, accuracy_m) = (None, None);
            let fix = Fix { boot: 1, seq: 1, at, position, speed_kmh: 40.0, heading_deg, accuracy_m };
            UnitFix { unit: unit(*number), fix, heard_at: at }
        };
        FleetPicture::new(self.now, seen.iter().map(fix).collect())
    }

    fn city(&self) -> City {
        let usual = [(0.001, 20.0), (0.019, 20.0)]
            .map(|(east, calls_per_day)| UsualDemand { position: place(east), calls_per_day });
        let plan = CityPlan::learned(self.centre.record(), &Demand::default(), &usual, &Ledger::default());
        let places = plan.places();
        City::new(plan, &TravelTable::straight_line(&places, &places)).unwrap()
    }

    fn situation(&self, proposal: &Proposal, seen: &[(usize, f64)]) -> Option<Situation> {
        Situation::of(self.centre.record(), &self.picture(seen), proposal, &self.city(), EXTENT)
    }

    fn sends(&mut self, number: u128, who: usize) -> AssignmentId {
        let assignment = AssignmentId::new(Uuid::from_u128(100 + number));
        let (incident, unit, reason) = (incident(number), unit(who), Some("试".to_owned()));
        let grounds = Grounds::default();
        self.ask(Action::AssignUnit { assignment, incident, unit, proposal: None, reason, grounds });
        assignment
    }

    fn reaches(&mut self, assignment: AssignmentId, stage: Stage) {
        self.now = self.now + Span::seconds(300);
        let (at, source) = (self.now, StampSource::Terminal);
        self.ask(Action::ReportStage { assignment, stage, at, source });
    }
}

#[test]
fn a_proposal_of_a_living_centre_gets_a_second_opinion() {
    let mut town = Town::new();
    town.happens(1, Level::III, 0.004);
    let proposal = town.proposal(1);
    let situation = town.situation(&proposal, &[]).unwrap();
    let (city, units) = (town.city(), proposal.ranked.iter().map(|candidate| candidate.unit));
    assert!(situation.is_sound(&city));
    let contenders: Vec<_> = situation.contenders.iter().map(|contender| contender.unit).collect();
    assert_eq!(contenders, units.collect::<Vec<_>>());
    assert_eq!((situation.free.len(), situation.busy.len(), situation.waiting.len()), (4, 0, 0));
    let opinion = rollout(&city, &situation).unwrap();
    assert_eq!((opinion.scenarios, opinion.seed), (100, situation.seed));
    // The next look draws other futures; the same look the same.
    assert_eq!(town.situation(&proposal, &[]).unwrap(), situation);
    town.now = town.now + Span::seconds(5);
    assert_ne!(town.situation(&town.proposal(1), &[]).unwrap().seed, situation.seed);
}

#[test]
fn nothing_is_said_where_whoever_arrives_first_must_go() {
    let mut town = Town::new();
    town.happens(1, Level::I, 0.004);
    assert_eq!(town.situation(&town.proposal(1), &[]), None);
    town.happens(2, Level::II, 0.004);
    assert!(town.situation(&town.proposal(2), &[]).is_some());
    let mut several = town.proposal(2);
    several.inputs.units_short = 2;
    assert_eq!(town.situation(&several, &[]), None);
}

#[test]
fn units_and_those_who_wait_stand_as_the_record_says() {
    let mut town = Town::new();
    let city = town.city();
    town.happens(1, Level::III, 0.019);
    town.happens(2, Level::II, 0.001);
    town.happens(3, Level::III, 0.004);
    let run = town.sends(1, 3);
    let (near, far) = (city.zone_near(place(0.001)), city.zone_near(place(0.019)));
    let (station, hospital) =
        (city.station("S02".parse().unwrap()).unwrap(), city.hospital("H01".parse().unwrap()).unwrap());
    let situation = town.situation(&town.proposal(3), &[(0, 0.005), (2, 0.0201)]).unwrap();
    let first = city.station("S01".parse().unwrap()).unwrap();
    let on_the_way = Some(city.place_near(place(0.005)));
    let standing = |station| Free { station, on_the_way: None };
    assert_eq!(situation.free, [Free { station: first, on_the_way }, standing(first), standing(station)]);
    assert_eq!(situation.waiting, [Patient { level: Level::II, waited: Span::ZERO, zone: near }]);
    let Task::ToScene { arrival, patient } = situation.busy[0].task else { panic!("{situation:?}") };
    assert_eq!((patient.zone, patient.level), (far, Level::III));
    assert_eq!(arrival, Span::seconds(60) + city.travel(station, far), "it has not rolled yet");
    let task = |town: &Town| town.situation(&town.proposal(3), &[]).unwrap().busy[0].task;
    town.reaches(run, Stage::OnScene);
    assert_eq!(task(&town), Task::OnScene { since: Span::ZERO, zone: far });
    town.now = town.now + Span::seconds(60);
    assert_eq!(task(&town), Task::OnScene { since: Span::seconds(60), zone: far });
    town.reaches(run, Stage::LeftScene);
    // Not heard on its way, it is taken to be near its station.
    let arrival = city.travel(station, hospital);
    assert!(arrival > Span::ZERO);
    assert_eq!(task(&town), Task::ToHospital { arrival, hospital });
    town.reaches(run, Stage::AtHospital);
    assert_eq!(task(&town), Task::AtHospital { since: Span::ZERO, hospital });
}

/// Whoever may go only on somebody's word, is kept for somebody else, is a neighbour's, lacks more than the first, or would be late
/// where the first is not never appears; neither does anybody where the first proposed is one of these.
#[test]
fn whoever_may_not_go_is_no_contender() {
    let mut town = Town::new();
    town.happens(1, Level::III, 0.004);
    let proposal = town.proposal(1);
    let holds: BTreeMap<UnitId, Holds> =
        (0..4).map(|number| (unit(number), Holds::Nothing(number))).collect();
    let named = |change: &dyn Fn(&mut Candidate), rank: usize| -> Vec<UnitId> {
        let mut proposal = proposal.clone();
        change(&mut proposal.ranked[rank]);
        contenders(&proposal, &holds, &[]).iter().map(|contender| contender.unit).collect()
    };
    let all: Vec<UnitId> = proposal.ranked.iter().map(|candidate| candidate.unit).collect();
    assert_eq!(named(&|_| {}, 0), all);
    let changes: [&dyn Fn(&mut Candidate); 6] = [
        &|it| it.level = DispatchLevel::Block,
        &|it| it.level = DispatchLevel::Refuse,
        &|it| it.kept_for = Some(incident(9)),
        &|it| it.aid = Some("江北急救中心".to_owned()),
        &|it| it.lacks = [crate::incident::Skill::Als].into(),
        &|it| it.arrival_s = Span::seconds(901),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let without: Vec<UnitId> = all.iter().copied().filter(|unit| *unit != all[1]).collect();
        assert_eq!(named(change, 1), without, "change {number}");
    }
    assert_eq!(named(&|it| it.level = DispatchLevel::Block, 0), []);
    assert_eq!(named(&|it| it.kept_for = Some(incident(9)), 0), []);
    let nobody = BTreeMap::new();
    assert_eq!(contenders(&proposal, &nobody, &[]), [], "units that the city does not know");
}
