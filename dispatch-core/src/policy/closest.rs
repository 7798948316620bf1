//! Closest: those that can do all that is wanted first, then by expected arrival, then by code.

use crate::assignment::Candidate;

pub(super) fn rank(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by_key(|candidate| (candidate.lacks.len(), candidate.arrival_s, candidate.unit));
}
