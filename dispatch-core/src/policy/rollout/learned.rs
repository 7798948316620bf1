//! The city of a rollout as a centre has come to know it: its stations and hospitals, where its calls came from, and how long its runs
//! took. Where it knows too little of its own, assumptions stand in.

use super::city::{CityPlan, StationPlan, ZonePlan};
use super::durations::{Durations, SEEN_MIN, Spread};
use crate::assignment::Stage;
use crate::fleet::{Demand, UsualDemand, calls_per_day};
use crate::record::Record;
use crate::reports::{Ledger, Run};

impl CityPlan {
    /// The city by the record, by what was counted over the journal, and by what the centre's people say is usual.
    pub fn learned(record: &Record, demand: &Demand, usual: &[UsualDemand], ledger: &Ledger) -> Self {
        let rolls = |station| record.mobilisation().at_station(station);
        let stations = record.stations().values();
        let stations =
            stations.map(|it| StationPlan { id: it.id, position: it.position, rolls: rolls(it.id) });
        let open = record.hospitals().values().filter(|hospital| hospital.diversion.is_none());
        let cells = calls_per_day(demand, demand.days(), usual);
        Self {
            stations: stations.collect(),
            hospitals: open.map(|hospital| (hospital.spec.id, hospital.spec.position)).collect(),
            zones: ZonePlan::of(cells.into_iter().map(|(cell, calls)| (cell.centre(), calls))),
            levels: levels(ledger),
            goals: record.rules().response_goals_s,
            cover_within: record.rules().cover_within_s,
            durations: Durations::learned(ledger),
        }
    }
}

impl Durations {
    /// As the newest runs of a journal took; each piece as assumed while too few runs show it.
    pub fn learned(ledger: &Ledger) -> Self {
        let usual = Self::default();
        let runs: Vec<&Run> = ledger.runs().rev().filter(|run| !run.test).take(RUNS_MAX).collect();
        let spread = |from: Stage, to: Stage, usual: Spread| {
            let took = runs.iter().filter_map(|run| Some(run.times.at(to)?.since(run.times.at(from)?)));
            Spread::of(took.collect()).unwrap_or(usual)
        };
        let seen = |stage: Stage| runs.iter().filter(|run| run.times.at(stage).is_some()).count();
        let (reached, conveyed) = (seen(Stage::OnScene), seen(Stage::LeftScene));
        Self {
            scene: spread(Stage::OnScene, Stage::LeftScene, usual.scene),
            hospital: spread(Stage::AtHospital, Stage::Available, usual.hospital),
            desk: usual.desk,
            conveyed: if reached < SEEN_MIN { usual.conveyed } else { conveyed as f64 / reached as f64 },
        }
    }
}

fn levels(ledger: &Ledger) -> [f64; 4] {
    let counts = ledger.levels().map(|count| count as f64);
    if counts.iter().sum::<f64>() < SEEN_MIN as f64 { LEVELS_ASSUMED } else { counts }
}

/// The newest runs of a journal that are looked at: what was usual years ago is not any more.
const RUNS_MAX: usize = 5_000;
/// How the calls lie on the levels where too few were seen. Assumption.
const LEVELS_ASSUMED: [f64; 4] = [0.1, 0.3, 0.45, 0.15];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn a_centre_without_runs_has_what_is_assumed() {
        let plan = CityPlan::learned(&Record::default(), &Demand::default(), &[], &Ledger::default());
        assert_eq!((plan.durations, plan.levels), (Durations::default(), LEVELS_ASSUMED));
        assert!(plan.zones.is_empty() && plan.stations.is_empty());
        assert_eq!(plan.cover_within, Span::seconds(600));
    }
}
