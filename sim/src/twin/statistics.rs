//! What one run of calls amounts to: response times, what was on time, what waited, what was interrupted.

use serde::Serialize;

use super::Answer;
use crate::case::{CallRow, DAY_NS, Priority, Promise};

/// The figures of one run. Times in seconds, shares from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// All calls.
    pub all: Figures,
    /// Those of high priority.
    pub high: Figures,
    /// Those of medium priority.
    pub medium: Figures,
    /// Those of low priority.
    pub low: Figures,
    /// Share of calls for which no unit was free.
    pub queued: f64,
    /// How often a unit on its way was taken away, per call.
    pub bumps_per_call: f64,
}

/// The figures of some calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Default)]
pub struct Figures {
    /// How many.
    pub calls: u64,
    /// Mean response time.
    pub mean_s: f64,
    /// Half of the calls are answered within this time.
    pub p50_s: f64,
    /// Nine of ten.
    pub p90_s: f64,
    /// Nineteen of twenty.
    pub p95_s: f64,
    /// Ninety-nine of a hundred.
    pub p99_s: f64,
    /// Share answered within what their priority is promised.
    pub on_time: f64,
}

impl Statistics {
    /// The figures of the calls that arrived after a warm-up, days.
    pub fn of(calls: &[CallRow], answers: &[Answer], promises: &[Promise; 3], warm_up_days: f64) -> Self {
        let counted = || {
            let rows = calls.iter().zip(answers);
            rows.filter(|(call, _)| call.arrives_ns as f64 >= warm_up_days * DAY_NS)
        };
        let figures = |wanted: Option<Priority>| {
            let rows = counted().filter(|(call, _)| wanted.is_none_or(|wanted| call.priority == wanted));
            Figures::of(rows.map(|(call, answer)| {
                let response_ns = answer.arrived_ns.saturating_sub(call.arrives_ns) as f64;
                (response_ns / 1e9, response_ns <= promises[call.priority.index()].target_days * DAY_NS)
            }))
        };
        let count = counted().count().max(1) as f64;
        Self {
            all: figures(None),
            high: figures(Some(Priority::High)),
            medium: figures(Some(Priority::Medium)),
            low: figures(Some(Priority::Low)),
            queued: counted().filter(|(_, answer)| answer.was_queued).count() as f64 / count,
            bumps_per_call: counted().map(|(_, answer)| f64::from(answer.bumps)).sum::<f64>() / count,
        }
    }
}

impl Figures {
    fn of(responses: impl Iterator<Item = (f64, bool)>) -> Self {
        let (mut seconds, mut on_time) = (Vec::new(), 0_u64);
        for (response_s, in_time) in responses {
            seconds.push(response_s);
            on_time += u64::from(in_time);
        }
        if seconds.is_empty() {
            return Self::default();
        }
        seconds.sort_by(f64::total_cmp);
        let count = seconds.len();
        // The nearest rank, as the centre's own reports have it.
        let rank = |share: f64| seconds[((share * count as f64).ceil() as usize).clamp(1, count) - 1];
        Self {
            calls: count as u64,
            mean_s: seconds.iter().sum::<f64>() / count as f64,
            p50_s: rank(0.5),
            p90_s: rank(0.9),
            p95_s: rank(0.95),
            p99_s: rank(0.99),
            on_time: on_time as f64 / count as f64,
        }
    }
}
