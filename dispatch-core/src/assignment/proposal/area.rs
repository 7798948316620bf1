//! The station-area rule: an area's own units go first, as long as nobody waits much longer for it.

use super::Candidate;
use crate::time::Span;

/// Moves to the front, of candidates in order, the units of the area that can do as much as the first and arrive at most `later_max`
/// after whoever of the like arrives first. None is taken from another incident for it, or from one it is kept for.
pub(super) fn prefer(ranked: &mut [Candidate], later_max: Span) {
    let Some(lacking) = ranked.first().map(|first| first.lacks.len()) else { return };
    let alike = |candidate: &&Candidate| candidate.lacks.len() <= lacking;
    let Some(soonest) = ranked.iter().filter(alike).map(|candidate| candidate.arrival_s).min() else {
        return;
    };
    // Sorting is stable: those of the area, and the others behind them, stay in the policy's order.
    ranked.sort_by_key(|candidate| {
        let goes_first = candidate.own_area
            && candidate.lacks.len() <= lacking
            && candidate.arrival_s <= soonest + later_max
            && candidate.interrupts.is_none()
            && candidate.kept_for.is_none()
            && candidate.level.is_free();
        !goes_first
    });
}
