//! What an event is about: the things whose deadlines or looks it may have changed.

use crate::effect::EffectId;
use crate::escalation::About;
use crate::event::Fact;
use crate::ids::{AssignmentId, CallId, IncidentId, UnitId};
use crate::incident::Offered;
use crate::record::Record;

/// The calls, incidents, assignments and units that a fact touches, each once, on the record as it is.
pub fn about(fact: &Fact, record: &Record) -> Vec<About> {
    let mut found = Vec::new();
    add_about(fact, record, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

/// Adds what a fact touches, on the record as it is; some of it perhaps twice.
fn add_about(fact: &Fact, record: &Record, found: &mut Vec<About>) {
    Things { record, found }.of(fact);
}

/// Adds what a fact may set, move or clear a deadline of: less than what it is about, as many facts touch no clock but their own.
pub(crate) fn add_deadlines(fact: &Fact, record: &Record, found: &mut Vec<About>) {
    match fact {
        Fact::StageReported { assignment, .. }
        | Fact::StageCorrected { assignment, .. }
        | Fact::DestinationChosen { assignment, .. }
        | Fact::ArrivalAcknowledged { assignment } => found.push(About::Assignment(*assignment)),
        Fact::ProposalMade { proposal } => found.push(About::Incident(proposal.inputs.incident)),
        Fact::CallReceived { call, .. } | Fact::CallAnswered { call } => found.push(About::Call(*call)),
        Fact::IncidentCreated { incident, call, .. } => {
            found.push(About::Incident(*incident));
            found.extend(call.map(About::Call));
        }
        Fact::UnitAssigned { assignment, incident, unit, .. } => {
            found.extend([About::Assignment(*assignment), About::Incident(*incident)]);
            found.extend(silent(record, *unit));
        }
        Fact::AssignmentEnded { assignment, .. } => {
            found.push(About::Assignment(*assignment));
            if let Some(assignment) = record.assignment(*assignment) {
                found.push(About::Incident(assignment.incident));
                found.extend(silent(record, assignment.unit));
            }
        }
        // Its units have left it before.
        Fact::IncidentDone { incident } => {
            found.push(About::Incident(*incident));
            let calls = record.incident(*incident).map_or(&[][..], |it| it.calls.as_slice());
            found.extend(calls.iter().copied().map(About::Call));
        }
        Fact::MoveUpAdvised { .. }
        | Fact::MoveUpDeclined { .. }
        | Fact::UnitPosted { .. }
        | Fact::PatientCharted { .. } => {}
        _ => add_about(fact, record, found),
    }
}

/// A unit of which nothing is heard: only such a one has a deadline, and its orders decide whether.
fn silent(record: &Record, unit: UnitId) -> Option<About> {
    record.unit(unit)?.silent_since.map(|_| About::Unit(unit))
}

struct Things<'a> {
    record: &'a Record,
    found: &'a mut Vec<About>,
}

impl Things<'_> {
    fn of(&mut self, fact: &Fact) {
        match fact {
            Fact::CallReceived { call, .. }
            | Fact::CallAnswered { call }
            | Fact::LineWritten { call, .. }
            | Fact::CallLocated { call, .. }
            | Fact::CallEnded { call, .. }
            | Fact::CallEnteredFromPaper { call, .. }
            | Fact::CallerRevealed { call } => self.call(*call),
            Fact::CallJoined { call, incident } | Fact::CallParted { call, from: incident } => {
                self.call(*call);
                self.incident(*incident);
            }
            Fact::IncidentCreated { incident, .. }
            | Fact::IncidentEnteredFromPaper { incident, .. }
            | Fact::IncidentChanged { incident, .. }
            | Fact::IncidentHeld { incident, .. }
            | Fact::IncidentWoken { incident }
            | Fact::IncidentCancelled { incident, .. }
            | Fact::IncidentRedirected { incident, .. }
            | Fact::UnitReserved { incident, .. }
            | Fact::ReservationReleased { incident, .. }
            | Fact::IncidentDone { incident } => self.incident(*incident),
            Fact::HandoffOffered { about, .. }
            | Fact::HandoffAccepted { about, .. }
            | Fact::HandoffWithdrawn { about, .. } => self.offered(*about),
            Fact::EventsBroughtIn { calls, incidents, .. } => self.all_of(calls, incidents),
            Fact::IncidentMerged { incident, into: other }
            | Fact::IncidentSplit { incident, from: other } => self.both(*incident, *other),
            Fact::ProposalMade { proposal } => self.incident(proposal.inputs.incident),
            // The unit that goes, and everybody who waits for one.
            Fact::UnitAssigned { assignment, incident, unit, .. } => {
                self.assignment(*assignment);
                self.incident(*incident);
                self.unit(*unit);
                self.the_waiting();
            }
            Fact::AssignmentEnded { assignment, .. } => {
                self.assignment(*assignment);
                self.the_waiting();
            }
            Fact::StageReported { assignment, .. }
            | Fact::StageCorrected { assignment, .. }
            | Fact::DestinationChosen { assignment, .. }
            | Fact::PatientCharted { assignment, .. }
            | Fact::ArrivalAcknowledged { assignment } => self.assignment(*assignment),
            Fact::SignedOn { unit, .. }
            | Fact::SignedOff { unit, .. }
            | Fact::UnitPaused { unit, .. }
            | Fact::UnitResumed { unit }
            | Fact::UnitSilent { unit, .. }
            | Fact::UnitHeard { unit } => self.readiness_of(*unit),
            Fact::RulesAdopted { .. } => self.everything(),
            Fact::RoadClosed { .. } | Fact::RoadOpened { .. } => self.the_waiting(),
            Fact::EffectDelivered { effect } => self.delivery(*effect),
            Fact::EscalationRaised { escalation } | Fact::EscalationAcknowledged { escalation } => {
                self.thing(escalation.about);
            }
            Fact::CrewMessaged { unit, .. }
            | Fact::MoveUpDeclined { unit }
            | Fact::UnitPosted { unit, .. } => self.unit(*unit),
            Fact::MoveUpAdvised { advice } => self.unit(advice.unit),
            Fact::UnitRegistered { unit } => self.unit(unit.id),
            Fact::AccidentDeclared { .. }
            | Fact::AccidentChanged { .. }
            | Fact::AccidentClosed { .. }
            | Fact::StationRegistered { .. }
            | Fact::HospitalRegistered { .. }
            | Fact::CoverAdopted { .. }
            | Fact::HospitalDiverted { .. }
            | Fact::PersonalDataErased { .. } => {}
        }
    }

    /// Whoever waits may get this unit, or lose it.
    fn readiness_of(&mut self, unit: UnitId) {
        self.unit(unit);
        self.the_waiting();
    }

    fn all_of(&mut self, calls: &[CallId], incidents: &[IncidentId]) {
        for call in calls {
            self.call(*call);
        }
        for incident in incidents {
            self.incident(*incident);
        }
    }

    fn both(&mut self, one: IncidentId, other: IncidentId) {
        self.incident(one);
        self.incident(other);
    }

    fn offered(&mut self, about: Offered) {
        match about {
            Offered::Call(id) => self.call(id),
            Offered::Incident(id) => self.incident(id),
        }
    }

    /// Before the event is applied the effect is still in the outbox; afterwards the order is delivered.
    fn delivery(&mut self, effect: EffectId) {
        if let Some(id) = self.record.outbox().get(&effect).and_then(|e| e.what.assignment()) {
            self.assignment(id);
        }
    }

    fn thing(&mut self, about: About) {
        match about {
            About::Call(id) => self.call(id),
            About::Incident(id) => self.incident(id),
            About::Assignment(id) => self.assignment(id),
            About::Unit(id) => self.unit(id),
        }
    }

    fn call(&mut self, id: CallId) {
        self.found.push(About::Call(id));
        if let Some(incident) = self.record.call(id).and_then(|call| call.incident) {
            self.found.push(About::Incident(incident));
        }
    }

    fn incident(&mut self, id: IncidentId) {
        self.found.push(About::Incident(id));
        if let Some(incident) = self.record.incident(id) {
            self.found.extend(incident.calls.iter().copied().map(About::Call));
            for assignment in self.record.assignments_of(id) {
                self.found.extend([About::Assignment(assignment.id), About::Unit(assignment.unit)]);
            }
        }
    }

    fn assignment(&mut self, id: AssignmentId) {
        self.found.push(About::Assignment(id));
        if let Some(assignment) = self.record.assignment(id) {
            self.found.extend([About::Unit(assignment.unit), About::Incident(assignment.incident)]);
        }
    }

    fn unit(&mut self, id: UnitId) {
        self.found.push(About::Unit(id));
        if let Some(unit) = self.record.unit(id) {
            self.found.extend(unit.assignments.iter().copied().map(About::Assignment));
        }
    }

    fn the_waiting(&mut self) {
        self.found.extend(self.record.waiting_incidents().map(|i| About::Incident(i.id)));
    }

    fn everything(&mut self) {
        self.found.extend(self.record.calls().keys().copied().map(About::Call));
        self.found.extend(self.record.incidents().keys().copied().map(About::Incident));
        self.found.extend(self.record.assignments().keys().copied().map(About::Assignment));
        self.found.extend(self.record.units().keys().copied().map(About::Unit));
    }
}
