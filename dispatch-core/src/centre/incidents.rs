//! Decisions about incidents.

use std::sync::Arc;

use super::{Decision, DispatchCentre, check_text};
use crate::assignment::{Assignment, AssignmentEnd, Outcome, Stage, StampSource};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{CallId, IncidentId};
use crate::incident::{CallState, Incident, IncidentChange, IncidentNumber, IncidentOutcome, IncidentSketch};
use crate::refusal::Refusal;
use crate::time::{Span, UtcTime};

/// The longest time an incident may be put aside.
const HOLD_MAX: Span = Span::seconds(24 * 3600);

impl DispatchCentre {
    pub(super) fn incident(&self, incident: IncidentId) -> Result<&Incident, Refusal> {
        self.record.incident(incident).ok_or(Refusal::UnknownIncident { incident })
    }

    pub(super) fn open_incident(&self, incident: IncidentId) -> Result<&Incident, Refusal> {
        let it = self.incident(incident)?;
        if it.is_open() { Ok(it) } else { Err(Refusal::IncidentEnded { number: it.number }) }
    }

    pub(super) fn decide_incident(&self, action: &Action, now: UtcTime) -> Decision {
        match action {
            Action::CreateIncident { incident, call, sketch } => self.create(*incident, *call, sketch, now),
            Action::ChangeIncident { incident, version, change } => self.change(*incident, *version, change),
            Action::MergeIncident { incident, into } => {
                self.open_incident(*incident)?;
                if incident == into || self.open_incident(*into).is_err() {
                    return Err(Refusal::MergeTarget);
                }
                self.check_may_merge(*incident, *into)?;
                Ok(vec![Fact::IncidentMerged { incident: *incident, into: *into }])
            }
            Action::SplitIncident { incident } => self.split(*incident),
            Action::HoldIncident { incident, reason, until } => {
                check_text("the reason", reason)?;
                let hold = self.open_incident(*incident)?.hold.as_ref();
                if hold.is_some_and(|hold| hold.until == *until && hold.reason == *reason) {
                    return Ok(Vec::new());
                }
                if *until <= now || *until > now + HOLD_MAX {
                    let problem = "not within the next 24 hours".to_owned();
                    return Err(Refusal::BadTime { problem });
                }
                Ok(vec![Fact::IncidentHeld { incident: *incident, reason: reason.clone(), until: *until }])
            }
            Action::WakeIncident { incident } => {
                let held = self.open_incident(*incident)?.is_held();
                Ok(held.then_some(Fact::IncidentWoken { incident: *incident }).into_iter().collect())
            }
            Action::CancelIncident { incident, reason } => self.cancel(*incident, reason, now),
            _ => unreachable!("only actions about incidents are sent here"),
        }
    }

    fn create(
        &self,
        incident: IncidentId,
        call: Option<CallId>,
        sketch: &Arc<IncidentSketch>,
        now: UtcTime,
    ) -> Decision {
        let mut facts = Vec::new();
        if let Some(call) = call {
            let it = self.call(call)?;
            let open = [CallState::Ringing, CallState::Answered];
            super::calls::expect(it, &open, "it belongs to an incident already")?;
            if it.answered_at.is_none() {
                facts.push(Fact::CallAnswered { call });
            }
        }
        facts.push(self.new_incident(incident, call, sketch, now)?);
        facts.extend(self.put_aside_until_its_time(incident, sketch, now)?);
        Ok(facts)
    }

    /// The fact that there is a new incident.
    pub(super) fn new_incident(
        &self,
        incident: IncidentId,
        call: Option<CallId>,
        sketch: &Arc<IncidentSketch>,
        now: UtcTime,
    ) -> Result<Fact, Refusal> {
        if self.record.incident(incident).is_some() {
            return Err(Refusal::IdInUse { id: incident.to_string() });
        }
        sketch.check(true)?;
        if let Some(hospital) = sketch.wish {
            self.hospital(hospital)?;
        }
        let mut sketch = Arc::clone(sketch);
        let text_only = call.and_then(|call| self.record.call(call)).is_some_and(|call| call.text_only);
        if text_only && !sketch.text_only {
            Arc::make_mut(&mut sketch).text_only = true;
        }
        if sketch.needs.is_open()
            && let Some(needs) = self.record.rules().response_plans.needs(sketch.kind, &sketch.triage)
        {
            Arc::make_mut(&mut sketch).needs = needs;
        }
        let number = IncidentNumber::next(self.record.last_number(), now, self.record.rules().utc_offset_s);
        Ok(Fact::IncidentCreated { incident, number, call, sketch })
    }

    /// Two incidents that were made one are two after all, wherever the one has gone since.
    fn split(&self, incident: IncidentId) -> Decision {
        let it = self.incident(incident)?;
        let mut from = incident;
        while let Some(IncidentOutcome::Merged { into, .. }) =
            self.record.incident(from).and_then(|it| it.end.as_ref()).map(|end| &end.how)
        {
            from = *into;
        }
        if from == incident {
            return Err(Refusal::NotMerged { number: it.number });
        }
        let mut facts = vec![Fact::IncidentSplit { incident, from }];
        // More units than wanted had been to it before, and those that were left went over with it.
        let ended = self.record.assignments_of(incident).filter_map(|a| a.end.as_ref());
        if ended.filter(|end| served(end)).count() >= usize::from(it.sketch.needs.units) {
            facts.push(Fact::IncidentDone { incident });
        }
        Ok(facts)
    }

    /// What was left to a plan, or open, goes by the plan for the new triage; it never asks for fewer units than before.
    fn with_plan(&self, it: &Incident, change: &IncidentChange) -> IncidentChange {
        let mut change = change.clone();
        let known = &it.sketch.needs;
        if let (Some(triage), None) = (&change.triage, &change.needs)
            && (known.plan.is_some() || known.is_open())
            && let Some(mut needs) = self.record.rules().response_plans.needs(it.sketch.kind, triage)
        {
            needs.units = needs.units.max(known.units);
            change.needs = (needs != *known).then_some(needs);
        }
        change
    }

    fn change(&self, incident: IncidentId, version: Option<u32>, change: &IncidentChange) -> Decision {
        let it = self.open_incident(incident)?;
        if version.is_some_and(|version| version != it.version) {
            return Err(Refusal::Changed { version: it.version });
        }
        let change = &self.with_plan(it, change);
        let changed = IncidentSketch::clone(&it.sketch).changed(change);
        changed.check(change.needs.is_some())?;
        if let Some(hospital) = change.wish {
            self.hospital(hospital)?;
        }
        if changed == *it.sketch {
            return Ok(Vec::new());
        }
        let mut facts = vec![Fact::IncidentChanged { incident, change: Box::new(change.clone()) }];
        // Fewer units wanted may mean that everything wanted is done.
        let wanted = usize::from(changed.needs.units);
        let any_open = self.record.open_assignments_of(incident).next().is_some();
        let ended = self.record.assignments_of(incident).filter_map(|a| a.end.as_ref());
        let enough = ended.filter(|end| served(end)).count() >= wanted;
        if !any_open && enough {
            self.check_nobody_waits(incident)?;
            facts.push(Fact::IncidentDone { incident });
        }
        Ok(facts)
    }

    fn cancel(&self, incident: IncidentId, reason: &str, now: UtcTime) -> Decision {
        check_text("the reason", reason)?;
        let it = self.open_incident(incident)?;
        if self.record.open_assignments_of(incident).any(|a| a.stage >= Stage::OnScene) {
            return Err(Refusal::UnitsOnIt { number: it.number });
        }
        self.check_nobody_waits(incident)?;
        let recalls = self.record.open_assignments_of(incident).map(|a| recall(a, reason, now));
        let mut facts: Vec<Fact> = recalls.collect();
        facts.push(Fact::IncidentCancelled { incident, reason: reason.to_owned() });
        Ok(facts)
    }

    /// Refuses to end an incident at which casualties wait.
    pub(super) fn check_nobody_waits(&self, incident: IncidentId) -> Result<(), Refusal> {
        match self.casualties_waiting(incident) {
            0 => Ok(()),
            count => Err(Refusal::CasualtiesWait { count }),
        }
    }

    /// A test never mixes with what is real, and a scene stays in its accident.
    fn check_may_merge(&self, incident: IncidentId, into: IncidentId) -> Result<(), Refusal> {
        let (from, to) = (self.incident(incident)?, self.incident(into)?);
        if from.sketch.test != to.sketch.test {
            return Err(Refusal::NotAllowed { what: "a drill and a real event are not one" });
        }
        match (self.record.accident_of(incident), self.record.accident_of(into)) {
            (Some(one), Some(other)) if one.id != other.id => {
                Err(Refusal::SceneTaken { number: to.number, accident: other.number })
            }
            _ => Ok(()),
        }
    }

    /// The fact that an incident is done, or goes on for those who wait, if the end of `ending` leaves nothing to do: nobody else is
    /// on it, and as many units as it wants have served it. One unit more than wanted may break off without the incident staying
    /// open for it.
    pub(super) fn done_after(&self, ending: &Assignment, outcome: Outcome) -> Option<Fact> {
        let incident = self.record.incident(ending.incident)?;
        let others = || self.record.assignments_of(ending.incident).filter(|a| a.id != ending.id);
        let served_before = others().filter(|a| a.end.as_ref().is_some_and(served)).count();
        let serves = usize::from(!outcome.leaves_incident_wanting());
        let enough = served_before + serves >= usize::from(incident.sketch.needs.units);
        let last = others().all(|a| !a.is_open());
        if !(last && enough) {
            return None;
        }
        let goes_on = self.goes_on(incident, ending, outcome, served_before + serves);
        Some(goes_on.unwrap_or(Fact::IncidentDone { incident: ending.incident }))
    }
}

/// Whether an assignment that ended in this way counts as one of the units wanted.
fn served(end: &AssignmentEnd) -> bool {
    !end.outcome.leaves_incident_wanting()
}

/// How an assignment ends when the centre calls its unit back.
pub(super) fn recall_outcome(assignment: &Assignment) -> Outcome {
    if assignment.stage < Stage::Rolling {
        Outcome::CancelledBeforeRolling
    } else {
        Outcome::CancelledRolling
    }
}

/// The fact that the centre calls a unit back.
pub(super) fn recall(assignment: &Assignment, reason: &str, now: UtcTime) -> Fact {
    Fact::AssignmentEnded {
        assignment: assignment.id,
        outcome: recall_outcome(assignment),
        at: now,
        reason: reason.to_owned(),
        source: StampSource::Desk,
    }
}
