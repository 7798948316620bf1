//! Which parameters suit a city: policies tried on days drawn from the training seeds, never on those they are judged by.

use super::comparison::{Comparison, Contender, Extent, compare};
use super::{Twin, TwinError};
use crate::case::Generator;

/// What tuning found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// The policy that answered most calls in time, all and the urgent ones alike, of those that leave nobody waiting much longer.
    pub best: String,
    /// Every policy that was tried.
    pub tried: Comparison,
}

/// Tries the policies there are over a grid of their parameter.
pub fn tune(
    twin: &Twin,
    generator: &Generator,
    extent: Extent,
    done: &(dyn Fn() + Sync),
) -> Result<Tuned, TwinError> {
    let policies = tried();
    let contender =
        |policy: &String| Contender { name: policy.clone(), policy: policy.clone(), twin, generator };
    let contenders: Vec<Contender<'_>> = policies.iter().map(contender).collect();
    let tried = compare(&contenders, extent, done)?;
    let figure = |place: usize, group: &str, name: &str| tried.policies[place].mean(group, name);
    let longest_s = figure(0, "all", "p99_s") * P99_FACTOR_MAX;
    let in_time = |place: &usize| figure(*place, "all", "on_time") + figure(*place, "high", "on_time");
    // The first of equals: the plainer policy, the smaller parameter.
    let fair = (0..policies.len()).rev().filter(|place| figure(*place, "all", "p99_s") <= longest_s);
    let best = fair.max_by(|a, b| in_time(a).total_cmp(&in_time(b))).unwrap_or_default();
    Ok(Tuned { best: policies[best].clone(), tried })
}

/// The policies that tuning tries.
pub fn tried() -> Vec<String> {
    let mut policies = DISPATCH.map(str::to_owned).to_vec();
    for busy in GRID {
        policies.extend(DISPATCH.map(|dispatch| format!("{dispatch}+dmexclp:{busy}")));
    }
    policies
}

/// The first is the plainest: what the others' longest waits are measured by.
const DISPATCH: [&str; 3] = ["closest", "closest-guarded", "closest-preempt"];
/// Shares of time that a unit is taken to be busy.
const GRID: [f64; 6] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
/// The longest waits may grow by a tenth, not more: what the many gain must not be taken from the few.
const P99_FACTOR_MAX: f64 = 1.1;
