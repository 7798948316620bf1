//! Roads that a person has closed: an act of the centre, so in the journal, unlike the live weights it changes.

use serde::{Deserialize, Serialize};

use crate::ids::ClosureId;
use crate::time::UtcTime;

/// A closed stretch of road.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Its id.
    pub id: ClosureId,
    /// The ways of the road map that are closed, in both directions. Way ids stay the same between imports of a city.
    pub ways: Vec<i64>,
    /// The road's name, or other words.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Since when, UTC.
    pub since: UtcTime,
}

impl Closure {
    /// The most ways one closure may name.
    pub const WAYS_MAX: usize = 1000;
}
