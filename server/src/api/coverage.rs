//! How much of the demand the units that are ready can reach in time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use dispatch_core::assignment::{Basis, HourOfDay, UnitState};
use dispatch_core::fleet::{Coverage, CoverageInputs, Demand, ReadyUnit, TravelTable, coverage};
use dispatch_core::{Record, Span};
use roads::{RoadMap, Snap, TableIndex, Weights, Wgs84};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::doc::ReadProblems;
use super::problem::Problem;
use super::scene::Scene;
use super::views::{BasisWord, Position, seconds};
use crate::road_weights::RoadsNow;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_coverage))
}

/// How well the demand is covered by the units that are ready.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageView {
    /// Share of the demand that some ready unit reaches in time; `null` while there is none on record.
    covered_share: Option<f64>,
    /// In time means within this of being sent.
    target_s: f64,
    units_ready: usize,
    basis: BasisWord,
    cells: Vec<CellView>,
}

/// One H3 cell of resolution 8.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CoverageCell)]
pub(crate) struct CellView {
    /// Its H3 index.
    #[schema(example = "88411c8ea7fffff")]
    cell: String,
    /// How often help was wanted there.
    demand: u64,
    /// Its share of all demand.
    share: f64,
    /// Until the first unit arrives; `null` when none can.
    fastest_s: Option<f64>,
    units_in_time: usize,
    /// Its corners in order, for drawing.
    corners: Vec<Position>,
}

/// The table of travel times and the newest answer: both cost too much to make for every question.
#[derive(Default)]
pub(crate) struct CoverageKeeper(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    tables: Option<(String, TableIndex)>,
    newest: Option<(Instant, Arc<CoverageView>)>,
}

/// Cell by cell: how much help is wanted, and how soon the first unit that is ready would be there.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "reports", responses((status = 200, body = CoverageView), ReadProblems))]
async fn read_coverage(State(api): State<Api>) -> Result<Answer<Arc<CoverageView>>, Problem> {
    let keeper = api.clone();
    let made = api.aside(move || {
        let (scene, reader) = (keeper.scene(), keeper.centre().journal());
        keeper.history().up_to(reader, scene.snapshot.seq, |read| keeper.coverage().now(&scene, &read.demand))
    });
    Ok(Answer::ok(made.await??))
}

impl CoverageKeeper {
    /// Times from each of some places to each of others, over the roads as they are now.
    pub(super) fn times(&self, scene: &Scene, ends: &(Vec<Wgs84>, Vec<Wgs84>)) -> TravelTable {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times(&mut kept.tables, scene.roads.as_deref(), ends)
    }

    /// Times from each of some places to each: to the first `sites` as units drive back and to hospitals, to the others with lights
    /// and sirens.
    pub(super) fn times_of_runs(&self, scene: &Scene, places: &[Wgs84], sites: usize) -> TravelTable {
        let (sites, others) = places.split_at(sites);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let roads = scene.roads.as_deref();
        let ordinary = roads.map(RoadsNow::ordinary);
        let back = match roads.zip(ordinary.as_ref()) {
            Some((roads, weights)) => table_over(&mut kept.tables, &roads.map, weights, (places, sites)),
            None => TravelTable::straight_line(places, sites),
        };
        let out = match roads {
            Some(roads) => table_over(&mut kept.tables, &roads.map, &roads.weights, (places, others)),
            None => TravelTable::straight_line(places, others),
        };
        let rows = back.times.chunks(sites.len().max(1)).zip(out.times.chunks(others.len().max(1)));
        let times = rows.flat_map(|(back, out)| back.iter().chain(out)).copied().collect();
        TravelTable { times, basis: out.basis }
    }

    fn now(&self, scene: &Scene, demand: &Demand) -> Arc<CoverageView> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, newest)) = &kept.newest
            && at.elapsed() < KEPT_FOR
        {
            return Arc::clone(newest);
        }
        let inputs = CoverageInputs::new(demand, ready_units(scene), scene.record().rules().cover_within_s);
        let table = times(&mut kept.tables, scene.roads.as_deref(), &inputs.ends());
        let view = Arc::new(CoverageView::from(&coverage(&inputs, &table)));
        kept.newest = Some((Instant::now(), Arc::clone(&view)));
        view
    }
}

/// Units that could go at once, from where they are or, if they were never heard, from their stations.
fn ready_units(scene: &Scene) -> Vec<ReadyUnit> {
    let record: &Record = scene.record();
    let hour = HourOfDay::at(scene.snapshot.at, record.rules().utc_offset_s);
    let now = scene.snapshot.at;
    let ready = record
        .units()
        .values()
        .filter(|unit| record.is_free_on_duty(unit, now) && !record.is_of_a_neighbour(unit.spec.id));
    let located = ready.filter_map(|unit| {
        let (id, station) = (unit.spec.id, unit.spec.station);
        let heard = scene.picture.unit(id);
        let position = heard.map(|heard| heard.fix.position);
        let position =
            position.or_else(|| record.stations().get(&station).map(|station| station.position))?;
        let driving = heard.is_some_and(|heard| heard.fix.speed_kmh >= DRIVING_KMH);
        let state = match heard {
            None => UnitState::AssumedAtStation,
            Some(_) if driving => UnitState::Driving,
            Some(_) => UnitState::AtStation,
        };
        Some(ReadyUnit {
            unit: id,
            position,
            mobilisation: record.mobilisation().expected(state, station, hour),
        })
    });
    located.collect()
}

/// Times from each of some places to each of others: by road, or estimates where there is no map. Places off the map have no way.
fn times(
    tables: &mut Option<(String, TableIndex)>,
    roads: Option<&RoadsNow>,
    ends: &(Vec<Wgs84>, Vec<Wgs84>),
) -> TravelTable {
    let (from, to) = ends;
    let Some(roads) = roads else { return TravelTable::straight_line(from, to) };
    table_over(tables, &roads.map, &roads.weights, (from, to))
}

fn table_over(
    tables: &mut Option<(String, TableIndex)>,
    map: &RoadMap,
    weights: &Weights,
    (from, to): (&[Wgs84], &[Wgs84]),
) -> TravelTable {
    if tables.as_ref().is_none_or(|(id, _)| id != map.id()) {
        *tables = Some((map.id().to_owned(), TableIndex::new(map)));
    }
    let Some((_, index)) = tables else { return TravelTable::straight_line(from, to) };
    let snapped = |places: &[Wgs84]| -> Vec<Option<Snap>> {
        places.iter().map(|place| map.snap(*place, SNAP_M_MAX)).collect()
    };
    let (from, to) = (snapped(from), snapped(to));
    let known = |snaps: &[Option<Snap>]| -> Vec<Snap> { snaps.iter().flatten().copied().collect() };
    let mut rows = index.customise(map, weights).times(&known(&from), &known(&to)).into_iter();
    let mut times = Vec::with_capacity(from.len() * to.len());
    for unit in &from {
        let mut row = unit.and_then(|_| rows.next()).unwrap_or_default().into_iter();
        times.extend(to.iter().map(|cell| {
            let time = cell.and_then(|_| row.next()).flatten()?;
            Some(Span::from_micros(i64::try_from(time.us()).ok()?))
        }));
    }
    TravelTable { times, basis: Basis::Road }
}

impl From<&Coverage> for CoverageView {
    fn from(coverage: &Coverage) -> Self {
        let cells = coverage.cells.iter().map(|cover| CellView {
            cell: cover.cell.to_string(),
            demand: cover.demand,
            share: cover.share,
            fastest_s: cover.fastest_s.map(seconds),
            units_in_time: cover.units_in_time,
            corners: cover.cell.corners().into_iter().map(Position::from).collect(),
        });
        Self {
            covered_share: coverage.covered_share,
            target_s: seconds(coverage.target_s),
            units_ready: coverage.units_ready,
            basis: coverage.basis.into(),
            cells: cells.collect(),
        }
    }
}

/// A unit this fast loses no time until it rolls.
const DRIVING_KMH: f32 = 5.0;
/// A cell's middle may lie in a park.
const SNAP_M_MAX: f64 = 1_000.0;
/// How long an answer holds.
const KEPT_FOR: Duration = Duration::from_secs(5);
