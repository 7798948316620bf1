//! Decisions about sending: proposals on record, orders given, orders taken back.

use super::incidents::{recall, recall_outcome};
use super::{Decision, DispatchCentre, check_text};
use crate::assignment::{Assignment, Basis, Proposal, Stage};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::incident::Incident;
use crate::refusal::Refusal;
use crate::time::UtcTime;
use crate::vehicle::Readiness;

impl DispatchCentre {
    pub(super) fn open_assignment(&self, assignment: AssignmentId) -> Result<&Assignment, Refusal> {
        let it = self.record.assignment(assignment).ok_or(Refusal::UnknownAssignment { assignment })?;
        if it.is_open() { Ok(it) } else { Err(Refusal::AssignmentEnded { assignment }) }
    }

    pub(super) fn decide_dispatch(&self, action: &Action, now: UtcTime) -> Decision {
        match action {
            Action::RecordProposal { proposal } => self.record_proposal(proposal),
            Action::AssignUnit { assignment, incident, unit, proposal, reason } => {
                if self.record.assignment(*assignment).is_some() {
                    return Err(Refusal::IdInUse { id: assignment.to_string() });
                }
                self.assign(*assignment, *incident, *unit, *proposal, reason.as_deref())
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

    fn record_proposal(&self, proposal: &Proposal) -> Decision {
        let incident = self.open_incident(proposal.inputs.incident)?;
        if self.record.proposal(proposal.id).is_some() {
            return Err(Refusal::IdInUse { id: proposal.id.to_string() });
        }
        let mut facts = vec![Fact::ProposalMade { proposal: Box::new(proposal.clone()) }];
        facts.extend(self.automatic_dispatch(incident, proposal));
        Ok(facts)
    }

    /// Where a centre has switched it on, the first proposed unit is sent without a person, and the record says so.
    fn automatic_dispatch(&self, incident: &Incident, proposal: &Proposal) -> Option<Fact> {
        let wanted = self.record.rules().automatic_dispatch
            && !incident.is_held()
            && self.record.units_short(incident.id) > 0;
        let first = proposal.ranked.first().filter(|first| {
            wanted
                && first.lacks.is_empty()
                && first.basis == Basis::Road
                && self.record.unit(first.unit).is_some_and(|unit| unit.readiness() == Readiness::Ready)
        })?;
        Some(Fact::UnitAssigned {
            assignment: AssignmentId::new(proposal.id.uuid()),
            incident: incident.id,
            unit: first.unit,
            proposal: Some(proposal.id),
            reason: None,
        })
    }

    fn assign(
        &self,
        assignment: AssignmentId,
        incident: IncidentId,
        unit: UnitId,
        proposal: Option<ProposalId>,
        reason: Option<&str>,
    ) -> Decision {
        let it = self.open_incident(incident)?;
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if let Some(reason) = reason {
            check_text("the reason", reason)?;
        }
        self.check_may_go(unit, reason)?;
        let proposal = proposal.or(it.proposal);
        if let Some(id) = proposal {
            let ranked = self
                .record
                .proposal(id)
                .filter(|p| p.inputs.incident == incident)
                .ok_or(Refusal::UnknownProposal { proposal: id })?;
            if reason.is_none() && self.first_ready(ranked).is_some_and(|first| first != unit) {
                return Err(Refusal::ReasonNeeded { unit });
            }
        }
        let mut facts = Vec::new();
        if it.is_held() {
            facts.push(Fact::IncidentWoken { incident });
        }
        let reason = reason.map(str::to_owned);
        facts.push(Fact::UnitAssigned { assignment, incident, unit, proposal, reason });
        Ok(facts)
    }

    /// Refuses a unit that may not go. A silent one may: somebody may have it on the telephone, and says so.
    fn check_may_go(&self, unit: UnitId, reason: Option<&str>) -> Result<(), Refusal> {
        let it = self.unit(unit)?;
        match it.readiness() {
            Readiness::Ready => Ok(()),
            Readiness::Silent if reason.is_some() => Ok(()),
            Readiness::Silent => Err(Refusal::ReasonNeeded { unit }),
            Readiness::NoCrew => Err(Refusal::NoCrew { unit }),
            Readiness::Paused => {
                let reason = it.pause.as_ref().map(|pause| pause.reason.clone()).unwrap_or_default();
                Err(Refusal::UnitPaused { unit, reason })
            }
            Readiness::Taken => Err(self.taken(unit, &it.assignments)),
        }
    }

    fn taken(&self, unit: UnitId, assignments: &[AssignmentId]) -> Refusal {
        let held = assignments.first().and_then(|id| self.record.assignment(*id));
        let incident = held.and_then(|a| self.record.incident(a.incident));
        match (held, incident) {
            (Some(held), Some(incident)) => Refusal::UnitTaken {
                unit,
                assignment: held.id,
                incident: incident.id,
                number: incident.number,
                stage: held.stage,
            },
            _ => Refusal::UnknownUnit { unit },
        }
    }

    /// The best proposed unit that may still go.
    fn first_ready(&self, proposal: &Proposal) -> Option<UnitId> {
        let ready =
            |unit: &UnitId| self.record.unit(*unit).is_some_and(|u| u.readiness() == Readiness::Ready);
        proposal.ranked.iter().map(|candidate| candidate.unit).find(ready)
    }
}
