//! How events change assignments, and what reached their crews.

use std::sync::Arc;

use crate::actor::Actor;
use crate::assignment::{
    Assignment, AssignmentEnd, Destination, HourOfDay, Outcome, Stage, StageTimes, Stamp, StampSource,
};
use crate::effect::{EffectId, EffectKind};
use crate::event::{Event, Fact};
use crate::ids::AssignmentId;
use crate::record::Record;
use crate::time::UtcTime;

impl Record {
    pub(super) fn assignment_mut(&mut self, id: AssignmentId) -> Option<&mut Assignment> {
        self.assignments.get_mut(&id).map(Arc::make_mut)
    }

    pub(super) fn apply_assignment(&mut self, event: &Event) {
        match &event.fact {
            Fact::UnitAssigned { .. } => self.assign(event),
            Fact::StageReported { assignment, stage, at, source, advances } => {
                let Some(it) = self.assignment_mut(*assignment) else { return };
                stamp(it, *stage, *at, *source, "", event);
                if *advances {
                    it.stage = *stage;
                    self.learn_mobilisation(*assignment, *stage);
                }
            }
            Fact::StageCorrected { assignment, stage, at, reason } => {
                if let Some(it) = self.assignment_mut(*assignment) {
                    stamp(it, *stage, *at, StampSource::Correction, reason, event);
                }
            }
            Fact::AssignmentEnded { assignment, outcome, at, reason, source: _ } => {
                self.end_assignment(*assignment, *outcome, *at, reason, event.at);
            }
            Fact::DestinationChosen { assignment, hospital, reason } => {
                if let Some(it) = self.assignment_mut(*assignment) {
                    it.destination = Some(Destination {
                        hospital: *hospital,
                        chosen_at: event.at,
                        reason: reason.clone(),
                        acknowledged: None,
                    });
                    it.version += 1;
                }
            }
            Fact::PatientCharted { assignment, incident, patient, at, entry } => {
                if let Some(it) = self.assignment_mut(*assignment) {
                    it.chart_mut(*patient).enter(*incident, *at, entry);
                    it.version += 1;
                }
            }
            Fact::ArrivalAcknowledged { assignment } => {
                if let Some(it) = self.assignment_mut(*assignment) {
                    if let Some(destination) = &mut it.destination {
                        destination.acknowledged = Some((event.at, event.by.to_string()));
                    }
                    it.version += 1;
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, event: &Event) {
        let Fact::UnitAssigned { assignment, incident, unit, proposal, reason, choice } = &event.fact else {
            return;
        };
        let mut times = StageTimes::for_a_run();
        times.record(Stamp {
            stage: Stage::Ordered,
            at: event.at,
            entered_at: event.at,
            source: StampSource::Centre,
            by: event.by.clone(),
            reason: String::new(),
        });
        let it = Assignment {
            id: *assignment,
            incident: *incident,
            unit: *unit,
            version: 1,
            stage: Stage::Ordered,
            times,
            proposal: *proposal,
            override_reason: reason.clone(),
            choice: choice.clone(),
            // The crew itself told of an order that was unknown here.
            delivered_at: matches!(event.by, Actor::Crew { .. }).then_some(event.at),
            destination: None,
            end: None,
            charts: Vec::new(),
        };
        self.assignments.insert(*assignment, Arc::new(it));
        if let Some(unit) = self.unit_mut(*unit) {
            unit.advice = None;
            unit.assignments.push(*assignment);
        }
        if let Some(it) = self.incident_mut(*incident) {
            it.assignments.push(*assignment);
            it.version += 1;
            it.none_free_since = None;
        }
        if !self.note_shortage(*incident, event.at) {
            self.use_reservation(*incident);
            self.want_proposal(*incident, None);
        }
        // The unit taken may have been proposed to somebody else who waits.
        self.look_again_without(*unit, event.at);
    }

    /// The step `Rolling` closes one observation of how long this station's units take.
    fn learn_mobilisation(&mut self, id: AssignmentId, stage: Stage) {
        if stage != Stage::Rolling {
            return;
        }
        let Some(it) = self.assignment(id) else { return };
        // Nothing is learned from a drill: everybody sat waiting for it.
        if self.is_test(it.incident) {
            return;
        }
        let (Some(ordered), Some(rolled)) = (it.times.at(Stage::Ordered), it.times.at(Stage::Rolling)) else {
            return;
        };
        if let Some(station) = self.unit(it.unit).map(|unit| unit.spec.station) {
            let hour = HourOfDay::at(ordered, self.rules.utc_offset_s);
            self.mobilisation.observe(station, hour, rolled.since(ordered));
        }
    }

    /// A unit is free that has handed over: one observation of how long units stay at that hospital.
    fn learn_turnaround(&mut self, id: AssignmentId) {
        let Some(it) = self.assignments.get(&id).filter(|it| !self.is_test(it.incident)) else { return };
        let (Some(end), Some(destination)) = (&it.end, &it.destination) else { return };
        if end.outcome == Outcome::Conveyed {
            self.turnaround.observe(destination.hospital, &it.times, end.at, self.rules.utc_offset_s);
        }
    }

    fn end_assignment(
        &mut self,
        id: AssignmentId,
        outcome: Outcome,
        at: UtcTime,
        reason: &str,
        entered_at: UtcTime,
    ) {
        let Some(it) = self.assignment_mut(id) else { return };
        it.end = Some(AssignmentEnd { at, outcome, reason: reason.to_owned(), stage: it.stage });
        it.version += 1;
        let (unit, incident) = (it.unit, it.incident);
        self.learn_turnaround(id);
        if let Some(unit) = self.unit_mut(unit) {
            unit.assignments.retain(|a| *a != id);
        }
        // What was still on its way to the crew about this order has no more use.
        self.outbox.retain(|_, effect| effect.what.assignment() != Some(id));
        if outcome.leaves_incident_wanting()
            && let Some(it) = self.incident_mut(incident)
        {
            it.version += 1;
            self.want_proposal(incident, Some(entered_at));
        }
        self.note_shortage(incident, entered_at);
        self.look_again_for_the_waiting(entered_at);
    }

    pub(super) fn deliver(&mut self, id: EffectId, at: UtcTime) {
        let Some(effect) = self.outbox.remove(&id) else { return };
        if let EffectKind::SendOrder { assignment } = effect.what
            && let Some(it) = self.assignment_mut(assignment)
        {
            it.delivered_at = Some(at);
            it.version += 1;
        }
    }
}

/// Adds a recorded time to an assignment.
fn stamp(it: &mut Assignment, stage: Stage, at: UtcTime, source: StampSource, reason: &str, event: &Event) {
    let (entered_at, by) = (event.at, event.by.clone());
    it.times.record(Stamp { stage, at, entered_at, source, by, reason: reason.to_owned() });
    it.version += 1;
}
