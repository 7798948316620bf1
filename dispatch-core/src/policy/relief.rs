//! Relief: a unit that becomes free is sent in place of one that is farther away and still on its way (Lim, Mamat, Braunl 2011
//! call it the exploitation of free ambulances). The one relieved is free again, and may itself be nearer to somebody else.

use crate::assignment::Candidate;
use crate::ids::UnitId;
use crate::time::Span;

/// Brings the unit on its way and the one that could relieve it into order: changing horses must be worth it.
pub(crate) fn rank(candidates: &mut [Candidate], holder: UnitId) {
    let handicap = |candidate: &Candidate| if candidate.unit == holder { Span::ZERO } else { GAIN_MIN };
    candidates.sort_unstable_by_key(|candidate| {
        (candidate.lacks.len(), candidate.arrival_s + handicap(candidate), candidate.unit)
    });
}

/// How much sooner a unit must arrive to be sent in place of another. Assumption, to be set by comparing.
pub(crate) const GAIN_MIN: Span = Span::seconds(30);
