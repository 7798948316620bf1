//! The centre as slow, obvious rules: built from events alone, in plain lists that are searched from end to end. It shares no code with
//! the record it judges.

use std::collections::BTreeMap;

use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId, UnitId};
use dispatch_core::incident::Offered;
use dispatch_core::rules::Rules;
use dispatch_core::{Event, Fact, UtcTime};

/// What must be true of the centre after some events.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The rules in force.
    pub rules: Rules,
    /// Every call ever.
    pub calls: BTreeMap<CallId, CallRow>,
    /// Every incident ever.
    pub incidents: BTreeMap<IncidentId, IncidentRow>,
    /// What is offered to another centre and not taken, since when, UTC.
    pub offers: BTreeMap<Offered, UtcTime>,
    /// The units that booked runs keep, with when each run begins, UTC.
    pub reservations: BTreeMap<IncidentId, (UnitId, UtcTime)>,
    /// Every assignment ever.
    pub assignments: BTreeMap<AssignmentId, AssignmentRow>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct CallRow {
    /// When it rang, UTC.
    pub rang_at: UtcTime,
    /// When somebody took it, UTC.
    pub answered_at: Option<UtcTime>,
    /// It led to an incident, or was ended.
    pub settled: bool,
}

/// An incident.
#[derive(Debug, Clone)]
pub struct IncidentRow {
    /// Not ended.
    pub open: bool,
    /// Put aside on purpose.
    pub held: bool,
    /// How many units it wants.
    pub units: usize,
    /// When it begins, if it was booked for a time, UTC.
    pub booked_at: Option<UtcTime>,
    /// Since when it lacks units while not put aside, UTC.
    pub short_since: Option<UtcTime>,
}

/// An assignment.
#[derive(Debug, Clone)]
pub struct AssignmentRow {
    /// Its incident, also after a merger.
    pub incident: IncidentId,
    /// Its unit.
    pub unit: UnitId,
    /// When the order was given, UTC.
    pub ordered_at: UtcTime,
    /// When the order reached the terminal is not asked here: whether it did.
    pub delivered: bool,
    /// The sequence number of the order's event, by which its effect is named.
    pub order_seq: u64,
    /// The furthest step.
    pub stage: Stage,
    /// How it ended.
    pub end: Option<Outcome>,
}

impl Reference {
    /// What the events make of it.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut reference = Self::default();
        for (number, event) in events.into_iter().enumerate() {
            reference.apply(number as u64 + 1, event);
        }
        reference
    }

    /// Takes in the next event.
    pub fn apply(&mut self, seq: u64, event: &Event) {
        match &event.fact {
            Fact::RulesAdopted { rules } => self.rules = Rules::clone(rules),
            Fact::CallReceived { call, .. } => {
                self.calls.insert(*call, CallRow { rang_at: event.at, answered_at: None, settled: false });
            }
            Fact::CallEnteredFromPaper { call, paper } => {
                let (rang_at, answered_at) = (paper.received_at, paper.answered_at);
                self.calls.insert(*call, CallRow { rang_at, answered_at, settled: true });
            }
            Fact::IncidentEnteredFromPaper { .. } => self.apply_paper(seq, event),
            Fact::CallAnswered { call } => self.call(*call, |row| row.answered_at = Some(event.at)),
            Fact::CallJoined { call, .. } | Fact::CallEnded { call, .. } => {
                self.call(*call, |row| row.settled = true);
            }
            Fact::UnitReserved { incident, unit } => {
                if let Some(at) = self.incidents.get(incident).and_then(|row| row.booked_at) {
                    self.reservations.insert(*incident, (*unit, at));
                }
            }
            Fact::ReservationReleased { incident, .. } => {
                self.reservations.remove(incident);
            }
            Fact::HandoffOffered { about, .. } => {
                self.offers.insert(*about, event.at);
            }
            Fact::HandoffWithdrawn { about, .. } => {
                self.offers.remove(about);
            }
            Fact::EffectDelivered { effect } if effect.index == 0 => {
                if let Some(row) = self.assignments.values_mut().find(|row| row.order_seq == effect.seq) {
                    row.delivered = true;
                }
            }
            Fact::IncidentCreated { .. }
            | Fact::IncidentChanged { .. }
            | Fact::IncidentMerged { .. }
            | Fact::IncidentSplit { .. }
            | Fact::IncidentHeld { .. }
            | Fact::IncidentWoken { .. }
            | Fact::IncidentCancelled { .. }
            | Fact::IncidentRedirected { .. }
            | Fact::HandoffAccepted { .. }
            | Fact::IncidentDone { .. } => self.apply_incident(event),
            Fact::UnitAssigned { .. } | Fact::StageReported { .. } | Fact::AssignmentEnded { .. } => {
                self.apply_assignment(seq, event);
            }
            _ => {}
        }
        self.note_shortages(event.at);
    }

    /// The open assignments of a unit.
    pub fn open_of(&self, unit: UnitId) -> Vec<AssignmentId> {
        self.assignments
            .iter()
            .filter(|(_, row)| row.unit == unit && row.end.is_none())
            .map(|(id, _)| *id)
            .collect()
    }

    /// How many units an incident still lacks.
    pub fn lacks(&self, incident: IncidentId) -> usize {
        let Some(row) = self.incidents.get(&incident).filter(|row| row.open) else { return 0 };
        let given_back = [
            Outcome::Aborted,
            Outcome::RefusedOrder,
            Outcome::Diverted,
            Outcome::Relieved,
            Outcome::CancelledBeforeRolling,
            Outcome::CancelledRolling,
        ];
        let serves = |a: &&AssignmentRow| {
            a.incident == incident && !a.end.is_some_and(|end| given_back.contains(&end))
        };
        row.units.saturating_sub(self.assignments.values().filter(serves).count())
    }

    fn call(&mut self, id: CallId, change: impl FnOnce(&mut CallRow)) {
        if let Some(row) = self.calls.get_mut(&id) {
            change(row);
        }
    }

    fn apply_incident(&mut self, event: &Event) {
        let mut change = |id: &IncidentId, change: &dyn Fn(&mut IncidentRow)| {
            if let Some(row) = self.incidents.get_mut(id) {
                change(row);
            }
        };
        match &event.fact {
            Fact::IncidentCreated { incident, call, sketch, .. } => {
                let units = usize::from(sketch.needs.units);
                let booked_at = sketch.scheduled_at;
                let row = IncidentRow { open: true, held: false, units, booked_at, short_since: None };
                self.incidents.insert(*incident, row);
                if let Some(call) = call {
                    self.call(*call, |row| row.settled = true);
                }
            }
            Fact::IncidentChanged { incident, change: new } => {
                if let Some(needs) = &new.needs {
                    change(incident, &|row| row.units = usize::from(needs.units));
                }
            }
            Fact::HandoffAccepted { about: Offered::Call(call), .. } => {
                self.call(*call, |row| row.settled = true);
            }
            Fact::IncidentSplit { incident, .. } => change(incident, &|row| row.open = true),
            Fact::IncidentHeld { incident, .. } => change(incident, &|row| row.held = true),
            Fact::IncidentWoken { incident } => change(incident, &|row| row.held = false),
            Fact::IncidentCancelled { incident, .. }
            | Fact::IncidentRedirected { incident, .. }
            | Fact::HandoffAccepted { about: Offered::Incident(incident), .. }
            | Fact::IncidentDone { incident } => {
                change(incident, &|row| row.open = false);
            }
            Fact::IncidentMerged { incident, into } => {
                change(incident, &|row| row.open = false);
                // Units on their way go on under the incident that stays; what is over stays where it was.
                for row in
                    self.assignments.values_mut().filter(|a| a.incident == *incident && a.end.is_none())
                {
                    row.incident = *into;
                }
            }
            _ => {}
        }
    }

    /// What was led on paper is over when it enters: it wants nothing, and takes no unit.
    fn apply_paper(&mut self, seq: u64, event: &Event) {
        let Fact::IncidentEnteredFromPaper { incident, paper, .. } = &event.fact else { return };
        let row = IncidentRow { open: false, held: false, units: 0, booked_at: None, short_since: None };
        self.incidents.insert(*incident, row);
        for run in &paper.runs {
            let row = AssignmentRow {
                incident: *incident,
                unit: run.unit,
                ordered_at: run.ordered_at,
                delivered: true,
                order_seq: seq,
                stage: run.stage(),
                end: Some(run.outcome),
            };
            self.assignments.insert(run.assignment, row);
        }
    }

    fn apply_assignment(&mut self, seq: u64, event: &Event) {
        match &event.fact {
            Fact::UnitAssigned { assignment, incident, unit, .. } => {
                let row = AssignmentRow {
                    incident: *incident,
                    unit: *unit,
                    ordered_at: event.at,
                    delivered: false,
                    order_seq: seq,
                    stage: Stage::Ordered,
                    end: None,
                };
                self.assignments.insert(*assignment, row);
            }
            Fact::StageReported { assignment, stage, advances: true, source, .. } => {
                if let Some(row) = self.assignments.get_mut(assignment) {
                    row.stage = *stage;
                    // A crew that presses has the order on its terminal.
                    row.delivered |= *source == StampSource::Terminal;
                }
            }
            Fact::AssignmentEnded { assignment, outcome, .. } => {
                if let Some(row) = self.assignments.get_mut(assignment) {
                    row.end = Some(*outcome);
                }
            }
            _ => {}
        }
    }

    /// An incident's clock starts when it begins to lack units, and stops when it lacks none, ends, or is put aside.
    fn note_shortages(&mut self, at: UtcTime) {
        // A run that has its units keeps none aside.
        let kept: Vec<IncidentId> =
            self.reservations.keys().copied().filter(|id| self.lacks(*id) > 0).collect();
        self.reservations.retain(|id, _| kept.contains(id));
        let short: Vec<(IncidentId, bool)> = self
            .incidents
            .iter()
            .filter(|(_, row)| row.open)
            .map(|(id, row)| (*id, !row.held && self.lacks(*id) > 0))
            .collect();
        for (id, short) in short {
            if let Some(row) = self.incidents.get_mut(&id) {
                row.short_since = if short { row.short_since.or(Some(at)) } else { None };
            }
        }
    }
}
