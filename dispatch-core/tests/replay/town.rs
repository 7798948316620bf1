//! A town along one street, its units, and people who do their work at known times. Nothing of the replay is used here: the day comes
//! out as a real centre would have recorded it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Stage, StampSource, gather, propose};
use dispatch_core::destination::HospitalSpec;
use dispatch_core::fleet::{Fix, FleetPicture, UnitFix};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{CallSource, IncidentKind, IncidentSketch, Level, Needs, Place, Triage};
use dispatch_core::private::Private;
use dispatch_core::replay::{BadPlan, Comparison, Past, Plan, Wanted, compare};
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Action, Command, DispatchCentre, Event, Fact, Span, UtcTime};
use roads::{Profile, RoadMap, Wgs84, straight_line_time};
use uuid::Uuid;

/// A town and what will happen in it.
pub(crate) struct Town {
    pub(crate) centre: DispatchCentre,
    pub(crate) events: Vec<Event>,
    now: UtcTime,
    todo: BTreeMap<(UtcTime, u64), Todo>,
    legs: BTreeMap<UnitId, Leg>,
    works: BTreeMap<AssignmentId, Work>,
    /// What the desk has looked at and would send somebody to.
    ready: BTreeSet<IncidentId>,
    ids: u64,
}

enum Todo {
    Ask(Actor, Box<Action>),
    Accept(IncidentId),
    Press(AssignmentId, Stage),
}

#[derive(Clone, Copy)]
struct Leg {
    from: Wgs84,
    to: Wgs84,
    begins: UtcTime,
    ends: UtcTime,
}

/// How a run goes, in seconds.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) mobilise: i64,
    /// Slower on the road than expected by this.
    pub(crate) pace: f64,
    pub(crate) scene: i64,
}

pub(crate) const DAY: &str = "2026-11-21";
pub(crate) const HOSPITAL: f64 = 114.06;

pub(crate) fn here(longitude: f64) -> Wgs84 {
    Wgs84::new(longitude, 30.0).unwrap()
}

/// A moment of the day, in seconds after its local midnight.
pub(crate) fn at(seconds: i64) -> UtcTime {
    "2026-11-20T16:00:00Z".parse::<UtcTime>().unwrap() + Span::seconds(seconds)
}

fn rule() -> Actor {
    Actor::rule("test")
}

impl Town {
    /// Stations and one unit at each, by longitude: S01 with A01, S02 with A02.
    pub(crate) fn new(policy: &str, stations: &[f64]) -> Self {
        let mut town = Self {
            centre: DispatchCentre::new(),
            events: Vec::new(),
            now: at(-7200),
            todo: BTreeMap::new(),
            legs: BTreeMap::new(),
            works: BTreeMap::new(),
            ready: BTreeSet::new(),
            ids: 0,
        };
        let rules = Rules { policy: policy.to_owned(), ..Rules::default() };
        town.ask(rule(), Action::AdoptRules { rules });
        let (id, position) = ("H01".parse().unwrap(), here(HOSPITAL));
        let hospital = HospitalSpec { id, name: "医院".to_owned(), position, skills: [].into() };
        town.ask(rule(), Action::RegisterHospital { hospital });
        for (number, &longitude) in stations.iter().enumerate() {
            let (station, unit) = (format!("S{:02}", number + 1), format!("A{:02}", number + 1));
            let id = station.parse().unwrap();
            let position = here(longitude);
            town.ask(rule(), Action::RegisterStation { station: Station { id, name: station, position } });
            let unit: UnitId = unit.parse().unwrap();
            let spec = UnitSpec {
                id: unit,
                station: id,
                skills: [].into(),
                plate: String::new(),
                phone: String::new(),
            };
            town.ask(rule(), Action::RegisterUnit { unit: spec });
            let (name, role) = ("李强".to_owned(), CrewRole::Driver);
            town.ask(rule(), Action::SignOn { unit, name, role });
        }
        town
    }

    /// Somebody calls, `seconds` after midnight; the call becomes an incident 40 seconds later, and the desk sends the first
    /// proposed unit 20 seconds after that, or as soon as one is free.
    pub(crate) fn rings(&mut self, seconds: i64, longitude: f64, level: Level) -> IncidentId {
        self.rings_as(seconds, longitude, level, false)
    }

    pub(crate) fn rings_as(&mut self, seconds: i64, longitude: f64, level: Level, test: bool) -> IncidentId {
        let (call, incident) = (CallId::new(self.uuid()), IncidentId::new(self.uuid()));
        let place = Place { position: Some(here(longitude)), ..Place::default() };
        let sketch = IncidentSketch {
            kind: IncidentKind::Emergency,
            complaint: "胸痛".to_owned(),
            triage: Triage::level(level),
            place: place.clone(),
            patients: Vec::new(),
            needs: Needs::default(),
            notes: String::new(),
            wish: None,
            text_only: false,
            test,
            scheduled_at: None,
        };
        let (source, phone) = (CallSource::Telephone, Private::new("13812342290"));
        let received = Action::ReceiveCall { call, source, phone, text_only: false, place, text: None };
        self.will(at(seconds), Todo::Ask(Actor::Caller, Box::new(received)));
        self.will(at(seconds + 6), Todo::Ask(rule(), Box::new(Action::AnswerCall { call })));
        let sketch = sketch.into();
        let created = Action::CreateIncident { incident, call: Some(call), sketch };
        self.will(at(seconds + 40), Todo::Ask(rule(), Box::new(created)));
        self.will(at(seconds + 60), Todo::Accept(incident));
        incident
    }

    /// Something that is asked for before the day.
    pub(crate) fn now_asks(&mut self, action: Action) {
        self.ask(rule(), action);
    }

    /// Lets the day pass. Every run goes as `work` says for its incident.
    pub(crate) fn live(&mut self, work: impl Fn(IncidentId) -> Work) {
        while let Some(((at, _), todo)) = self.todo.pop_first() {
            self.now = at;
            self.deadlines();
            match todo {
                Todo::Ask(by, action) => {
                    self.ask(by, *action);
                }
                Todo::Accept(incident) => self.accept(incident, &work),
                Todo::Press(assignment, stage) => self.press(assignment, stage),
            }
            for incident in self.centre.record().proposals_wanted() {
                self.propose(incident);
            }
        }
    }

    /// The day set against what it would have been, without a map.
    pub(crate) fn compare(&self, plan: &Plan) -> Result<Comparison, BadPlan> {
        self.compare_on(None, plan)
    }

    /// The same over the roads of a map.
    pub(crate) fn compare_on(&self, map: Option<&RoadMap>, plan: &Plan) -> Result<Comparison, BadPlan> {
        let mut past = Past::of_day(DAY)?;
        for event in &self.events {
            assert_eq!(past.take(event), Wanted::More);
        }
        compare(&past, plan, map, &mut |_| ControlFlow::Continue(()))
    }

    fn uuid(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0x0192_f000_0000_7000_8000_0000_0000_0000 + u128::from(self.ids))
    }

    fn will(&mut self, at: UtcTime, todo: Todo) {
        self.ids += 1;
        self.todo.insert((at, self.ids), todo);
    }

    fn ask(&mut self, by: Actor, action: Action) -> Vec<Event> {
        let events = self.centre.execute(&Command { by, action }, self.now).expect("the day goes as planned");
        self.events.extend(events.iter().cloned());
        events
    }

    fn deadlines(&mut self) {
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= self.now) {
            for event in self.centre.advance_to(due) {
                self.centre.apply(&event);
                self.events.push(event);
            }
        }
    }

    fn propose(&mut self, incident: IncidentId) {
        let record = self.centre.record();
        let fixes = record.units().keys().map(|&unit| {
            let (position, moving) = self.seen(unit);
            let speed_kmh = if moving { 50.0 } else { 0.0 };
            let (at, heard_at) = (self.now, self.now);
            let fix = Fix { boot: 0, seq: 0, at, position, speed_kmh, heading_deg: None, accuracy_m: None };
            UnitFix { unit, fix, heard_at }
        });
        let picture = FleetPicture::new(self.now, fixes.collect());
        let inputs = gather(record, &picture, None, incident, self.now).unwrap();
        let id = ProposalId::new(self.uuid());
        self.ask(rule(), Action::RecordProposal { proposal: propose(id, inputs).into() });
    }

    fn seen(&self, unit: UnitId) -> (Wgs84, bool) {
        let home = self.centre.record().unit(unit).map(|it| it.spec.station).unwrap();
        let station = self.centre.record().stations()[&home].position;
        let Some(leg) = self.legs.get(&unit) else { return (station, false) };
        if self.now <= leg.begins || self.now >= leg.ends {
            return (if self.now <= leg.begins { leg.from } else { leg.to }, false);
        }
        let share = self.now.since(leg.begins).as_secs_f64() / leg.ends.since(leg.begins).as_secs_f64();
        (leg.from.towards(leg.to, share), true)
    }

    fn accept(&mut self, incident: IncidentId, work: &impl Fn(IncidentId) -> Work) {
        if self.centre.record().units_short(incident) == 0 {
            return;
        }
        self.ready.insert(incident);
        let record = self.centre.record();
        let ready = record.waiting_incidents().filter(|it| self.ready.contains(&it.id));
        let head = ready.min_by_key(|it| (it.sketch.triage.level, record.called_at(it), it.id));
        if head.is_some_and(|head| head.id != incident) {
            self.will(self.now + Span::seconds(5), Todo::Accept(incident));
            return;
        }
        self.propose(incident);
        let record = self.centre.record();
        let proposal = record.incident(incident).and_then(|it| record.proposal(it.proposal?)).unwrap();
        let (proposal_id, target) = (proposal.id, proposal.inputs.target);
        let Some(first) = proposal.ranked.first() else {
            self.will(self.now + Span::seconds(5), Todo::Accept(incident));
            return;
        };
        let (unit, travel) = (first.unit, first.travel_s);
        let assignment = AssignmentId::new(self.uuid());
        let (proposal, reason, grounds) = (Some(proposal_id), None, Grounds::default());
        let from = self.seen(unit).0;
        let events =
            self.ask(rule(), Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds });
        for event in &events {
            // Whoever lost its unit wants another.
            if let Fact::AssignmentEnded { assignment, .. } = &event.fact {
                let left = self.centre.record().assignment(*assignment).unwrap().incident;
                self.will(self.now + Span::seconds(10), Todo::Accept(left));
            }
        }
        let work = work(incident);
        let rolls = self.now + Span::seconds(work.mobilise);
        let arrives = rolls + Span::from_secs_f64((travel.as_secs_f64() * work.pace).round());
        self.legs.insert(unit, Leg { from, to: target, begins: rolls, ends: arrives });
        self.works.insert(assignment, work);
        self.will(
            self.now + Span::seconds(work.mobilise.min(8)),
            Todo::Press(assignment, Stage::Acknowledged),
        );
        self.will(rolls, Todo::Press(assignment, Stage::Rolling));
        self.will(arrives, Todo::Press(assignment, Stage::OnScene));
    }

    fn press(&mut self, assignment: AssignmentId, stage: Stage) {
        let held = self.centre.record().assignment(assignment).unwrap().clone();
        if !held.is_open() {
            return;
        }
        let unit = held.unit;
        let (at, source) = (self.now, StampSource::Terminal);
        let here = self.seen(unit).0;
        if stage == Stage::LeftScene {
            let (hospital, reason) = ("H01".parse().unwrap(), "就近".to_owned());
            self.ask(Actor::Crew { unit }, Action::ChooseDestination { assignment, hospital, reason });
        }
        self.ask(Actor::Crew { unit }, Action::ReportStage { assignment, stage, at, source });
        let work = self.works[&assignment];
        let next = match stage {
            Stage::OnScene => Some((Stage::LeftScene, work.scene)),
            Stage::LeftScene => {
                let road = drive(here, self::here(HOSPITAL));
                let ends = self.now + Span::seconds(road);
                self.legs.insert(unit, Leg { from: here, to: self::here(HOSPITAL), begins: self.now, ends });
                Some((Stage::AtHospital, road))
            }
            Stage::AtHospital => Some((Stage::HandedOver, 480)),
            Stage::HandedOver => Some((Stage::Available, 120)),
            Stage::Available => {
                let home = self.centre.record().unit(unit).map(|it| it.spec.station).unwrap();
                let to = self.centre.record().stations()[&home].position;
                let ends = self.now + Span::seconds(drive(here, to));
                self.legs.insert(unit, Leg { from: here, to, begins: self.now, ends });
                None
            }
            _ => None,
        };
        if let Some((stage, seconds)) = next {
            self.will(self.now + Span::seconds(seconds), Todo::Press(assignment, stage));
        }
    }
}

fn drive(from: Wgs84, to: Wgs84) -> i64 {
    (straight_line_time(from, to, Profile::Ordinary).as_s()).round() as i64
}
