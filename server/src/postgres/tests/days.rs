//! Days of a small city in which anything may happen: the same number gives the same days.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Outcome, STAGES, Stage, StampSource};
use dispatch_core::destination::HospitalSpec;
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::{
    AreaClass, CallSource, IncidentChange, IncidentKind, IncidentSketch, Level, Needs, Offered, Place, Triage,
};
use dispatch_core::paper::{CalledOff, PaperCall, PaperForm, PaperIncident, PaperRun};
use dispatch_core::private::Private;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Command, DispatchCentre, Event, Span, UtcTime};
use roads::Wgs84;
use uuid::Uuid;

use crate::testing::two_units;

/// What is done, by whatever the dice say. What the rules refuse does not happen.
pub(super) struct Days {
    centre: DispatchCentre,
    pub(super) events: Vec<Event>,
    now: UtcTime,
    dice: u64,
    ids: u128,
}

/// Personal words: none of them may show anywhere.
pub(super) const PERSONAL: [&str; 3] = ["13812342290", "滨江路", "胸痛"];

impl Days {
    /// So many things done, one after another.
    pub(super) fn lived(number: u64, count: usize) -> Self {
        let now = "2026-06-30T12:00:00Z".parse().unwrap();
        let (centre, events) = (DispatchCentre::new(), Vec::new());
        let mut days = Self { centre, events, now, dice: number.wrapping_mul(0x9e37_79b9) + 1, ids: 0 };
        // Not the default: the city's midnight is where its own rules put it.
        let rules = Rules { utc_offset_s: Span::seconds(7 * 3600), ..Rules::default() };
        days.act(Action::AdoptRules { rules });
        for action in two_units() {
            days.act(action);
        }
        let position = Wgs84::new(114.31, 30.6).unwrap();
        let (id, name) = ("H01".parse().unwrap(), "一院".to_owned());
        let hospital = HospitalSpec { id, name, position, skills: std::collections::BTreeSet::new() };
        days.act(Action::RegisterHospital { hospital });
        for _ in 0..count {
            days.go_on();
        }
        days
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        // Not in the order of time, as ids of several desks are not.
        Uuid::from_u128((u128::from(self.roll(1_000)) << 64) + self.ids)
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let place = self.roll(list.len().max(1) as u64) as usize;
        list.get(place).copied()
    }

    fn act(&mut self, action: Action) {
        let by = Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() };
        if let Ok(events) = self.centre.execute(&Command { by, action }, self.now) {
            self.events.extend(events);
        }
    }

    fn go_on(&mut self) {
        let pause = if self.roll(40) == 0 { 40_000 } else { 40 };
        let (seconds, micros) = (self.roll(pause) as i64, self.roll(1_000_000) as i64);
        self.now = self.now + Span::from_micros(seconds * 1_000_000 + micros);
        let record = self.centre.record();
        let calls: Vec<CallId> = record.calls().keys().copied().collect();
        let open: Vec<IncidentId> = record.open_incidents().map(|it| it.id).collect();
        let all: Vec<IncidentId> = record.incidents().keys().copied().collect();
        let runs: Vec<AssignmentId> = record.assignments().keys().copied().collect();
        let under_way: Vec<AssignmentId> =
            record.assignments().values().filter(|it| it.is_open()).map(|it| it.id).collect();
        let action = match self.roll(27) {
            0..3 => Some(self.ring()),
            3 | 4 => self.one(&calls).map(|call| Action::AnswerCall { call }),
            5..8 => Some(self.create(&calls)),
            8 => self
                .one(&calls)
                .zip(self.one(&open))
                .map(|(call, incident)| Action::JoinCall { call, incident }),
            9 => self.one(&calls).map(|call| {
                let (incident, sketch) = (IncidentId::new(self.id()), self.sketch().into());
                Action::SplitCall { call, incident, sketch }
            }),
            10..13 => self.one(&open).map(|incident| self.send(incident)),
            13..18 => self.one(&under_way).map(|run| self.report(run)),
            18 => self.one(&runs).map(|run| self.correct(run)),
            19 => self.one(&under_way).map(|run| self.end(run)),
            20 => self
                .one(&open)
                .zip(self.one(&open))
                .map(|(incident, into)| Action::MergeIncident { incident, into }),
            21 => self.one(&all).map(|incident| Action::SplitIncident { incident }),
            22 => self.one(&open).map(|incident| self.change(incident)),
            23 => self.one(&open).map(|incident| self.give_away(incident)),
            24 => self.one(&under_way).map(|assignment| {
                let (hospital, reason) = ("H01".parse().unwrap(), "最近\0".to_owned());
                Action::ChooseDestination { assignment, hospital, reason }
            }),
            25 => self.one(&calls).map(|call| {
                let (about, accepted_by) = (Offered::Call(call), "周".to_owned());
                Action::AcceptHandoff { about, accepted_by }
            }),
            _ => Some(self.paper()),
        };
        if let Some(action) = action {
            self.act(action);
        }
    }

    fn ring(&mut self) -> Action {
        let sources = [CallSource::Telephone, CallSource::Telephone, CallSource::Text, CallSource::Police];
        Action::ReceiveCall {
            call: CallId::new(self.id()),
            source: self.one(&sources).unwrap(),
            phone: Private::new(PERSONAL[0]),
            text_only: self.roll(8) == 0,
            place: Place::default(),
            text: None,
        }
    }

    fn place(&mut self) -> Place {
        let areas = [AreaClass::CityCore, AreaClass::CountyCore, AreaClass::Rural];
        let position = Some(Wgs84::new(114.32, 30.6).unwrap());
        Place {
            position,
            address: PERSONAL[1].to_owned(),
            area: self.one(&areas).unwrap(),
            ..Place::default()
        }
    }

    fn level(&mut self) -> Triage {
        Triage::level(self.one(&[Level::I, Level::II, Level::III, Level::IV]).unwrap())
    }

    fn sketch(&mut self) -> IncidentSketch {
        let kind = match self.roll(12) {
            0 => IncidentKind::Transfer,
            1 => IncidentKind::Standby,
            _ => IncidentKind::Emergency,
        };
        IncidentSketch {
            kind,
            complaint: PERSONAL[2].to_owned(),
            triage: self.level(),
            place: self.place(),
            patients: Vec::new(),
            needs: Needs::default(),
            notes: String::new(),
            wish: None,
            text_only: false,
            test: self.roll(12) == 0,
            scheduled_at: None,
        }
    }

    fn create(&mut self, calls: &[CallId]) -> Action {
        let call = if self.roll(4) == 0 { None } else { self.one(calls) };
        Action::CreateIncident { incident: IncidentId::new(self.id()), call, sketch: self.sketch().into() }
    }

    fn change(&mut self, incident: IncidentId) -> Action {
        let (place, triage) = (self.place(), self.level());
        let change = match self.roll(3) {
            0 => IncidentChange { place: Some(place), ..IncidentChange::default() },
            1 => IncidentChange { triage: Some(triage), ..IncidentChange::default() },
            _ => IncidentChange { notes: Some("三楼".to_owned()), ..IncidentChange::default() },
        };
        Action::ChangeIncident { incident, version: None, change }
    }

    fn send(&mut self, incident: IncidentId) -> Action {
        Action::AssignUnit {
            assignment: AssignmentId::new(self.id()),
            incident,
            unit: self.one(&["A01", "A02"]).unwrap().parse().unwrap(),
            proposal: None,
            reason: Some("听班长指示".to_owned()),
            grounds: Grounds::default(),
        }
    }

    fn earlier(&mut self) -> UtcTime {
        self.now - Span::from_micros(self.roll(90_000_000) as i64)
    }

    fn report(&mut self, assignment: AssignmentId) -> Action {
        let reached = self.centre.record().assignment(assignment).map_or(0, |it| it.stage as u64);
        // Most often the next step, else any.
        let stage = if self.roll(4) == 0 { self.roll(STAGES.len() as u64) } else { reached + 1 };
        let stage = STAGES[(stage as usize).min(STAGES.len() - 1)].stage;
        let sources = [StampSource::Terminal, StampSource::Terminal, StampSource::Motion, StampSource::Desk];
        Action::ReportStage { assignment, stage, at: self.earlier(), source: self.one(&sources).unwrap() }
    }

    fn correct(&mut self, assignment: AssignmentId) -> Action {
        let stage = STAGES[self.roll(STAGES.len() as u64) as usize].stage;
        Action::CorrectStage { assignment, stage, at: self.earlier(), reason: "误".to_owned() }
    }

    fn end(&mut self, assignment: AssignmentId) -> Action {
        let outcomes = [Outcome::NoPatient, Outcome::Aborted, Outcome::RefusedOrder, Outcome::TreatedOnScene];
        let (outcome, at, reason) = (self.one(&outcomes).unwrap(), self.now, "结束".to_owned());
        if self.roll(2) == 0 {
            return Action::RecallUnit { assignment, reason };
        }
        Action::EndAssignment { assignment, outcome, at, reason, source: StampSource::Desk }
    }

    /// A form of an hour ago.
    fn paper(&mut self) -> Action {
        let received_at = self.now - Span::from_micros(3_600_000_000 + self.roll(1_000_000) as i64);
        let after = |seconds: u64| received_at + Span::seconds(seconds as i64);
        let taken = 5 + self.roll(30);
        let steps = [
            Stage::Acknowledged,
            Stage::Rolling,
            Stage::OnScene,
            Stage::LeftScene,
            Stage::AtHospital,
            Stage::HandedOver,
        ];
        let place = self.place();
        let answered_at = (self.roll(3) > 0).then_some(after(taken));
        let call = PaperCall {
            source: self.one(&[CallSource::Telephone, CallSource::Text]).unwrap(),
            phone: Private::new(PERSONAL[0]),
            text_only: false,
            place,
            received_at,
            answered_at,
        };
        let run = PaperRun {
            assignment: AssignmentId::new(self.id()),
            unit: self.one(&["A01", "A02"]).unwrap().parse().unwrap(),
            ordered_at: after(60),
            times: steps
                .into_iter()
                .zip(1..)
                .map(|(stage, at)| (stage, after(at * 100 + self.roll(50))))
                .collect(),
            hospital: Some("H01".parse().unwrap()),
            ended_at: after(1_000),
            outcome: Outcome::Conveyed,
            reason: String::new(),
        };
        let called_off = CalledOff { at: after(500), reason: "误报".to_owned() };
        let (runs, called_off) =
            if self.roll(4) == 0 { (Vec::new(), Some(called_off)) } else { (vec![run], None) };
        let created_at = answered_at.unwrap_or(received_at);
        let (form_number, overlap_reason) = (String::new(), Some("抄录".to_owned()));
        let incident = PaperIncident { form_number, created_at, runs, called_off, overlap_reason };
        let form = Box::new(PaperForm { call, sketch: self.sketch().into(), incident });
        Action::EnterPaperForm { call: CallId::new(self.id()), incident: IncidentId::new(self.id()), form }
    }

    fn give_away(&mut self, incident: IncidentId) -> Action {
        let (to, reason) = ("邻市".to_owned(), "不在辖区".to_owned());
        match self.roll(4) {
            0 => Action::RedirectIncident { incident, to, reason },
            1 => Action::CancelIncident { incident, reason },
            _ => {
                let about = Offered::Incident(incident);
                self.act(Action::OfferHandoff { about, to, reason });
                Action::AcceptHandoff { about, accepted_by: "周".to_owned() }
            }
        }
    }
}
