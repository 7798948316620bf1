//! What a person says when sending a unit, and what is recorded of it: another unit than the first proposed is sent on somebody's
//! word, and the record shows whose place it took and why.

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, OverrideCode, UnitId};

/// What a person says, beside words, when sending a unit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Grounds {
    /// Why another than the first proposed is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<OverrideCode>,
}

/// What is recorded of a choice that was not simply the first proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// The best proposed that could have gone, where another was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<UnitId>,
    /// The code given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<OverrideCode>,
    /// The order that did not roll in time and in whose place this one was given without a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AssignmentId>,
}

impl Choice {
    /// The choice, where there is anything to record of it.
    pub(crate) fn noted(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}
