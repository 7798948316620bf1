//! The desk of the day that is lived again: it takes what is proposed, as soon as it did then.

use std::sync::Arc;

use super::agenda::Happening;
use super::course::Course;
use super::world::{REPLAY, World};
use crate::actor::Actor;
use crate::assignment::{AssignmentEnd, Grounds, Proposal, ProposalInputs, gather, propose, relief};
use crate::command::Action;
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::policy::Preempts;
use crate::time::Span;

impl World<'_> {
    /// Proposes for whoever wants a unit, the head of the queue first, until nobody more can be sent; then units that have become
    /// free may relieve others.
    pub(super) fn serve(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if !self.serve_queue() && !self.relieve() {
                return;
            }
        }
    }

    fn serve_queue(&mut self) -> bool {
        let mut wanted = self.centre.record().proposals_wanted();
        let now = self.now;
        wanted.extend(
            self.kept_waiting.extract_if(.., |_, again_at| *again_at <= now).map(|(incident, _)| incident),
        );
        let mut sent = false;
        for incident in wanted {
            if !self.somebody_may_go() {
                return false;
            }
            sent |= self.is_ready(incident) && self.propose(incident);
        }
        sent
    }

    /// Whether one of the units that have become free goes in place of one on its way.
    fn relieve(&mut self) -> bool {
        let freed = std::mem::take(&mut self.freed);
        if !self.centre.record().policy().relieves {
            return false;
        }
        freed.into_iter().any(|unit| {
            let record = self.centre.record();
            let picture = self.whereabouts.picture(record, &mut self.streets, self.now, true);
            let inputs = relief(record, &picture, self.streets.view(), unit, self.now);
            inputs.is_some_and(|inputs| !self.is_drill(inputs.incident) && self.put(inputs))
        })
    }

    /// With nobody free a proposal would be empty, one as the other: whoever waits goes on wanting one.
    fn somebody_may_go(&self) -> bool {
        let record = self.centre.record();
        record.policy().preempts != Preempts::Never || record.units().values().any(|unit| unit.is_free())
    }

    /// Whether the desk would send somebody now: units are wanted, and it has looked at the incident for as long as it did then.
    /// Where units are sent without a person nobody looks.
    fn is_ready(&mut self, incident: IncidentId) -> bool {
        let record = self.centre.record();
        let wants = record.units_short(incident) > 0 && !self.is_drill(incident);
        let Some(it) = record.incident(incident).filter(|_| wants) else { return false };
        let Some(short_since) = it.short_since else { return false };
        let looks = if record.rules().automatic_dispatch {
            Span::ZERO
        } else {
            self.scripts.desk(self.original(incident), it.assignments.len())
        };
        let ready_at = short_since + looks;
        if ready_at > self.now && self.ready_at.insert(incident, ready_at) != Some(ready_at) {
            self.agenda.note(ready_at, Happening::Ready);
        }
        ready_at <= self.now
    }

    /// Makes a proposal, and sends whom it names first. Says whether somebody was sent.
    fn propose(&mut self, incident: IncidentId) -> bool {
        let record = self.centre.record();
        let preempts = record.policy().preempts != Preempts::Never;
        let picture = self.whereabouts.picture(record, &mut self.streets, self.now, preempts);
        let Ok(inputs) = gather(record, &picture, self.streets.view(), incident, self.now) else {
            return false;
        };
        self.put(inputs)
    }

    /// Puts a proposal on record, and takes the first of it.
    fn put(&mut self, inputs: ProposalInputs) -> bool {
        let incident = inputs.incident;
        let proposal = Arc::new(propose(ProposalId::new(self.id()), inputs));
        let action = Action::RecordProposal { proposal: Arc::clone(&proposal) };
        let Ok(events) = self.ask(Actor::rule("proposal"), action) else { return false };
        if let Some((assignment, unit)) = sent_by(&events) {
            self.send(assignment, unit, &proposal);
            return true;
        }
        self.accept(incident, &proposal)
    }

    /// The desk takes the first of a proposal. One that is kept for somebody else stays, and the desk looks again in a while; one that
    /// holds the order already goes on.
    fn accept(&mut self, incident: IncidentId, proposal: &Proposal) -> bool {
        let Some(first) = proposal.ranked.first() else { return false };
        if first.kept_for.is_some() {
            let again_at = self.now + LOOKED_AT_AGAIN;
            self.kept_waiting.insert(incident, again_at);
            self.agenda.note(again_at, Happening::Ready);
            return false;
        }
        if proposal.inputs.relieves.is_some_and(|relieved| relieved.unit == first.unit) {
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
}

fn sent_by(events: &[Event]) -> Option<(AssignmentId, UnitId)> {
    events.iter().find_map(|event| match event.fact {
        Fact::UnitAssigned { assignment, unit, .. } => Some((assignment, unit)),
        _ => None,
    })
}

/// After this time the desk looks again at an incident whose first unit was kept for another.
const LOOKED_AT_AGAIN: Span = Span::seconds(30);
/// More rounds than there are incidents that a policy can make wait anew.
const ROUNDS_MAX: usize = 1000;
