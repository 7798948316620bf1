//! The record: what events have built. It may be thrown away and built again from the journal, and comes out the same.
//!
//! Everything that ended stays for the time the rules name, then leaves the record; the journal keeps it for ever.

mod accidents;
mod apply;
mod assignments;
mod calls;
mod erasure;
mod handoffs;
mod incidents;
mod paper;
mod reservations;
mod resources;
mod restored;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::accident::{Accident, AccidentNumber};
use crate::assignment::{Assignment, Mobilisation, Proposal, Turnaround};
use crate::destination::Hospital;
use crate::effect::{Effect, EffectId};
use crate::escalation::{About, Escalation, EscalationKey, EscalationKind};
use crate::ids::{
    AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, ProposalId, StationId, UnitId,
};
use crate::incident::{Call, Incident, IncidentNumber, Level};
use crate::policy::Policy;
use crate::policy::cover::CoverZones;
use crate::roadworks::Closure;
use crate::rules::Rules;
use crate::time::{Span, UtcTime};
use crate::vehicle::{Duty, Station, Unit};

pub use shelf::Shelf;

/// What events have built. Cloning it is cheap: the parts are shared until one of them changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// How many events have been applied: the sequence number of the newest.
    seq: u64,
    rules: Arc<Rules>,
    /// The policy that the rules name.
    #[serde(skip)]
    policy: Policy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cover: Option<Arc<CoverZones>>,
    stations: BTreeMap<StationId, Arc<Station>>,
    hospitals: BTreeMap<HospitalId, Arc<Hospital>>,
    units: Shelf<UnitId, Arc<Unit>>,
    calls: Shelf<CallId, Arc<Call>>,
    incidents: Shelf<IncidentId, Arc<Incident>>,
    #[serde(serialize_with = "keys_only", deserialize_with = "restored::keys")]
    open_incidents: Shelf<IncidentId, ()>,
    /// Those whose `short_since` is set, so that nobody has to look through all.
    #[serde(skip)]
    waiting: Shelf<IncidentId, ()>,
    /// Those whose `proposal_wanted_since` is set.
    #[serde(skip)]
    wanting: Shelf<IncidentId, ()>,
    /// The units that booked runs keep, by the run: those of the incidents, so that nobody has to look through all.
    #[serde(skip)]
    reserved: BTreeMap<IncidentId, UnitId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    accidents: BTreeMap<AccidentId, Arc<Accident>>,
    assignments: Shelf<AssignmentId, Arc<Assignment>>,
    proposals: Shelf<ProposalId, Arc<Proposal>>,
    closures: BTreeMap<ClosureId, Arc<Closure>>,
    #[serde(serialize_with = "values_only", deserialize_with = "restored::escalations")]
    escalations: BTreeMap<EscalationKey, Escalation>,
    outbox: Shelf<EffectId, Effect>,
    last_number: Option<IncidentNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_accident_number: Option<AccidentNumber>,
    mobilisation: Mobilisation,
    turnaround: Turnaround,
    ended: BTreeSet<(UtcTime, Ended)>,
}

/// Something that ended and will leave the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    Call(CallId),
    Incident(IncidentId),
    Accident(AccidentId),
}

/// A map whose keys stand in its values, written as a list of these.
fn values_only<K, V: Serialize, S: serde::Serializer>(
    map: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.values())
}

/// The keys alone, as a list.
fn keys_only<K: Serialize + Ord, V, S: serde::Serializer>(
    shelf: &Shelf<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(shelf.keys())
}

impl Record {
    /// The sequence number of the newest event in it; 0 when empty.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The centre's settings in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// What free units cover from the stations, where that is known.
    pub fn cover(&self) -> Option<&CoverZones> {
        self.cover.as_deref()
    }

    /// Whether a unit is on duty by the shift table.
    pub fn duty(&self, unit: UnitId, now: UtcTime) -> Duty {
        self.rules.shifts.duty(unit, now, self.rules.utc_offset_s)
    }

    /// Whether a unit may be sent now and is on duty.
    pub fn is_free_on_duty(&self, unit: &Unit, now: UtcTime) -> bool {
        unit.is_free() && !matches!(self.duty(unit.spec.id, now), Duty::Off(_))
    }

    /// Whether a unit is a neighbour's, that may be asked for and is not the centre's own.
    pub fn is_of_a_neighbour(&self, unit: UnitId) -> bool {
        self.rules.mutual_aid.neighbour(unit).is_some()
    }

    /// Every station.
    pub fn stations(&self) -> &BTreeMap<StationId, Arc<Station>> {
        &self.stations
    }

    /// Every hospital.
    pub fn hospitals(&self) -> &BTreeMap<HospitalId, Arc<Hospital>> {
        &self.hospitals
    }

    /// Every unit.
    pub fn units(&self) -> &Shelf<UnitId, Arc<Unit>> {
        &self.units
    }

    /// Calls that go on, and those that ended lately.
    pub fn calls(&self) -> &Shelf<CallId, Arc<Call>> {
        &self.calls
    }

    /// Incidents that go on, and those that ended lately; oldest first.
    pub fn incidents(&self) -> &Shelf<IncidentId, Arc<Incident>> {
        &self.incidents
    }

    /// Assignments of the incidents in the record.
    pub fn assignments(&self) -> &Shelf<AssignmentId, Arc<Assignment>> {
        &self.assignments
    }

    /// The newest proposal of each incident, and every proposal that a unit was chosen from.
    pub fn proposals(&self) -> &Shelf<ProposalId, Arc<Proposal>> {
        &self.proposals
    }

    /// Roads closed now.
    pub fn closures(&self) -> &BTreeMap<ClosureId, Arc<Closure>> {
        &self.closures
    }

    /// What somebody must look at now.
    pub fn escalations(&self) -> &BTreeMap<EscalationKey, Escalation> {
        &self.escalations
    }

    /// Effects that have not reached whom they are for, oldest first.
    pub fn outbox(&self) -> &Shelf<EffectId, Effect> {
        &self.outbox
    }

    /// How long units take to roll, as learned.
    pub fn mobilisation(&self) -> &Mobilisation {
        &self.mobilisation
    }

    /// How long units stay at the hospitals, as learned.
    pub fn turnaround(&self) -> &Turnaround {
        &self.turnaround
    }

    /// Expected time until the unit of an assignment is free; `None` where it is not at a hospital that is known.
    pub fn expected_free_in(&self, held: &Assignment, now: UtcTime) -> Option<Span> {
        self.turnaround.until_free(held, now, self.rules.utc_offset_s)
    }

    /// The number given to the newest incident.
    pub fn last_number(&self) -> Option<IncidentNumber> {
        self.last_number
    }

    /// A unit.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id).map(AsRef::as_ref)
    }

    /// A call.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(&id).map(AsRef::as_ref)
    }

    /// An incident.
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id).map(AsRef::as_ref)
    }

    /// Whether an incident is a test or a drill: it enters no figure, and nothing is learned from it.
    pub fn is_test(&self, incident: IncidentId) -> bool {
        self.incident(incident).is_some_and(|it| it.sketch.test)
    }

    /// An assignment.
    pub fn assignment(&self, id: AssignmentId) -> Option<&Assignment> {
        self.assignments.get(&id).map(AsRef::as_ref)
    }

    /// A proposal.
    pub fn proposal(&self, id: ProposalId) -> Option<&Proposal> {
        self.proposals.get(&id).map(AsRef::as_ref)
    }

    /// Incidents that go on, oldest first.
    pub fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.open_incidents.keys().filter_map(|id| self.incident(*id))
    }

    /// Incidents that lack units, oldest first; those put aside are not among them.
    pub fn waiting_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.waiting.keys().filter_map(|id| self.incident(*id))
    }

    /// Every assignment of an incident, oldest first.
    pub fn assignments_of(&self, incident: IncidentId) -> impl Iterator<Item = &Assignment> {
        let ids = self.incident(incident).map_or(&[][..], |i| i.assignments.as_slice());
        ids.iter().filter_map(|id| self.assignment(*id))
    }

    /// The assignments of an incident that go on, oldest first.
    pub fn open_assignments_of(&self, incident: IncidentId) -> impl Iterator<Item = &Assignment> {
        self.assignments_of(incident).filter(|a| a.is_open())
    }

    /// How many units an incident still lacks.
    pub fn units_short(&self, incident: IncidentId) -> u8 {
        self.incident(incident).map_or(0, |it| self.lacking(it))
    }

    /// How many units an incident still lacks, for whoever holds it already.
    pub(crate) fn lacking(&self, it: &Incident) -> u8 {
        if !it.is_open() {
            return 0;
        }
        let assignments = it.assignments.iter().filter_map(|id| self.assignment(*id));
        let serve = |a: &&Assignment| a.end.as_ref().is_none_or(|end| !end.outcome.leaves_incident_wanting());
        let served = assignments.filter(serve).count();
        it.sketch.needs.units.saturating_sub(u8::try_from(served).unwrap_or(u8::MAX))
    }

    /// The orders of an incident that did not roll in time and have no other in their place, the oldest first.
    pub fn units_to_replace(&self, incident: IncidentId) -> Vec<AssignmentId> {
        let replaced: Vec<AssignmentId> = self
            .assignments_of(incident)
            .filter_map(|it| it.choice.as_ref().and_then(|choice| choice.replaces))
            .collect();
        let late = |it: &&Assignment| {
            let about = About::Assignment(it.id);
            let key = EscalationKey { kind: EscalationKind::NotRolling, about };
            self.escalations.contains_key(&key) && !replaced.contains(&it.id)
        };
        self.open_assignments_of(incident).filter(late).map(|it| it.id).collect()
    }

    /// Incidents for which a proposal should be made now: the queue, by level and then by when help was called for.
    pub fn proposals_wanted(&self) -> Vec<IncidentId> {
        let mut wanted: Vec<_> = self.wishes().collect();
        wanted.sort_unstable();
        wanted.into_iter().map(|(.., id)| id).collect()
    }

    /// The first of [`Record::proposals_wanted`].
    pub fn next_proposal_wanted(&self) -> Option<IncidentId> {
        self.wishes().min().map(|(.., id)| id)
    }

    fn wishes(&self) -> impl Iterator<Item = (Level, UtcTime, IncidentId)> {
        let wanting = self.wanting.keys().filter_map(|id| self.incident(*id));
        let can_be_helped = wanting.filter(|i| !i.is_held() && i.sketch.place.position.is_some());
        can_be_helped.map(|i| (i.sketch.triage.level, self.called_at(i), i.id))
    }

    /// When the first call about an incident came in, UTC; when it was created, where nobody called.
    pub fn called_at(&self, incident: &Incident) -> UtcTime {
        let calls = incident.calls.iter().filter_map(|call| self.call(*call));
        calls.map(|call| call.rang_at).min().unwrap_or(incident.created_at)
    }

    /// The ambulances on their way to, or handing over at, a hospital.
    pub fn arrivals_at(&self, hospital: HospitalId) -> impl Iterator<Item = &Assignment> {
        self.open_incidents()
            .flat_map(|i| self.open_assignments_of(i.id))
            .filter(move |a| a.is_inbound() && a.destination.as_ref().is_some_and(|d| d.hospital == hospital))
    }

    /// SHA-256 of the whole record, to compare two that should be the same.
    ///
    /// # Panics
    /// Never: every part of a record can be written as JSON.
    pub fn digest(&self) -> [u8; 32] {
        let bytes = serde_json::to_vec(self).expect("every part of a record can be written as JSON");
        Sha256::digest(bytes).into()
    }
}
