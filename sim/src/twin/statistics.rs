//! What one run of calls amounts to: response times, what was on time, what waited, what was interrupted, and how the work lay on the
//! units.

use serde::Serialize;

use super::Answer;
use super::ledger::UnitWork;
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
    /// Those of each area, in the order of the comparison's areas.
    pub areas: Vec<Figures>,
    /// Those of each hour of the day, from midnight.
    pub hours: Vec<Figures>,
    /// The response time within which so many of 100 calls were answered, from 0 to 100, seconds.
    pub curve_s: Vec<f64>,
    /// The units.
    pub work: Workload,
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
    /// Share of calls for which no unit was free.
    pub queued: f64,
    /// How often a unit on its way was taken away, per call.
    pub bumps_per_call: f64,
}

/// How the work lay on the units.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Workload {
    /// Kilometres each unit drove a day, on average.
    pub km_per_unit_day: f64,
    /// Share of the time spent driving.
    pub driving: f64,
    /// Share of the time between being sent and being free again.
    pub busy: f64,
    /// Standard deviation of that share among the units.
    pub busy_deviation: f64,
    /// That share of the busiest unit, in relation to the mean.
    pub busiest_to_mean: f64,
    /// How unevenly the busy time lies on the units, by Gini: 0 is evenly.
    pub gini: f64,
    /// Unit by unit.
    pub units: Vec<UnitWork>,
}

/// A run and how to count it.
#[derive(Debug, Clone, Copy)]
pub struct Lived<'a> {
    /// The calls.
    pub calls: &'a [CallRow],
    /// What became of them.
    pub answers: &'a [Answer],
    /// What each unit did in the days that count.
    pub work: &'a [UnitWork],
    /// What each priority is promised.
    pub promises: &'a [Promise; 3],
    /// The area of each call.
    pub areas: &'a [Option<usize>],
    /// How many areas there are.
    pub area_count: usize,
    /// Days before those that count.
    pub warm_up_days: f64,
    /// Days that count.
    pub days: f64,
}

/// One call that counts.
#[derive(Debug, Clone, Copy)]
struct Counted {
    priority: Priority,
    area: Option<usize>,
    hour: usize,
    response_s: f64,
    on_time: bool,
    queued: bool,
    bumps: u32,
}

impl Statistics {
    /// The figures of the calls that arrived after the warm-up.
    pub fn of(lived: Lived<'_>) -> Self {
        let rows = lived.calls.iter().zip(lived.answers).zip(lived.areas);
        let counted: Vec<Counted> = rows
            .filter(|((call, _), _)| call.arrives_ns as f64 >= lived.warm_up_days * DAY_NS)
            .filter(|((_, answer), _)| !answer.called_off)
            .map(|((call, answer), area)| {
                let response_ns = answer.arrived_ns.saturating_sub(call.arrives_ns) as f64;
                Counted {
                    priority: call.priority,
                    area: *area,
                    hour: (call.arrives_ns / HOUR_NS) as usize % HOURS,
                    response_s: response_ns / 1e9,
                    on_time: response_ns <= lived.promises[call.priority.index()].target_days * DAY_NS,
                    queued: answer.was_queued,
                    bumps: answer.bumps,
                }
            })
            .collect();
        let of = |wanted: &dyn Fn(&Counted) -> bool| Figures::of(counted.iter().filter(|call| wanted(call)));
        let priority = |priority: Priority| of(&|call| call.priority == priority);
        Self {
            all: of(&|_| true),
            high: priority(Priority::High),
            medium: priority(Priority::Medium),
            low: priority(Priority::Low),
            areas: grouped(&counted, lived.area_count, |call| call.area),
            hours: grouped(&counted, HOURS, |call| Some(call.hour)),
            curve_s: curve(&counted),
            work: Workload::of(lived.work, lived.days),
        }
    }
}

fn grouped(calls: &[Counted], groups: usize, group: impl Fn(&Counted) -> Option<usize>) -> Vec<Figures> {
    let mut members: Vec<Vec<&Counted>> = vec![Vec::new(); groups];
    for call in calls {
        if let Some(group) = group(call) {
            members[group].push(call);
        }
    }
    members.into_iter().map(|members| Figures::of(members.into_iter())).collect()
}

fn curve(calls: &[Counted]) -> Vec<f64> {
    let mut seconds: Vec<f64> = calls.iter().map(|call| call.response_s).collect();
    seconds.sort_by(f64::total_cmp);
    let point = |percent: usize| rank(&seconds, percent as f64 / 100.0);
    if seconds.is_empty() { Vec::new() } else { (0..=100).map(point).collect() }
}

/// The nearest rank, as the centre's own reports have it. The values are in order, and there is one.
fn rank(sorted: &[f64], share: f64) -> f64 {
    sorted[((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
}

impl Figures {
    fn of<'a>(calls: impl Iterator<Item = &'a Counted>) -> Self {
        let (mut seconds, mut on_time, mut queued, mut bumps) = (Vec::new(), 0_u64, 0_u64, 0_u64);
        for call in calls {
            seconds.push(call.response_s);
            on_time += u64::from(call.on_time);
            queued += u64::from(call.queued);
            bumps += u64::from(call.bumps);
        }
        if seconds.is_empty() {
            return Self::default();
        }
        seconds.sort_by(f64::total_cmp);
        let count = seconds.len() as f64;
        Self {
            calls: seconds.len() as u64,
            mean_s: seconds.iter().sum::<f64>() / count,
            p50_s: rank(&seconds, 0.5),
            p90_s: rank(&seconds, 0.9),
            p95_s: rank(&seconds, 0.95),
            p99_s: rank(&seconds, 0.99),
            on_time: on_time as f64 / count,
            queued: queued as f64 / count,
            bumps_per_call: bumps as f64 / count,
        }
    }
}

impl Workload {
    fn of(units: &[UnitWork], days: f64) -> Self {
        let (count, seconds) = (units.len() as f64, days * DAY_NS / 1e9);
        if units.is_empty() || seconds <= 0.0 {
            return Self::default();
        }
        let mut shares: Vec<f64> = units.iter().map(|unit| unit.busy_s / seconds).collect();
        shares.sort_by(f64::total_cmp);
        let mean = shares.iter().sum::<f64>() / count;
        let squares: f64 = shares.iter().map(|share| (share - mean) * (share - mean)).sum();
        let ranked: f64 = (1..).zip(&shares).map(|(rank, share)| f64::from(rank) * share).sum();
        let idle = mean <= 0.0;
        Self {
            km_per_unit_day: units.iter().map(|unit| unit.driven_km).sum::<f64>() / count / days,
            driving: units.iter().map(|unit| unit.driven_s).sum::<f64>() / count / seconds,
            busy: mean,
            busy_deviation: (squares / count).sqrt(),
            busiest_to_mean: if idle { 1.0 } else { shares[shares.len() - 1] / mean },
            gini: if idle { 0.0 } else { 2.0 * ranked / (count * count * mean) - (count + 1.0) / count },
            units: units.to_vec(),
        }
    }
}

const HOURS: usize = 24;
const HOUR_NS: u64 = 3_600_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_work_is_that_of_known_units() {
        let unit =
            |hours: f64| UnitWork { busy_s: hours * 3600.0, driven_km: 48.0, driven_s: 3600.0, sent: 1 };
        let work = Workload::of(&[unit(18.0), unit(6.0)], 1.0);
        assert!((work.busy - 0.5).abs() < 1e-12 && (work.busy_deviation - 0.25).abs() < 1e-12);
        assert!((work.busiest_to_mean - 1.5).abs() < 1e-12 && (work.gini - 0.25).abs() < 1e-12, "{work:?}");
        assert!((work.km_per_unit_day - 48.0).abs() < 1e-12 && (work.driving - 1.0 / 24.0).abs() < 1e-12);
        assert!(Workload::of(&[unit(6.0), unit(6.0)], 1.0).gini.abs() < 1e-12);
        assert!(Workload::of(&[], 1.0).gini.abs() < 1e-12);
    }

    #[test]
    fn calls_are_counted_once_in_each_grouping() {
        let call = |hour: usize, area, response_s, on_time| Counted {
            priority: Priority::High,
            area,
            hour,
            response_s,
            on_time,
            queued: !on_time,
            bumps: 1,
        };
        let calls =
            [call(3, Some(0), 60.0, true), call(3, None, 120.0, false), call(5, Some(1), 300.0, true)];
        let hours = grouped(&calls, HOURS, |call| Some(call.hour));
        let areas = grouped(&calls, 2, |call| call.area);
        assert_eq!((hours[3].calls, hours[4].calls, hours[5].calls), (2, 0, 1));
        assert_eq!((areas[0].calls, areas[1].calls), (1, 1));
        assert!((hours[3].on_time - 0.5).abs() < 1e-12 && (hours[3].queued - 0.5).abs() < 1e-12);
        assert!((hours[3].mean_s - 90.0).abs() < 1e-12 && (hours[3].p50_s - 60.0).abs() < 1e-12);
        assert_eq!(curve(&calls).len(), 101);
    }
}
