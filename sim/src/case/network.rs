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
    /// Mode by mode the gates of each node.
    gates: Vec<Vec<BothGates>>,
    /// The fastest that anybody gets on along a straight line, kilometres on the plane per nanosecond, by mode.
    straight_speed: Vec<f64>,
}

/// The junctions at which one gets from a node onto the network, or from the network to it, with the time between: one or two.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Gates {
    /// [`NO_GATE`] where there is no second one.
    junctions: [u32; 2],
    ns: [u64; 2],
}

/// The gates of one node out and in, within one line of the processor's memory: whoever asks for times has come from anywhere, and
/// would wait for each line more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[repr(align(64))]
struct BothGates {
    out: Gates,
    into: Gates,
}

impl Network {
    /// Makes the network; the costly part of reading a case.
    pub fn new(streets: Streets, scale: Scale) -> Self {
        let chains = Chains::new(&streets);
        let order = hub_order(&chains, |node| streets.nodes[node as usize]);
        let modes = 0..streets.arc_ns.len();
        let (chains_ref, order_ref) = (&chains, order.as_slice());
        let hubs: Vec<HubLabels> = std::thread::scope(|scope| {
            let workers: Vec<_> =
                modes.map(|mode| scope.spawn(move || HubLabels::new(chains_ref, mode, order_ref))).collect();
            let joined = workers.into_iter().map(|worker| {
                worker.join().expect("invariant: making labels cannot fail on a network that was read")
            });
            joined.collect()
        });
        let straight_speed = streets.arc_ns.iter().map(|times| fastest(&streets, scale, times)).collect();
        let nodes = 0..streets.nodes.len() as u32;
        let gates = |mode: usize| nodes.clone().map(|node| BothGates::of(&chains, mode, node)).collect();
        let gates = (0..hubs.len()).map(gates).collect();
        let ground = Ground::new(scale, streets.nodes, &streets.access);
        Self { ground, chains, hubs, gates, straight_speed }
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
        self.gates[mode][node as usize].out
    }

    /// The junctions at which one gets from the network to a node.
    pub fn gates_to(&self, mode: usize, node: u32) -> Gates {
        self.gates[mode][node as usize].into
    }
}

impl BothGates {
    fn of(chains: &Chains, mode: usize, node: u32) -> Self {
        let mut both = Self { out: Gates::default(), into: Gates::default() };
        match chains.place(node) {
            Place::Junction(junction) => {
                both.out.set(0, junction, 0);
                both.into.set(0, junction, 0);
            }
            Place::Inner(slots) => {
                for (slot, OnChain { chain, at }) in slots.into_iter().flatten().enumerate() {
                    let (from, to) = chains.ends(chain);
                    let so_far_ns = chains.along(mode, chain)[at as usize];
                    both.out.set(slot, to, chains.chain_ns(mode, chain) - so_far_ns);
                    both.into.set(slot, from, so_far_ns);
                }
            }
        }
        both
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
    fn set(&mut self, slot: usize, junction: u32, ns: u64) {
        (self.junctions[slot], self.ns[slot]) = (junction, ns);
    }

    /// Whether two nodes share a gate, as nodes of one chain do.
    pub fn meet(&self, other: &Self) -> bool {
        self.iter().any(|(gate, _)| other.iter().any(|(other, _)| other == gate))
    }

    /// Each with its time, nanoseconds.
    pub fn iter(self) -> impl Iterator<Item = (u32, u64)> + Clone {
        self.junctions.into_iter().zip(self.ns).filter(|(junction, _)| *junction != NO_GATE)
    }
}

impl Default for Gates {
    fn default() -> Self {
        Self { junctions: [NO_GATE; 2], ns: [0; 2] }
    }
}

const NO_GATE: u32 = u32::MAX;

#[cfg(test)]
pub(crate) mod tests;
