//! Times between one node and all others: a row of the table of travel times, made when it is asked for.

use super::Network;

/// Times from one node to any other, or from any other to it.
#[derive(Debug)]
pub struct Spread {
    mode: usize,
    node: u32,
    outward: bool,
    /// Between the node and each junction, nanoseconds; `u64::MAX` where no way leads.
    junction_ns: Vec<u64>,
}

impl Spread {
    /// Times from a node to all others.
    pub fn from_node(network: &Network, mode: usize, node: u32) -> Self {
        Self::of(network, mode, node, true)
    }

    /// Times from all others to a node.
    pub fn to_node(network: &Network, mode: usize, node: u32) -> Self {
        Self::of(network, mode, node, false)
    }

    fn of(network: &Network, mode: usize, node: u32, outward: bool) -> Self {
        let hubs = network.hubs(mode);
        let count = network.chains().junction_count();
        let mut hub_ns = vec![u64::MAX; count];
        let gates = if outward { network.gates_from(mode, node) } else { network.gates_to(mode, node) };
        for (junction, gate_ns) in gates.iter() {
            let (ranks, times) =
                if outward { hubs.from_junction(junction) } else { hubs.to_junction(junction) };
            for (&rank, &ns) in ranks.iter().zip(times) {
                let known = &mut hub_ns[rank as usize];
                *known = (*known).min(gate_ns + ns);
            }
        }
        let time = |junction: u32| {
            let (ranks, times) =
                if outward { hubs.to_junction(junction) } else { hubs.from_junction(junction) };
            let sums = ranks.iter().zip(times).map(|(&rank, &ns)| hub_ns[rank as usize].saturating_add(ns));
            sums.min().unwrap_or(u64::MAX)
        };
        let junction_ns = (0..count as u32).map(time).collect();
        Self { mode, node, outward, junction_ns }
    }

    /// Time between the node and another, nanoseconds; `None` where no way leads.
    pub fn time_ns(&self, network: &Network, other: u32) -> Option<u64> {
        let (gates, straight) = if self.outward {
            (network.gates_to(self.mode, other), network.straight_ns(self.mode, self.node, other))
        } else {
            (network.gates_from(self.mode, other), network.straight_ns(self.mode, other, self.node))
        };
        let through = gates
            .iter()
            .map(|(junction, ns)| self.junction_ns[junction as usize].saturating_add(ns))
            .filter(|ns| *ns != u64::MAX);
        straight.into_iter().chain(through).min()
    }

    /// Time between the node and a junction, nanoseconds; `None` where no way leads.
    pub fn junction_ns(&self, junction: u32) -> Option<u64> {
        Some(self.junction_ns[junction as usize]).filter(|ns| *ns != u64::MAX)
    }
}
