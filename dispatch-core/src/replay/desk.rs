//! The desk of the day that is lived again: it takes what is proposed, as soon as it did then.

use std::sync::Arc;

use super::agenda::Happening;
use super::course::Course;
use super::world::{REPLAY, World};
use crate::actor::Actor;
use crate::assignment::{AssignmentEnd, Grounds, Proposal, gather, propose};
use crate::command::Action;
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::policy::Preempts;

impl World<'_> {
    /// Proposes for whoever wants a unit, the head of the queue first, until nobody more can be sent.
    pub(super) fn serve(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let wanted = self.centre.record().proposals_wanted();
            let mut sent = false;
            for incident in wanted {
                if !self.somebody_may_go() {
                    return;
                }
                sent |= !self.is_drill(incident) && self.propose(incident);
            }
            if !sent {
                return;
            }
        }
    }

    /// With nobody free a proposal would be empty, one as the other: whoever waits goes on wanting one.
    fn somebody_may_go(&self) -> bool {
        let record = self.centre.record();
        record.policy().preempts != Preempts::Never || record.units().values().any(|unit| unit.is_free())
    }

    /// Makes a proposal, and sends whom it names first if the desk is ready. Says whether somebody was sent.
    fn propose(&mut self, incident: IncidentId) -> bool {
        let record = self.centre.record();
        let preempts = record.policy().preempts != Preempts::Never;
        let picture = self.whereabouts.picture(record, &mut self.streets, self.now, preempts);
        let Ok(inputs) = gather(record, &picture, self.streets.view(), incident, self.now) else {
            return false;
        };
        let proposal = Arc::new(propose(ProposalId::new(self.id()), inputs));
        let action = Action::RecordProposal { proposal: Arc::clone(&proposal) };
        let Ok(events) = self.ask(Actor::rule("proposal"), action) else { return false };
        if let Some((assignment, unit)) = sent_by(&events) {
            self.send(assignment, unit, &proposal);
            return true;
        }
        self.accept(incident, &proposal)
    }

    /// The desk takes the first of a proposal, once it has looked at the incident for as long as it did then.
    fn accept(&mut self, incident: IncidentId, proposal: &Proposal) -> bool {
        let record = self.centre.record();
        let Some(it) = record.incident(incident).filter(|_| record.units_short(incident) > 0) else {
            return false;
        };
        let (Some(short_since), Some(first)) = (it.short_since, proposal.ranked.first()) else {
            return false;
        };
        let ready_at = short_since + self.scripts.desk(self.original(incident), it.assignments.len());
        if ready_at > self.now {
            self.agenda.note(ready_at, Happening::Ready(incident));
            return false;
        }
        let assignment = AssignmentId::new(self.id());
        let (unit, proposed, grounds) = (first.unit, Some(proposal.id), Grounds::default());
        let order =
            Action::AssignUnit { assignment, incident, unit, proposal: proposed, reason: None, grounds };
        let sent = self.ask(Actor::rule(REPLAY), order).is_ok();
        if sent {
            self.send(assignment, unit, proposal);
        }
        sent
    }

    /// A unit has its order.
    fn send(&mut self, assignment: AssignmentId, unit: UnitId, proposal: &Proposal) {
        let candidates = &proposal.inputs.candidates;
        let Some(sent) = candidates.iter().find(|candidate| candidate.unit == unit) else { return };
        let incident = proposal.inputs.incident;
        let others = self.centre.record().assignments_of(incident).filter(|held| held.id != assignment);
        let still = |end: &AssignmentEnd| !end.outcome.leaves_incident_wanting();
        let served = others.filter(|held| held.end.as_ref().is_none_or(still)).count();
        let course = Course::of(self.scripts, self.original(incident), sent, served);
        self.set_out(assignment, course, (sent.position, proposal.inputs.target));
    }

    /// The desk is ready for an incident: it looks once more at who is nearest.
    pub(super) fn look(&mut self, incident: IncidentId) {
        let record = self.centre.record();
        if record.units_short(incident) > 0 && self.somebody_may_go() {
            self.propose(incident);
        }
    }
}

fn sent_by(events: &[Event]) -> Option<(AssignmentId, UnitId)> {
    events.iter().find_map(|event| match event.fact {
        Fact::UnitAssigned { assignment, unit, .. } => Some((assignment, unit)),
        _ => None,
    })
}

/// More rounds than there are incidents that a policy can make wait anew.
const ROUNDS_MAX: usize = 1000;
