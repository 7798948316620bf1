//! Short histories, sound or broken on purpose, for the tests that prove that a checker can fail.

use dispatch_core::accident::{AccidentRequest, AccidentSketch, ByColour};
use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Stage, StampSource};
use dispatch_core::ids::{AccidentId, AssignmentId, CallId, IncidentId, UnitId};
use dispatch_core::incident::{CallSource, Offered};
use dispatch_core::private::Private;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Command, DispatchCentre, Event, Fact, Span, UtcTime};
use uuid::Uuid;

use super::{Checker, View};
use crate::check::people::{emergency, place};
use crate::check::reference::Reference;

/// A centre with its history.
pub(crate) struct Broken {
    centre: DispatchCentre,
    journal: Vec<Event>,
    reference: Reference,
    now: UtcTime,
}

const CALL: CallId = CallId::new(Uuid::from_u128(1));
const INCIDENT: IncidentId = IncidentId::new(Uuid::from_u128(2));
const ACCIDENT: AccidentId = AccidentId::new(Uuid::from_u128(8));
const ASSIGNMENT: AssignmentId = AssignmentId::new(Uuid::from_u128(3));

fn unit() -> UnitId {
    "A01".parse().unwrap()
}

impl Broken {
    /// One call rings.
    pub(crate) fn with_one_call() -> Self {
        let mut history = Self {
            centre: DispatchCentre::new(),
            journal: Vec::new(),
            reference: Reference::default(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        history.done(Action::AdoptRules { rules: Rules::default() });
        let (phone, place) = (Private::new("13800000000"), place(0.0));
        let call = Action::ReceiveCall {
            call: CALL,
            source: CallSource::Telephone,
            phone,
            text_only: false,
            place,
            text: None,
        };
        history.done(call);
        history
    }

    /// It led to an incident.
    pub(crate) fn with_one_incident() -> Self {
        let mut history = Self::with_one_call();
        history.done(Action::AnswerCall { call: CALL });
        history.done(Action::CreateIncident {
            incident: INCIDENT,
            call: Some(CALL),
            sketch: emergency(place(0.0)).into(),
        });
        history
    }

    /// A unit was ordered to it.
    pub(crate) fn with_one_order() -> Self {
        let mut history = Self::with_one_incident();
        let station = serde_json::from_value(serde_json::json!({
            "id": "S01", "name": "站", "position": { "longitude": 118.0, "latitude": 29.0 }
        }));
        history.done(Action::RegisterStation { station: station.unwrap() });
        let spec = serde_json::from_value(serde_json::json!({ "id": "A01", "station": "S01" }));
        history.done(Action::RegisterUnit { unit: spec.unwrap() });
        let role = dispatch_core::vehicle::CrewRole::Driver;
        history.done(Action::SignOn { unit: unit(), name: "李明".into(), role });
        let order = Action::AssignUnit {
            assignment: ASSIGNMENT,
            incident: INCIDENT,
            unit: unit(),
            proposal: None,
            reason: None,
            grounds: Grounds::default(),
        };
        history.done(order);
        history
    }

    /// What a checker sees of it.
    pub(crate) fn view(&self) -> View<'_> {
        View { now: self.now, centre: &self.centre, journal: &self.journal, reference: &self.reference }
    }

    /// What a checker says of it.
    pub(crate) fn judge(&self, checker: &mut dyn Checker) -> Result<(), String> {
        checker.event(&self.view())?;
        checker.moment(&self.view())
    }

    /// Time passes; deadlines are kept or forgotten.
    pub(crate) fn wait_s(&mut self, seconds: i64, keep_deadlines: bool) {
        self.now = self.now + Span::seconds(seconds);
        if !keep_deadlines {
            return;
        }
        loop {
            let due = self.centre.advance_to(self.now);
            if due.is_empty() {
                return;
            }
            for event in due {
                self.take_in(event);
            }
        }
    }

    /// The order reaches the terminal.
    pub(crate) fn deliver(&mut self) {
        let owed: Vec<_> = self.centre.record().outbox().keys().copied().collect();
        for effect in owed {
            self.done(Action::ConfirmDelivery { effect });
        }
    }

    /// The crew acknowledges.
    pub(crate) fn acknowledge(&mut self) {
        let press = self.press_command();
        let events = self.centre.handle(&press, self.now).unwrap();
        for event in events {
            self.take_in(event);
        }
    }

    /// What the crew presses to acknowledge.
    pub(crate) fn press_command(&self) -> Command {
        let (stage, source) = (Stage::Acknowledged, StampSource::Terminal);
        let action = Action::ReportStage { assignment: ASSIGNMENT, stage, at: self.now, source };
        Command { by: Actor::Crew { unit: unit() }, action }
    }

    /// Broken: the same unit is ordered once more.
    pub(crate) fn order_again(&mut self) {
        let mut event = self.journal.last().unwrap().clone();
        if let Fact::UnitAssigned { assignment, .. } = &mut event.fact {
            *assignment = AssignmentId::new(Uuid::from_u128(4));
        }
        self.take_in(event);
    }

    /// The incident is a scene of an accident.
    pub(crate) fn declare_an_accident(&mut self) {
        let sketch = AccidentSketch { title: "车祸".to_owned(), grade: None, notes: String::new() };
        self.done(Action::DeclareAccident { accident: ACCIDENT, sketch, scenes: vec![INCIDENT] });
    }

    /// Broken: casualties are counted, and the journal does not know.
    pub(crate) fn count_two_and_forget_the_event(&mut self) {
        let found = ByColour { red: 2, ..ByColour::default() };
        let request = AccidentRequest::Count { scene: INCIDENT, found };
        self.done(Action::ChangeAccident { accident: ACCIDENT, version: None, request });
        self.forget_last_event();
    }

    /// Broken: a unit is ordered although a booked run keeps it.
    pub(crate) fn send_the_unit_that_another_keeps(&mut self) {
        let order = self.journal.last().unwrap().clone();
        let incident = IncidentId::new(Uuid::from_u128(7));
        let mut sketch = emergency(place(2.0));
        sketch.kind = dispatch_core::incident::IncidentKind::Transfer;
        sketch.scheduled_at = Some(self.now + Span::seconds(600));
        self.done(Action::CreateIncident { incident, call: None, sketch: sketch.into() });
        self.done(Action::ReserveUnit { incident, unit: unit() });
        self.take_in(order);
    }

    /// The incident is offered to another centre.
    pub(crate) fn offer(&mut self) {
        let (to, reason) = ("邻市".to_owned(), "跨市界".to_owned());
        self.done(Action::OfferHandoff { about: Offered::Incident(INCIDENT), to, reason });
    }

    /// Broken: nobody recorded that it was taken there.
    pub(crate) fn accept_as_a_machine(&mut self) {
        let mut event = self.journal.last().unwrap().clone();
        event.by = Actor::rule("deadline");
        let (to, accepted_by) = ("邻市".to_owned(), "周".to_owned());
        event.fact = Fact::HandoffAccepted { about: Offered::Incident(INCIDENT), to, accepted_by };
        self.take_in(event);
    }

    /// Broken: a call joins a second incident without having left the first.
    pub(crate) fn join_the_call_twice(&mut self) {
        let incident = IncidentId::new(Uuid::from_u128(6));
        self.done(Action::CreateIncident { incident, call: None, sketch: emergency(place(1.0)).into() });
        let mut event = self.journal.last().unwrap().clone();
        event.fact = Fact::CallJoined { call: CALL, incident };
        self.take_in(event);
    }

    /// Broken: the centre holds nothing any more.
    pub(crate) fn lose_the_record(&mut self) {
        self.centre = DispatchCentre::new();
    }

    /// Broken: the journal lacks what the centre took in.
    pub(crate) fn forget_last_event(&mut self) {
        self.journal.pop();
    }

    /// Broken: the centre was built from another last event.
    pub(crate) fn replace_last_event(&mut self) {
        if let Some(Fact::UnitAssigned { assignment, .. }) =
            self.journal.last_mut().map(|event| &mut event.fact)
        {
            *assignment = AssignmentId::new(Uuid::from_u128(5));
        }
        self.centre = DispatchCentre::from_events(&self.journal);
    }

    /// Broken: the journal is out of order.
    pub(crate) fn swap_last_two(&mut self) {
        let last = self.journal.len() - 1;
        self.journal.swap(last, last - 1);
    }

    fn done(&mut self, action: Action) {
        self.now = self.now + Span::from_micros(1_000);
        let by = Actor::Person { name: "王芳".into(), seat: "03".into() };
        let events = self.centre.handle(&Command { by, action }, self.now).unwrap();
        for event in events {
            self.take_in(event);
        }
    }

    fn take_in(&mut self, event: Event) {
        self.centre.apply(&event);
        self.journal.push(event);
        self.reference.apply(self.journal.len() as u64, self.journal.last().unwrap());
    }
}
