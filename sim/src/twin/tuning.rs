//! Which policy suits a city: tried on days drawn from the training seeds, never on those that a policy is judged by.
//!
//! In two rounds, for all of them with all parameters would take too long: first the ways to choose who goes, with every unit
//! returning to its own station; then the best of those with units that stand by elsewhere.

use super::comparison::{Comparison, Contender, Extent, compare};
use super::{Twin, TwinError};
use crate::case::Generator;

/// What tuning found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// The policy that answered most calls in time, all and the urgent ones alike, of those that leave nobody waiting much longer.
    pub best: String,
    /// Every policy that was tried, round by round; the first of each round is the plainest policy.
    pub rounds: Vec<Comparison>,
}

/// Tries the policies there are.
pub fn tune(
    twin: &Twin,
    generator: &Generator,
    extent: Extent,
    done: &(dyn Fn() + Sync),
) -> Result<Tuned, TwinError> {
    let round = |policies: Vec<String>| {
        let of = |policy: String| Contender { name: policy.clone(), policy, twin, generator };
        let contenders: Vec<Contender<'_>> = policies.into_iter().map(of).collect();
        compare(&contenders, extent, done)
    };
    let ways = round(DISPATCH.map(str::to_owned).to_vec())?;
    let mut finalists = vec![DISPATCH[0].to_owned()];
    for way in by_merit(&ways).into_iter().take(FINALISTS) {
        finalists.extend(GRID.map(|busy| format!("{way}+dmexclp:{busy}")));
        finalists.push(way);
    }
    let finals = round(finalists)?;
    let best = by_merit(&finals).into_iter().next().unwrap_or_else(|| DISPATCH[0].to_owned());
    Ok(Tuned { best, rounds: vec![ways, finals] })
}

/// How many policies tuning runs on each replication.
pub const POLICIES_TRIED: u64 = (DISPATCH.len() + 1 + FINALISTS * (GRID.len() + 1)) as u64;

/// The policies of a round whose longest waits are hardly longer than those of the first, best first.
fn by_merit(round: &Comparison) -> Vec<String> {
    let Some(plainest) = round.policies.first() else { return Vec::new() };
    let longest_s = plainest.mean("all", "p99_s") * P99_FACTOR_MAX;
    let fair = round.policies.iter().filter(|policy| policy.mean("all", "p99_s") <= longest_s);
    let in_time = |it: &super::comparison::Compared| it.mean("all", "on_time") + it.mean("high", "on_time");
    let mut ranked: Vec<(f64, &str)> = fair.map(|it| (in_time(it), it.policy.as_str())).collect();
    // Of equals the first tried stays first: the plainer policy, the smaller parameter.
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    // A policy that stood in the round only to be compared with is not in it twice.
    let mut names: Vec<String> = ranked.into_iter().map(|(_, name)| name.to_owned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// Ways to choose who goes. The first is the plainest: what the others' longest waits are measured by.
const DISPATCH: [&str; 8] = [
    "closest",
    "closest-guarded",
    "closest-preempt",
    "closest+relief",
    "closest-preempt+relief",
    "matching+relief",
    "matching+relief+bounded:180",
    "matching+relief+bounded:300",
];
/// How many ways to choose who goes are tried with units that stand by elsewhere.
const FINALISTS: usize = 2;
/// Shares of time that a unit is taken to be busy.
const GRID: [f64; 6] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
/// How much longer than the plainest policy's the 99th percentile of waits may be: what the many gain must not be taken from the few.
const P99_FACTOR_MAX: f64 = 1.08;
