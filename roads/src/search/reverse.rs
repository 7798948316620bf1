//! The exact search from a target backwards: what any place's way to it costs, found in order of cost and as far as asked.

use super::layout::Layout;
use super::space::{self, SearchSpace};
use crate::network::{NONE, U_TURN};
use crate::snap::Place;
use crate::weights::CLOSED;
use crate::{ArcId, Network, Snap, TravelTime, Weights};

/// A search backwards from one target. It goes as far as it is told and no farther.
///
/// The time of a journey is the way to the road, the rest of the arc it begins on, every arc between, the part of the arc it
/// ends on, and the way from the road; each turn back onto the road one came from costs [`U_TURN_S`] more.
#[derive(Debug)]
pub struct ReverseSearch<'a> {
    network: &'a Network,
    weights: &'a Weights,
    layout: &'a Layout,
    space: &'a mut SearchSpace,
    target: Snap,
    off_road_us: u64,
}

impl<'a> ReverseSearch<'a> {
    /// Begins at the target.
    ///
    /// # Panics
    /// When the weights were made for another map.
    pub fn new(
        network: &'a Network,
        weights: &'a Weights,
        space: &'a mut SearchSpace,
        target: &Snap,
    ) -> Self {
        weights.assert_made_for(network);
        space.begin(network.node_count(), network.arc_count());
        let off_road_us = target.off_road_time().us();
        let layout = weights.layout();
        let mut search = Self { network, weights, layout, space, target: *target, off_road_us };
        search.seed();
        search
    }

    fn seed(&mut self) {
        if let Place::Node(node) = self.target.place {
            if !self.layout.is_by_arc(node.0) {
                self.space.offer_junction(node.0, self.off_road_us, NONE);
                return;
            }
            for &arc in self.network.arcs_into(node.0) {
                self.space.offer_arc(arc, self.off_road_us, NONE);
            }
            return;
        }
        for (arc, fraction) in self.target.arcs(self.network) {
            let cost = self.off_road_us + along_us(self.weights.open_us()[arc.index()], fraction);
            self.offer_at_tail(arc.0, cost, arc.0 | LAST);
        }
    }

    /// Time from which on nothing is settled: every journey whose time (without the source's own way to the road) is not above
    /// it is known. [`TravelTime::MAX`] when the search has seen all there is.
    pub fn frontier(&self) -> TravelTime {
        self.space.heap.peek().map_or(TravelTime::MAX, TravelTime::from_us)
    }

    /// Searches until the frontier is past `until`.
    pub fn advance(&mut self, until: TravelTime) {
        while self.frontier() <= until && self.step().is_some() {}
    }

    /// Settles a junction, or one arc that ends there; `None` at the end.
    pub(super) fn step(&mut self) -> Option<u32> {
        let (cost, place) = self.space.pop()?;
        match place {
            space::Place::Junction(node) => {
                self.pass(node, cost);
                Some(node)
            }
            space::Place::Arc(arc) => {
                let drive = self.weights.drive_us()[arc as usize];
                if drive != CLOSED {
                    self.offer_at_tail(arc, cost + u64::from(drive), arc);
                }
                Some(self.network.arcs[arc as usize].head)
            }
        }
    }

    /// Goes on from a junction to where the arcs begin that end there.
    fn pass(&mut self, node: u32, cost: u64) {
        let turns = &self.network.turns;
        let slots = turns.slots_into(node);
        for (approach, &arc) in
            self.layout.approaches()[slots.clone()].iter().zip(&turns.arcs_by_head()[slots])
        {
            if approach.drive_us == CLOSED {
                continue;
            }
            let cost = cost + u64::from(approach.drive_us);
            if let Some(tail) = approach.plain_tail() {
                // On the road that is the way on this is worse than what is known there.
                self.space.offer_junction(tail, cost, arc);
            } else if !self.is_way_on(node, arc) {
                self.offer_turns_into(arc, cost, arc);
            }
        }
    }

    /// Whether an arc that ends at a junction is the road by which one would go on from there, in the wrong direction.
    fn is_way_on(&self, node: u32, arc: u32) -> bool {
        let twin = self.network.arcs[arc as usize].twin;
        let way_on = self.space.label(space::Place::Junction(node)).map(|(_, next)| next);
        twin != NONE && way_on.is_some_and(|next| next != NONE && next & !LAST == twin)
    }

    fn offer_at_tail(&mut self, arc: u32, cost: u64, next: u32) {
        let tail = self.network.arcs[arc as usize].tail;
        if self.layout.is_by_arc(tail) {
            self.offer_turns_into(arc, cost, next);
        } else {
            self.space.offer_junction(tail, cost, next);
        }
    }

    fn offer_turns_into(&mut self, arc: u32, cost: u64, next: u32) {
        for &turn in self.network.turns.before_arc(arc) {
            let cost = if turn & U_TURN == 0 { cost } else { cost + U_TURN_US };
            self.space.offer_arc(turn & !U_TURN, cost, next);
        }
    }

    /// What is known of the way on from the end of an arc: its cost and the next arc. `None` also where that would be to turn back
    /// at a junction without banned turns: nobody has to, who may go either way from where he is.
    fn way_on(&self, arc: u32) -> Option<(u64, u32)> {
        let head = self.network.arcs[arc as usize].head;
        if self.layout.is_by_arc(head) {
            return self.space.label(space::Place::Arc(arc));
        }
        self.space.label(space::Place::Junction(head)).filter(|_| !self.is_way_on(head, arc))
    }

    /// Time from a source, once it is certain: `None` while the frontier has not passed it, and when there is no way.
    pub fn time_from(&self, source: &Snap) -> Option<TravelTime> {
        let (time, _) = self.tentative_from(source)?;
        (time.saturating_sub(source.off_road_time()) <= self.frontier()).then_some(time)
    }

    /// Searches on until the time from a source is certain; `None` when there is no way.
    pub fn time_to_reach(&mut self, source: &Snap) -> Option<TravelTime> {
        let heads: Vec<u32> =
            source.arcs(self.network).map(|(arc, _)| self.network.arcs[arc.index()].head).collect();
        let off_road = source.off_road_time();
        let mut best = self.tentative_from(source).map(|(time, _)| time);
        loop {
            if best.is_some_and(|time| time.saturating_sub(off_road) <= self.frontier()) {
                return best;
            }
            match self.step() {
                // Only what is settled where its own arcs end can better it.
                Some(node) if heads.contains(&node) => {
                    best = self.tentative_from(source).map(|(time, _)| time);
                }
                Some(_) => {}
                None => return best,
            }
        }
    }

    /// The best time known so far, never below the true one, and the arc it begins on (`NONE`: already there).
    pub(super) fn tentative_from(&self, source: &Snap) -> Option<(TravelTime, u32)> {
        let off_road_us = source.off_road_time().us();
        if let (Place::Node(a), Place::Node(b)) = (source.place, self.target.place)
            && a == b
        {
            return Some((TravelTime::from_us(off_road_us + self.off_road_us), NONE));
        }
        let best = source
            .arcs(self.network)
            .filter_map(|(arc, fraction)| self.cost_on(source, arc, fraction).map(|cost| (cost, arc.0)))
            .min()?;
        Some((TravelTime::from_us(best.0 + off_road_us), best.1))
    }

    /// Cost from a point of an arc, off-road at the source not counted.
    fn cost_on(&self, source: &Snap, arc: ArcId, fraction: f64) -> Option<u64> {
        let open = self.weights.open_us()[arc.index()];
        let done = along_us(open, fraction);
        let straight_on = self.ahead_on(arc, fraction).map(|ahead| ahead - done + self.off_road_us);
        // From a junction a closed road cannot be entered; from its middle it can be left.
        let may_leave =
            matches!(source.place, Place::Edge { .. }) || self.weights.drive_us()[arc.index()] != CLOSED;
        let way_on = self.way_on(arc.0).filter(|_| may_leave);
        let through = way_on.map(|(cost, _)| u64::from(open) - done + cost);
        straight_on.into_iter().chain(through).min()
    }

    /// How far along this very arc the target lies, when it is ahead.
    fn ahead_on(&self, arc: ArcId, fraction: f64) -> Option<u64> {
        let Place::Edge { edge, fraction: along } = self.target.place else {
            return None;
        };
        let row = &self.network.arcs[arc.index()];
        let target = if row.reversed { 1.0 - along } else { along };
        (row.edge == edge && target >= fraction)
            .then(|| along_us(self.weights.open_us()[arc.index()], target))
    }

    /// Whether a cost from a point of an arc is that of driving straight on to the target on the same arc.
    pub(super) fn reaches_on(&self, arc: ArcId, fraction: f64, cost: TravelTime) -> bool {
        let done = along_us(self.weights.open_us()[arc.index()], fraction);
        self.ahead_on(arc, fraction).is_some_and(|ahead| ahead - done + self.off_road_us <= cost.us())
    }

    pub(super) fn network(&self) -> &'a Network {
        self.network
    }

    pub(super) fn target(&self) -> &Snap {
        &self.target
    }

    pub(super) fn space(&mut self) -> &mut SearchSpace {
        self.space
    }

    /// What follows an arc: the next arc and whether the target lies on it; `None` at a target junction.
    pub(super) fn next(&self, arc: u32) -> Option<(u32, bool)> {
        let (_, next) = self.way_on(arc)?;
        (next != NONE).then_some((next & !LAST, next & LAST != 0))
    }
}

/// Time to a fraction of an arc, in microseconds.
pub(crate) fn along_us(arc_us: u32, fraction: f64) -> u64 {
    (f64::from(arc_us) * fraction).round() as u64
}

/// Marks that the target lies on the next arc itself.
const LAST: u32 = 1 << 31;
/// What turning back on the same road costs, in seconds. Assumption, to be set per centre.
pub const U_TURN_S: f64 = 20.0;
pub(crate) const U_TURN_US: u64 = (U_TURN_S * 1e6) as u64;
