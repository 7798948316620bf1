//! Cuts ways at their junctions: bends stay in the polyline, only junctions become nodes of the graph.

use std::collections::BTreeMap;

use super::{Barrier, Direction, GATE_DELAY_S, MapBuilder, WaySpec};
use crate::MapError;
use crate::network::{ArcRow, EdgeRow, NONE, Network, Turns, WayRow, point};

/// The whole network as given: connected or not, without turn bans.
pub(super) fn cut(builder: &MapBuilder) -> Result<Network, MapError> {
    let mut pieces = Pieces {
        builder,
        junction: junctions(builder),
        node_of: vec![NONE; builder.nodes.len()],
        names: BTreeMap::from([("", 0)]),
        has_fixed: builder.ways.iter().any(|way| way.fixed_times.is_some()),
        network: Network {
            id: String::new(),
            nodes: Vec::new(),
            keys: Vec::new(),
            names: vec![String::new()],
            ways: Vec::new(),
            edges: Vec::new(),
            shapes: Vec::new(),
            arcs: Vec::new(),
            fixed_us: Vec::new(),
            banned_turns: Vec::new(),
            turns: Turns::default(),
            way_first: Vec::new(),
            way_arcs: Vec::new(),
        },
    };
    for way in &builder.ways {
        pieces.add_way(way)?;
    }
    pieces.network.keys.sort_unstable();
    Ok(pieces.network)
}

/// Where ways meet, end, carry a barrier or a turn rule.
fn junctions(builder: &MapBuilder) -> Vec<bool> {
    let mut junction = vec![false; builder.nodes.len()];
    let mut used = vec![false; builder.nodes.len()];
    for way in &builder.ways {
        for key in &way.nodes {
            let n = key.0 as usize;
            junction[n] |= used[n];
            used[n] = true;
        }
        for end in [way.nodes.first(), way.nodes.last()].into_iter().flatten() {
            junction[end.0 as usize] = true;
        }
    }
    for &n in builder.barriers.keys() {
        junction[n as usize] = true;
    }
    for rule in &builder.turn_rules {
        if let Some(mark) = junction.get_mut(rule.via as usize) {
            *mark = true;
        }
    }
    junction
}

struct Pieces<'a> {
    builder: &'a MapBuilder,
    junction: Vec<bool>,
    node_of: Vec<u32>,
    names: BTreeMap<&'a str, u32>,
    has_fixed: bool,
    network: Network,
}

impl<'a> Pieces<'a> {
    fn add_way(&mut self, way: &'a WaySpec) -> Result<(), MapError> {
        let speed_kmh = way.speed_kmh.unwrap_or_else(|| way.class.speed_kmh());
        let row = WayRow {
            id: way.id,
            name: self.name(&way.name),
            class: way.class,
            bridge: way.bridge,
            tunnel: way.tunnel,
            restricted: way.restricted,
            speed_tenth_kmh: (speed_kmh * 10.0).round() as u16,
        };
        self.network.ways.push(row);
        let mut from = self.graph_node(way.nodes[0].0);
        let mut previous = way.nodes[0].0;
        let mut shape_first = self.network.shapes.len() as u32;
        let mut length_m = 0.0;
        for (at, key) in way.nodes.iter().enumerate().skip(1) {
            if key.0 == previous {
                continue;
            }
            let position = self.builder.nodes[key.0 as usize];
            length_m += point(self.builder.nodes[previous as usize]).distance_m(point(position));
            previous = key.0;
            if !self.junction[key.0 as usize] {
                self.network.shapes.push(position);
                continue;
            }
            let to = self.graph_node(key.0);
            self.add_edge(
                way,
                EdgeRow { from, to, way: 0, length_mm: millimetres(length_m), shape_first, arcs: [NONE; 2] },
            )?;
            // A second node at a closed barrier: what comes after it does not touch what came before.
            let closed = self.builder.barriers.get(&key.0) == Some(&Barrier::Closed);
            from = if closed && at + 1 < way.nodes.len() { self.graph_node(key.0) } else { to };
            shape_first = self.network.shapes.len() as u32;
            length_m = 0.0;
        }
        Ok(())
    }

    fn add_edge(&mut self, way: &WaySpec, mut edge: EdgeRow) -> Result<(), MapError> {
        let number = self.network.edges.len() as u32;
        edge.way = self.network.ways.len() as u32 - 1;
        let forward = way.direction != Direction::Backward;
        let backward = way.direction != Direction::Forward;
        let next = self.network.arcs.len() as u32;
        if next > ARCS_MAX {
            return Err(MapError::TooLarge { what: "arcs", max: ARCS_MAX as usize });
        }
        edge.arcs = match (forward, backward) {
            (true, true) => [next, next + 1],
            (true, false) => [next, NONE],
            _ => [NONE, next],
        };
        for (side, &arc) in edge.arcs.iter().enumerate() {
            if arc == NONE {
                continue;
            }
            let (tail, head) = if side == 0 { (edge.from, edge.to) } else { (edge.to, edge.from) };
            let twin = edge.arcs[1 - side];
            let delay_us = self.delay_us(head);
            self.network.arcs.push(ArcRow { tail, head, edge: number, reversed: side == 1, twin, delay_us });
            if self.has_fixed {
                let fixed = way.fixed_times.map_or([0; 2], |times| {
                    // 0 stands for "not given", so the shortest given time is one microsecond.
                    [times.lights_and_sirens, times.ordinary].map(|t| (t.us() as u32).max(1))
                });
                self.network.fixed_us.push(fixed);
            }
        }
        self.network.edges.push(edge);
        Ok(())
    }

    fn delay_us(&self, head: u32) -> u32 {
        let key = self.network.keys[head as usize].0;
        match self.builder.barriers.get(&key) {
            Some(Barrier::Gate) => (GATE_DELAY_S * 1e6) as u32,
            Some(Barrier::Closed) | None => 0,
        }
    }

    /// The junction of a builder's node; a closed barrier gives a new one each time.
    fn graph_node(&mut self, key: u32) -> u32 {
        let closed = self.builder.barriers.get(&key) == Some(&Barrier::Closed);
        if self.node_of[key as usize] == NONE || closed {
            let node = self.network.nodes.len() as u32;
            self.network.nodes.push(self.builder.nodes[key as usize]);
            self.network.keys.push((key, node));
            self.node_of[key as usize] = node;
        }
        self.node_of[key as usize]
    }

    fn name(&mut self, name: &'a str) -> u32 {
        let next = self.network.names.len() as u32;
        let number = *self.names.entry(name).or_insert(next);
        if number == next {
            self.network.names.push(name.to_owned());
        }
        number
    }
}

fn millimetres(length_m: f64) -> u32 {
    (length_m * 1000.0).round().clamp(1.0, f64::from(u32::MAX)) as u32
}

/// Bound of the arc numbers: the top bit of a turn marks U-turns.
const ARCS_MAX: u32 = (1 << 31) - 4;
