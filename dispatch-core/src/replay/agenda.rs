//! What will happen in the day that is lived again, in order of time; of things at the same time the one noted first happens first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::course::Step;
use crate::ids::AssignmentId;
use crate::time::UtcTime;

/// What can happen besides what the journal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// The desk has looked at an incident for as long as it did then: somebody may be sent.
    Ready,
    /// A unit is at the next point of its work.
    Step(AssignmentId, Step),
    /// A call that the plan adds rings.
    ExtraRings(usize),
    /// It has become an incident.
    ExtraCreated(usize),
    /// It is called off, as the call that it repeats was.
    ExtraCancelled(usize),
}

/// What will happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    noted: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    at: UtcTime,
    number: u64,
    what: Happening,
}

impl Agenda {
    /// Notes what will happen.
    pub(super) fn note(&mut self, at: UtcTime, what: Happening) {
        self.noted += 1;
        self.entries.push(Reverse(Entry { at, number: self.noted, what }));
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<UtcTime> {
        self.entries.peek().map(|Reverse(entry)| entry.at)
    }

    /// What happens next.
    pub(super) fn take(&mut self) -> Option<Happening> {
        self.entries.pop().map(|Reverse(entry)| entry.what)
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
