//! Policies on the same days: replication by replication every policy meets the same calls, and what is compared is the difference
//! within each replication.

use serde::Serialize;

use super::statistics::Statistics;
use super::{Twin, TwinError};
use crate::case::Generator;

/// What a comparison gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Days of each replication that count.
    pub days: f64,
    /// Days before them that do not.
    pub warm_up_days: f64,
    /// Policy by policy, the first is what the others are compared with.
    pub policies: Vec<Compared>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub policy: String,
    /// Its figures, with the half width of their 95 % interval over the replications.
    pub figures: Vec<Estimate>,
    /// Its figures less those of the first policy, replication by replication, with the half width of the 95 % interval.
    pub difference: Vec<Estimate>,
    /// Everything, replication by replication.
    pub replications: Vec<Statistics>,
}

/// A figure with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// What it is of.
    pub figure: String,
    /// Its mean over the replications.
    pub mean: f64,
    /// The half width of its 95 % interval by Student's t; `None` with one replication.
    pub half_width: Option<f64>,
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// How many replications.
    pub replications: u64,
    /// How many days count in each.
    pub days: f64,
}

/// Runs every policy on the same replications, on as many threads as there are processors.
pub fn compare(
    twin: &Twin,
    generator: &Generator,
    policies: &[String],
    extent: Extent,
) -> Result<Comparison, TwinError> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let share = |worker: u64| {
        let mine = (worker..extent.replications).step_by(workers as usize);
        mine.map(|number| Ok((number, replicate(twin, generator, policies, number, extent.days)?))).collect()
    };
    let shares: Vec<Result<Vec<Replication>, TwinError>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || share(worker))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("invariant: a run gives errors, not panics"))
            .collect()
    });
    let mut made = Vec::new();
    for share in shares {
        made.extend(share?);
    }
    made.sort_by_key(|(number, _)| *number);
    let of_policy =
        |place: usize| -> Vec<Statistics> { made.iter().map(|(_, runs)| runs[place].clone()).collect() };
    let first = of_policy(0);
    let compared = policies.iter().enumerate().map(|(place, policy)| {
        let replications = of_policy(place);
        Compared {
            policy: policy.clone(),
            figures: estimates(&replications, None),
            difference: estimates(&replications, Some(&first)),
            replications,
        }
    });
    Ok(Comparison { days: extent.days, warm_up_days: WARM_UP_DAYS, policies: compared.collect() })
}

/// A replication by its number: every policy's run of it.
type Replication = (u64, Vec<Statistics>);

fn replicate(
    twin: &Twin,
    generator: &Generator,
    policies: &[String],
    number: u64,
    days: f64,
) -> Result<Vec<Statistics>, TwinError> {
    let calls = generator.calls(number, WARM_UP_DAYS + days);
    let spots = twin.spots(&calls);
    let run = |policy: &String| {
        let outcome = twin.run(policy, &calls, &spots)?;
        Ok(Statistics::of(&calls, &outcome.answers, &twin.case().promises, WARM_UP_DAYS))
    };
    policies.iter().map(run).collect()
}

/// One figure of a run, by its name.
type Figure = (&'static str, fn(&Statistics) -> f64);

fn estimates(replications: &[Statistics], less: Option<&[Statistics]>) -> Vec<Estimate> {
    let estimate = |(name, figure): &Figure| {
        let values: Vec<f64> = replications
            .iter()
            .enumerate()
            .map(|(place, run)| figure(run) - less.map_or(0.0, |first| figure(&first[place])))
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let half_width = (values.len() > 1)
            .then(|| student_t(values.len() - 1) * (squares / (count - 1.0) / count).sqrt());
        Estimate { figure: (*name).to_owned(), mean, half_width }
    };
    FIGURES.iter().map(estimate).collect()
}

/// The 97.5 % point of Student's t; from a table, and beyond it by its expansion.
fn student_t(freedom: usize) -> f64 {
    match STUDENT_T.get(freedom - 1) {
        Some(t) => *t,
        None => NORMAL + 2.372 / freedom as f64 + 2.82 / (freedom * freedom) as f64,
    }
}

const FIGURES: [Figure; 14] = [
    ("mean_s", |s| s.all.mean_s),
    ("p50_s", |s| s.all.p50_s),
    ("p90_s", |s| s.all.p90_s),
    ("p95_s", |s| s.all.p95_s),
    ("p99_s", |s| s.all.p99_s),
    ("on_time", |s| s.all.on_time),
    ("late", |s| 1.0 - s.all.on_time),
    ("high_mean_s", |s| s.high.mean_s),
    ("high_p90_s", |s| s.high.p90_s),
    ("high_on_time", |s| s.high.on_time),
    ("low_mean_s", |s| s.low.mean_s),
    ("low_on_time", |s| s.low.on_time),
    ("queued", |s| s.queued),
    ("bumps_per_call", |s| s.bumps_per_call),
];
/// A city that starts with every unit free is like any other day within this time.
const WARM_UP_DAYS: f64 = 1.0;
const NORMAL: f64 = 1.959_964;
const STUDENT_T: [f64; 12] =
    [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::statistics::Figures;

    #[test]
    fn the_interval_of_known_values() {
        assert!((student_t(13) - 2.160).abs() < 0.002 && (student_t(30) - 2.042).abs() < 0.002);
        let figures = |mean_s| Figures { mean_s, ..Figures::default() };
        let run = |mean_s: f64| Statistics {
            all: figures(mean_s),
            high: figures(0.0),
            medium: figures(0.0),
            low: figures(0.0),
            queued: 0.0,
            bumps_per_call: 0.0,
        };
        let (first, second) = ([run(10.0), run(20.0), run(30.0)], [run(11.0), run(22.0), run(33.0)]);
        let difference = &estimates(&second, Some(&first))[0];
        assert!((difference.mean - 2.0).abs() < 1e-12);
        // t(2) = 4.303, deviation 1, over the root of 3.
        assert!((difference.half_width.unwrap() - 4.303 / 3.0_f64.sqrt()).abs() < 1e-9);
    }
}
