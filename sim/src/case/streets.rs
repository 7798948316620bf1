//! The roads of a case as its files give them: nodes, arcs, and the time over each arc in each travel mode.

use super::{CaseError, Folder, Point, Tables};

/// The roads of a case.
#[derive(Debug)]
pub struct Streets {
    /// Where each node is.
    pub nodes: Vec<Point>,
    /// Which nodes can be reached from beside the road.
    pub access: Vec<bool>,
    /// The directed arcs, as pairs of nodes.
    pub arcs: Vec<(u32, u32)>,
    /// Time over each arc, mode by mode, nanoseconds.
    pub arc_ns: Vec<Vec<u64>>,
}

impl Streets {
    /// Reads the roads.
    pub fn read(folder: &Folder, nodes: &str, arcs: &str) -> Result<Self, CaseError> {
        let (nodes, access) = read_nodes(nodes, &folder.tables(nodes)?)?;
        let (arcs, arc_ns) = read_arcs(arcs, &folder.tables(arcs)?, nodes.len())?;
        Ok(Self { nodes, access, arcs, arc_ns })
    }
}

impl Streets {
    /// Keeps some of the arcs.
    pub fn keep_arcs(&mut self, keep: impl Fn(usize) -> bool) {
        let kept: Vec<usize> = (0..self.arcs.len()).filter(|arc| keep(*arc)).collect();
        self.arcs = kept.iter().map(|arc| self.arcs[*arc]).collect();
        for times in &mut self.arc_ns {
            *times = kept.iter().map(|arc| times[*arc]).collect();
        }
    }

    /// Takes off-road access from every node that cannot be reached from the others, or from which they cannot be reached, so that
    /// nobody is looked for where no road leads any more.
    pub fn keep_to_the_main_part(&mut self) {
        let open: Vec<u32> =
            (0..self.nodes.len() as u32).filter(|&node| self.access[node as usize]).collect();
        let mut best: Vec<bool> = Vec::new();
        let mut most = 0;
        // Where most can be reached to and fro from one of a few nodes, that is the main part.
        for root in open.iter().step_by((open.len() / ROOTS).max(1)) {
            if best.get(*root as usize) == Some(&true) {
                continue;
            }
            let (out, back) = (self.reached(*root, false), self.reached(*root, true));
            let both: Vec<bool> = out.iter().zip(&back).map(|(out, back)| *out && *back).collect();
            let count = both.iter().filter(|both| **both).count();
            if count > most {
                (best, most) = (both, count);
            }
            if most * 2 > self.nodes.len() {
                break;
            }
        }
        for (access, kept) in self.access.iter_mut().zip(best) {
            *access &= kept;
        }
    }

    fn reached(&self, root: u32, backwards: bool) -> Vec<bool> {
        let mut next: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        for &(from, to) in &self.arcs {
            let (from, to) = if backwards { (to, from) } else { (from, to) };
            next[from as usize].push(to);
        }
        let (mut reached, mut open) = (vec![false; self.nodes.len()], vec![root]);
        reached[root as usize] = true;
        while let Some(node) = open.pop() {
            for &to in &next[node as usize] {
                if !std::mem::replace(&mut reached[to as usize], true) {
                    open.push(to);
                }
            }
        }
        reached
    }
}

fn read_nodes(file: &str, tables: &Tables) -> Result<(Vec<Point>, Vec<bool>), CaseError> {
    let table = tables.table("nodes")?;
    let (index, x, y) = (table.column("index")?, table.column("x")?, table.column("y")?);
    let access_column = table.find("offRoadAccess");
    let (mut nodes, mut access) = (Vec::with_capacity(table.len()), Vec::with_capacity(table.len()));
    for row in table.rows() {
        in_order(row.index(index, table.len())?, nodes.len(), row, index)?;
        nodes.push(row.point(x, y)?);
        access.push(access_column.map_or(Ok(true), |column| row.flag(column))?);
    }
    if !access.contains(&true) {
        return Err(CaseError::new(file, "no node has offRoadAccess: nothing can be reached"));
    }
    Ok((nodes, access))
}

/// Arcs as pairs of nodes, and the time over each, mode by mode.
type ArcsAndTimes = (Vec<(u32, u32)>, Vec<Vec<u64>>);

fn read_arcs(file: &str, tables: &Tables, node_count: usize) -> Result<ArcsAndTimes, CaseError> {
    let misc = tables.table("miscData")?;
    let head = misc.first()?;
    let form = misc.column("arcForm")?;
    let both_ways = match head.text(form) {
        "directed" => false,
        "undirected" => true,
        other => return Err(head.bad(form, other, "`directed` or `undirected`")),
    };
    let modes = head.index(misc.column("numModes")?, MODES_MAX)? + 1;
    let table = tables.table("arcs")?;
    let (from, to) = (table.column("fromNode")?, table.column("toNode")?);
    let columns: Vec<_> =
        (1..=modes).map(|mode| table.column(&format!("mode_{mode}"))).collect::<Result<_, _>>()?;
    let mut arcs = Vec::with_capacity(table.len());
    let mut arc_ns = vec![Vec::with_capacity(table.len()); modes];
    for row in table.rows() {
        let ends = (row.index(from, node_count)? as u32, row.index(to, node_count)? as u32);
        arcs.push(ends);
        for (times, &column) in arc_ns.iter_mut().zip(&columns) {
            let days = row.number(column)?;
            if !(days > 0.0 && days < ARC_DAYS_MAX) {
                return Err(row.bad(column, row.text(column), "above 0 and below 1 day"));
            }
            times.push(days_to_ns(days).max(1));
        }
    }
    if arcs.is_empty() {
        return Err(CaseError::new(file, "`arcs` has no row"));
    }
    if both_ways {
        let back: Vec<_> = arcs.iter().map(|&(from, to)| (to, from)).collect();
        arcs.extend(back);
        for times in &mut arc_ns {
            times.extend_from_within(..);
        }
    }
    Ok((arcs, arc_ns))
}

/// Rows are numbered from 1 without gaps: other files refer to them by number.
pub(super) fn in_order(
    index: usize,
    expected: usize,
    row: super::Row<'_>,
    column: super::Column,
) -> Result<(), CaseError> {
    if index == expected {
        return Ok(());
    }
    Err(row.bad(
        column,
        row.text(column),
        &format!("{}: rows are numbered from 1 without gaps", expected + 1),
    ))
}

/// Days, the unit of time of a case's files, in nanoseconds.
pub fn days_to_ns(days: f64) -> u64 {
    (days * DAY_NS).round() as u64
}

/// Nanoseconds of a day.
pub const DAY_NS: f64 = 86_400e9;
const ARC_DAYS_MAX: f64 = 1.0;
const MODES_MAX: usize = 16;
/// From how many nodes the main part is looked for.
const ROOTS: usize = 20;
