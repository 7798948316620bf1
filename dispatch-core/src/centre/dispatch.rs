//! Decisions about sending: proposals on record, orders given, orders taken back.

use std::sync::Arc;

use super::choice::Said;
use super::incidents::{recall, recall_outcome};
use super::{Decision, DispatchCentre, check_text};
use crate::assignment::{
    Assignment, Basis, Candidate, Choice, Outcome, Proposal, Relieved, Stage, StampSource,
};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::incident::Incident;
use crate::refusal::Refusal;
use crate::time::UtcTime;
use crate::vehicle::{Duty, Readiness};

impl DispatchCentre {
    pub(super) fn open_assignment(&self, assignment: AssignmentId) -> Result<&Assignment, Refusal> {
        let it = self.record.assignment(assignment).ok_or(Refusal::UnknownAssignment { assignment })?;
        if it.is_open() { Ok(it) } else { Err(Refusal::AssignmentEnded { assignment }) }
    }

    pub(super) fn decide_dispatch(&self, action: &Action, now: UtcTime) -> Decision {
        match action {
            Action::RecordProposal { proposal } => self.record_proposal(proposal, now),
            Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds } => {
                if self.record.assignment(*assignment).is_some() {
                    return Err(Refusal::IdInUse { id: assignment.to_string() });
                }
                let order = Order { assignment: *assignment, incident: *incident, unit: *unit };
                self.assign(order, *proposal, self.said(reason.as_deref(), grounds)?, now)
            }
            Action::RecallUnit { assignment, reason } => {
                check_text("the reason", reason)?;
                let it = self.open_assignment(*assignment)?;
                if it.stage >= Stage::OnScene {
                    let what = "the crew is with the patient: it ends the order itself, or the desk enters how it ended";
                    return Err(Refusal::NotAllowed { what });
                }
                let done = self.done_after(it, recall_outcome(it));
                Ok(std::iter::once(recall(it, reason, now)).chain(done).collect())
            }
            _ => unreachable!("only actions about sending are sent here"),
        }
    }

    fn record_proposal(&self, proposal: &Arc<Proposal>, now: UtcTime) -> Decision {
        let incident = self.open_incident(proposal.inputs.incident)?;
        if self.record.proposal(proposal.id).is_some() {
            return Err(Refusal::IdInUse { id: proposal.id.to_string() });
        }
        let mut facts = Vec::with_capacity(FACTS_USUALLY);
        facts.push(Fact::ProposalMade { proposal: Arc::clone(proposal) });
        self.automatic_dispatch(incident, proposal, now, &mut facts);
        Ok(facts)
    }

    /// Where a centre has switched it on, the first proposed unit is sent without a person, and the record says so: to an incident that
    /// lacks units, or in the place of a unit that did not roll in time.
    fn automatic_dispatch(
        &self,
        incident: &Incident,
        proposal: &Proposal,
        now: UtcTime,
        facts: &mut Vec<Fact>,
    ) {
        let rules = self.record.rules();
        let relieved = proposal.inputs.relieves;
        let short = rules.automatic_dispatch && (relieved.is_some() || self.record.lacking(incident) > 0);
        let late = (rules.send_next_when_late && !short && relieved.is_none())
            .then(|| self.record.units_to_replace(incident.id).first().copied())
            .flatten();
        let wanted = (short || late.is_some()) && !incident.is_held();
        // A neighbour is asked by a person.
        let first = proposal.ranked.iter().find(|candidate| candidate.aid.is_none()).filter(|first| {
            wanted
                && first.kept_for.is_none()
                && first.lacks.is_empty()
                && first.basis == Basis::Road
                && self.may_still_go(first, incident.id, now)
        });
        // One incident's late unit takes no other's away without a person.
        let first = first.filter(|first| late.is_none() || first.interrupts.is_none());
        let Some(first) = first else { return };
        if let Some(interrupted) = first.interrupts {
            facts.extend(self.divert(interrupted.assignment, now));
        }
        if let Some(relieved) = relieved {
            // A unit that goes on, or has arrived since, is not relieved.
            let Some(ended) = self.relieve(relieved, now) else { return };
            facts.push(ended);
        }
        facts.push(Fact::UnitAssigned {
            assignment: AssignmentId::new(proposal.id.uuid()),
            incident: incident.id,
            unit: first.unit,
            proposal: Some(proposal.id),
            reason: None,
            choice: Choice { replaces: late, ..Choice::default() }.noted(),
        });
    }

    /// A nearer unit in place of one on its way, in one transaction: the incident is never without.
    fn relieve(&self, relieved: Relieved, now: UtcTime) -> Option<Fact> {
        let held = self.record.assignment(relieved.assignment);
        let held = held.filter(|held| held.is_open() && held.stage < Stage::OnScene)?;
        Some(Fact::AssignmentEnded {
            assignment: held.id,
            outcome: Outcome::Relieved,
            at: now,
            reason: "由更近的车组接替 · relieved by a nearer unit".to_owned(),
            source: StampSource::Centre,
        })
    }

    /// Takes a unit from one order for another, in one transaction: the incident it leaves wants a unit again at once.
    fn divert(&self, assignment: AssignmentId, now: UtcTime) -> impl Iterator<Item = Fact> + use<> {
        let held = self.record.assignment(assignment);
        let ended = held.map(|held| Fact::AssignmentEnded {
            assignment: held.id,
            outcome: Outcome::Diverted,
            at: now,
            reason: "改派至更紧急事件 · diverted to a more urgent incident".to_owned(),
            source: StampSource::Centre,
        });
        let done = held.and_then(|held| self.done_after(held, Outcome::Diverted));
        ended.into_iter().chain(done)
    }

    fn assign(&self, order: Order, proposal: Option<ProposalId>, said: Said<'_>, now: UtcTime) -> Decision {
        let Order { assignment, incident, unit } = order;
        let it = self.open_incident(incident)?;
        let proposal = proposal.or(it.proposal);
        let ranked = proposal.map(|id| self.proposal_for(id, incident)).transpose();
        let offered = ranked.as_ref().ok().copied().flatten();
        let offered = offered.and_then(|proposal| proposal.ranked.iter().find(|c| c.unit == unit));
        self.check_not_reserved(unit, incident, now)?;
        let leaves = offered.filter(|offered| self.may_still_go(offered, incident, now));
        let leaves = leaves.and_then(|offered| offered.interrupts);
        if leaves.is_none() {
            self.check_may_go(unit, said, now)?;
        }
        let ranked = ranked?;
        let choice = self.choice(ranked, it, unit, said, now)?;
        let mut facts = Vec::new();
        if it.is_held() {
            facts.push(Fact::IncidentWoken { incident });
        }
        if let Some(interrupted) = leaves {
            facts.extend(self.divert(interrupted.assignment, now));
        }
        let relieved = offered.and(ranked).and_then(|proposal| proposal.inputs.relieves);
        facts.extend(relieved.and_then(|relieved| self.relieve(relieved, now)));
        let reason = said.words.map(str::to_owned);
        facts.push(Fact::UnitAssigned { assignment, incident, unit, proposal, reason, choice });
        Ok(facts)
    }

    fn proposal_for(&self, id: ProposalId, incident: IncidentId) -> Result<&Proposal, Refusal> {
        let proposal = self.record.proposal(id).filter(|p| p.inputs.incident == incident);
        proposal.ok_or(Refusal::UnknownProposal { proposal: id })
    }

    /// Refuses a unit that may not go. A silent one may: somebody may have it on the telephone, and says so.
    fn check_may_go(&self, unit: UnitId, said: Said<'_>, now: UtcTime) -> Result<(), Refusal> {
        let it = self.unit(unit)?;
        match it.readiness() {
            // Whoever stays on after the shift does so on somebody's word.
            Readiness::Ready if !said.explains() && matches!(self.record.duty(unit, now), Duty::Off(_)) => {
                Err(Refusal::OffDuty { unit })
            }
            Readiness::Ready => Ok(()),
            Readiness::Silent if said.explains() => Ok(()),
            Readiness::Silent => Err(Refusal::ReasonNeeded { unit }),
            Readiness::NoCrew => Err(Refusal::NoCrew { unit }),
            Readiness::Paused => {
                let reason = it.pause.as_ref().map(|pause| pause.reason.clone()).unwrap_or_default();
                Err(Refusal::UnitPaused { unit, reason })
            }
            Readiness::Taken => Err(self.taken(unit, &it.assignments, now)),
        }
    }

    fn taken(&self, unit: UnitId, assignments: &[AssignmentId], now: UtcTime) -> Refusal {
        let held = assignments.first().and_then(|id| self.record.assignment(*id));
        let incident = held.and_then(|a| self.record.incident(a.incident));
        match (held, incident) {
            (Some(held), Some(incident)) => Refusal::UnitTaken {
                unit,
                assignment: held.id,
                incident: incident.id,
                number: incident.number,
                stage: held.stage,
                free_in_s: self.record.expected_free_in(held, now),
            },
            _ => Refusal::UnknownUnit { unit },
        }
    }

    /// Whether a candidate may go as it was proposed: it is ready, or still on the order that it would leave, before the scene.
    pub(super) fn may_still_go(&self, candidate: &Candidate, incident: IncidentId, now: UtcTime) -> bool {
        let Some(unit) = self.record.unit(candidate.unit) else { return false };
        if self.check_not_reserved(candidate.unit, incident, now).is_err() {
            return false;
        }
        match candidate.interrupts {
            None => unit.is_free(),
            Some(interrupted) => {
                unit.assignments == [interrupted.assignment]
                    && self
                        .record
                        .assignment(interrupted.assignment)
                        .is_some_and(|a| a.stage < Stage::OnScene)
            }
        }
    }
}

/// One unit for one incident.
#[derive(Debug, Clone, Copy)]
struct Order {
    assignment: AssignmentId,
    incident: IncidentId,
    unit: UnitId,
}

/// A proposal, the order that it leads to, and the one that it takes a unit from.
const FACTS_USUALLY: usize = 3;
