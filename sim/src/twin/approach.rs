//! Times from everywhere to one node: that node's hubs spread out, so that each question costs one walk along a short label.

use crate::case::Network;

/// Times from everywhere to one node, prepared once for all the units that are asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Approach {
    hub_ns: Vec<u64>,
    touched: Vec<u32>,
    node: u32,
    mode: usize,
}

impl Approach {
    /// Prepares the times to a node.
    pub(super) fn aim(&mut self, network: &Network, mode: usize, node: u32) {
        if (self.node, self.mode) == (node, mode) && !self.touched.is_empty() {
            return;
        }
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

    /// Time from a node to it, nanoseconds; `None` where no way leads.
    pub(super) fn time_ns(&self, network: &Network, from: u32) -> Option<u64> {
        let mut best = network.straight_ns(self.mode, from, self.node).unwrap_or(u64::MAX);
        for (junction, gate_ns) in network.gates_from(self.mode, from).iter() {
            let (hubs, times) = network.hubs(self.mode).from_junction(junction);
            for (&hub, &ns) in hubs.iter().zip(times) {
                best = best.min(self.hub_ns[hub as usize].saturating_add(ns + gate_ns));
            }
        }
        (best != u64::MAX).then_some(best)
    }

    /// Time from a junction to it, nanoseconds; `None` where no way leads.
    pub(super) fn junction_ns(&self, network: &Network, junction: u32) -> Option<u64> {
        let (hubs, times) = network.hubs(self.mode).from_junction(junction);
        let sums = hubs.iter().zip(times).map(|(&hub, &ns)| self.hub_ns[hub as usize].saturating_add(ns));
        sums.min().filter(|ns| *ns != u64::MAX)
    }
}
