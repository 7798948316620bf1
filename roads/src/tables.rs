//! Travel time tables: many sources to many targets at once, by a customizable contraction hierarchy over arcs (so that turn rules
//! hold). For the nearest few to one target use `nearest_arrivals`: it needs no preparation and is quicker.

use cch::graph::Graph;
use cch::{Cch, CchView, INF_WEIGHT, Metric, MetricView, distance_matrix, inertial_order};

use crate::network::{Network, U_TURN};
use crate::search::{ReverseSearch, SearchSpace, U_TURN_US, along_us};
use crate::snap::Place;
use crate::weights::{CLOSED, TIME_QUANTUM_US};
use crate::{RoadMap, Snap, TravelTime, Weights};

/// The hierarchy of one map: made once per map, serves all weights.
#[derive(Debug)]
pub struct TableIndex {
    cch: Cch,
    graph: TurnGraph,
}

/// The hierarchy with the times of one set of weights.
#[derive(Debug)]
pub struct TravelTables<'a> {
    map: &'a RoadMap,
    index: &'a TableIndex,
    weights: Weights,
    metric: Metric,
}

impl TableIndex {
    /// Contracts the map's network in the order stored with the map.
    pub fn new(map: &RoadMap) -> Self {
        let graph = TurnGraph::of(&map.network);
        let shape = Graph {
            first_out: graph.first_out.clone(),
            head: graph.head.clone(),
            weight: vec![0; graph.head.len()],
        };
        Self { cch: Cch::build(&shape, &map.table_order), graph }
    }

    /// Brings in the times of the weights; quick enough to do at every change of them.
    ///
    /// # Panics
    /// When the weights or the index were made for another map.
    pub fn customise<'a>(&'a self, map: &'a RoadMap, weights: &Weights) -> TravelTables<'a> {
        weights.assert_made_for(&map.network);
        assert_eq!(
            self.graph.first_out.len(),
            map.network.arc_count() + 1,
            "the table index belongs to another map"
        );
        let metric = self.cch.customize(&self.graph.weigh(weights));
        TravelTables { map, index: self, weights: weights.clone(), metric }
    }
}

impl TravelTables<'_> {
    /// Times from every source (rows) to every target (columns); `None` where there is no way. Equal to `ReverseSearch` to the
    /// microsecond on computed times; times fixed by the builder count rounded up to [`TIME_QUANTUM_US`] an arc.
    /// Journeys of 5.9 hours and more count as no way.
    pub fn times(&self, sources: &[Snap], targets: &[Snap]) -> Vec<Vec<Option<TravelTime>>> {
        let from = Ends::of_sources(self.map, sources);
        let to = Ends::of_targets(self.map, targets, &self.weights);
        let between = self.arc_matrix(&from.arcs, &to.arcs);
        let mut space = SearchSpace::new();
        let row = |s: usize| {
            (0..targets.len())
                .map(|t| {
                    let tabled = self.best(&from, s, &to, t, &between)?;
                    Some(tabled + sources[s].off_road_time() + targets[t].off_road_time())
                })
                .collect()
        };
        let mut times: Vec<Vec<Option<TravelTime>>> = (0..sources.len()).map(row).collect();
        for (t, target) in targets.iter().enumerate() {
            self.search_where_the_table_cannot(sources, target, t, &mut times, &mut space);
        }
        times
    }

    /// Times from many sources to one target.
    pub fn times_to(&self, sources: &[Snap], target: &Snap) -> Vec<Option<TravelTime>> {
        self.times(sources, std::slice::from_ref(target)).into_iter().map(|row| row[0]).collect()
    }

    /// Times from one source to many targets.
    pub fn times_from(&self, source: &Snap, targets: &[Snap]) -> Vec<Option<TravelTime>> {
        self.times(std::slice::from_ref(source), targets).pop().unwrap_or_default()
    }

    /// Rows of `from`, columns of `to`, in quanta; run along the shorter side, as each run costs a sweep over the other.
    fn arc_matrix(&self, from: &[u32], to: &[u32]) -> Matrix {
        let view: CchView<'_> = self.index.cch.view();
        if from.len() <= to.len() {
            return Matrix {
                cells: distance_matrix(&view, &self.metric.view(), from, to),
                width: to.len(),
                turned: false,
            };
        }
        // The same hierarchy with up and down exchanged is the one of the reversed graph.
        let backwards = MetricView { forward: &self.metric.backward, backward: &self.metric.forward };
        Matrix { cells: distance_matrix(&view, &backwards, to, from), width: from.len(), turned: true }
    }

    fn best(&self, from: &Ends, s: usize, to: &Ends, t: usize, between: &Matrix) -> Option<TravelTime> {
        let mut best = None;
        for (row, a) in from.of(s) {
            for (column, b) in to.of(t) {
                let arc_us = |arc: u32| self.weights.open_us()[arc as usize];
                let (begin_us, rest_us) = (along_us(arc_us(a.arc), a.fraction), u64::from(arc_us(a.arc)));
                let mut offer = |us: u64| best = Some(best.map_or(us, |b: u64| b.min(us)));
                if b.on_arc && a.arc == b.arc && a.fraction <= b.fraction {
                    offer(along_us(arc_us(b.arc), b.fraction) - begin_us);
                }
                // The matrix counts from arc end to arc end; an arc to itself is 0 there, which is no way round the block.
                let quanta = between.at(row, column);
                let round_the_block = b.on_arc && a.arc == b.arc;
                let closed_start = a.at_junction && self.weights.drive_us()[a.arc as usize] == CLOSED;
                if quanta == INF_WEIGHT || round_the_block || closed_start {
                    continue;
                }
                let between_us = u64::from(quanta) * u64::from(TIME_QUANTUM_US);
                let not_driven = if b.on_arc {
                    let whole = u64::from(arc_us(b.arc).div_ceil(TIME_QUANTUM_US) * TIME_QUANTUM_US);
                    whole - along_us(arc_us(b.arc), b.fraction)
                } else {
                    0
                };
                offer(rest_us - begin_us + between_us - not_driven);
            }
        }
        best.map(TravelTime::from_us)
    }

    /// Two cases that a matrix of arc ends cannot express: a target on a closed piece of road, and a source just past the
    /// target on the same arc. They are rare; the search answers them.
    fn search_where_the_table_cannot(
        &self,
        sources: &[Snap],
        target: &Snap,
        column: usize,
        times: &mut [Vec<Option<TravelTime>>],
        space: &mut SearchSpace,
    ) {
        let network = &self.map.network;
        let on_closed = target.arcs(network).any(|(arc, _)| self.weights.drive_us()[arc.index()] == CLOSED);
        let mut same = Vec::new();
        for (s, source) in sources.iter().enumerate() {
            let same_place = match (source.place, target.place) {
                (Place::Edge { edge: a, .. }, Place::Edge { edge: b, .. }) => a == b,
                (Place::Node(a), Place::Node(b)) => a == b,
                (Place::Node(_), Place::Edge { edge, .. }) => {
                    source.arcs(network).any(|(arc, _)| network.arcs[arc.index()].edge == edge)
                }
                (Place::Edge { .. }, Place::Node(_)) => false,
            };
            if same_place || (on_closed && matches!(target.place, Place::Edge { .. })) {
                same.push(s);
            }
        }
        if same.is_empty() {
            return;
        }
        let mut search = ReverseSearch::new(network, &self.weights, space, target);
        for s in same {
            times[s][column] = search.time_to_reach(&sources[s]);
        }
    }
}

struct Matrix {
    cells: Vec<u32>,
    width: usize,
    turned: bool,
}

impl Matrix {
    fn at(&self, from: usize, to: usize) -> u32 {
        let (row, column) = if self.turned { (to, from) } else { (from, to) };
        self.cells[row * self.width + column]
    }
}

/// The arcs a list of snaps lies on, one after the other.
struct Ends {
    arcs: Vec<u32>,
    all: Vec<End>,
    first: Vec<usize>,
}

#[derive(Clone, Copy)]
struct End {
    arc: u32,
    fraction: f64,
    /// The target lies on this arc; otherwise at its end.
    on_arc: bool,
    /// The source stands at the junction where this arc begins.
    at_junction: bool,
}

impl Ends {
    fn of_sources(map: &RoadMap, snaps: &[Snap]) -> Self {
        Self::collect(snaps, |snap| {
            let at_junction = matches!(snap.place, Place::Node(_));
            let arcs = snap.arcs(&map.network);
            arcs.map(|(arc, fraction)| End { arc: arc.0, fraction, on_arc: false, at_junction }).collect()
        })
    }

    fn of_targets(map: &RoadMap, snaps: &[Snap], weights: &Weights) -> Self {
        Self::collect(snaps, |snap| {
            let end = |arc, fraction, on_arc| End { arc, fraction, on_arc, at_junction: false };
            if let Place::Node(node) = snap.place {
                return map.network.arcs_into(node.0).iter().map(|&arc| end(arc, 1.0, false)).collect();
            }
            let arcs = snap.arcs(&map.network);
            arcs.filter(|(arc, _)| weights.drive_us()[arc.index()] != CLOSED)
                .map(|(arc, fraction)| end(arc.0, fraction, true))
                .collect()
        })
    }

    fn collect(snaps: &[Snap], ends_of: impl Fn(&Snap) -> Vec<End>) -> Self {
        let mut collected = Self { arcs: Vec::new(), all: Vec::new(), first: vec![0] };
        for snap in snaps {
            for end in ends_of(snap) {
                collected.arcs.push(end.arc);
                collected.all.push(end);
            }
            collected.first.push(collected.all.len());
        }
        collected
    }

    fn of(&self, snap: usize) -> impl Iterator<Item = (usize, End)> + '_ {
        (self.first[snap]..self.first[snap + 1]).map(|at| (at, self.all[at]))
    }
}

/// The network as the hierarchy sees it: arcs are its nodes, turns its arcs; a turn weighs what it costs to come from the end of
/// one arc to the end of the next.
#[derive(Debug)]
struct TurnGraph {
    first_out: Vec<u32>,
    head: Vec<u32>,
    is_u_turn: Vec<bool>,
}

impl TurnGraph {
    fn of(network: &Network) -> Self {
        let arcs = network.arc_count();
        let mut first_out = vec![0u32; arcs + 1];
        let turns = |to: u32| network.turns.before_arc(to).iter().map(|&t| (t & !U_TURN, t & U_TURN != 0));
        for to in 0..arcs as u32 {
            turns(to).for_each(|(from, _)| first_out[from as usize + 1] += 1);
        }
        for arc in 1..first_out.len() {
            first_out[arc] += first_out[arc - 1];
        }
        let mut next = first_out.clone();
        let count = first_out[arcs] as usize;
        let (mut head, mut is_u_turn) = (vec![0u32; count], vec![false; count]);
        for to in 0..arcs as u32 {
            for (from, back) in turns(to) {
                let slot = next[from as usize] as usize;
                next[from as usize] += 1;
                head[slot] = to;
                is_u_turn[slot] = back;
            }
        }
        Self { first_out, head, is_u_turn }
    }

    fn weigh(&self, weights: &Weights) -> Vec<u32> {
        let turn = |(&to, &back): (&u32, &bool)| match weights.drive_us()[to as usize] {
            CLOSED => INF_WEIGHT,
            us => us.div_ceil(TIME_QUANTUM_US) + if back { U_TURN_QUANTA } else { 0 },
        };
        self.head.iter().zip(&self.is_u_turn).map(turn).collect()
    }
}

/// In which order the hierarchy contracts the arcs: by cuts through the city. Takes seconds for a city, so it is kept in the map file.
///
/// The cuts are made among junctions, which are fewer than arcs: where a set of junctions parts the city in two, the arcs that
/// leave these junctions part the arcs in two, as every way across goes over one of them.
pub(crate) fn contraction_order(network: &Network) -> Vec<u32> {
    let tail: Vec<u32> = network.arcs.iter().map(|arc| arc.tail).collect();
    let head: Vec<u32> = network.arcs.iter().map(|arc| arc.head).collect();
    let axis = |axis: usize| -> Vec<f32> {
        network.nodes.iter().map(|node| (f64::from(node[axis]) / 1e7) as f32).collect()
    };
    let (longitude, latitude) = (axis(0), axis(1));
    let nodes = inertial_order(network.node_count() as u32, &tail, &head, &latitude, &longitude);
    nodes.iter().flat_map(|&node| network.turns.after_node(node)).copied().collect()
}

const U_TURN_QUANTA: u32 = (U_TURN_US / TIME_QUANTUM_US as u64) as u32;
