//! How far each unit of the simulated city is from a call: the one thing the twin tells the core instead of roads and reports.

use dispatch_core::Span;
use dispatch_core::assignment::{Basis, Found, LeftOut, Reach, Scene, Sighting, UnitState};
use roads::Wgs84;

use super::route::Route;
use crate::case::{Network, Point, Spot, Timetable};

/// Times from everywhere to one node, prepared once for all the units that are asked about.
#[derive(Debug, Default)]
pub(super) struct Approach {
    hub_ns: Vec<u64>,
    touched: Vec<u32>,
    node: u32,
    mode: usize,
}

/// The units and the roads as they are at one moment, seen from one call.
pub(super) struct CaseReach<'a> {
    pub(super) network: &'a Network,
    pub(super) timetable: &'a Timetable,
    /// By the order of the units' codes.
    pub(super) routes: &'a mut [Route],
    pub(super) approach: &'a mut Approach,
    pub(super) scene: Spot,
    pub(super) mode: usize,
    pub(super) now_ns: u64,
}

impl Approach {
    fn aim(&mut self, network: &Network, mode: usize, node: u32) {
        self.hub_ns.resize(network.chains().junction_count(), u64::MAX);
        for hub in self.touched.drain(..) {
            self.hub_ns[hub as usize] = u64::MAX;
        }
        (self.node, self.mode) = (node, mode);
        for (junction, gate_ns) in network.gates_to(mode, node).iter() {
            let (hubs, times) = network.hubs(mode).to_junction(junction);
            for (&hub, &ns) in hubs.iter().zip(times) {
                let known = &mut self.hub_ns[hub as usize];
                if *known == u64::MAX {
                    self.touched.push(hub);
                }
                *known = (*known).min(ns + gate_ns);
            }
        }
    }

    fn time_ns(&self, network: &Network, from: u32) -> Option<u64> {
        let mut best = network.straight_ns(self.mode, from, self.node).unwrap_or(u64::MAX);
        for (junction, gate_ns) in network.gates_from(self.mode, from).iter() {
            let (hubs, times) = network.hubs(self.mode).from_junction(junction);
            for (&hub, &ns) in hubs.iter().zip(times) {
                best = best.min(self.hub_ns[hub as usize].saturating_add(ns + gate_ns));
            }
        }
        (best != u64::MAX).then_some(best)
    }
}

impl Reach for CaseReach<'_> {
    fn road_weights(&self) -> &str {
        MODE_NAMES.get(self.mode).copied().unwrap_or("mode")
    }

    fn first_arrivals<'s>(
        &mut self,
        scene: &Scene<'s>,
        count: usize,
        accepts: &dyn Fn(usize) -> bool,
        found: &mut Found<'s>,
    ) {
        self.approach.aim(self.network, self.mode, self.scene.node);
        let last_ns = self.timetable.off_road_ns(self.mode, self.scene.off_road_km);
        let mut first: Vec<(Span, _, _)> = Vec::with_capacity(count + 1);
        for (place, unit) in scene.units().enumerate() {
            let interrupts = match scene.may_go(unit) {
                Ok(interrupts) => interrupts,
                Err(why) => {
                    found.left_out.push(LeftOut { unit: unit.spec.id, why });
                    continue;
                }
            };
            if !accepts(scene.lacks(unit)) {
                continue;
            }
            let route = &mut self.routes[place];
            let state =
                if self.now_ns >= route.ends_ns() { UnitState::AtStation } else { UnitState::Driving };
            let seen = Sighting { position: scene.target(), age: Span::ZERO, state };
            let turn = route.turn(self.network, self.timetable, self.mode, self.now_ns);
            let Some(drive_ns) = self.approach.time_ns(self.network, turn.node) else {
                found.no_way.push(scene.seed(unit, seen, interrupts));
                continue;
            };
            let travel = span(turn.in_ns + drive_ns + last_ns);
            let seed = scene.seed(unit, seen, interrupts);
            let arrival = seed.mobilisation() + travel;
            // Units come in the order of their codes: of equals the lower stays first.
            let rank = first.partition_point(|known| known.0 <= arrival);
            if rank < count {
                first.insert(rank, (arrival, place, seed.with(travel, Basis::Road)));
                first.truncate(count);
            }
        }
        for (_, place, mut input) in first {
            input.position = wgs84(self.routes[place].position(self.network, self.now_ns));
            found.candidates.push(input);
        }
    }
}

/// A span of nanoseconds, to the nearest microsecond.
pub(super) fn span(ns: u64) -> Span {
    Span::from_micros(((ns + 500) / 1000) as i64)
}

/// A point of the case as a position. Cases are checked for impossible ones when they are read.
pub(super) fn wgs84(at: Point) -> Wgs84 {
    Wgs84::new(at.x.clamp(-180.0, 180.0), at.y.clamp(-90.0, 90.0)).expect("invariant: clamped into range")
}

const MODE_NAMES: [&str; 4] = ["mode 1", "mode 2", "mode 3", "mode 4"];
