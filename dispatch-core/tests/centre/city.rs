//! A small city for the tests: two stations, three units, two hospitals, and words to command it with.

use std::fmt::Write as _;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{
    Basis, CandidateInput, DispatchLevel, Grounds, Outcome, Proposal, ProposalInputs, Stage, StampSource,
    UnitState, propose,
};
use dispatch_core::destination::HospitalSpec;
use dispatch_core::ids::{AssignmentId, CallId, HospitalId, IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{CallSource, IncidentKind, IncidentSketch, Level, Needs, Place, Triage};
use dispatch_core::private::Private;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Action, Command, DispatchCentre, Event, Refusal, Span, UtcTime};
use roads::Wgs84;
use uuid::Uuid;

pub(crate) struct City {
    pub(crate) centre: DispatchCentre,
    pub(crate) now: UtcTime,
    pub(crate) events: Vec<Event>,
    ids: u128,
}

pub(crate) fn here(longitude: f64) -> Wgs84 {
    Wgs84::new(longitude, 30.0).unwrap()
}

pub(crate) fn unit(code: &str) -> UnitId {
    code.parse().unwrap()
}

pub(crate) fn hospital(code: &str) -> HospitalId {
    code.parse().unwrap()
}

pub(crate) fn desk() -> Actor {
    Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() }
}

pub(crate) fn sketch(level: Level) -> IncidentSketch {
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: "胸痛".to_owned(),
        triage: Triage::level(level),
        place: Place {
            position: Some(here(114.01)),
            address: "滨江路 128 号".to_owned(),
            ..Place::default()
        },
        patients: Vec::new(),
        needs: Needs::default(),
        notes: String::new(),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}

impl City {
    /// Three units at two stations, crews signed on.
    pub(crate) fn new() -> Self {
        let now = "2026-11-21T13:00:00Z".parse().unwrap();
        let mut city = Self { centre: DispatchCentre::new(), now, events: Vec::new(), ids: 0 };
        city.does(Action::AdoptRules { rules: Rules::default() });
        for (code, longitude) in [("S01", 114.0), ("S02", 114.1)] {
            let position = here(longitude);
            let station = Station { id: code.parse().unwrap(), name: code.to_owned(), position };
            city.does(Action::RegisterStation { station });
        }
        for code in ["H01", "H02"] {
            let spec = HospitalSpec {
                id: hospital(code),
                name: code.to_owned(),
                position: here(114.05),
                skills: [].into(),
            };
            city.does(Action::RegisterHospital { hospital: spec });
        }
        for (code, station) in [("A01", "S01"), ("A02", "S01"), ("A03", "S02")] {
            let spec = UnitSpec {
                id: unit(code),
                station: station.parse().unwrap(),
                skills: [].into(),
                plate: String::new(),
                phone: String::new(),
            };
            city.does(Action::RegisterUnit { unit: spec });
            city.does(Action::SignOn { unit: unit(code), name: "李强".to_owned(), role: CrewRole::Driver });
        }
        city
    }

    /// The same city as another node goes on with it. Its ids are its own.
    pub(crate) fn branch(&self, ids: u128) -> Self {
        Self { centre: self.centre.clone(), now: self.now, events: self.events.clone(), ids: self.ids + ids }
    }

    /// The id to use for the next thing.
    pub(crate) fn uuid(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0x0192_f000_0000_7000_8000_0000_0000_0000 + self.ids)
    }

    pub(crate) fn by(&mut self, by: Actor, action: Action) -> Result<Vec<Event>, Refusal> {
        let events = self.centre.execute(&Command { by, action }, self.now)?;
        self.events.extend(events.iter().cloned());
        Ok(events)
    }

    /// The desk asks, and it must go through.
    #[track_caller]
    pub(crate) fn does(&mut self, action: Action) -> Vec<Event> {
        self.by(desk(), action).expect("the centre does what the desk asks")
    }

    /// The desk asks, and is refused.
    #[track_caller]
    pub(crate) fn refused(&mut self, action: Action) -> Refusal {
        self.by(desk(), action).expect_err("the centre refuses")
    }

    /// Time passes; what happens by itself happens when it is due.
    pub(crate) fn wait(&mut self, seconds: i64) {
        let until = self.now + Span::seconds(seconds);
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let events = self.centre.advance_to(self.now);
            assert!(!events.is_empty(), "a deadline that passed does something");
            for event in events {
                self.centre.apply(&event);
                self.events.push(event);
            }
        }
        self.now = until;
    }

    pub(crate) fn call(&mut self) -> CallId {
        let call = CallId::new(self.uuid());
        self.does(Action::ReceiveCall {
            call,
            source: CallSource::Telephone,
            phone: Private::new("13812342290"),
            text_only: false,
            place: Place::default(),
            text: None,
        });
        call
    }

    pub(crate) fn incident(&mut self, level: Level) -> IncidentId {
        let incident = IncidentId::new(self.uuid());
        self.does(Action::CreateIncident { incident, call: None, sketch: sketch(level).into() });
        incident
    }

    /// A proposal of the units named, in that order.
    pub(crate) fn proposal(&mut self, incident: IncidentId, units: &[&str]) -> Proposal {
        let it = self.centre.record().incident(incident).unwrap();
        let candidates = units.iter().zip(1..).map(|(code, minutes)| CandidateInput {
            unit: unit(code),
            state: UnitState::AtStation,
            position: here(114.0),
            position_age_s: Span::seconds(2),
            mobilisation_s: Span::seconds(60),
            travel_s: Span::seconds(60 * minutes),
            basis: Basis::Road,
            skills: [].into(),
            interrupts: None,
            cover_loss: None,
            duty_left_s: None,
            freeing: None,
            own_area: false,
            aid: None,
            level: DispatchLevel::Allow,
        });
        let inputs = ProposalInputs {
            at: self.now,
            incident,
            target: here(114.01),
            level: it.sketch.triage.level,
            units_short: self.centre.record().units_short(incident),
            skills: [].into(),
            policy: "closest".to_owned(),
            candidates_max: 10,
            road_weights: "test".to_owned(),
            candidates: candidates.collect(),
            left_out: Vec::new(),
            relieves: None,
            waited_s: Span::ZERO,
            goal_s: Span::seconds(600),
            rivals: Vec::new(),
            demand_per_day: None,
            traffic: None,
            area_later_max_s: None,
            about_to_be_free: Vec::new(),
            slots: Vec::new(),
        };
        propose(ProposalId::new(self.uuid()), inputs)
    }

    pub(crate) fn proposes(&mut self, incident: IncidentId, units: &[&str]) -> ProposalId {
        let proposal = self.proposal(incident, units);
        let id = proposal.id;
        self.does(Action::RecordProposal { proposal: std::sync::Arc::new(proposal) });
        id
    }

    /// The action of sending a unit.
    pub(crate) fn sending(&mut self, incident: IncidentId, code: &str, reason: Option<&str>) -> Action {
        Action::AssignUnit {
            assignment: AssignmentId::new(self.uuid()),
            incident,
            unit: unit(code),
            proposal: None,
            reason: reason.map(str::to_owned),
            grounds: Grounds::default(),
        }
    }

    #[track_caller]
    pub(crate) fn sends(&mut self, incident: IncidentId, code: &str) -> AssignmentId {
        let action = self.sending(incident, code, Some("听班长指示"));
        let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
        self.does(action);
        assignment
    }

    /// The crew presses a step now.
    pub(crate) fn press(&mut self, assignment: AssignmentId, stage: Stage) -> Result<Vec<Event>, Refusal> {
        let unit = self.centre.record().assignment(assignment).unwrap().unit;
        let at = self.now;
        let action = Action::ReportStage { assignment, stage, at, source: StampSource::Terminal };
        self.by(Actor::Crew { unit }, action)
    }

    /// The crew presses step after step, ten seconds apart.
    pub(crate) fn presses(&mut self, assignment: AssignmentId, stages: &[Stage]) {
        for stage in stages {
            self.wait(10);
            self.press(assignment, *stage).unwrap();
        }
    }

    pub(crate) fn ends(&mut self, assignment: AssignmentId, outcome: Outcome) -> Result<Vec<Event>, Refusal> {
        let unit = self.centre.record().assignment(assignment).unwrap().unit;
        let (at, reason) = (self.now, "车辆故障".to_owned());
        let source = StampSource::Terminal;
        self.by(Actor::Crew { unit }, Action::EndAssignment { assignment, outcome, at, reason, source })
    }

    /// What stands now, one a line.
    pub(crate) fn escalations(&self) -> String {
        self.centre.record().escalations().keys().fold(String::new(), |mut list, key| {
            let about = key.to_string();
            let _ = write!(list, "{} ", about.split('.').next().unwrap_or_default());
            list
        })
    }
}
