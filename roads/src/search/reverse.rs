//! The exact search from a target backwards: what any place's way to it costs, found in order of cost and as far as asked.

use super::space::SearchSpace;
use crate::network::{NONE, U_TURN};
use crate::snap::Place;
use crate::{ArcId, Network, Snap, TravelTime, Weights};

/// A search backwards from one target. It goes as far as it is told and no farther.
///
/// The time of a journey is the way to the road, the rest of the arc it begins on, every arc between, the part of the arc it
/// ends on, and the way from the road; each turn back onto the road one came from costs [`U_TURN_S`] more.
#[derive(Debug)]
pub struct ReverseSearch<'a> {
    network: &'a Network,
    weights: &'a Weights,
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
        space.begin(network.arc_count());
        let off_road_us = target.off_road_time().us();
        let mut search = Self { network, weights, space, target: *target, off_road_us };
        search.seed();
        search
    }

    fn seed(&mut self) {
        if let Place::Node(node) = self.target.place {
            for &arc in self.network.arcs_into(node.0) {
                self.space.offer(arc, self.off_road_us, NONE);
            }
            return;
        }
        for (arc, fraction) in self.target.arcs(self.network) {
            let cost = self.off_road_us + along_us(self.weights.open_us()[arc.index()], fraction);
            self.offer_turns_into(arc.0, cost, arc.0 | LAST);
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

    /// Settles one arc; `None` at the end.
    pub(super) fn step(&mut self) -> Option<u32> {
        while let Some((cost, arc)) = self.space.heap.pop() {
            if cost > self.space.cost_us(arc) {
                continue;
            }
            let drive = self.weights.drive_us()[arc as usize];
            if drive != crate::weights::CLOSED {
                self.offer_turns_into(arc, cost + u64::from(drive), arc);
            }
            return Some(arc);
        }
        None
    }

    fn offer_turns_into(&mut self, arc: u32, cost: u64, next: u32) {
        for &turn in self.network.turns.before_arc(arc) {
            let cost = if turn & U_TURN == 0 { cost } else { cost + U_TURN_US };
            self.space.offer(turn & !U_TURN, cost, next);
        }
    }

    /// Time from a source, once it is certain: `None` while the frontier has not passed it, and when there is no way.
    pub fn time_from(&self, source: &Snap) -> Option<TravelTime> {
        let (time, _) = self.tentative_from(source)?;
        (time.saturating_sub(source.off_road_time()) <= self.frontier()).then_some(time)
    }

    /// Searches on until the time from a source is certain; `None` when there is no way.
    pub fn time_to_reach(&mut self, source: &Snap) -> Option<TravelTime> {
        let own: Vec<u32> = source.arcs(self.network).map(|(arc, _)| arc.0).collect();
        let off_road = source.off_road_time();
        let mut best = self.tentative_from(source).map(|(time, _)| time);
        loop {
            if best.is_some_and(|time| time.saturating_sub(off_road) <= self.frontier()) {
                return best;
            }
            match self.step() {
                // Only what is settled on its own arcs can better it.
                Some(arc) if own.contains(&arc) => best = self.tentative_from(source).map(|(time, _)| time),
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
        let may_leave = matches!(source.place, Place::Edge { .. })
            || self.weights.drive_us()[arc.index()] != crate::weights::CLOSED;
        let end = self.space.cost_us(arc.0);
        let through = (may_leave && end != u64::MAX).then(|| u64::from(open) - done + end);
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
        let next = self.space.next(arc);
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
