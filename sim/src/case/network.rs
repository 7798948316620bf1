//! Exact travel times of a case, and the ways behind them.

use serde::{Deserialize, Serialize};

use super::chains::{Chains, OnChain, Place};
use super::hubs::{HubLabels, hub_order};
use super::streets::Streets;
use super::{Ground, Scale};

/// The roads of a case with the times of every mode.
#[derive(Debug, Serialize, Deserialize)]
pub struct Network {
    ground: Ground,
    chains: Chains,
    /// By mode.
    hubs: Vec<HubLabels>,
    /// The fastest that anybody gets on along a straight line, kilometres on the plane per nanosecond, by mode.
    straight_speed: Vec<f64>,
}

/// The junctions at which one gets from a node onto the network, or from the network to it, with the time between: one or two.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gates {
    gates: [(u32, u64); 2],
    count: usize,
}

impl Network {
    /// Makes the network; the costly part of reading a case.
    pub fn new(streets: Streets, scale: Scale) -> Self {
        let chains = Chains::new(&streets);
        let order = hub_order(&chains, |node| streets.nodes[node as usize]);
        let modes = 0..streets.arc_ns.len();
        let (chains_ref, order_ref) = (&chains, order.as_slice());
        let hubs = std::thread::scope(|scope| {
            let workers: Vec<_> =
                modes.map(|mode| scope.spawn(move || HubLabels::new(chains_ref, mode, order_ref))).collect();
            let joined = workers.into_iter().map(|worker| {
                worker.join().expect("invariant: making labels cannot fail on a network that was read")
            });
            joined.collect()
        });
        let straight_speed = streets.arc_ns.iter().map(|times| fastest(&streets, scale, times)).collect();
        let ground = Ground::new(scale, streets.nodes, &streets.access);
        Self { ground, chains, hubs, straight_speed }
    }

    /// The least time that can pass between two nodes, nanoseconds: their distance at the highest speed there is.
    pub fn least_ns(&self, mode: usize, from: u32, to: u32) -> u64 {
        (self.ground.between_km(from, to) / self.straight_speed[mode]) as u64
    }

    /// How many modes of travel there are.
    pub fn mode_count(&self) -> usize {
        self.hubs.len()
    }

    /// Where the nodes are.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Junctions and the chains between them.
    pub fn chains(&self) -> &Chains {
        &self.chains
    }

    /// The hub labels of a mode.
    pub fn hubs(&self, mode: usize) -> &HubLabels {
        &self.hubs[mode]
    }

    /// Time between two nodes, nanoseconds; `None` where no way leads.
    pub fn time_ns(&self, mode: usize, from: u32, to: u32) -> Option<u64> {
        let straight = self.straight_ns(mode, from, to);
        let (out, into) = (self.gates_from(mode, from), self.gates_to(mode, to));
        let pairs = out.iter().flat_map(|a| into.iter().map(move |b| (a, b)));
        let through = pairs
            .filter_map(|((a, out_ns), (b, in_ns))| Some(out_ns + self.hubs[mode].time_ns(a, b)? + in_ns));
        straight.into_iter().chain(through).min()
    }

    /// Time along one chain, where both lie on one, in its direction.
    pub fn straight_ns(&self, mode: usize, from: u32, to: u32) -> Option<u64> {
        if from == to {
            return Some(0);
        }
        let (Place::Inner(a), Place::Inner(b)) = (self.chains.place(from), self.chains.place(to)) else {
            return None;
        };
        let mut best = None;
        for x in a.iter().flatten() {
            for y in b.iter().flatten() {
                if x.chain == y.chain && x.at < y.at {
                    let along = self.chains.along(mode, x.chain);
                    let ns = along[y.at as usize] - along[x.at as usize];
                    best = Some(best.map_or(ns, |best: u64| best.min(ns)));
                }
            }
        }
        best
    }

    /// The junctions at which one gets from a node onto the network.
    pub fn gates_from(&self, mode: usize, node: u32) -> Gates {
        self.gates(node, |on| {
            let along = self.chains.along(mode, on.chain);
            let (_, to) = self.chains.ends(on.chain);
            (to, along.last().copied().unwrap_or_default() - along[on.at as usize])
        })
    }

    /// The junctions at which one gets from the network to a node.
    pub fn gates_to(&self, mode: usize, node: u32) -> Gates {
        self.gates(node, |on| {
            let (from, _) = self.chains.ends(on.chain);
            (from, self.chains.along(mode, on.chain)[on.at as usize])
        })
    }

    fn gates(&self, node: u32, gate: impl Fn(OnChain) -> (u32, u64)) -> Gates {
        let mut gates = Gates::default();
        match self.chains.place(node) {
            Place::Junction(junction) => gates.push((junction, 0)),
            Place::Inner(slots) => slots.into_iter().flatten().for_each(|on| gates.push(gate(on))),
        }
        gates
    }
}

/// The highest speed along a straight line that any road allows, kilometres per nanosecond: a way of many roads is no faster.
fn fastest(streets: &Streets, scale: Scale, times: &[u64]) -> f64 {
    let ends =
        streets.arcs.iter().map(|&(from, to)| (streets.nodes[from as usize], streets.nodes[to as usize]));
    let speeds = ends.zip(times).map(|((a, b), ns)| scale.distance_km(a, b) / (*ns).max(1) as f64);
    // A hair faster than that, so that no rounding makes the least time longer than the time.
    speeds.fold(f64::MIN_POSITIVE, f64::max) * (1.0 + 1e-9)
}

impl Gates {
    fn push(&mut self, gate: (u32, u64)) {
        self.gates[self.count] = gate;
        self.count += 1;
    }

    /// Whether two nodes share a gate, as nodes of one chain do.
    pub fn meet(&self, other: &Self) -> bool {
        self.iter().any(|(gate, _)| other.iter().any(|(other, _)| other == gate))
    }

    /// Each with its time, nanoseconds.
    pub fn iter(self) -> impl Iterator<Item = (u32, u64)> + Clone {
        self.gates.into_iter().take(self.count)
    }
}

#[cfg(test)]
pub(crate) mod tests;
