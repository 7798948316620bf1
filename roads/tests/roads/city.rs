//! Random small towns: crooked two-way and one-way streets, bends, gates, bollards, turn rules, and places in them.

use proptest::prelude::*;
use proptest::sample::Index;
use roads::{Barrier, Direction, MapBuilder, NodeKey, RoadClass, RoadMap, Snap, TurnRule, WaySpec, Wgs84};

/// What a random town is built from.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    nodes: Vec<(f64, f64)>,
    ways: Vec<RandomWay>,
    rules: Vec<(bool, Index, Index, Index)>,
    barriers: Vec<(Index, bool)>,
}

#[derive(Clone, Debug)]
struct RandomWay {
    nodes: Vec<Index>,
    direction: u8,
    speed: Option<f64>,
    restricted: bool,
}

/// A place in a town, before the town is known.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    OnArc(Index, f64),
    AtNode(Index),
    Near(f64, f64),
}

pub(crate) fn towns() -> impl Strategy<Value = Town> {
    let way = (
        prop::collection::vec(any::<Index>(), 2..5),
        0u8..5,
        prop::option::of(5.0..100.0),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(nodes, direction, speed, restricted)| RandomWay {
            nodes,
            direction,
            speed,
            restricted,
        });
    // Of few rules and short streets: what a rule changes ends somewhere in the town.
    let scale = prop_oneof![Just(1.0), Just(0.2), Just(0.05)];
    let rule = (any::<bool>(), any::<Index>(), any::<Index>(), any::<Index>());
    (
        (scale, prop::collection::vec((0.0..0.02, 0.0..0.02), 4..24)),
        prop::collection::vec(way, 4..20),
        prop_oneof![prop::collection::vec(rule.clone(), 0..3), prop::collection::vec(rule, 0..12)],
        prop::collection::vec((any::<Index>(), any::<bool>()), 0..2),
    )
        .prop_map(|((scale, mut nodes), ways, rules, barriers)| {
            for (x, y) in &mut nodes {
                (*x, *y) = (*x * scale, *y * scale);
            }
            Town { nodes, ways, rules, barriers }
        })
}

pub(crate) fn spots() -> impl Strategy<Value = Spot> {
    prop_oneof![
        (any::<Index>(), prop_oneof![Just(0.0), Just(1.0), 0.0..1.0])
            .prop_map(|(arc, f)| Spot::OnArc(arc, f)),
        any::<Index>().prop_map(Spot::AtNode),
        (0.0..0.02, 0.0..0.02).prop_map(|(x, y)| Spot::Near(x, y)),
    ]
}

impl Town {
    /// `None` when no part of it is connected.
    pub(crate) fn build(&self) -> Option<RoadMap> {
        let mut builder = MapBuilder::new();
        let keys: Vec<NodeKey> = self.nodes.iter().map(|&(x, y)| builder.add_node(position(x, y))).collect();
        let ways: Vec<Vec<NodeKey>> =
            self.ways.iter().map(|way| way.nodes.iter().map(|index| *index.get(&keys)).collect()).collect();
        for (id, (way, nodes)) in self.ways.iter().zip(&ways).enumerate() {
            let direction = match way.direction {
                0 => Direction::Forward,
                1 => Direction::Backward,
                _ => Direction::Both,
            };
            let spec = WaySpec::new(id as i64 + 1, RoadClass::Residential, nodes.clone());
            builder.add_way(WaySpec { direction, speed_kmh: way.speed, restricted: way.restricted, ..spec });
        }
        for (only, from, via, to) in &self.rules {
            let from = from.index(ways.len());
            let via = *via.get(&ways[from]);
            // Rules between ways that meet are the ones that do something.
            let meeting: Vec<usize> = (0..ways.len()).filter(|&w| ways[w].contains(&via)).collect();
            let to = *to.get(&meeting);
            let rule = if *only { TurnRule::Only } else { TurnRule::Forbidden };
            builder.add_turn_rule(rule, from as i64 + 1, via, to as i64 + 1);
        }
        for (node, closed) in &self.barriers {
            builder.add_barrier(*node.get(&keys), if *closed { Barrier::Closed } else { Barrier::Gate });
        }
        builder.build(&mut |_| {}).ok()
    }
}

impl Spot {
    pub(crate) fn snap(&self, map: &RoadMap) -> Snap {
        let network = map.network();
        let arcs: Vec<_> = crate::oracle::arcs(network).collect();
        match self {
            Self::OnArc(arc, fraction) => Snap::on_arc(network, *arc.get(&arcs), *fraction),
            Self::AtNode(arc) => Snap::at_node(network, network.arc_ends(*arc.get(&arcs)).0),
            Self::Near(x, y) => map.snap(position(*x, *y), 1e6).expect("the town is not that large"),
        }
    }
}

pub(crate) fn position(x: f64, y: f64) -> Wgs84 {
    Wgs84::new(114.3 + x, 30.5 + y).expect("a position in Wuhan")
}
