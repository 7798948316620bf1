//! What is to be different when a day is lived again.

use roads::RoadMap;

use super::change::{self, Change};
use super::past::Past;
use crate::command::Action;
use crate::policy::{Policy, UnknownPolicy};
use crate::reports::BadPeriod;

/// What is to be different.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The policy by name; `None` is the one that was in force.
    pub policy: Option<String>,
    /// Stations, units and roads.
    pub changes: Vec<Change>,
    /// How many times as many calls there are.
    pub calls_times: f64,
    /// Decides which calls are repeated, and when.
    pub seed: u64,
}

/// Why a day cannot be lived again as wanted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadPlan {
    /// The name of no policy.
    #[error(transparent)]
    Policy(#[from] UnknownPolicy),
    /// The name of no day.
    #[error(transparent)]
    Day(#[from] BadPeriod),
    /// Nothing happened on that day.
    #[error("the journal holds no incident of {0}")]
    EmptyDay(String),
    /// A station or unit that is not there.
    #[error("no {what} {code} was known when the day began")]
    Unknown { what: &'static str, code: String },
    /// A station or unit that is there already.
    #[error("there is a {what} {code} already: choose another code, or move it")]
    Known { what: &'static str, code: String },
    /// A road cannot be closed where there are none.
    #[error("to close a road a road map is needed: name one")]
    NoMap,
    /// A road that the map does not have.
    #[error("the map has no road {0:?}: write its name as the map does, or its way numbers with commas")]
    UnknownRoad(String),
    /// A name that half the city's roads have.
    #[error("{road:?} has more than {ways_max} ways on the map: name some of them by their numbers")]
    TooManyWays { road: String, ways_max: usize },
    /// More changes than anybody can judge.
    #[error("a plan has at most {0} changes")]
    TooManyChanges(usize),
    /// Fewer calls, or far too many.
    #[error("calls can be multiplied by 1 to {CALLS_TIMES_MAX}")]
    CallsTimes,
    /// Whoever watched wanted no more of it.
    #[error("stopped before the end")]
    Stopped,
}

impl Default for Plan {
    fn default() -> Self {
        Self { policy: None, changes: Vec::new(), calls_times: 1.0, seed: 0 }
    }
}

impl Plan {
    /// Refuses what cannot be lived.
    pub fn check(&self, past: &Past, map: Option<&RoadMap>) -> Result<(), BadPlan> {
        if let Some(name) = &self.policy {
            name.parse::<Policy>()?;
        }
        if !(1.0..=CALLS_TIMES_MAX).contains(&self.calls_times) {
            return Err(BadPlan::CallsTimes);
        }
        if self.changes.len() > CHANGES_MAX {
            return Err(BadPlan::TooManyChanges(CHANGES_MAX));
        }
        if past.is_empty() {
            return Err(BadPlan::EmptyDay(past.date().to_owned()));
        }
        change::check(&self.changes, past.dawn(), map)
    }

    /// What a recorded act becomes under the plan; `None` where it is no longer asked for.
    pub(super) fn bend(&self, action: Action) -> Option<Action> {
        match action {
            Action::AdoptRules { mut rules } => {
                if let Some(policy) = &self.policy {
                    rules.policy.clone_from(policy);
                }
                let policy: Policy = rules.policy.parse().unwrap_or_default();
                if !policy.matches && policy.bounded.is_none() {
                    // Nobody reads the lists, and the first is the first of a short one, too.
                    rules.candidates_max = rules.candidates_max.min(CANDIDATES_MAX);
                    rules.cover_in_proposals = false;
                }
                Some(Action::AdoptRules { rules })
            }
            other => change::bend(&self.changes, other),
        }
    }
}

/// The most times that calls can be multiplied by.
pub const CALLS_TIMES_MAX: f64 = 10.0;
const CHANGES_MAX: usize = 100;
const CANDIDATES_MAX: usize = 3;
