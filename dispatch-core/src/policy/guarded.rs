//! Guards on preemption: taking a unit from a less urgent incident must be worth it, and that incident must not pay twice.
//!
//! By the bare table the least urgent calls carry the whole price: units are taken from them again and again while they wait. An
//! incident that has lost units before, or that has waited well past its goal, keeps the one it has.

use crate::assignment::{Candidate, Outcome};
use crate::incident::Incident;
use crate::record::Record;
use crate::time::{Span, UtcTime};

/// Whether an incident may lose the unit that is on its way to it.
pub(crate) fn may_lose(record: &Record, incident: &Incident, now: UtcTime) -> bool {
    let lost = |outcome: Outcome| outcome == Outcome::Diverted;
    let losses =
        record.assignments_of(incident.id).filter(|a| a.end.as_ref().is_some_and(|end| lost(end.outcome)));
    let goal = record.rules().response_goals_s[incident.sketch.triage.level as usize];
    let keeps_after = Span::from_micros(goal.micros() / 8 * WAITED_EIGHTHS_MAX);
    losses.count() < LOSSES_MAX && now.since(record.called_at(incident)) <= keeps_after
}

/// Brings candidates into order, best first: one that would leave an incident must be there this much before one that is free.
pub(super) fn rank(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by_key(|candidate| {
        (candidate.lacks.len(), candidate.arrival_s + handicap(candidate), candidate.unit)
    });
}

fn handicap(candidate: &Candidate) -> Span {
    if candidate.interrupts.is_some() { GAIN_MIN } else { Span::ZERO }
}

/// How much sooner a unit must arrive to be taken from another incident. Assumption, to be set by comparing.
pub(crate) const GAIN_MIN: Span = Span::seconds(60);
/// How often an incident may lose a unit.
pub(crate) const LOSSES_MAX: usize = 2;
/// After so many eighths of its level's goal from the call an incident keeps its unit. Set by comparing on training days.
const WAITED_EIGHTHS_MAX: i64 = 9;
