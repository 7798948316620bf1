//! Several units for one incident: which candidate takes which slot, and which slots stay empty.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Candidate;
use crate::ids::{IncidentId, UnitId};
use crate::incident::{Incident, Skill};
use crate::record::Record;
use crate::vehicle::Unit;

/// One slot that is still to be filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// What whoever takes it must be able to do.
    pub skills: BTreeSet<Skill>,
    /// Who would take it; `None`: nobody who may go can do all of that.
    pub unit: Option<UnitId>,
}

/// Fills the slots in their order, the most demanding first: the first slot in the order of the ranking, each other with the first to
/// arrive of those who can do what it wants. Nobody is taken from another incident for a slot beyond the first.
pub(super) fn fill(
    slots: &[BTreeSet<Skill>],
    ranked: &[Candidate],
    able: impl Fn(UnitId, &BTreeSet<Skill>) -> bool,
) -> Vec<Slot> {
    let mut taken = BTreeSet::new();
    let mut filled = Vec::with_capacity(slots.len());
    for (number, skills) in slots.iter().enumerate() {
        let fits = |candidate: &&Candidate| {
            candidate.level.is_free() && !taken.contains(&candidate.unit) && able(candidate.unit, skills)
        };
        let best = if number == 0 {
            ranked.iter().find(fits)
        } else {
            let free = ranked.iter().filter(fits).filter(|candidate| candidate.interrupts.is_none());
            free.min_by_key(|candidate| (candidate.arrival_s, candidate.unit))
        };
        let unit = best.map(|candidate| candidate.unit);
        taken.extend(unit);
        filled.push(Slot { skills: skills.clone(), unit });
    }
    filled
}

impl Record {
    /// The slots of an incident that nobody has taken yet, the most demanding first. A unit sent to it takes the most demanding slot
    /// that it can fill, and one that can fill none the least demanding.
    pub fn slots_open(&self, incident: IncidentId) -> Vec<BTreeSet<Skill>> {
        let Some(it) = self.incident(incident) else { return Vec::new() };
        let mut slots = it.sketch.needs.slots();
        let serving = self
            .assignments_of(incident)
            .filter(|a| a.end.as_ref().is_none_or(|end| !end.outcome.leaves_incident_wanting()));
        let mut unable = 0;
        for unit in serving.filter_map(|assignment| self.unit(assignment.unit)) {
            match slots.iter().position(|skills| skills.is_subset(&unit.spec.skills)) {
                Some(slot) => {
                    slots.remove(slot);
                }
                None => unable += 1,
            }
        }
        slots.truncate(slots.len().saturating_sub(unable));
        slots
    }

    /// What a unit lacks for the open slot that suits it best; where none is open, for what every unit must be able to do.
    pub fn lacks_for(&self, incident: &Incident, unit: &Unit) -> BTreeSet<Skill> {
        let lacks = |skills: &BTreeSet<Skill>| -> BTreeSet<Skill> {
            skills.difference(&unit.spec.skills).copied().collect()
        };
        let needs = &incident.sketch.needs;
        if needs.kinds.is_empty() {
            return lacks(&needs.skills);
        }
        let open = self.slots_open(incident.id);
        open.iter().map(lacks).min_by_key(BTreeSet::len).unwrap_or_else(|| lacks(&needs.skills))
    }
}
