//! Keeps the arcs of the connected part and numbers everything anew along a Z-order curve, so that what lies close in the city
//! lies close in memory.

use crate::network::{ArcRow, EdgeRow, NONE, Network, Turns, WayRow};

/// The network of the arcs marked in `keep`.
pub(super) fn keep_arcs(old: &Network, keep: &[bool]) -> Network {
    let kept = |arc: u32| arc != NONE && keep[arc as usize];
    let mut edges: Vec<usize> =
        (0..old.edges.len()).filter(|&e| old.edges[e].arcs.iter().any(|&a| kept(a))).collect();
    edges.sort_by_key(|&e| (z_order(old.nodes[old.edges[e].from as usize]), e));
    let (nodes, node_of) =
        renumber(old.nodes.len(), edges.iter().flat_map(|&e| [old.edges[e].from, old.edges[e].to]));
    let (mut ways, _) = renumber(old.ways.len(), edges.iter().map(|&e| old.edges[e].way));
    // Ways stay sorted by id: they were sorted before, and a way's number then only moves down.
    ways.sort_unstable();
    let mut way_of = vec![NONE; old.ways.len()];
    for (new, &way) in ways.iter().enumerate() {
        way_of[way as usize] = new as u32;
    }
    let (names, way_rows) = names_and_ways(old, &ways);
    let mut new = Network {
        id: String::new(),
        nodes: nodes.iter().map(|&n| old.nodes[n as usize]).collect(),
        keys: old
            .keys
            .iter()
            .map(|&(key, n)| (key, node_of[n as usize]))
            .filter(|&(_, n)| n != NONE)
            .collect(),
        names,
        ways: way_rows,
        edges: Vec::with_capacity(edges.len()),
        shapes: Vec::new(),
        arcs: Vec::new(),
        fixed_us: Vec::new(),
        banned_turns: Vec::new(),
        turns: Turns::default(),
        way_first: Vec::new(),
        way_arcs: Vec::new(),
    };
    // A node cut by a barrier became several, and their new numbers need not rise with the old ones.
    new.keys.sort_unstable();
    let mut arc_of = vec![NONE; old.arcs.len()];
    for &e in &edges {
        copy_edge(old, e, &mut new, &mut arc_of, &kept, |n| node_of[n as usize], |w| way_of[w as usize]);
    }
    let bans = old.banned_turns.iter().map(|&(from, to)| (arc_of[from as usize], arc_of[to as usize]));
    new.banned_turns = bans.filter(|&(from, to)| from != NONE && to != NONE).collect();
    new.banned_turns.sort_unstable();
    new.derive();
    new
}

fn copy_edge(
    old: &Network,
    number: usize,
    new: &mut Network,
    arc_of: &mut [u32],
    kept: &impl Fn(u32) -> bool,
    node_of: impl Fn(u32) -> u32,
    way_of: impl Fn(u32) -> u32,
) {
    let edge = &old.edges[number];
    let edge_number = new.edges.len() as u32;
    let shape_first = new.shapes.len() as u32;
    new.shapes.extend_from_slice(&old.shapes[old.shape_range(number)]);
    let mut arcs = [NONE; 2];
    for (side, slot) in arcs.iter_mut().enumerate() {
        if kept(edge.arcs[side]) {
            *slot = new.arcs.len() as u32;
            arc_of[edge.arcs[side] as usize] = *slot;
            let row = old.arcs[edge.arcs[side] as usize];
            let (tail, head) = (node_of(row.tail), node_of(row.head));
            new.arcs.push(ArcRow { tail, head, edge: edge_number, twin: NONE, ..row });
            if !old.fixed_us.is_empty() {
                new.fixed_us.push(old.fixed_us[edge.arcs[side] as usize]);
            }
        }
    }
    if let [forward, backward] = arcs
        && forward != NONE
        && backward != NONE
    {
        new.arcs[forward as usize].twin = backward;
        new.arcs[backward as usize].twin = forward;
    }
    let (from, to) = (node_of(edge.from), node_of(edge.to));
    new.edges.push(EdgeRow { from, to, way: way_of(edge.way), length_mm: edge.length_mm, shape_first, arcs });
}

fn names_and_ways(old: &Network, ways: &[u32]) -> (Vec<String>, Vec<WayRow>) {
    // Name 0 is the empty one and stays, used or not.
    let used = ways.iter().map(|&w| old.ways[w as usize].name);
    let (names, name_of) = renumber(old.names.len(), std::iter::once(0).chain(used));
    let names = names.iter().map(|&n| old.names[n as usize].clone()).collect();
    let rows = ways.iter().map(|&w| {
        let row = old.ways[w as usize];
        WayRow { name: name_of[row.name as usize], ..row }
    });
    (names, rows.collect())
}

/// New numbers in order of first use: which old number each new one was, and the new number of each old one.
fn renumber(count: usize, used: impl Iterator<Item = u32>) -> (Vec<u32>, Vec<u32>) {
    let mut old_of = Vec::new();
    let mut new_of = vec![NONE; count];
    for old in used {
        if new_of[old as usize] == NONE {
            new_of[old as usize] = old_of.len() as u32;
            old_of.push(old);
        }
    }
    (old_of, new_of)
}

/// Position on a Z-order curve: the bits of both coordinates in turn.
fn z_order(e7: [i32; 2]) -> u64 {
    let spread = |v: i32| {
        let mut x = u64::from(v as u32 ^ 0x8000_0000);
        x = (x | x << 16) & 0x0000_ffff_0000_ffff;
        x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
        x = (x | x << 4) & 0x0f0f_0f0f_0f0f_0f0f;
        x = (x | x << 2) & 0x3333_3333_3333_3333;
        (x | x << 1) & 0x5555_5555_5555_5555
    };
    spread(e7[0]) | spread(e7[1]) << 1
}
