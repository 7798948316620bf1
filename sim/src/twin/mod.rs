//! The city twin: a city in which everything by chance is drawn beforehand, and every decision is made by the very core that runs the
//! live centre. What a policy does here it does there.

mod agenda;
mod answers;
mod approach;
pub mod comparison;
pub mod golden;
mod reach;
mod route;
mod setup;
pub mod statistics;
pub mod tuning;
mod ways;
mod world;

pub use answers::write_answers;

use dispatch_core::Refusal;
use dispatch_core::assignment::NoProposal;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::policy::{Policy, UnknownPolicy};

use crate::case::{CallRow, Case, CaseError, Period, Spot};

#[cfg(test)]
mod tests;

/// What became of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// The number of the unit that came, from 1; 0 when none did.
    pub unit: u32,
    /// When that unit was sent, nanoseconds from the start.
    pub dispatched_ns: u64,
    /// When it arrived, nanoseconds from the start.
    pub arrived_ns: u64,
    /// No unit was free when one was looked for.
    pub was_queued: bool,
    /// How often a unit on its way was taken away.
    pub bumps: u32,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Call by call.
    pub answers: Vec<Answer>,
    /// How many events the core made.
    pub events: u64,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The case cannot be used.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] UnknownPolicy),
    /// The core refused what the city asked.
    #[error("the core refused: {0}")]
    Refused(#[from] Refusal),
    /// The core cannot propose.
    #[error(transparent)]
    NoProposal(#[from] NoProposal),
    /// No road leads to a call or away from it.
    #[error("call {call}: no road leads there, or none away from it")]
    NoWay {
        /// Its number in the file; 0 is the way back to a station.
        call: u32,
    },
    /// More than codes can count.
    #[error("more than 99999 {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
}

/// A case made ready for runs under one policy or several.
#[derive(Debug)]
pub struct Twin {
    case: Case,
    sites: ways::Sites,
    periods: Vec<Period>,
}

impl Twin {
    /// Makes a case ready; `with_cover` when a policy will want to know what the stations cover.
    pub fn new(case: Case, with_cover: bool) -> Result<Self, TwinError> {
        let periods = if with_cover {
            let travels_as = case.promises.map(|promise| promise.travels_as);
            case.demand()?.periods(&case.network, &case.timetable, &case.stations, travels_as)
        } else {
            Vec::new()
        };
        let sites = ways::Sites::new(&case);
        Ok(Self { case, sites, periods })
    }

    /// Whether a policy wants to know what the stations cover.
    pub fn wants_cover(policy: &str) -> Result<bool, TwinError> {
        Ok(policy.parse::<Policy>()?.wants_cover())
    }

    /// What the stations cover, period by period; empty where the twin was made without it.
    pub fn cover(&self) -> Result<Vec<CoverZones>, TwinError> {
        let zones = |(number, period)| setup::zones(&self.case, number, period);
        self.periods.iter().enumerate().map(zones).collect()
    }

    /// The case.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// Ties calls to their nearest nodes: part of making a day ready, not of living through it.
    pub fn spots(&self, calls: &[CallRow]) -> Vec<Spot> {
        calls.iter().map(|call| self.case.network.ground().nearest(call.at)).collect()
    }

    /// Lives through the calls under a policy.
    pub fn run(&self, policy: &str, calls: &[CallRow], spots: &[Spot]) -> Result<Outcome, TwinError> {
        let periods = if Self::wants_cover(policy)? { self.periods.as_slice() } else { &[] };
        let (answers, events) =
            world::World::new((&self.case, &self.sites), policy, calls, spots, periods)?.run()?;
        Ok(Outcome { answers, events })
    }
}
