//! Matching: units are set against everybody who waits at once, not call by call.
//!
//! A unit is worth where it goes what the waits cost that it leaves: those of the others who wait for a unit, and of the incident
//! that it would be taken from. For each candidate the best that is left for the others is worked out as an assignment, and the
//! candidates stand in the order of the whole cost. With one incident and nobody else waiting this is the first arrival; where a
//! unit must be taken from another incident it is preemption that pays.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use super::penalty::penalty;
use crate::assignment::{Candidate, CandidateInput, ProposalInputs, Rival};
use crate::ids::{IncidentId, UnitId};
use crate::time::Span;

/// Brings candidates into order, best first, and says of a unit that is better kept for whom.
pub(super) fn rank(inputs: &ProposalInputs, candidates: &mut [Candidate]) {
    let others = Others::of(&inputs.rivals);
    let own = |arrival: Span| penalty(inputs.level, inputs.waited_s + arrival, inputs.goal_s);
    let mut costs: Vec<(UnitId, f64)> = candidates
        .iter()
        .map(|candidate| {
            let taken = candidate.interrupts.map(|interrupted| interrupted.incident);
            let switch = if taken.is_some() { SWITCH } else { 0.0 };
            let (rest, _) = others.matched(Some(candidate.unit), taken);
            (candidate.unit, own(candidate.arrival_s) + switch + rest)
        })
        .collect();
    costs.sort_unstable_by_key(|(unit, _)| *unit);
    let cost = |unit: UnitId| {
        costs.binary_search_by_key(&unit, |(unit, _)| *unit).map_or(f64::MAX, |at| costs[at].1)
    };
    candidates.sort_by(|a, b| {
        let of = |candidate: &Candidate| (candidate.lacks.len(), candidate.arrival_s, candidate.unit);
        a.lacks.len().cmp(&b.lacks.len()).then(cost(a.unit).total_cmp(&cost(b.unit))).then(of(a).cmp(&of(b)))
    });
    let Some(best) = candidates.first().map(|first| cost(first.unit)) else { return };
    // Nobody for this one now, and the units to the others.
    let (rest, given) = others.matched(None, None);
    if own(next_free(inputs)) + rest < best {
        for candidate in candidates.iter_mut() {
            candidate.kept_for =
                given.iter().find(|(_, unit)| *unit == candidate.unit).map(|(rival, _)| *rival);
        }
        candidates.sort_by_key(|candidate| candidate.kept_for.is_some());
    }
}

/// When a unit that is not free now could be there.
fn next_free(inputs: &ProposalInputs) -> Span {
    let able = inputs.about_to_be_free.iter().filter(|input| inputs.skills.is_subset(&input.skills));
    able.map(CandidateInput::arrival).min().map_or(RELIEF, |arrival| arrival.min(RELIEF))
}

/// The others who wait or have a unit on its way, and what each free unit would cost each of them: worked out once, for as many
/// matchings as there are candidates.
struct Others {
    free: Vec<UnitId>,
    rows: Vec<Row>,
}

struct Row {
    incident: IncidentId,
    /// What its wait costs with the unit that it has; none has none.
    kept: Option<f64>,
    /// What its wait costs with nobody now, in parts.
    nobody: i64,
    /// With each of the free units in turn, in parts.
    with: Vec<i64>,
}

impl Others {
    fn of(rivals: &[Rival]) -> Self {
        let mut free: Vec<UnitId> = rivals.iter().flat_map(|it| &it.arrivals).map(|it| it.unit).collect();
        free.sort_unstable();
        free.dedup();
        let rows = rivals.iter().map(|rival| Row::of(rival, &free)).collect();
        Self { free, rows }
    }

    /// The least that the others' waits can cost with the free units but one, when an incident loses its unit; and who gets which.
    fn matched(
        &self,
        without: Option<UnitId>,
        loses: Option<IncidentId>,
    ) -> (f64, Vec<(IncidentId, UnitId)>) {
        let holds = |row: &Row| row.kept.filter(|_| loses != Some(row.incident));
        let kept: f64 = self.rows.iter().filter_map(holds).sum();
        let waiting: Vec<&Row> = self.rows.iter().filter(|row| holds(row).is_none()).collect();
        if waiting.is_empty() {
            return (kept, Vec::new());
        }
        let units: Vec<usize> = (0..self.free.len()).filter(|&at| Some(self.free[at]) != without).collect();
        // One column for each unit, then one for each rival that gets none now.
        let cells = Matrix::from_fn(waiting.len(), units.len() + waiting.len(), |(row, column)| {
            units.get(column).map_or(waiting[row].nobody, |&unit| waiting[row].with[unit])
        });
        let (total, columns) = kuhn_munkres_min(&cells);
        let given = waiting.iter().zip(&columns);
        let given = given.filter_map(|(row, column)| Some((row.incident, self.free[*units.get(*column)?])));
        (kept + total as f64 / PARTS, given.collect())
    }
}

impl Row {
    fn of(rival: &Rival, free: &[UnitId]) -> Self {
        let cost = |arrival: Span| penalty(rival.level, rival.waited_s + arrival, rival.goal_s);
        let in_parts = |arrival: Span| (cost(arrival) * PARTS) as i64;
        let mut with = vec![NEVER; free.len()];
        for it in &rival.arrivals {
            if let Ok(at) = free.binary_search(&it.unit) {
                with[at] = in_parts(it.arrival_s);
            }
        }
        Self { incident: rival.incident, kept: rival.remaining_s.map(cost), nobody: in_parts(RELIEF), with }
    }
}

/// What it costs besides to take a unit from an incident: crews and callers have been told. Assumption, to be set by comparing.
const SWITCH: f64 = 0.5;
/// When the next unit is expected for whoever gets none now, where nobody is known to be free sooner. Assumption.
const RELIEF: Span = Span::seconds(1_200);
/// Costs are matched in whole numbers: this many parts of one.
const PARTS: f64 = 1e6;
/// More than any matching costs, and far from overflowing when summed.
const NEVER: i64 = i64::MAX / 1_024;

#[cfg(test)]
mod tests;
