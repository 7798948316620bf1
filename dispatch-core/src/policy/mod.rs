//! Policies by name with their parameters: how units are ranked, whether one may be taken from a less urgent incident, and where a
//! unit that becomes free stands by. One file each; a centre's rules name one, and a replay may name another.

mod closest;
pub mod dmexclp;
pub(crate) mod guarded;
mod preempt;

use std::fmt;
use std::str::FromStr;

pub use preempt::{Preemption, Preemptions};

use crate::assignment::Candidate;
use dmexclp::Dmexclp;

/// A policy, as its name says: `closest`, `closest-preempt`, `closest-guarded`, `dmexclp:0.4`, `closest-preempt+dmexclp:0.4`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Policy {
    /// Whether a unit on its way to a less urgent incident may be taken.
    pub preempts: Preempts,
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
    "there is no policy `{name}`: there are closest, closest-preempt and closest-guarded, each alone or with +dmexclp:Q (Q from 0 to 1)"
)]
pub struct UnknownPolicy {
    name: String,
}

impl Policy {
    /// Brings candidates into order, best first.
    pub(crate) fn rank(self, candidates: &mut [Candidate]) {
        match self.preempts {
            Preempts::Never | Preempts::ByTable => closest::rank(candidates),
            Preempts::Guarded => guarded::rank(candidates),
        }
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        let unknown = || UnknownPolicy { name: name.chars().take(64).collect() };
        let mut policy = Self::default();
        for part in name.split('+') {
            match part.split_once(':') {
                None if part == "closest" => {}
                None if part == "closest-preempt" => policy.preempts = Preempts::ByTable,
                None if part == "closest-guarded" => policy.preempts = Preempts::Guarded,
                Some(("dmexclp", busy)) => {
                    let busy: f64 = busy.parse().map_err(|_| unknown())?;
                    policy.move_up = Some(Dmexclp::new(busy).ok_or_else(unknown)?);
                }
                _ => return Err(unknown()),
            }
        }
        Ok(policy)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.preempts {
            Preempts::Never => "closest",
            Preempts::ByTable => "closest-preempt",
            Preempts::Guarded => "closest-guarded",
        })?;
        match self.move_up {
            Some(move_up) => write!(f, "+dmexclp:{}", move_up.busy()),
            None => Ok(()),
        }
    }
}

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
