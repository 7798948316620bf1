//! What a person says when sending a unit, and what is recorded of it: another unit than the first proposed is sent on somebody's
//! word, and the record shows whose place it took and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DispatchLevel;
use crate::ids::{AssignmentId, OverrideCode, UnitId};
use crate::incident::Skill;

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
    /// What the unit lacked for the slot it took.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lacks: BTreeSet<Skill>,
    /// What the rules say of that.
    #[serde(skip_serializing_if = "DispatchLevel::is_allow")]
    pub level: DispatchLevel,
}

impl Choice {
    /// The choice, where there is anything to record of it.
    pub(crate) fn noted(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}
