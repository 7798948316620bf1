//! Policies by name with their parameters: how units are ranked, whether one may be taken from a less urgent incident, and where a
//! unit that becomes free stands by. One file each; a centre's rules name one, and a replay may name another.

pub mod bounded;
mod closest;
pub mod cover;
pub mod dmexclp;
pub(crate) mod guarded;
mod matching;
mod penalty;
pub mod placement;
mod preempt;
pub(crate) mod relief;
pub mod rollout;

use std::fmt;
use std::str::FromStr;

pub use preempt::{Preemption, Preemptions};

use crate::assignment::{Candidate, ProposalInputs};
use crate::time::Span;
use bounded::Bounded;
use dmexclp::Dmexclp;

/// A policy, as its name says: `closest`, `closest-preempt`, `closest-guarded`, `dmexclp:0.4`, `closest-preempt+dmexclp:0.4`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Policy {
    /// Whether a unit on its way to a less urgent incident may be taken.
    pub preempts: Preempts,
    /// Whether units are set against everybody who waits at once; then they are taken from others where the table allows it and the
    /// whole cost is less.
    pub matches: bool,
    /// Whether a less urgent patient may wait a little longer to keep cover.
    pub bounded: Option<Bounded>,
    /// Whether a unit that becomes free is sent in place of one that is farther away and still on its way.
    pub relieves: bool,
    /// Where a unit that becomes free stands by; `None` is at its own station.
    pub move_up: Option<Dmexclp>,
}

/// Whether a unit on its way to a less urgent incident may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preempts {
    /// Never.
    #[default]
    Never,
    /// Where the rules' table allows it.
    ByTable,
    /// Where the table allows it, the gain is worth it, and the incident has not lost one before or waited long.
    Guarded,
}

/// A name that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no policy `{name}`: there are closest, closest-preempt, closest-guarded and matching, each alone or with some of +bounded:SECONDS (up to 600), +relief, +dmexclp:Q (Q from 0 to 1)"
)]
pub struct UnknownPolicy {
    name: String,
}

impl Policy {
    /// Brings candidates into order, best first.
    pub(crate) fn rank(self, inputs: &ProposalInputs, candidates: &mut [Candidate]) {
        match self.preempts {
            _ if self.matches => matching::rank(inputs, candidates),
            Preempts::Never | Preempts::ByTable => closest::rank(candidates),
            Preempts::Guarded => guarded::rank(candidates),
        }
        if let Some(bounded) = self.bounded {
            bounded.rank(inputs, candidates);
        }
    }

    /// The share of time that a unit is taken to be busy when cover is weighed.
    pub(crate) fn busy(self) -> f64 {
        self.move_up.map_or(BUSY_ASSUMED, Dmexclp::busy)
    }

    /// Whether it decides by what the stations cover.
    pub fn wants_cover(self) -> bool {
        self.move_up.is_some() || self.bounded.is_some()
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        let unknown = || UnknownPolicy { name: name.chars().take(64).collect() };
        let mut policy = Self::default();
        for part in name.split('+') {
            match part {
                "closest" => {}
                "closest-preempt" => policy.preempts = Preempts::ByTable,
                "closest-guarded" => policy.preempts = Preempts::Guarded,
                "matching" => (policy.preempts, policy.matches) = (Preempts::Guarded, true),
                "relief" => policy.relieves = true,
                _ => match part.split_once(':') {
                    Some(("bounded", slack)) => {
                        let slack: u16 = slack.parse().map_err(|_| unknown())?;
                        policy.bounded = Some(Bounded::new(Span::seconds(slack.into())).ok_or_else(unknown)?);
                    }
                    Some(("dmexclp", busy)) => {
                        let busy: f64 = busy.parse().map_err(|_| unknown())?;
                        policy.move_up = Some(Dmexclp::new(busy).ok_or_else(unknown)?);
                    }
                    _ => return Err(unknown()),
                },
            }
        }
        Ok(policy)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.preempts {
            _ if self.matches => "matching",
            Preempts::Never => "closest",
            Preempts::ByTable => "closest-preempt",
            Preempts::Guarded => "closest-guarded",
        })?;
        if let Some(bounded) = self.bounded {
            write!(f, "+bounded:{}", bounded.slack().micros() / 1_000_000)?;
        }
        if self.relieves {
            f.write_str("+relief")?;
        }
        match self.move_up {
            Some(move_up) => write!(f, "+dmexclp:{}", move_up.busy()),
            None => Ok(()),
        }
    }
}

/// Where no parameter says how busy units are.
const BUSY_ASSUMED: f64 = 0.4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_policy_or_is_refused() {
        for (name, written) in [
            ("closest", "closest"),
            ("closest-preempt", "closest-preempt"),
            ("dmexclp:0.4", "closest+dmexclp:0.4"),
            ("closest-preempt+dmexclp:0.52", "closest-preempt+dmexclp:0.52"),
            ("closest-guarded+dmexclp:0.3", "closest-guarded+dmexclp:0.3"),
            ("closest-guarded+dmexclp:0.3+relief", "closest-guarded+relief+dmexclp:0.3"),
            ("matching+bounded:180+dmexclp:0.3", "matching+bounded:180+dmexclp:0.3"),
        ] {
            let policy: Policy = name.parse().unwrap();
            assert_eq!(policy.to_string(), written);
            assert_eq!(written.parse::<Policy>().unwrap(), policy);
        }
        for bad in ["", "nearest", "dmexclp", "dmexclp:1.5", "dmexclp:nan", "closest:1", "closest+"] {
            assert!(bad.parse::<Policy>().is_err(), "{bad}");
        }
    }
}
