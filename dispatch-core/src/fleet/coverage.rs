//! How much of the demand the ready units can reach in time: what a centre loses with every unit it sends.

use roads::{Profile, Wgs84, straight_line_time};
use serde::Serialize;

use super::{Cell, Demand};
use crate::assignment::Basis;
use crate::ids::UnitId;
use crate::time::Span;

/// A unit that could go at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadyUnit {
    /// The unit.
    pub unit: UnitId,
    /// Where it is, WGS-84.
    pub position: Wgs84,
    /// Expected time until its wheels roll.
    pub mobilisation: Span,
}

/// What coverage is computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageInputs {
    /// The cells with how often help was wanted in each, in the order of the cells.
    pub cells: Vec<(Cell, u64)>,
    /// The units that could go at once.
    pub ready: Vec<ReadyUnit>,
    /// In time means: within this of being sent, mobilisation counted.
    pub target: Span,
}

/// Travel times from every ready unit to the middle of every cell; `None` where no way leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelTable {
    /// Row by row: all cells of the first unit, then of the second.
    pub times: Vec<Option<Span>>,
    /// How the times were found.
    pub basis: Basis,
}

/// How well the demand is covered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Share of the demand that some ready unit reaches in time; `None` while there is no demand on record.
    pub covered_share: Option<f64>,
    /// In time means within this.
    pub target_s: Span,
    /// How many units are ready.
    pub units_ready: usize,
    /// How the travel times were found.
    pub basis: Basis,
    /// Cell by cell.
    pub cells: Vec<CellCover>,
}

/// How well one cell is covered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellCover {
    /// The cell.
    pub cell: Cell,
    /// How often help was wanted there.
    pub demand: u64,
    /// Its share of all demand.
    pub share: f64,
    /// Time until the first unit arrives; `None` when none can.
    pub fastest_s: Option<Span>,
    /// How many units arrive in time. One alone is one call away from none.
    pub units_in_time: usize,
}

impl CoverageInputs {
    /// The inputs from the demand on record.
    pub fn new(demand: &Demand, ready: Vec<ReadyUnit>, target: Span) -> Self {
        Self { cells: demand.cells().collect(), ready, target }
    }

    /// Where the units are and where the cells' middles are: what a table of road times is asked for.
    pub fn ends(&self) -> (Vec<Wgs84>, Vec<Wgs84>) {
        let from = self.ready.iter().map(|unit| unit.position).collect();
        let to = self.cells.iter().map(|(cell, _)| cell.centre()).collect();
        (from, to)
    }
}

impl TravelTable {
    /// Straight-line estimates, marked as such.
    pub fn straight_line(from: &[Wgs84], to: &[Wgs84]) -> Self {
        let time = |a: Wgs84, b: Wgs84| {
            Some(Span::from_micros(straight_line_time(a, b, Profile::LightsAndSirens).us() as i64))
        };
        let times = from.iter().flat_map(|&a| to.iter().map(move |&b| time(a, b))).collect();
        Self { times, basis: Basis::StraightLine }
    }
}

/// How well the ready units cover the demand. A table that does not fit the inputs covers nothing beyond its end.
pub fn coverage(inputs: &CoverageInputs, table: &TravelTable) -> Coverage {
    let total: u64 = inputs.cells.iter().map(|(_, demand)| demand).sum();
    let width = inputs.cells.len();
    let mut covered = 0;
    let mut cells = Vec::with_capacity(width);
    for (column, &(cell, demand)) in inputs.cells.iter().enumerate() {
        let arrival = |(row, unit): (usize, &ReadyUnit)| {
            let travel = table.times.get(row * width + column).copied().flatten()?;
            Some(unit.mobilisation + travel)
        };
        let arrivals: Vec<Span> = inputs.ready.iter().enumerate().filter_map(arrival).collect();
        let units_in_time = arrivals.iter().filter(|&&arrival| arrival <= inputs.target).count();
        if units_in_time > 0 {
            covered += demand;
        }
        let share = demand as f64 / total as f64;
        cells.push(CellCover { cell, demand, share, fastest_s: arrivals.into_iter().min(), units_in_time });
    }
    Coverage {
        covered_share: (total > 0).then(|| covered as f64 / total as f64),
        target_s: inputs.target,
        units_ready: inputs.ready.len(),
        basis: table.basis,
        cells,
    }
}
