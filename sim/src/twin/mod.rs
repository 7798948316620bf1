//! The city twin: a city in which everything by chance is drawn beforehand, and every decision is made by the very core that runs the
//! live centre. What a policy does here it does there.

mod agenda;
mod answers;
mod approach;
pub mod areas;
pub mod comparison;
pub mod golden;
pub mod inference;
pub mod ledger;
mod lengths;
mod numbers;
mod outlook;
mod reach;
mod route;
mod setup;
pub mod statistics;
pub mod tuning;
mod ways;
mod world;

pub use answers::write_answers;

use std::sync::OnceLock;

use dispatch_core::Refusal;
use dispatch_core::assignment::NoProposal;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::policy::rollout::City;
use dispatch_core::policy::{Policy, UnknownPolicy};

use ledger::{Ledger, UnitWork, Window};
use lengths::Lengths;
use outlook::Outlook;

use crate::case::{CallRow, Case, CaseError, Generator, NEAR_KM_MAX, Period, SeedSet, Spot};

#[cfg(test)]
mod conduct_tests;
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
    /// It was called off before anybody arrived.
    pub called_off: bool,
}

/// What happens in the city apart from its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The unit of which nothing is heard, counted from 0.
    pub unit: u32,
    /// From when on, nanoseconds from the start.
    pub begins_ns: u64,
    /// Until when.
    pub ends_ns: u64,
}

/// A day, or several: everything in it that does not hang on the policy.
#[derive(Debug, Clone, Copy)]
pub struct Day<'a> {
    /// The calls.
    pub calls: &'a [CallRow],
    /// Where each is, tied to its nearest node.
    pub spots: &'a [Spot],
    /// The units that fall silent.
    pub silences: &'a [Silence],
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
    /// A call is nowhere near the city.
    #[error("call {call}: is {km:.0} km from the nearest road: are x and y the wrong way round?")]
    TooFar {
        /// Its number in the file.
        call: u32,
        /// How far.
        km: f64,
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
    /// Made when somebody compares.
    lengths: OnceLock<Lengths>,
    /// Made when a desk looks ahead.
    city: OnceLock<City>,
}

impl Twin {
    /// Makes a case ready; `with_cover` when a policy will want to know what the stations cover.
    pub fn new(case: Case, with_cover: bool) -> Result<Self, TwinError> {
        let periods = if with_cover { case.periods()? } else { Vec::new() };
        let sites = ways::Sites::new(&case);
        Ok(Self { case, sites, periods, lengths: OnceLock::new(), city: OnceLock::new() })
    }

    /// Whether a policy wants to know what the stations cover.
    pub fn wants_cover(policy: &str) -> Result<bool, TwinError> {
        Ok(outlook::parted(policy).0.parse::<Policy>()?.wants_cover())
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
        let day = Day { calls, spots, silences: &[] };
        self.live(policy, day, None).map(|(outcome, _)| outcome)
    }

    /// The same, with what each unit did in a window of time.
    pub fn run_in_detail(
        &self,
        policy: &str,
        day: Day<'_>,
        window: Window,
    ) -> Result<(Outcome, Vec<UnitWork>), TwinError> {
        let modes = self.case.timetable.mode_count();
        let lengths =
            self.lengths.get_or_init(|| Lengths::new(&self.case.network, modes, self.sites.spots()));
        let ledger = Ledger::new(self.case.ambulances.len(), window);
        self.live(policy, day, Some((ledger, lengths)))
    }

    /// The city that a desk looks ahead in, learned from days of the training seeds.
    fn learned_city(&self) -> Result<&City, TwinError> {
        if let Some(city) = self.city.get() {
            return Ok(city);
        }
        let past = Generator::read(&self.case, SeedSet::Train)?.calls(0, PAST_DAYS);
        let city = self.outlook(&past, PAST_DAYS)?;
        Ok(self.city.get_or_init(|| city))
    }

    fn live<'a>(
        &'a self,
        policy: &str,
        day: Day<'a>,
        books: Option<(Ledger, &'a Lengths)>,
    ) -> Result<(Outcome, Vec<UnitWork>), TwinError> {
        let mut spotted = day.calls.iter().zip(day.spots);
        if let Some((call, spot)) = spotted.find(|(_, spot)| spot.off_road_km > NEAR_KM_MAX) {
            return Err(TwinError::TooFar { call: call.index, km: spot.off_road_km });
        }
        let periods = if Self::wants_cover(policy)? { self.periods.as_slice() } else { &[] };
        let (policy, scenarios) = outlook::parted(policy);
        let outlook = match scenarios {
            Some(scenarios) => Some(Outlook { city: self.learned_city()?, scenarios }),
            None => None,
        };
        let mut world = world::World::new((&self.case, &self.sites), (policy, outlook), day, periods)?;
        world.books = books;
        let lived = world.run()?;
        Ok((Outcome { answers: lived.answers, events: lived.events }, lived.work))
    }
}

/// Days of the past that a desk which looks ahead has learned from.
const PAST_DAYS: f64 = 60.0;
