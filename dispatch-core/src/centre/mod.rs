//! The centre: it takes commands with the time and answers with events or a refusal.
//!
//! [`DispatchCentre::handle`] and [`DispatchCentre::advance_to`] decide and change nothing; [`DispatchCentre::apply`]
//! changes and decides nothing. Whoever holds the centre applies each event it decided before the next command.

mod about;
mod accidents;
mod bringing_in;
mod calls;
mod choice;
mod dispatch;
mod erasure;
mod handoffs;
mod held;
mod incidents;
mod paper;
mod patients;
mod reservations;
mod resources;
mod roadside;
mod steps;

use crate::actor::Actor;
use crate::command::{Action, Command};
use crate::escalation::About;
use crate::event::{Event, Fact};
use crate::fleet::{Fix, Fleet, Heard};
use crate::ids::UnitId;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::time::UtcTime;
use crate::timers::{Timer, Timers};

pub use about::about;
pub(crate) use about::add_deadlines;
pub use held::HeldOrder;

/// A dispatch centre: its record, its deadlines, and where its units are.
#[derive(Debug, Clone, Default)]
pub struct DispatchCentre {
    record: Record,
    timers: Timers,
    fleet: Fleet,
    /// What events touch is noted here, again and again.
    touched: Vec<About>,
}

type Decision = Result<Vec<Fact>, Refusal>;

impl DispatchCentre {
    /// An empty centre.
    pub fn new() -> Self {
        Self::default()
    }

    /// A centre rebuilt from its events.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut centre = Self::new();
        for event in events {
            centre.apply(event);
        }
        centre
    }

    /// A centre with a record that was put back: its deadlines follow from it, and where the units are is not in it.
    pub fn from_record(record: Record) -> Self {
        let mut timers = Timers::default();
        for thing in record.everything() {
            timers.rearm(&record, thing);
        }
        Self { record, timers, ..Self::default() }
    }

    /// What events have built.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Where the units are.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Decides on a command. An empty list means that nothing has to change: the same was asked before.
    pub fn handle(&self, command: &Command, now: UtcTime) -> Result<Vec<Event>, Refusal> {
        if !command.by.is_named() {
            return Err(Refusal::Unnamed);
        }
        // What is brought in keeps its own times and authors.
        if let Action::BringIn { matter } = &command.action {
            return self.bring_in(matter, &command.by, now);
        }
        let facts = self.decide(command, now)?;
        let mut events = Vec::with_capacity(facts.len());
        for fact in facts {
            events.push(Event { at: now, by: author(command, &fact), fact });
        }
        Ok(events)
    }

    /// Takes in an event: the record, and the deadlines that follow from it.
    pub fn apply(&mut self, event: &Event) {
        self.apply_all(std::slice::from_ref(event));
    }

    /// Takes in the events of one decision, one after the other, and looks at the deadlines once.
    pub fn apply_all(&mut self, events: &[Event]) {
        let mut touched = std::mem::take(&mut self.touched);
        for event in events {
            self.record.apply(event, &mut touched);
        }
        if touched.len() > TOUCHED_USUALLY {
            touched.sort_unstable();
            touched.dedup();
        }
        for (place, thing) in touched.iter().enumerate() {
            if !touched[..place.min(TOUCHED_USUALLY)].contains(thing) {
                self.timers.rearm(&self.record, *thing);
            }
        }
        touched.clear();
        self.touched = touched;
    }

    /// Decides and applies at once.
    pub fn execute(&mut self, command: &Command, now: UtcTime) -> Result<Vec<Event>, Refusal> {
        let events = self.handle(command, now)?;
        self.apply_all(&events);
        Ok(events)
    }

    /// What happens by itself up to `now`: deadlines that passed. Calling it too often or too late does no harm.
    pub fn advance_to(&self, now: UtcTime) -> Vec<Event> {
        let facts = self.timers.due(&self.record, now).into_iter().map(|timer| match timer {
            Timer::Escalate(escalation) => Fact::EscalationRaised { escalation },
            Timer::Wake(incident) => Fact::IncidentWoken { incident },
        });
        facts.map(|fact| Event { at: now, by: Actor::rule("deadline"), fact }).collect()
    }

    /// When to call [`Self::advance_to`] next, UTC.
    pub fn next_deadline(&self) -> Option<UtcTime> {
        self.timers.next()
    }

    /// Takes in a position. Positions are not events: they move the fleet's picture, never the record.
    pub fn observe(&mut self, unit: UnitId, fix: Fix, now: UtcTime) -> Heard {
        self.fleet.observe(unit, fix, now)
    }

    fn decide(&self, command: &Command, now: UtcTime) -> Decision {
        let by = &command.by;
        match &command.action {
            Action::AdoptRules { .. }
            | Action::RegisterStation { .. }
            | Action::RegisterUnit { .. }
            | Action::RegisterHospital { .. }
            | Action::AdoptCover { .. }
            | Action::PostUnit { .. }
            | Action::AcceptMoveUp { .. }
            | Action::DeclineMoveUp { .. }
            | Action::MessageCrew { .. }
            | Action::SignOn { .. }
            | Action::SignOff { .. }
            | Action::PauseUnit { .. }
            | Action::ResumeUnit { .. }
            | Action::NoteSilence { .. }
            | Action::NoteHeard { .. }
            | Action::DivertHospital { .. }
            | Action::CloseRoad { .. }
            | Action::OpenRoad { .. }
            | Action::ConfirmDelivery { .. }
            | Action::AcknowledgeEscalation { .. } => self.decide_resource(&command.action, by, now),
            Action::ReceiveCall { .. }
            | Action::AnswerCall { .. }
            | Action::WriteLine { .. }
            | Action::LocateCall { .. }
            | Action::JoinCall { .. }
            | Action::SplitCall { .. }
            | Action::EndCall { .. }
            | Action::RevealCaller { .. } => self.decide_call(&command.action, by, now),
            Action::CreateIncident { .. }
            | Action::ChangeIncident { .. }
            | Action::MergeIncident { .. }
            | Action::SplitIncident { .. }
            | Action::HoldIncident { .. }
            | Action::WakeIncident { .. }
            | Action::CancelIncident { .. } => self.decide_incident(&command.action, now),
            Action::EnterPaperForm { call, incident, form } => {
                self.decide_paper(*call, *incident, form, by, now)
            }
            Action::ChartPatient { assignment, patient, at, entry } => {
                self.chart_patient(*assignment, *patient, *at, entry, by, now)
            }
            Action::TakeInHeld { held, incident } => self.take_in_held(held, *incident, by, now),
            Action::OpenRoadside { assignment, incident, unit, sketch, at } => {
                self.open_roadside((*assignment, *incident, *unit), sketch, *at, by, now)
            }
            Action::BringIn { .. } => unreachable!("what is brought in is decided on event by event"),
            Action::ErasePersonalData { subjects, reason } => self.decide_erasure(subjects, reason, by),
            Action::ReserveUnit { .. } | Action::ReleaseUnit { .. } => {
                self.decide_reservation(&command.action)
            }
            Action::RedirectIncident { .. }
            | Action::OfferHandoff { .. }
            | Action::AcceptHandoff { .. }
            | Action::WithdrawHandoff { .. } => self.decide_handoff(&command.action, by, now),
            Action::DeclareAccident { .. } | Action::ChangeAccident { .. } | Action::CloseAccident { .. } => {
                self.decide_accident(&command.action, by, now)
            }
            Action::RecordProposal { .. } | Action::AssignUnit { .. } | Action::RecallUnit { .. } => {
                self.decide_dispatch(&command.action, now)
            }
            Action::ReportStage { .. }
            | Action::CorrectStage { .. }
            | Action::EndAssignment { .. }
            | Action::ChooseDestination { .. }
            | Action::AcknowledgeArrival { .. } => self.decide_step(&command.action, by, now),
        }
    }
}

/// What follows from a command without a person's word was done by the rule, not by whoever sent the command: a unit assigned in the
/// wake of a proposal, a unit posted when it became free.
fn author(command: &Command, fact: &Fact) -> Actor {
    match (&command.action, fact) {
        (Action::RecordProposal { .. }, Fact::UnitAssigned { choice: Some(choice), .. })
            if choice.replaces.is_some() =>
        {
            Actor::rule("send_next_when_late")
        }
        (Action::RecordProposal { .. }, Fact::UnitAssigned { .. } | Fact::AssignmentEnded { .. }) => {
            Actor::rule("automatic_dispatch")
        }
        (Action::ChangeIncident { .. }, Fact::IncidentChanged { .. })
        | (Action::PostUnit { .. } | Action::AcceptMoveUp { .. }, Fact::UnitPosted { .. }) => {
            command.by.clone()
        }
        (_, Fact::IncidentChanged { .. }) => Actor::rule("casualties_wait"),
        (_, Fact::UnitPosted { .. }) => Actor::rule("automatic_dispatch"),
        (_, Fact::MoveUpAdvised { .. }) => Actor::rule("move_up"),
        _ => command.by.clone(),
    }
}

/// Refuses an empty text or one that is too long.
fn check_text(what: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Empty { what });
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::TooLong { chars_max: TEXT_CHARS_MAX });
    }
    Ok(())
}

/// So few things are told apart by looking at each of them; of more the doubles are thrown out first.
const TOUCHED_USUALLY: usize = 8;
/// The longest reason or message, in characters.
const TEXT_CHARS_MAX: usize = 500;
