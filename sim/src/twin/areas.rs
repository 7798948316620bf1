//! The areas of a city that its calls are counted by: cells of H3, as large as it takes for a city to have a few dozen.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng, Resolution};

use crate::case::{Case, Point};

/// The areas of a city.
#[derive(Debug)]
pub struct Areas {
    resolution: Resolution,
    /// The cells of the city's nodes, in order, and the place of each.
    cells: BTreeMap<CellIndex, usize>,
}

impl Areas {
    /// The areas of a case.
    pub fn of(case: &Case) -> Self {
        let ground = case.network.ground();
        let nodes: Vec<LatLng> = ground.open_nodes().filter_map(|node| lat_lng(ground.node(node))).collect();
        let cells_at = |resolution: Resolution| {
            let mut cells: Vec<CellIndex> = nodes.iter().map(|node| node.to_cell(resolution)).collect();
            cells.sort_unstable();
            cells.dedup();
            cells
        };
        let fine = RESOLUTIONS.into_iter().find(|resolution| cells_at(*resolution).len() <= AREAS_MAX);
        let resolution = fine.unwrap_or(Resolution::Zero);
        let cells = cells_at(resolution).into_iter().enumerate().map(|(place, cell)| (cell, place));
        Self { resolution, cells: cells.collect() }
    }

    /// In which area a place is; `None` outside all of them.
    pub fn place(&self, at: Point) -> Option<usize> {
        self.cells.get(&lat_lng(at)?.to_cell(self.resolution)).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none, as in a city that is nowhere on the globe.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The names of the areas: the indices of their cells.
    pub fn names(&self) -> Vec<String> {
        self.cells.keys().map(ToString::to_string).collect()
    }

    /// The outline of each area, degrees.
    pub fn outlines(&self) -> Vec<Vec<Point>> {
        let point = |corner: &LatLng| Point { x: corner.lng(), y: corner.lat() };
        self.cells.keys().map(|cell| cell.boundary().iter().map(point).collect()).collect()
    }
}

fn lat_lng(at: Point) -> Option<LatLng> {
    let on_globe = at.x.abs() <= 180.0 && at.y.abs() <= 90.0;
    on_globe.then(|| LatLng::new(at.y, at.x).ok()).flatten()
}

/// The finest that keeps the count below the most is taken: fewer would hide a quarter that suffers, more would be noise.
const RESOLUTIONS: [Resolution; 6] = [
    Resolution::Eight,
    Resolution::Seven,
    Resolution::Six,
    Resolution::Five,
    Resolution::Four,
    Resolution::Three,
];
const AREAS_MAX: usize = 80;
