//! The ground of a case: a plane in kilometres, its nodes, and which of them is nearest to a place.

use serde::{Deserialize, Serialize};

use super::{CaseError, Folder};

/// A place as the case's files give it, degrees of longitude and latitude.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Longitude, degrees.
    pub x: f64,
    /// Latitude, degrees.
    pub y: f64,
}

/// Kilometres per degree, the same all over the case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    x_km: f64,
    y_km: f64,
}

/// Finds the node nearest to a place.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ground {
    scale: Scale,
    nodes: Vec<Point>,
    low: Point,
    columns: usize,
    rows: usize,
    cell_km: f64,
    /// Nodes that can be reached from beside the road, grouped by cell.
    first: Vec<u32>,
    members: Vec<u32>,
}

/// A place tied to its nearest node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The place.
    pub at: Point,
    /// The nearest node that can be reached from beside the road, counted from 0.
    pub node: u32,
    /// How far it is, kilometres on the plane.
    pub off_road_km: f64,
}

impl Scale {
    /// Reads the scale from the case's map file.
    pub fn read(folder: &Folder, file: &str) -> Result<Self, CaseError> {
        let tables = folder.tables(file)?;
        let map = tables.table("map")?;
        let row = map.first()?;
        let positive = |name: &str| {
            let column = map.column(name)?;
            let number = row.number(column)?;
            if number > 0.0 { Ok(number) } else { Err(row.bad(column, row.text(column), "above 0")) }
        };
        Ok(Self { x_km: positive("xScale")?, y_km: positive("yScale")? })
    }

    #[cfg(test)]
    pub(super) fn new(x_km: f64, y_km: f64) -> Self {
        Self { x_km, y_km }
    }

    /// Distance on the plane, kilometres.
    pub fn distance_km(self, a: Point, b: Point) -> f64 {
        self.square(a, b).sqrt()
    }

    /// Distance on the plane between a place and a line, kilometres.
    pub fn distance_to_line_km(self, at: Point, a: Point, b: Point) -> f64 {
        let plane = |p: Point| (p.x * self.x_km, p.y * self.y_km);
        let ((px, py), (ax, ay), (bx, by)) = (plane(at), plane(a), plane(b));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let share =
            if length > 0.0 { (((px - ax) * dx + (py - ay) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let (ex, ey) = (px - ax - share * dx, py - ay - share * dy);
        (ex * ex + ey * ey).sqrt()
    }

    fn square(self, a: Point, b: Point) -> f64 {
        let (dx, dy) = ((a.x - b.x) * self.x_km, (a.y - b.y) * self.y_km);
        dx * dx + dy * dy
    }
}

impl Ground {
    /// The ground with these nodes; `access` says which can be reached from beside the road. At least one must be.
    pub fn new(scale: Scale, nodes: Vec<Point>, access: &[bool]) -> Self {
        let open: Vec<u32> = (0..nodes.len() as u32).filter(|&n| access[n as usize]).collect();
        let least =
            |of: fn(&Point) -> f64| open.iter().map(|&n| of(&nodes[n as usize])).fold(f64::MAX, f64::min);
        let most =
            |of: fn(&Point) -> f64| open.iter().map(|&n| of(&nodes[n as usize])).fold(f64::MIN, f64::max);
        let low = Point { x: least(|p| p.x), y: least(|p| p.y) };
        let width_km = (most(|p| p.x) - low.x) * scale.x_km;
        let height_km = (most(|p| p.y) - low.y) * scale.y_km;
        // About two nodes a cell.
        let cell_km = (width_km * height_km * NODES_PER_CELL / open.len().max(1) as f64).sqrt().max(0.01);
        let columns = (width_km / cell_km) as usize + 1;
        let rows = (height_km / cell_km) as usize + 1;
        let mut ground = Self {
            scale,
            nodes,
            low,
            columns,
            rows,
            cell_km,
            first: vec![0; columns * rows + 1],
            members: vec![0; open.len()],
        };
        let cells: Vec<usize> = open.iter().map(|&n| ground.cell(ground.nodes[n as usize])).collect();
        for &cell in &cells {
            ground.first[cell + 1] += 1;
        }
        for cell in 1..ground.first.len() {
            ground.first[cell] += ground.first[cell - 1];
        }
        let mut next = ground.first.clone();
        for (&node, &cell) in open.iter().zip(&cells) {
            ground.members[next[cell] as usize] = node;
            next[cell] += 1;
        }
        ground
    }

    /// The scale of the plane.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Distance on the plane between two nodes, kilometres.
    pub fn between_km(&self, a: u32, b: u32) -> f64 {
        self.scale.distance_km(self.nodes[a as usize], self.nodes[b as usize])
    }

    /// Where a node is.
    pub fn node(&self, node: u32) -> Point {
        self.nodes[node as usize]
    }

    /// The nodes that can be reached from beside the road.
    pub fn open_nodes(&self) -> impl Iterator<Item = u32> + '_ {
        self.members.iter().copied()
    }

    /// The node nearest to a place; the lower number on equal distances.
    pub fn nearest(&self, at: Point) -> Spot {
        let (column, row) = self.column_and_row(at);
        let mut best = (f64::MAX, u32::MAX);
        for ring in 0..=self.columns.max(self.rows) as isize {
            // Every place of a farther ring is at least this far away.
            let reached_km = (ring - 1).max(0) as f64 * self.cell_km;
            if best.1 != u32::MAX && reached_km * reached_km > best.0 {
                break;
            }
            self.look_at_ring(at, column, row, ring, &mut best);
        }
        Spot { at, node: best.1, off_road_km: best.0.sqrt() }
    }

    fn look_at_ring(&self, at: Point, column: isize, row: isize, ring: isize, best: &mut (f64, u32)) {
        for y in row - ring..=row + ring {
            if y < 0 || y >= self.rows as isize {
                continue;
            }
            // The inner cells were looked at before: only the border is new.
            let step = if y == row - ring || y == row + ring || ring == 0 { 1 } else { 2 * ring };
            let mut x = column - ring;
            while x <= column + ring {
                if x >= 0 && x < self.columns as isize {
                    self.look_at_cell(at, y as usize * self.columns + x as usize, best);
                }
                x += step;
            }
        }
    }

    fn look_at_cell(&self, at: Point, cell: usize, best: &mut (f64, u32)) {
        for &node in &self.members[self.first[cell] as usize..self.first[cell + 1] as usize] {
            let square = self.scale.square(self.nodes[node as usize], at);
            if square.total_cmp(&best.0).then(node.cmp(&best.1)).is_lt() {
                *best = (square, node);
            }
        }
    }

    /// The cell of a place; a place off the ground belongs to the nearest cell.
    fn column_and_row(&self, at: Point) -> (isize, isize) {
        let along = |degrees: f64, km: f64, count: usize| {
            ((degrees * km / self.cell_km).floor() as isize).clamp(0, count as isize - 1)
        };
        (
            along(at.x - self.low.x, self.scale.x_km, self.columns),
            along(at.y - self.low.y, self.scale.y_km, self.rows),
        )
    }

    fn cell(&self, at: Point) -> usize {
        let (column, row) = self.column_and_row(at);
        row as usize * self.columns + column as usize
    }
}

const NODES_PER_CELL: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn the_nearest_is_that_of_a_look_at_all() {
        let mut chance = Chance::of(5, "ground", 0);
        let scale = Scale { x_km: 88.99, y_km: 111.32 };
        let mut place = |spread: f64| Point {
            x: 174.7 + chance.between(-spread, spread),
            y: -36.8 + chance.between(-spread, spread),
        };
        let nodes: Vec<Point> = (0..700).map(|_| place(0.2)).collect();
        let access: Vec<bool> = (0..700).map(|n| n % 3 != 0).collect();
        let ground = Ground::new(scale, nodes.clone(), &access);
        for _ in 0..2000 {
            // Many of them off the ground.
            let at = place(0.4);
            let all = (0..700u32).filter(|n| n % 3 != 0).map(|n| (scale.square(nodes[n as usize], at), n));
            let expected = all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
            assert_eq!(ground.nearest(at).node, expected.1);
        }
    }
}
