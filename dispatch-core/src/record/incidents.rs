//! How events change incidents and their proposals.

use std::sync::Arc;

use crate::escalation::{About, EscalationKey, EscalationKind};
use crate::event::{Event, Fact};
use crate::ids::{CallId, IncidentId, UnitId};
use crate::incident::{
    CallEnd, Hold, Incident, IncidentEnd, IncidentNumber, IncidentOutcome, IncidentSketch,
};
use crate::record::{Ended, Record};
use crate::time::UtcTime;

impl Record {
    pub(super) fn incident_mut(&mut self, id: IncidentId) -> Option<&mut Incident> {
        self.incidents.get_mut(&id).map(Arc::make_mut)
    }

    pub(super) fn apply_incident(&mut self, event: &Event) {
        let at = event.at;
        match &event.fact {
            Fact::IncidentCreated { incident, number, call, sketch } => {
                self.create_incident(*incident, *number, *call, sketch, at);
            }
            Fact::IncidentChanged { incident, change } => {
                if let Some(it) = self.incident_mut(*incident) {
                    it.sketch = Arc::new(IncidentSketch::clone(&it.sketch).changed(change));
                    it.version += 1;
                }
                // Where it is, how bad, and what it needs decide who goes.
                self.look_again(*incident, at);
                self.note_shortage(*incident, at);
            }
            Fact::IncidentMerged { incident, into } => self.merge_incident(*incident, *into, at),
            Fact::IncidentSplit { incident, from } => self.split_incident(*incident, *from, at),
            Fact::IncidentHeld { incident, reason, until } => {
                if let Some(it) = self.incident_mut(*incident) {
                    it.hold = Some(Hold { reason: reason.clone(), since: at, until: *until });
                    it.version += 1;
                }
                self.note_shortage(*incident, at);
            }
            Fact::IncidentWoken { incident } => {
                if let Some(it) = self.incident_mut(*incident) {
                    it.hold = None;
                    it.version += 1;
                }
                self.want_proposal(*incident, Some(at));
                self.note_shortage(*incident, at);
            }
            Fact::IncidentCancelled { incident, reason } => {
                self.end_incident(*incident, IncidentOutcome::Cancelled { reason: reason.clone() }, at);
            }
            Fact::IncidentRedirected { incident, to, reason } => {
                let (to, reason) = (to.clone(), reason.clone());
                self.end_incident(*incident, IncidentOutcome::Redirected { to, reason }, at);
            }
            Fact::IncidentDone { incident } => self.end_incident(*incident, IncidentOutcome::Done, at),
            // A proposal is no change to what is known: it leaves the version alone, so that an edit under way still fits.
            Fact::ProposalMade { proposal } => {
                self.wanting.remove(&proposal.inputs.incident);
                let older = self.incident_mut(proposal.inputs.incident).and_then(|it| {
                    it.proposal_wanted_since = None;
                    let older = it.proposal.replace(proposal.id);
                    it.none_free_since = proposal.ranked.is_empty().then(|| it.none_free_since.unwrap_or(at));
                    older
                });
                // A proposal that a unit was chosen from stays beside its assignment.
                if let Some(older) = older {
                    let incident = proposal.inputs.incident;
                    if !self.assignments_of(incident).any(|a| a.proposal == Some(older)) {
                        self.proposals.remove(&older);
                    }
                }
                self.proposals.insert(proposal.id, Arc::clone(proposal));
            }
            _ => {}
        }
    }

    fn create_incident(
        &mut self,
        id: IncidentId,
        number: IncidentNumber,
        call: Option<CallId>,
        sketch: &Arc<IncidentSketch>,
        at: UtcTime,
    ) {
        let incident = Incident {
            id,
            number,
            version: 1,
            created_at: at,
            calls: call.into_iter().collect(),
            sketch: Arc::clone(sketch),
            assignments: Vec::new(),
            proposal: None,
            proposal_wanted_since: Some(at),
            short_since: Some(at),
            none_free_since: None,
            hold: None,
            reserved: None,
            handoff: None,
            paper: None,
            end: None,
        };
        self.incidents.insert(id, Arc::new(incident));
        self.open_incidents.insert(id, ());
        self.waiting.insert(id, ());
        self.wanting.insert(id, ());
        self.last_number = Some(number);
        if let Some(call) = call.and_then(|call| self.call_mut(call)) {
            call.incident = Some(id);
        }
    }

    fn merge_incident(&mut self, from: IncidentId, into: IncidentId, at: UtcTime) {
        let Some(ended) = self.incident(from).cloned() else { return };
        let moving: Vec<_> = self.open_assignments_of(from).map(|a| a.id).collect();
        for call in &ended.calls {
            if let Some(call) = self.call_mut(*call) {
                call.incident = Some(into);
            }
        }
        for assignment in &moving {
            if let Some(assignment) = self.assignment_mut(*assignment) {
                assignment.incident = into;
                assignment.version += 1;
            }
        }
        if let Some(it) = self.incident_mut(from) {
            it.calls.clear();
            it.assignments.retain(|a| !moving.contains(a));
        }
        if let Some(it) = self.incident_mut(into) {
            it.calls.extend(&ended.calls);
            it.assignments.extend(&moving);
            it.version += 1;
        }
        self.end_incident(from, IncidentOutcome::Merged { into, calls: ended.calls }, at);
        self.note_shortage(into, at);
    }

    /// An incident that was merged goes on by itself: its calls come back, those of them that nobody has moved on since. What it was
    /// proposed is out of date, and the units that went over with it are the other's now.
    fn split_incident(&mut self, id: IncidentId, from: IncidentId, at: UtcTime) {
        let Some(end) = self.incident_mut(id).and_then(|it| it.end.take()) else { return };
        self.ended.remove(&(end.at, Ended::Incident(id)));
        let IncidentOutcome::Merged { mut calls, .. } = end.how else { return };
        calls.retain(|call| self.call(*call).is_some_and(|call| call.incident == Some(from)));
        for call in &calls {
            if let Some(call) = self.call_mut(*call) {
                call.incident = Some(id);
                call.end = None;
            }
        }
        if let Some(it) = self.incident_mut(from) {
            it.calls.retain(|call| !calls.contains(call));
            it.version += 1;
        }
        if let Some(it) = self.incident_mut(id) {
            it.calls = calls;
            it.version += 1;
        }
        self.open_incidents.insert(id, ());
        self.want_proposal(id, Some(at));
        self.note_shortage(id, at);
    }

    pub(super) fn end_incident(&mut self, id: IncidentId, how: IncidentOutcome, at: UtcTime) {
        let Some(it) = self.incident_mut(id) else { return };
        it.end = Some(IncidentEnd { at, how });
        it.version += 1;
        it.hold = None;
        it.reserved = None;
        it.short_since = None;
        it.none_free_since = None;
        it.proposal_wanted_since = None;
        for call in it.calls.clone() {
            self.end_call(call, CallEnd::Finished, at);
        }
        self.reserved.remove(&id);
        self.open_incidents.remove(&id);
        self.waiting.remove(&id);
        self.wanting.remove(&id);
        self.ended.insert((at, Ended::Incident(id)));
    }

    /// Notes since when an incident lacks units; called whenever that may have changed. Whether it does.
    pub(super) fn note_shortage(&mut self, id: IncidentId, at: UtcTime) -> bool {
        let Some(it) = self.incident(id) else { return false };
        let short = self.lacking(it) > 0;
        let since = if short && it.hold.is_none() { it.short_since.or(Some(at)) } else { None };
        let none_free_since = it.none_free_since.filter(|_| short);
        if since == it.short_since && none_free_since == it.none_free_since {
            return short;
        }
        if since.is_some() {
            self.waiting.insert(id, ());
        } else {
            self.waiting.remove(&id);
        }
        if let Some(it) = self.incident_mut(id) {
            (it.short_since, it.none_free_since) = (since, none_free_since);
        }
        short
    }

    /// Says since when a proposal is wanted for an incident, or that none is.
    pub(super) fn want_proposal(&mut self, id: IncidentId, since: Option<UtcTime>) {
        if self.incident(id).is_none_or(|it| it.proposal_wanted_since == since) {
            return;
        }
        if let Some(it) = self.incident_mut(id) {
            it.proposal_wanted_since = since;
        }
        if since.is_some() {
            self.wanting.insert(id, ());
        } else {
            self.wanting.remove(&id);
        }
    }

    /// What a proposal rests on has changed.
    fn look_again(&mut self, id: IncidentId, at: UtcTime) {
        if self.incident(id).is_some_and(|it| it.proposal_wanted_since.is_none()) {
            self.want_proposal(id, Some(at));
        }
    }

    /// Something changed that may give a waiting incident a unit, or another one: look again.
    pub(super) fn look_again_for_the_waiting(&mut self, at: UtcTime) {
        let waiting: Vec<_> = self.waiting.keys().copied().collect();
        for id in waiting {
            self.look_again(id, at);
        }
    }

    /// A unit was taken: whoever waits and had it proposed needs another.
    pub(super) fn look_again_without(&mut self, unit: UnitId, at: UtcTime) {
        let proposed = |incident: &Incident| {
            let proposal = incident.proposal.and_then(|id| self.proposal(id));
            proposal.is_some_and(|proposal| proposal.ranked.iter().any(|c| c.unit == unit))
        };
        let waiting: Vec<_> = self.waiting_incidents().filter(|it| proposed(it)).map(|it| it.id).collect();
        for id in waiting {
            self.look_again(id, at);
        }
    }

    /// An order that is not acknowledged or does not roll in time: the next unit is proposed.
    pub(super) fn want_another_unit_after(&mut self, escalation: EscalationKey, at: UtcTime) {
        let late = matches!(
            escalation.kind,
            EscalationKind::NotAcknowledged | EscalationKind::NotRolling | EscalationKind::UnitSilent
        );
        let incidents: Vec<_> = match escalation.about {
            About::Assignment(id) if late => self.assignment(id).map(|a| a.incident).into_iter().collect(),
            About::Unit(id) if late => self
                .unit(id)
                .into_iter()
                .flat_map(|unit| &unit.assignments)
                .filter_map(|id| self.assignment(*id))
                .map(|a| a.incident)
                .collect(),
            About::Assignment(_) | About::Unit(_) | About::Call(_) | About::Incident(_) => Vec::new(),
        };
        for incident in incidents {
            self.look_again(incident, at);
        }
    }

    pub(super) fn forget_incident(&mut self, id: IncidentId) {
        let Some(it) = self.incidents.remove(&id) else { return };
        for call in &it.calls {
            self.calls.remove(call);
        }
        for assignment in &it.assignments {
            if let Some(assignment) = self.assignments.remove(assignment)
                && let Some(proposal) = assignment.proposal
            {
                self.proposals.remove(&proposal);
            }
        }
        if let Some(proposal) = it.proposal {
            self.proposals.remove(&proposal);
        }
    }
}
