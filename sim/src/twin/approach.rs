//! Times from everywhere to one node: that node's hubs spread out, so that each question costs one walk along a short label.

use crate::case::{Gates, Network};

/// Times from everywhere to one node, prepared once for all the units that are asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Approach {
    /// Times from the hubs; [`NEVER`] from all but those on the ways through the gates.
    hub_ns: Vec<u64>,
    gates: Gates,
    /// The gates by which one leaves the node: whoever shares one may be on its chain.
    onward: Gates,
    node: u32,
    mode: usize,
}

impl Approach {
    /// The times to a node, prepared where they are not those of the last time.
    pub(super) fn to(&mut self, network: &Network, mode: usize, node: u32) -> &Self {
        if (self.node, self.mode) != (node, mode) || self.hub_ns.is_empty() {
            self.aim(network, mode, node);
        }
        self
    }

    fn aim(&mut self, network: &Network, mode: usize, node: u32) {
        self.hub_ns.resize(network.chains().junction_count(), NEVER);
        for (junction, _) in self.gates.iter() {
            for &hub in network.hubs(self.mode).to_junction(junction).0 {
                self.hub_ns[hub as usize] = NEVER;
            }
        }
        (self.node, self.mode, self.gates) = (node, mode, network.gates_to(mode, node));
        self.onward = network.gates_from(mode, node);
        for (junction, gate_ns) in self.gates.iter() {
            let (hubs, times) = network.hubs(mode).to_junction(junction);
            for (&hub, &ns) in hubs.iter().zip(times) {
                let known = &mut self.hub_ns[hub as usize];
                *known = (*known).min(ns + gate_ns);
            }
        }
    }

    /// Time from a node to it, nanoseconds; `None` where no way leads.
    pub(super) fn time_ns(&self, network: &Network, from: u32) -> Option<u64> {
        let gates = network.gates_from(self.mode, from);
        let through = gates.iter().map(|(junction, gate_ns)| gate_ns + self.over_hubs_ns(network, junction));
        let on_its_chain = gates.meet(&self.onward);
        let straight = || network.straight_ns(self.mode, from, self.node);
        let straight = on_its_chain.then(straight).flatten();
        through.chain(straight).min().filter(|ns| *ns < NEVER)
    }

    /// Time from a junction to it, nanoseconds; `None` where no way leads.
    pub(super) fn junction_ns(&self, network: &Network, junction: u32) -> Option<u64> {
        Some(self.over_hubs_ns(network, junction)).filter(|ns| *ns < NEVER)
    }

    fn over_hubs_ns(&self, network: &Network, junction: u32) -> u64 {
        let (hubs, times) = network.hubs(self.mode).from_junction(junction);
        let mut best = NEVER;
        for (&hub, &ns) in hubs.iter().zip(times) {
            best = best.min(self.hub_ns[hub as usize] + ns);
        }
        best
    }
}

/// No time on any road comes near it, and sums of it stay sums: about 146 years.
const NEVER: u64 = u64::MAX / 4;
