//! The riverside roads and the few bridges: from one bank to the other there is no other way.

use roads::RoadClass;

use super::plane::Point;
use super::streets::{BLOCK, COLUMNS, Grid, ROWS, Sheet};
use super::terrain::{Density, density, off_river_m, river_half_m, river_y};

/// A bank of the river.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bank {
    North,
    South,
}

/// Bridges by the column they carry on: three in the core, one far out. The ring road has two of its own.
const BRIDGES: [(usize, &str, RoadClass); 4] = [
    (48, "三桥", RoadClass::Primary),
    (66, "一桥", RoadClass::Secondary),
    (84, "二桥", RoadClass::Primary),
    (144, "临溪桥", RoadClass::Secondary),
];

/// Draws the riverside roads, joins every street that ends at the river to them, and puts the bridges between.
pub fn draw(sheet: &mut Sheet, grid: &mut Grid) {
    let north = riverside(sheet, grid, Bank::North);
    let south = riverside(sheet, grid, Bank::South);
    for (column, name, class) in BRIDGES {
        let at = |bank: &[(usize, u32)]| bank.iter().find(|(c, _)| *c == column).map(|&(_, node)| node);
        if let (Some(north), Some(south)) = (at(&north), at(&south)) {
            sheet.street(name, class, vec![south, north]).bridge = true;
        }
    }
}

/// The road along one bank; gives back its node at each column that reaches it.
fn riverside(sheet: &mut Sheet, grid: &Grid, bank: Bank) -> Vec<(usize, u32)> {
    let mut joined: Vec<(usize, u32)> = Vec::new();
    for column in 0..COLUMNS {
        let Some(street_end) = last_before_river(sheet, grid, column, bank) else { continue };
        let x = sheet.nodes[street_end as usize].x;
        if joined.last().is_some_and(|&(_, node)| sheet.nodes[node as usize].x + 40.0 > x) {
            continue;
        }
        let node = sheet.node(on_bank(x, bank));
        let class = if column % BLOCK == 0 { RoadClass::Secondary } else { RoadClass::Residential };
        sheet.street("", class, vec![street_end, node]);
        joined.push((column, node));
    }
    let name = if bank == Bank::North { "滨江北路" } else { "滨江南路" };
    for pair in joined.windows(2) {
        let (from, to) = (pair[0].1, pair[1].1);
        let nodes = along_bank(sheet, from, to, bank);
        let class = match density(sheet.nodes[from as usize]) {
            Density::Dense => RoadClass::Secondary,
            Density::Suburb => RoadClass::Tertiary,
            Density::Rural => RoadClass::Unclassified,
        };
        sheet.street(name, class, nodes);
    }
    joined
}

/// The last crossing of a column that a street reaches before the water, if it is near the bank.
fn last_before_river(sheet: &Sheet, grid: &Grid, column: usize, bank: Bank) -> Option<u32> {
    let rows: Vec<usize> = if bank == Bank::North { (0..ROWS).collect() } else { (0..ROWS).rev().collect() };
    let on_this_bank = |node: u32| {
        off_river_m(sheet.nodes[node as usize]).is_some_and(|m| (m > 0.0) == (bank == Bank::North))
    };
    let first = rows.into_iter().filter_map(|row| grid.node(column, row)).find(|&node| on_this_bank(node))?;
    let near = off_river_m(sheet.nodes[first as usize]).is_some_and(|m| m.abs() < 400.0);
    (near && grid.used[first as usize]).then_some(first)
}

fn on_bank(x: f64, bank: Bank) -> Point {
    let off_m = river_half_m(x) + ROAD_OFF_WATER_M;
    Point::new(x, if bank == Bank::North { river_y(x) + off_m } else { river_y(x) - off_m })
}

fn along_bank(sheet: &mut Sheet, from: u32, to: u32, bank: Bank) -> Vec<u32> {
    let (x0, x1) = (sheet.nodes[from as usize].x, sheet.nodes[to as usize].x);
    let bends = ((x1 - x0) / 120.0).floor() as u32;
    let mut nodes = vec![from];
    for bend in 1..=bends {
        let x = x0 + (x1 - x0) * f64::from(bend) / f64::from(bends + 1);
        nodes.push(sheet.node(on_bank(x, bank)));
    }
    nodes.push(to);
    nodes
}

const ROAD_OFF_WATER_M: f64 = 40.0;
