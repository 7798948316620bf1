//! Preemption: a unit that is still on its way to a less urgent incident may be taken for a more urgent one, pair of levels by pair
//! of levels, as the centre's table allows.

use serde::{Deserialize, Serialize};

use crate::incident::Level;

/// One pair of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preemption {
    /// A unit may be taken from an incident of this level,
    pub from: Level,
    /// for one of this level.
    pub to: Level,
}

/// Which levels may take a unit from which. From a patient a unit is never taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preemptions(pub Vec<Preemption>);

impl Preemptions {
    /// Whether an incident of one level may take a unit from an incident of another.
    pub fn allow(&self, from: Level, to: Level) -> bool {
        self.0.contains(&Preemption { from, to })
    }
}

impl Default for Preemptions {
    /// The most urgent may take from the two least urgent, the second from the least urgent.
    fn default() -> Self {
        use Level::{I, II, III, IV};
        Self([(III, I), (IV, I), (IV, II)].map(|(from, to)| Preemption { from, to }).to_vec())
    }
}
