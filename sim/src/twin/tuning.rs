//! Which parameters suit a city: policies tried on days drawn from the training seeds, never on those they are judged by.

use super::comparison::{Comparison, Extent, compare};
use super::{Twin, TwinError};
use crate::case::Generator;

/// What tuning found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// The policy that answered the largest share of calls in time.
    pub best: String,
    /// Every policy that was tried.
    pub tried: Comparison,
}

/// Tries the policies there are over a grid of their parameter.
pub fn tune(twin: &Twin, generator: &Generator, extent: Extent) -> Result<Tuned, TwinError> {
    let mut policies = vec!["closest".to_owned(), "closest-preempt".to_owned()];
    for busy in GRID {
        policies.push(format!("dmexclp:{busy}"));
        policies.push(format!("closest-preempt+dmexclp:{busy}"));
    }
    let tried = compare(twin, generator, &policies, extent)?;
    let on_time = |place: usize| {
        let figure = tried.policies[place].figures.iter().find(|estimate| estimate.figure == "on_time");
        figure.map_or(0.0, |estimate| estimate.mean)
    };
    // The first of equals: the plainer policy, the smaller parameter.
    let best = (0..policies.len()).rev().max_by(|a, b| on_time(*a).total_cmp(&on_time(*b)));
    let best = best.map(|place| policies[place].clone()).unwrap_or_default();
    Ok(Tuned { best, tried })
}

/// Shares of time that a unit is taken to be busy.
const GRID: [f64; 6] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
