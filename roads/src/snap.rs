//! From a position to the road it is on: the nearest piece of road, how far along it, and how far off it.

use rstar::{AABB, PointDistance, RTree, RTreeObject};
use serde::{Deserialize, Serialize};

use crate::network::{NONE, Network, Way, point};
use crate::travel_time::off_road_time;
use crate::{ArcId, NodeId, TravelTime, Wgs84};

/// A position tied to the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snap {
    pub(crate) place: Place,
    /// The position that was asked about.
    pub asked: Wgs84,
    /// The nearest point on the road.
    pub on_road: Wgs84,
    /// Distance between the two in metres.
    pub off_road_m: f64,
}

/// Where on the network a snap lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// At a junction.
    Node(NodeId),
    /// On a piece of road, at a fraction (0 to 1) of its length along its drawing.
    Edge {
        /// Number of the piece.
        edge: u32,
        /// How far along it.
        fraction: f64,
    },
}

impl Snap {
    /// A snap to a junction itself, with nothing off the road.
    pub fn at_node(network: &Network, node: NodeId) -> Self {
        let position = network.node_position(node);
        Self { place: Place::Node(node), asked: position, on_road: position, off_road_m: 0.0 }
    }

    /// A snap to a point of an arc, `fraction` (0 to 1) of its length from its start, with nothing off the road. Both
    /// directions of the road are open to it.
    pub fn on_arc(network: &Network, arc: ArcId, fraction: f64) -> Self {
        let row = &network.arcs[arc.index()];
        let along = if row.reversed { 1.0 - fraction } else { fraction }.clamp(0.0, 1.0);
        let points = network.edge_points(row.edge as usize);
        let on_road = point_at(&points, along);
        Self {
            place: Place::Edge { edge: row.edge, fraction: along },
            asked: on_road,
            on_road,
            off_road_m: 0.0,
        }
    }

    /// The junction it is at; `None` on a road.
    pub fn node(&self) -> Option<NodeId> {
        match self.place {
            Place::Node(node) => Some(node),
            Place::Edge { .. } => None,
        }
    }

    /// The road it is on; `None` at a junction.
    pub fn way<'a>(&self, network: &'a Network) -> Option<Way<'a>> {
        match self.place {
            Place::Node(_) => None,
            Place::Edge { edge, .. } => Some(network.way_at(network.edges[edge as usize].way)),
        }
    }

    /// The arcs it lies on with the fraction of each already driven: one for a one-way road, two for others, at a junction
    /// the arcs that leave it.
    pub fn arcs<'a>(&self, network: &'a Network) -> impl Iterator<Item = (ArcId, f64)> + use<'a> {
        let (leaving, along) = match self.place {
            Place::Node(node) => (network.turns.after_node(node.0), [(NONE, 0.0); 2]),
            Place::Edge { edge, fraction } => {
                let [forward, backward] = network.edges[edge as usize].arcs;
                (&[][..], [(forward, fraction), (backward, 1.0 - fraction)])
            }
        };
        let along = along.into_iter().filter(|&(arc, _)| arc != NONE);
        leaving.iter().map(|&arc| (arc, 0.0)).chain(along).map(|(arc, fraction)| (ArcId(arc), fraction))
    }

    /// Time between the position and the road: see `OFF_ROAD_KMH`.
    pub fn off_road_time(&self) -> TravelTime {
        off_road_time(self.off_road_m)
    }
}

/// Finds the pieces of road near a position.
#[derive(Debug)]
pub(crate) struct SnapIndex {
    tree: RTree<Segment>,
    plane: Plane,
}

impl SnapIndex {
    pub(crate) fn new(network: &Network, centre: Wgs84) -> Self {
        let plane = Plane::around(centre);
        let mut segments = Vec::with_capacity(network.shapes.len() + network.edges.len());
        for (number, edge) in network.edges.iter().enumerate() {
            let inner = &network.shapes[network.shape_range(number)];
            let mut from = plane.project(point(network.nodes[edge.from as usize]));
            let last = network.nodes[edge.to as usize];
            for (part, &to) in inner.iter().chain(std::iter::once(&last)).enumerate() {
                let to = plane.project(point(to));
                segments.push(Segment { from, to, edge: number as u32, part: part as u32 });
                from = to;
            }
        }
        Self { tree: RTree::bulk_load(segments), plane }
    }

    /// The nearest pieces of road, nearest first, none twice, at most `count`, none farther than `snap_m_max` metres.
    pub(crate) fn nearest(&self, network: &Network, p: Wgs84, snap_m_max: f64, count: usize) -> Vec<Snap> {
        let at = self.plane.project(p);
        let mut snaps: Vec<Snap> = Vec::with_capacity(count);
        let mut seen: Vec<u32> = Vec::with_capacity(count);
        for segment in self.tree.nearest_neighbor_iter(at) {
            // The plane is off by a few per mille far from the map's centre, hence the margin.
            let plane_m = f64::from(segment.distance_2(&at)).sqrt();
            if snaps.len() >= count || plane_m > snap_m_max * 1.1 + 1.0 {
                break;
            }
            if !seen.contains(&segment.edge) {
                seen.push(segment.edge);
                let snap = snap_to(network, p, segment, segment.fraction_of(at));
                if snap.off_road_m <= snap_m_max {
                    snaps.push(snap);
                }
            }
        }
        snaps
    }
}

fn snap_to(network: &Network, asked: Wgs84, segment: &Segment, t: f32) -> Snap {
    let points = network.edge_points(segment.edge as usize);
    let part = segment.part as usize;
    let on_road = points[part].towards(points[part + 1], f64::from(t));
    let before: f64 = points[..=part].windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let whole: f64 = points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let along = before + points[part].distance_m(on_road);
    let fraction = if whole > 0.0 { (along / whole).clamp(0.0, 1.0) } else { 0.0 };
    Snap {
        place: Place::Edge { edge: segment.edge, fraction },
        asked,
        on_road,
        off_road_m: asked.distance_m(on_road),
    }
}

/// The point at a fraction (0 to 1) of a line's length.
pub(crate) fn point_at(points: &[Wgs84], fraction: f64) -> Wgs84 {
    let whole: f64 = points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let mut left = whole * fraction;
    for pair in points.windows(2) {
        let length = pair[0].distance_m(pair[1]);
        if left <= length && length > 0.0 {
            return pair[0].towards(pair[1], left / length);
        }
        left -= length;
    }
    *points.last().expect("invariant: an edge has two points at least")
}

/// Metres east and north of the map's centre.
#[derive(Clone, Copy, Debug)]
struct Plane {
    centre: Wgs84,
    m_per_degree: [f64; 2],
}

impl Plane {
    fn around(centre: Wgs84) -> Self {
        let north = crate::position::EARTH_RADIUS_M.to_radians();
        Self { centre, m_per_degree: [north * centre.latitude().to_radians().cos(), north] }
    }

    /// Single precision keeps centimetres over a province and halves the index.
    fn project(&self, p: Wgs84) -> [f32; 2] {
        [
            ((p.longitude() - self.centre.longitude()) * self.m_per_degree[0]) as f32,
            ((p.latitude() - self.centre.latitude()) * self.m_per_degree[1]) as f32,
        ]
    }
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    from: [f32; 2],
    to: [f32; 2],
    edge: u32,
    /// Which of the edge's segments, from 0.
    part: u32,
}

impl Segment {
    /// Where the nearest point lies between `from` (0) and `to` (1).
    fn fraction_of(&self, p: [f32; 2]) -> f32 {
        let (dx, dy) = (self.to[0] - self.from[0], self.to[1] - self.from[1]);
        let square = dx * dx + dy * dy;
        if square > 0.0 {
            (((p[0] - self.from[0]) * dx + (p[1] - self.from[1]) * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.from, self.to)
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, p: &[f32; 2]) -> f32 {
        let t = self.fraction_of(*p);
        let dx = self.from[0] + (self.to[0] - self.from[0]) * t - p[0];
        let dy = self.from[1] + (self.to[1] - self.from[1]) * t - p[1];
        dx * dx + dy * dy
    }
}
