//! What will happen in the simulated city, in order of time. Of things at the same time the one noted last happens first: that is
//! how the reference simulator does it, and calls depend on it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// A call comes in.
    CallArrives { call: u32 },
    /// The call is understood: somebody may be sent.
    CallReady { call: u32 },
    /// A unit is at the next point of its work.
    Unit { unit: u32, turn: u32, reaches: Reaches },
    /// A caller calls off.
    CalledOff { call: u32 },
    /// Nothing is heard of a unit any more, or it is heard again.
    Silence { unit: u32, begins: bool },
    /// The demand or the traffic changes, and with it what the stations cover.
    CoverChanges { period: u32 },
}

/// The next point of a unit's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaches {
    /// The road: the crew rolls.
    Road,
    /// The patient.
    Scene,
    /// The end of its work at the scene, with the patient on board.
    Departure,
    /// The hospital.
    Hospital,
    /// The end of its work.
    Free,
    /// The station where it stands by.
    Station,
}

/// What will happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Entry>,
    noted: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    at_ns: u64,
    number: u64,
    what: Happening,
}

impl Agenda {
    /// Notes what will happen.
    pub(super) fn note(&mut self, at_ns: u64, what: Happening) {
        self.noted += 1;
        self.entries.push(Entry { at_ns, number: self.noted, what });
    }

    /// What happens next, and when.
    pub(super) fn next(&mut self) -> Option<(u64, Happening)> {
        self.entries.pop().map(|entry| (entry.at_ns, entry.what))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        // The greatest comes out first: the earliest, and of equals the one noted last.
        other.at_ns.cmp(&self.at_ns).then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_first_and_of_equals_the_last_noted() {
        let mut agenda = Agenda::default();
        for (at_ns, call) in [(5, 1), (3, 2), (5, 3), (9, 4)] {
            agenda.note(at_ns, Happening::CallReady { call });
        }
        let order: Vec<_> = std::iter::from_fn(|| agenda.next()).collect();
        let calls = [(3, 2), (5, 3), (5, 1), (9, 4)];
        assert_eq!(order, calls.map(|(at_ns, call)| (at_ns, Happening::CallReady { call })));
    }
}
