//! Events of this node that the one who leads now lacks. They are moved aside, never dropped, and a person brings them in.

use serde::{Deserialize, Serialize};

use super::history::Run;

/// A stretch of the journal that was moved aside: everything after an event, up to the head it had.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quarantined {
    /// The last event that stays.
    pub after_seq: u64,
    /// What was moved, oldest first.
    pub runs: Vec<Run>,
}

/// All that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Quarantine {
    waiting: Vec<Quarantined>,
}

impl Quarantine {
    /// What waits, oldest first, as the disk holds it.
    pub fn new(waiting: Vec<Quarantined>) -> Self {
        Self { waiting }
    }

    /// What waits, oldest first.
    pub fn waiting(&self) -> &[Quarantined] {
        &self.waiting
    }

    /// Whether another stretch may be moved aside: a journal that parts from the others so often is for a person to look at.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < QUARANTINED_MAX
    }

    pub(super) fn put(&mut self, quarantined: Quarantined) {
        self.waiting.push(quarantined);
    }

    /// The leader has written it anew: it waits no more.
    pub(super) fn forget(&mut self, quarantined: &Quarantined) {
        self.waiting.retain(|waiting| waiting != quarantined);
    }
}

/// Stretches that may wait for a person. A leader that dies leaves one behind with what it had decided and nobody had acknowledged: a node
/// must be able to die all night before somebody looks.
pub const QUARANTINED_MAX: usize = 1024;
