//! What an event touched. What it names is taken from the fact itself; what followed from it is found by comparing two
//! records, so that no list of consequences is kept by hand that a new rule of the core could make wrong.

use std::collections::BTreeSet;
use std::sync::Arc;

use dispatch_core::Record;
use dispatch_core::ids::{
    AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, ProposalId, UnitId,
};

use super::frame::LiveChanged;
use crate::api::scene::Scene;

/// Resources by id.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Touched {
    pub(super) calls: BTreeSet<CallId>,
    pub(super) incidents: BTreeSet<IncidentId>,
    pub(super) accidents: BTreeSet<AccidentId>,
    pub(super) assignments: BTreeSet<AssignmentId>,
    pub(super) units: BTreeSet<UnitId>,
    pub(super) hospitals: BTreeSet<HospitalId>,
    pub(super) closures: BTreeSet<ClosureId>,
    pub(super) proposals: BTreeSet<ProposalId>,
}

impl Touched {
    /// Everything that is in `now` and not the same in `before`.
    pub(super) fn between(before: &Record, now: &Record) -> Self {
        Self {
            calls: differing(before.calls(), now.calls()),
            incidents: differing(before.incidents(), now.incidents()),
            accidents: differing(before.accidents(), now.accidents()),
            assignments: differing(before.assignments(), now.assignments()),
            units: differing(before.units(), now.units()),
            hospitals: differing(before.hospitals(), now.hospitals()),
            closures: differing(before.closures(), now.closures()),
            proposals: differing(before.proposals(), now.proposals()),
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.incidents.extend(other.incidents);
        self.accidents.extend(other.accidents);
        self.assignments.extend(other.assignments);
        self.units.extend(other.units);
        self.hospitals.extend(other.hospitals);
        self.closures.extend(other.closures);
        self.proposals.extend(other.proposals);
    }

    /// The ids as text, in the order of the fields.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = texts(&self.calls);
        names.extend(texts(&self.incidents));
        names.extend(texts(&self.accidents));
        names.extend(texts(&self.assignments));
        names.extend(texts(&self.units));
        names.extend(texts(&self.hospitals));
        names.extend(texts(&self.closures));
        names.extend(texts(&self.proposals));
        names
    }

    /// The resources as they are now. An assignment brings its incident and its unit, which show its stage; an incident brings the
    /// accident that it is a scene of, which counts its units.
    pub(super) fn shown(mut self, scene: &Scene) -> LiveChanged {
        for assignment in self.assignments.iter().filter_map(|id| scene.record().assignment(*id)) {
            self.incidents.insert(assignment.incident);
            self.units.insert(assignment.unit);
        }
        let record = scene.record();
        // What is closed leads its scenes no more, and they say so.
        let closed = self.accidents.iter().filter_map(|id| record.accident(*id)).filter(|it| !it.is_open());
        self.incidents.extend(closed.flat_map(|it| it.scenes.iter().copied()).collect::<Vec<_>>());
        self.accidents.extend(self.incidents.iter().filter_map(|id| record.accident_of(*id)).map(|it| it.id));
        let proposals = self.proposals.iter().filter_map(|id| record.proposal(*id));
        LiveChanged {
            calls: self.calls.iter().filter_map(|id| scene.call(*id).ok()).collect(),
            incidents: self.incidents.iter().filter_map(|id| scene.incident(*id).ok()).collect(),
            accidents: self.accidents.iter().filter_map(|id| scene.accident(*id).ok()).collect(),
            assignments: self.assignments.iter().filter_map(|id| scene.assignment(*id).ok()).collect(),
            units: self.units.iter().filter_map(|id| scene.unit(*id).ok()).collect(),
            hospitals: self.hospitals.iter().filter_map(|id| scene.hospital(*id).ok()).collect(),
            closures: self.closures.iter().filter_map(|id| scene.closure(*id).ok()).collect(),
            proposals: proposals.map(|proposal| scene.proposal(proposal)).collect(),
        }
    }
}

/// The keys of what is new or was changed. Values are shared between two records until one of them is changed.
fn differing<'a, K: Ord + Copy + 'a, V: PartialEq + 'a>(
    before: impl IntoIterator<Item = (&'a K, &'a Arc<V>)>,
    now: impl IntoIterator<Item = (&'a K, &'a Arc<V>)>,
) -> BTreeSet<K> {
    let mut old = before.into_iter().peekable();
    let mut keys = BTreeSet::new();
    for (key, value) in now {
        while old.next_if(|(older, _)| *older < key).is_some() {}
        let same = old.next_if(|(older, _)| *older == key);
        if !same.is_some_and(|(_, before)| Arc::ptr_eq(before, value) || before.as_ref() == value.as_ref()) {
            keys.insert(*key);
        }
    }
    keys
}

fn texts<T: ToString>(ids: &BTreeSet<T>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
