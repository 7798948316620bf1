//! The street grid: thinned out where fewer people live, bent, cut by river, lake, hills and railway.

use roads::{Direction, RoadClass};

use super::names::Names;
use super::plane::Point;
use super::terrain::{CORE, Density, bend, blocked, density, off_river_m, railway_y};
use crate::chance::Chance;

/// The streets of a city on the drawing board.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Where streets bend or meet.
    pub nodes: Vec<Point>,
    /// The streets.
    pub streets: Vec<Street>,
}

/// A stretch of street with one name and class.
#[derive(Debug, Clone)]
pub struct Street {
    /// Its name; may be empty.
    pub name: String,
    /// Its class.
    pub class: RoadClass,
    /// One-way or not.
    pub direction: Direction,
    /// On a bridge.
    pub bridge: bool,
    /// In a tunnel.
    pub tunnel: bool,
    /// Its nodes in order, by their place in [`Sheet::nodes`].
    pub nodes: Vec<u32>,
}

impl Sheet {
    /// Adds a node.
    pub fn node(&mut self, at: Point) -> u32 {
        self.nodes.push(at);
        self.nodes.len() as u32 - 1
    }

    /// Adds a two-way street.
    pub fn street(&mut self, name: &str, class: RoadClass, nodes: Vec<u32>) -> &mut Street {
        let name = name.to_owned();
        self.streets.push(Street {
            name,
            class,
            direction: Direction::Both,
            bridge: false,
            tunnel: false,
            nodes,
        });
        self.streets.last_mut().expect("invariant: one was just added")
    }
}

/// The grid with its nodes, for those who join roads to it.
#[derive(Debug)]
pub struct Grid {
    /// Node of each crossing of lines that can be built on: column first.
    nodes: Vec<Option<u32>>,
    /// Whether a street leads there.
    pub used: Vec<bool>,
}

/// Number of columns (lines that run north) and rows (lines that run east).
pub const COLUMNS: usize = 157;
/// See [`COLUMNS`].
pub const ROWS: usize = 121;
/// Metres between lines where the city is dense.
pub const STEP_M: f64 = 160.0;
/// Every so many lines there is a road everywhere; between two of them the density is the same throughout.
pub const BLOCK: usize = 6;
/// Nothing of the grid comes nearer to the river's edge than this: there the riverside road runs.
const BANK_M: f64 = 75.0;

impl Grid {
    /// The node at a crossing, where there is one.
    pub fn node(&self, column: usize, row: usize) -> Option<u32> {
        self.nodes[column * ROWS + row]
    }

    /// The nearest crossing of main roads, for a ramp.
    pub fn main_crossing_near(&self, sheet: &Sheet, at: Point, within_m: f64) -> Option<u32> {
        let crossings =
            (0..COLUMNS).step_by(BLOCK).flat_map(|c| (0..ROWS).step_by(BLOCK).map(move |r| (c, r)));
        crossings
            .filter_map(|(column, row)| self.node(column, row))
            .filter(|&node| self.used[node as usize])
            .map(|node| (sheet.nodes[node as usize].distance_m(at), node))
            .filter(|&(distance_m, _)| distance_m < within_m)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, node)| node)
    }
}

/// Draws the grid.
pub fn draw(sheet: &mut Sheet, names: &mut Names, seed: u64) -> Grid {
    let mut grid = Grid { nodes: Vec::with_capacity(COLUMNS * ROWS), used: Vec::new() };
    for column in 0..COLUMNS {
        for row in 0..ROWS {
            let at = bend(Point::new(column as f64 * STEP_M, row as f64 * STEP_M));
            let buildable = !blocked(at) && off_river_m(at).is_some_and(|m| m.abs() > BANK_M);
            grid.nodes.push(buildable.then(|| sheet.node(at)));
        }
    }
    grid.used = vec![false; sheet.nodes.len()];
    let mut chance = Chance::of(seed, "streets", 0);
    for (line, way) in line_order() {
        Line { line, way }.draw(sheet, &mut grid, names, &mut chance);
    }
    grid
}

/// Which way a line of the grid runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runs {
    North,
    East,
}

/// One line of the grid.
#[derive(Debug, Clone, Copy)]
struct Line {
    line: usize,
    way: Runs,
}

/// The widest lines first, so that they get the best names; those through the core before those outside.
fn line_order() -> Vec<(usize, Runs)> {
    let mut lines: Vec<(usize, Runs)> = (0..COLUMNS)
        .map(|line| (line, Runs::North))
        .chain((0..ROWS).map(|line| (line, Runs::East)))
        .collect();
    lines.sort_by_key(|&(line, way)| {
        let middle = if way == Runs::North { CORE.x } else { CORE.y } / STEP_M;
        let off_core = (line as f64 - middle).abs() as usize;
        (rank(line), off_core, line, way == Runs::East)
    });
    lines
}

fn rank(line: usize) -> usize {
    match line {
        l if l % (2 * BLOCK) == 0 => 0,
        l if l % BLOCK == 0 => 1,
        l if l % 2 == 0 => 2,
        _ => 3,
    }
}

impl Line {
    /// Column and row of a step along the line.
    fn at(self, step: usize) -> (usize, usize) {
        if self.way == Runs::North { (self.line, step) } else { (step, self.line) }
    }

    fn steps(self) -> usize {
        if self.way == Runs::North { ROWS - 1 } else { COLUMNS - 1 }
    }

    fn draw(self, sheet: &mut Sheet, grid: &mut Grid, names: &mut Names, chance: &mut Chance) {
        let stem = if rank(self.line) < 2 { names.road() } else { String::new() };
        let mut lane = String::new();
        let mut run: Vec<u32> = Vec::new();
        let mut run_kind = None;
        let mut rural_gap = false;
        for step in 0..self.steps() {
            if step % BLOCK == 0 {
                // A field road runs from crossing to crossing or not at all.
                rural_gap = chance.yes(RURAL_GAP);
            }
            let kind = self.kind(sheet, grid, step, rural_gap, chance);
            if run_kind != kind || step % BLOCK == 0 {
                if rank(self.line) >= 2 && lane.is_empty() && !run.is_empty() {
                    lane = names.lane();
                }
                self.finish(sheet, &stem, &lane, run_kind, std::mem::take(&mut run));
                // A lane keeps its name across a gap of a house or two, not across the river.
                if kind.is_none() && step % BLOCK == 0 {
                    lane.clear();
                }
            }
            run_kind = kind;
            let (Some(class), Some((from, to))) = (kind, self.ends(grid, step)) else { continue };
            grid.used[from as usize] = true;
            grid.used[to as usize] = true;
            if run.is_empty() {
                run.push(from);
            }
            if let Some(gate) = self.yard(sheet, class, from, to, chance) {
                run.push(gate);
            }
            run.push(to);
        }
        if rank(self.line) >= 2 && lane.is_empty() && !run.is_empty() {
            lane = names.lane();
        }
        self.finish(sheet, &stem, &lane, run_kind, run);
    }

    fn ends(self, grid: &Grid, step: usize) -> Option<(u32, u32)> {
        let ((c0, r0), (c1, r1)) = (self.at(step), self.at(step + 1));
        Some((grid.node(c0, r0)?, grid.node(c1, r1)?))
    }

    /// The class of the stretch from `step` to the next; `None` when there is none.
    fn kind(
        self,
        sheet: &Sheet,
        grid: &Grid,
        step: usize,
        rural_gap: bool,
        chance: &mut Chance,
    ) -> Option<RoadClass> {
        // Drawn before any way out, so that the draws of a line do not depend on what it meets.
        let gap = chance.unit();
        let (from, to) = self.ends(grid, step)?;
        let (from, to) = (sheet.nodes[from as usize], sheet.nodes[to as usize]);
        let middle = from.towards(to, 0.5);
        let same_bank = off_river_m(from)? * off_river_m(to)? > 0.0;
        if !same_bank || off_river_m(middle).is_none() || blocked(middle) {
            return None;
        }
        let (class, gap_share) = match (self.densest(step), rank(self.line)) {
            (Density::Rural, 0) | (Density::Suburb | Density::Dense, 1) => (RoadClass::Secondary, 0.0),
            (Density::Rural, 1) if !rural_gap => (RoadClass::Unclassified, 0.0),
            (Density::Suburb | Density::Dense, 0) => (RoadClass::Primary, 0.0),
            (Density::Suburb | Density::Dense, 2) => (RoadClass::Tertiary, TERTIARY_GAP),
            (Density::Dense, _) => (RoadClass::Residential, RESIDENTIAL_GAP),
            (Density::Rural | Density::Suburb, _) => return None,
        };
        let rails = (from.y > railway_y(from.x)) != (to.y > railway_y(to.x));
        (gap >= gap_share && (!rails || class <= RoadClass::Secondary)).then_some(class)
    }

    /// The density of the block a stretch lies in; on a border between blocks, of the denser one.
    fn densest(self, step: usize) -> Density {
        let (column, row) = self.at(step);
        let block = |column: usize, row: usize| {
            let middle = |line: usize| ((line / BLOCK * BLOCK + BLOCK / 2) as f64) * STEP_M;
            density(Point::new(middle(column), middle(row)))
        };
        let before = if self.way == Runs::North {
            block(column.saturating_sub(1), row)
        } else {
            block(column, row.saturating_sub(1))
        };
        block(column, row).max(if self.line.is_multiple_of(BLOCK) { before } else { Density::Rural })
    }

    /// A yard behind the houses: a gate in the middle of the street and a dead end.
    fn yard(
        self,
        sheet: &mut Sheet,
        class: RoadClass,
        from: u32,
        to: u32,
        chance: &mut Chance,
    ) -> Option<u32> {
        let (has_one, side, depth_m) = (chance.yes(YARD_SHARE), chance.yes(0.5), chance.between(45.0, 75.0));
        if !has_one || class < RoadClass::Secondary || class == RoadClass::Unclassified {
            return None;
        }
        let gate = sheet.nodes[from as usize].towards(sheet.nodes[to as usize], 0.5);
        let depth_m = if side { depth_m } else { -depth_m };
        let end = match self.way {
            Runs::North => Point::new(gate.x + depth_m, gate.y),
            Runs::East => Point::new(gate.x, gate.y + depth_m),
        };
        if blocked(end) || off_river_m(end).is_none_or(|m| m.abs() < BANK_M) {
            return None;
        }
        let (gate, end) = (sheet.node(gate), sheet.node(end));
        sheet.street("", RoadClass::Service, vec![gate, end]);
        Some(gate)
    }

    fn finish(self, sheet: &mut Sheet, stem: &str, lane: &str, class: Option<RoadClass>, run: Vec<u32>) {
        let (Some(class), [first, ..]) = (class, run.as_slice()) else { return };
        let at = sheet.nodes[*first as usize];
        let name = match rank(self.line) {
            0 | 1 => self.quarter(stem, at),
            2 => format!("{lane}{}", if self.way == Runs::North { "街" } else { "路" }),
            _ => format!("{lane}{}", if self.way == Runs::North { "巷" } else { "里" }),
        };
        let direction = self.one_way(class, at);
        sheet.street(&name, class, run).direction = direction;
    }

    /// 解放大道, 中山北路, 人民东路: the widest through the core undivided, others by the quarter.
    fn quarter(self, stem: &str, at: Point) -> String {
        let quarter = match self.way {
            Runs::North if off_river_m(at).is_some_and(|m| m > 0.0) => "北",
            Runs::North => "南",
            Runs::East if at.x > CORE.x => "东",
            Runs::East => "西",
        };
        if AVENUES.contains(&stem) { format!("{stem}大道") } else { format!("{stem}{quarter}路") }
    }

    /// Lanes of the old town take turns.
    fn one_way(self, class: RoadClass, at: Point) -> Direction {
        let old_town = (9_000.0..12_400.0).contains(&at.x) && (8_300.0..11_200.0).contains(&at.y);
        if !old_town || class != RoadClass::Residential {
            Direction::Both
        } else if self.line % 4 == 1 {
            Direction::Forward
        } else {
            Direction::Backward
        }
    }
}

const AVENUES: [&str; 4] = ["解放", "迎宾", "长江", "建设"];
/// Share of field roads that were never built.
const RURAL_GAP: f64 = 0.24;
/// Share of small through streets that are interrupted in a block.
const TERTIARY_GAP: f64 = 0.05;
/// Share of lanes that are interrupted in a block.
const RESIDENTIAL_GAP: f64 = 0.13;
/// Share of stretches of street with a yard behind.
const YARD_SHARE: f64 = 0.30;
