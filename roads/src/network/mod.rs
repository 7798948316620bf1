//! The road network: junctions, the pieces of road between them, and the arcs a vehicle may drive. Geometry lies apart from the
//! graph: a search touches arcs and turns only, a drawing or a snap touches the polylines.

mod rows;
mod turns;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{NodeKey, RoadClass, Wgs84};

pub(crate) use rows::{ArcRow, EdgeRow, NONE, WayRow};
pub(crate) use turns::{Turns, U_TURN, group_by_node};

/// A junction, numbered from 0 within one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub(crate) u32);

/// A directed piece of road between two junctions, numbered from 0 within one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArcId(pub(crate) u32);

impl NodeId {
    /// Its number, for tables of one's own.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ArcId {
    /// Its number, for tables of one's own.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The road network of one map. Immutable; made by `RoadMap`.
#[derive(Debug)]
pub struct Network {
    pub(crate) id: String,
    pub(crate) nodes: Vec<[i32; 2]>,
    /// Builder's key and node, sorted by key.
    pub(crate) keys: Vec<(u32, u32)>,
    pub(crate) names: Vec<String>,
    /// Sorted by way id.
    pub(crate) ways: Vec<WayRow>,
    pub(crate) edges: Vec<EdgeRow>,
    /// Points between the junctions, all edges one after the other.
    pub(crate) shapes: Vec<[i32; 2]>,
    pub(crate) arcs: Vec<ArcRow>,
    /// Times given by the builder for both profiles, 0 where none was given; empty when there are none at all.
    pub(crate) fixed_us: Vec<[u32; 2]>,
    /// Arc to arc, sorted.
    pub(crate) banned_turns: Vec<(u32, u32)>,
    pub(crate) turns: Turns,
    /// Arcs grouped by way: `way_arcs[way_first[w]..way_first[w + 1]]`.
    pub(crate) way_first: Vec<u32>,
    pub(crate) way_arcs: Vec<u32>,
}

/// A road of the map as people know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way<'a> {
    /// OpenStreetMap's way id, or the one given to the builder.
    pub id: i64,
    /// Its name; empty when it has none.
    pub name: &'a str,
    /// Its class.
    pub class: RoadClass,
    /// On a bridge.
    pub bridge: bool,
    /// In a tunnel.
    pub tunnel: bool,
    /// Speed limit or class speed in km/h.
    pub speed_kmh: f64,
}

/// A piece of road between two junctions, for drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadPiece<'a> {
    /// The road it belongs to.
    pub way: Way<'a>,
    /// May be driven in the order of its points.
    pub forward: bool,
    /// May be driven against the order of its points.
    pub backward: bool,
    /// Length in metres.
    pub length_m: f64,
    /// Its points, both junctions included.
    pub points: Vec<Wgs84>,
}

impl Network {
    /// The hash of the map it belongs to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Number of junctions.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of arcs.
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Where a junction lies.
    pub fn node_position(&self, node: NodeId) -> Wgs84 {
        point(self.nodes[node.index()])
    }

    /// The junction made from a node given to the builder; `None` when it became a bend or lay in a part that was cut off.
    pub fn node_for(&self, key: NodeKey) -> Option<NodeId> {
        let at = self.keys.partition_point(|&(k, _)| k < key.0);
        self.keys.get(at).filter(|&&(k, _)| k == key.0).map(|&(_, node)| NodeId(node))
    }

    /// The junctions an arc leads from and to.
    pub fn arc_ends(&self, arc: ArcId) -> (NodeId, NodeId) {
        let row = &self.arcs[arc.index()];
        (NodeId(row.tail), NodeId(row.head))
    }

    /// Length of an arc in metres.
    pub fn arc_length_m(&self, arc: ArcId) -> f64 {
        self.edge_of(arc).length_m()
    }

    /// The road an arc belongs to.
    pub fn arc_way(&self, arc: ArcId) -> Way<'_> {
        self.way_at(self.edge_of(arc).way)
    }

    /// The same piece of road driven the other way, where that is allowed.
    pub fn twin(&self, arc: ArcId) -> Option<ArcId> {
        let twin = self.arcs[arc.index()].twin;
        (twin != NONE).then_some(ArcId(twin))
    }

    /// The points of an arc in driving order, both ends included.
    pub fn arc_points(&self, arc: ArcId) -> Vec<Wgs84> {
        let row = &self.arcs[arc.index()];
        let mut points = self.edge_points(row.edge as usize);
        if row.reversed {
            points.reverse();
        }
        points
    }

    /// The road with this id; `None` when the map has none (or cut it off).
    pub fn way(&self, way_id: i64) -> Option<Way<'_>> {
        self.way_index(way_id).map(|w| self.way_at(w as u32))
    }

    /// All roads, in order of id.
    pub fn ways(&self) -> impl Iterator<Item = Way<'_>> {
        (0..self.ways.len() as u32).map(|w| self.way_at(w))
    }

    /// The arcs of a road, both directions.
    pub fn arcs_of_way(&self, way_id: i64) -> impl Iterator<Item = ArcId> + '_ {
        let range = self.way_index(way_id).map_or(0..0, |w| self.way_arc_range(w));
        self.way_arcs[range].iter().map(|&arc| ArcId(arc))
    }

    /// Number of pieces of road between junctions, for [`Network::road_piece`].
    pub fn road_piece_count(&self) -> usize {
        self.edges.len()
    }

    /// One piece of road, for drawing; pieces are numbered from 0.
    pub fn road_piece(&self, number: usize) -> RoadPiece<'_> {
        let edge = &self.edges[number];
        RoadPiece {
            way: self.way_at(edge.way),
            forward: edge.arcs[0] != NONE,
            backward: edge.arcs[1] != NONE,
            length_m: edge.length_m(),
            points: self.edge_points(number),
        }
    }

    /// Whether a driver on `from` may go on with `to` at the junction between them.
    pub fn may_turn(&self, from: ArcId, to: ArcId) -> bool {
        self.arcs[from.index()].head == self.arcs[to.index()].tail
            && self.banned_turns.binary_search(&(from.0, to.0)).is_err()
    }

    /// Arcs that end at a junction.
    pub(crate) fn arcs_into(&self, node: u32) -> &[u32] {
        self.turns.before_node(node)
    }

    pub(crate) fn edge_of(&self, arc: ArcId) -> &EdgeRow {
        &self.edges[self.arcs[arc.index()].edge as usize]
    }

    pub(crate) fn edge_points(&self, edge: usize) -> Vec<Wgs84> {
        let row = &self.edges[edge];
        let inner = &self.shapes[self.shape_range(edge)];
        let mut points = Vec::with_capacity(inner.len() + 2);
        points.push(point(self.nodes[row.from as usize]));
        points.extend(inner.iter().map(|&p| point(p)));
        points.push(point(self.nodes[row.to as usize]));
        points
    }

    pub(crate) fn shape_range(&self, edge: usize) -> Range<usize> {
        let end = self.edges.get(edge + 1).map_or(self.shapes.len(), |next| next.shape_first as usize);
        self.edges[edge].shape_first as usize..end
    }

    pub(crate) fn way_at(&self, way: u32) -> Way<'_> {
        let row = &self.ways[way as usize];
        Way {
            id: row.id,
            name: &self.names[row.name as usize],
            class: row.class,
            bridge: row.bridge,
            tunnel: row.tunnel,
            speed_kmh: f64::from(row.speed_tenth_kmh) / 10.0,
        }
    }

    fn way_index(&self, way_id: i64) -> Option<usize> {
        self.ways.binary_search_by_key(&way_id, |row| row.id).ok()
    }

    fn way_arc_range(&self, way: usize) -> Range<usize> {
        self.way_first[way] as usize..self.way_first[way + 1] as usize
    }

    /// Fills what follows from the rows: turns, and the arcs of each way.
    pub(crate) fn derive(&mut self) {
        self.turns = Turns::of(self.nodes.len(), &self.arcs, &self.banned_turns);
        let mut first = vec![0u32; self.ways.len() + 1];
        for arc in &self.arcs {
            first[self.edges[arc.edge as usize].way as usize + 1] += 1;
        }
        for w in 1..first.len() {
            first[w] += first[w - 1];
        }
        let mut next = first.clone();
        self.way_arcs = vec![0; self.arcs.len()];
        for (number, arc) in self.arcs.iter().enumerate() {
            let slot = &mut next[self.edges[arc.edge as usize].way as usize];
            self.way_arcs[*slot as usize] = number as u32;
            *slot += 1;
        }
        self.way_first = first;
    }
}

pub(crate) fn point(e7: [i32; 2]) -> Wgs84 {
    Wgs84::from_e7(e7).expect("invariant: stored positions were checked when the map was made or read")
}
