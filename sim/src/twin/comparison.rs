//! Policies, or cities, on the same days: replication by replication each of them meets the same calls, and what is compared is the
//! difference within each replication.

use serde::Serialize;

use super::areas::Areas;
use super::inference::{Estimate, holm};
use super::ledger::Window;
use super::statistics::{Figures, Lived, Statistics, Workload};
use super::{Day, Silence, Twin, TwinError};
use crate::case::{CallRow, DAY_NS, Generator, Spot, days_to_ns};

/// Who is compared: a policy in a city with its calls.
#[derive(Debug, Clone)]
pub struct Contender<'a> {
    /// What it is called.
    pub name: String,
    /// The policy.
    pub policy: String,
    /// The city.
    pub twin: &'a Twin,
    /// Its calls.
    pub generator: &'a Generator,
}

/// What a comparison gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Whose days: train, validate or test.
    pub seeds: String,
    /// How many replications.
    pub replications: u64,
    /// Days of each that count.
    pub days: f64,
    /// Days before them that do not.
    pub warm_up_days: f64,
    /// The areas that calls are counted by, cells of H3.
    pub areas: Vec<String>,
    /// One by one; the first is what the others are compared with.
    pub policies: Vec<Compared>,
}

/// One of those compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub policy: String,
    /// Every figure of every group.
    pub readings: Vec<Reading>,
    /// Everything, replication by replication.
    pub replications: Vec<Statistics>,
}

/// One figure of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// Of what kind the group is.
    pub kind: Kind,
    /// The group: `all`, `high`, `07`, a cell, `units`.
    pub group: String,
    /// The figure.
    pub figure: String,
    /// Its mean over the replications.
    pub value: Estimate,
    /// Less that of the first, replication by replication; `None` for the first itself.
    pub difference: Option<Estimate>,
    /// How likely such a difference is by chance, corrected for all that are looked at together: those of the same figure and kind.
    pub p_holm: Option<f64>,
}

/// What calls are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All together, and by priority.
    Priority,
    /// By the hour of the day.
    Hour,
    /// By area.
    Area,
    /// Not calls, but the units.
    Units,
}

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// How many replications.
    pub replications: u64,
    /// How many days count in each.
    pub days: f64,
}

impl Compared {
    /// A figure of a group of its kind.
    pub fn reading(&self, kind: Kind, group: &str, figure: &str) -> Option<&Reading> {
        let mut readings = self.readings.iter();
        readings.find(|reading| reading.kind == kind && reading.group == group && reading.figure == figure)
    }

    /// The mean of a figure of all calls, or those of a priority; 0 where there is none.
    pub fn mean(&self, group: &str, figure: &str) -> f64 {
        self.reading(Kind::Priority, group, figure).map_or(0.0, |reading| reading.value.mean)
    }
}

/// Runs everybody on the same replications, on as many threads as there are processors; `done` is told of each run that ended.
pub fn compare(
    contenders: &[Contender<'_>],
    extent: Extent,
    done: &(dyn Fn() + Sync),
) -> Result<Comparison, TwinError> {
    let Some(first) = contenders.first() else { return Ok(nobody(extent)) };
    let areas = Areas::of(first.twin.case());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let share = |worker: u64| {
        let mine = (worker..extent.replications).step_by(workers as usize);
        mine.map(|number| Ok((number, replicate(contenders, &areas, (number, extent.days), done)?))).collect()
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
    let of = |place: usize| -> Vec<Statistics> { made.iter().map(|(_, runs)| runs[place].clone()).collect() };
    let reference = of(0);
    let compared = contenders.iter().enumerate().map(|(place, contender)| {
        let replications = of(place);
        let less = (place > 0).then_some(reference.as_slice());
        let readings = readings(&replications, less, &areas);
        Compared { policy: contender.name.clone(), readings, replications }
    });
    let mut policies: Vec<Compared> = compared.collect();
    correct(&mut policies);
    let seeds = first.generator.seeds().name().to_owned();
    Ok(Comparison { seeds, areas: areas.names(), policies, ..nobody(extent) })
}

fn nobody(extent: Extent) -> Comparison {
    Comparison {
        seeds: String::new(),
        replications: extent.replications,
        days: extent.days,
        warm_up_days: WARM_UP_DAYS,
        areas: Vec::new(),
        policies: Vec::new(),
    }
}

/// A replication by its number: everybody's run of it.
type Replication = (u64, Vec<Statistics>);

fn replicate(
    contenders: &[Contender<'_>],
    areas: &Areas,
    (number, days): (u64, f64),
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Statistics>, TwinError> {
    let window = Window {
        begins_ns: days_to_ns(WARM_UP_DAYS),
        ends_ns: days_to_ns(WARM_UP_DAYS) + (days * DAY_NS) as u64,
    };
    let mut runs: Vec<Statistics> = Vec::with_capacity(contenders.len());
    let mut dealt: Option<Dealt<'_>> = None;
    for contender in contenders {
        let known = dealt.take().filter(|dealt| dealt.is_for(contender));
        let lot = known.unwrap_or_else(|| Dealt::to(contender, areas, number, WARM_UP_DAYS + days));
        let day = Day { calls: &lot.calls, spots: &lot.spots, silences: &lot.silences };
        let (outcome, work) = contender.twin.run_in_detail(&contender.policy, day, window)?;
        runs.push(Statistics::of(Lived {
            calls: &lot.calls,
            answers: &outcome.answers,
            work: &work,
            promises: &contender.twin.case().promises,
            areas: &lot.places,
            area_count: areas.len(),
            warm_up_days: WARM_UP_DAYS,
            days,
        }));
        dealt = Some(lot);
        done();
    }
    Ok(runs)
}

/// The days of a replication, which everybody in the same city with the same calls shares.
struct Dealt<'a> {
    to: &'a Contender<'a>,
    calls: Vec<CallRow>,
    spots: Vec<Spot>,
    /// The area of each call.
    places: Vec<Option<usize>>,
    silences: Vec<Silence>,
}

impl<'a> Dealt<'a> {
    fn to(contender: &'a Contender<'a>, areas: &Areas, number: u64, days: f64) -> Self {
        let calls = contender.generator.calls(number, days);
        Self {
            to: contender,
            spots: contender.twin.spots(&calls),
            places: calls.iter().map(|call| areas.place(call.at)).collect(),
            silences: contender.generator.silences(number, days, contender.twin.case()),
            calls,
        }
    }

    fn is_for(&self, contender: &Contender<'_>) -> bool {
        std::ptr::eq(self.to.generator, contender.generator) && std::ptr::eq(self.to.twin, contender.twin)
    }
}

/// A group of calls: how it is named, and where its figures are.
type Group<'a> = (Kind, String, Box<dyn Fn(&Statistics) -> &Figures + 'a>);

fn groups(areas: &Areas) -> Vec<Group<'static>> {
    let mut groups: Vec<Group<'static>> = vec![
        (Kind::Priority, "all".to_owned(), Box::new(|run| &run.all)),
        (Kind::Priority, "high".to_owned(), Box::new(|run| &run.high)),
        (Kind::Priority, "medium".to_owned(), Box::new(|run| &run.medium)),
        (Kind::Priority, "low".to_owned(), Box::new(|run| &run.low)),
    ];
    for hour in 0..24 {
        groups.push((Kind::Hour, format!("{hour:02}"), Box::new(move |run| &run.hours[hour])));
    }
    for (place, name) in areas.names().into_iter().enumerate() {
        groups.push((Kind::Area, name, Box::new(move |run| &run.areas[place])));
    }
    groups
}

fn readings(runs: &[Statistics], less: Option<&[Statistics]>, areas: &Areas) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (kind, group, of) in groups(areas) {
        for (name, figure) in FIGURES {
            // A replication without a call in the group says nothing about it; a count of calls is a count all the same.
            let says = |run: &Statistics| of(run).calls > 0 || name == "calls";
            let value = |run: &Statistics| says(run).then(|| figure(of(run)));
            readings.extend(reading(kind, &group, name, runs, less, value));
        }
    }
    for (name, figure) in WORK {
        readings.extend(reading(Kind::Units, "units", name, runs, less, |run| Some(figure(&run.work))));
    }
    readings
}

fn reading(
    kind: Kind,
    group: &str,
    figure: &str,
    runs: &[Statistics],
    less: Option<&[Statistics]>,
    value: impl Fn(&Statistics) -> Option<f64>,
) -> Option<Reading> {
    let values: Vec<f64> = runs.iter().filter_map(&value).collect();
    let difference = less.and_then(|first| {
        let pairs = runs.iter().zip(first).filter_map(|(run, first)| Some(value(run)? - value(first)?));
        Estimate::of(&pairs.collect::<Vec<f64>>())
    });
    let value = Estimate::of(&values)?;
    Some(Reading {
        kind,
        group: group.to_owned(),
        figure: figure.to_owned(),
        value,
        difference,
        p_holm: None,
    })
}

/// Corrects for looking at many: together are the differences of one figure in all groups of a kind, of everybody.
fn correct(policies: &mut [Compared]) {
    for figure in FIGURES.iter().map(|(name, _)| *name).chain(WORK.iter().map(|(name, _)| *name)) {
        for kind in [Kind::Priority, Kind::Hour, Kind::Area, Kind::Units] {
            let readings = || {
                policies.iter().enumerate().flat_map(|(who, policy)| {
                    let with =
                        policy.readings.iter().enumerate().map(move |(place, reading)| (who, place, reading));
                    with.filter(|(_, _, reading)| reading.kind == kind && reading.figure == figure)
                })
            };
            let family: Vec<(usize, usize, f64)> = readings()
                .filter_map(|(who, place, reading)| Some((who, place, reading.difference?.p?)))
                .collect();
            let corrected = holm(&family.iter().map(|(_, _, p)| *p).collect::<Vec<f64>>());
            for ((who, place, _), p) in family.into_iter().zip(corrected) {
                policies[who].readings[place].p_holm = Some(p);
            }
        }
    }
}

/// One figure of some calls, by its name.
type Figure = (&'static str, fn(&Figures) -> f64);

/// The figures of calls, in the order in which they are shown. Times in seconds, shares from 0 to 1.
pub const FIGURES: [Figure; 10] = [
    ("calls", |f| f.calls as f64),
    ("mean_s", |f| f.mean_s),
    ("p50_s", |f| f.p50_s),
    ("p90_s", |f| f.p90_s),
    ("p95_s", |f| f.p95_s),
    ("p99_s", |f| f.p99_s),
    ("on_time", |f| f.on_time),
    ("late", |f| 1.0 - f.on_time),
    ("queued", |f| f.queued),
    ("bumps_per_call", |f| f.bumps_per_call),
];

/// One figure of the units, by its name.
type WorkFigure = (&'static str, fn(&Workload) -> f64);

/// The figures of the units.
pub const WORK: [WorkFigure; 7] = [
    ("km_per_unit_day", |w| w.km_per_unit_day),
    ("driving_s_per_unit_day", |w| w.driving * 86_400.0),
    ("driving", |w| w.driving),
    ("busy", |w| w.busy),
    ("busy_deviation", |w| w.busy_deviation),
    ("busiest_to_mean", |w| w.busiest_to_mean),
    ("gini", |w| w.gini),
];

/// A city that starts with every unit free is like any other day within this time.
const WARM_UP_DAYS: f64 = 1.0;
