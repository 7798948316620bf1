//! Units about to be free at hospital: where they would stand if they could be sent. None of them is sent before it is free; the
//! dispatcher sees that somebody could be there sooner, and decides.

use serde::{Deserialize, Serialize};

use super::{Candidate, ProposalInputs, weigh};
use crate::assignment::Reason;
use crate::ids::{AssignmentId, HospitalId};
use crate::time::Span;

/// What a unit waits for before it may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeing {
    /// The order that it has nearly done.
    pub assignment: AssignmentId,
    /// The hospital where it is.
    pub hospital: HospitalId,
    /// That hospital's name at the time.
    pub name: String,
    /// Expected time until it is free.
    pub in_s: Span,
}

/// Brings those about to be free into order, best first, and says how each stands to whoever can go now. One that would be there
/// after the last of a whole list is no news.
pub(super) fn rank(inputs: &ProposalInputs, ranked: &[Candidate]) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = inputs.about_to_be_free.iter().map(|input| weigh(input, inputs)).collect();
    all.sort_by_key(|candidate| (candidate.lacks.len(), candidate.arrival_s, candidate.unit));
    let arrivals = || ranked.iter().map(|candidate| candidate.arrival_s);
    if let Some(last) = arrivals().max().filter(|_| ranked.len() >= inputs.candidates_max) {
        all.retain(|candidate| candidate.arrival_s < last);
    }
    let first = arrivals().min();
    for candidate in &mut all {
        let Some(first) = first else { continue };
        candidate.reasons.insert(0, standing(candidate.arrival_s, first));
    }
    all
}

fn standing(arrival: Span, first: Span) -> Reason {
    if arrival < first {
        Reason::SoonerBy { sooner_s: first - arrival }
    } else {
        Reason::LaterBy { later_s: arrival - first }
    }
}
