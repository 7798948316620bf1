//! Hub labels: for each junction the few hubs through which every shortest way from it, and to it, leads. The time between two
//! junctions is the least sum over the hubs that both know: a tenth of a microsecond, exact.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::chains::Chains;

/// The labels of one travel mode.
#[derive(Debug, Serialize, Deserialize)]
pub struct HubLabels {
    from: Labels,
    to: Labels,
}

/// Hub (by rank) and time of each label, junction by junction; hubs in ascending order within one label.
#[derive(Debug, Serialize, Deserialize)]
struct Labels {
    first: Vec<u32>,
    hubs: Vec<u32>,
    ns: Vec<u64>,
}

/// In which order junctions become hubs, the most important first: by cuts through the city, so that few are needed on any way.
pub(super) fn hub_order(chains: &Chains, position: impl Fn(u32) -> super::Point) -> Vec<u32> {
    let count = chains.junction_count() as u32;
    let (tail, head): (Vec<u32>, Vec<u32>) =
        (0..chains.chain_count() as u32).map(|chain| chains.ends(chain)).unzip();
    let points = (0..count).map(|junction| position(chains.node_of(junction)));
    let (x, y): (Vec<f32>, Vec<f32>) = points.map(|point| (point.x as f32, point.y as f32)).unzip();
    let mut order = cch::inertial_order(count, &tail, &head, &y, &x);
    order.reverse();
    order
}

impl HubLabels {
    /// The labels of one mode, with hubs in the order given.
    pub fn new(chains: &Chains, mode: usize, order: &[u32]) -> Self {
        let graph = Graph::of(chains, mode);
        let mut growing = Growing::new(chains.junction_count());
        for (rank, &hub) in order.iter().enumerate() {
            growing.add_hub(&graph, hub, rank as u32);
        }
        Self { from: Labels::of(&growing.from), to: Labels::of(&growing.to) }
    }

    /// Time between two junctions, nanoseconds; `None` where no way leads.
    pub fn time_ns(&self, from: u32, to: u32) -> Option<u64> {
        let (a_hubs, a_ns) = self.from.of_junction(from);
        let (b_hubs, b_ns) = self.to.of_junction(to);
        let (mut a, mut b, mut best) = (0, 0, u64::MAX);
        while let (Some(&ha), Some(&hb)) = (a_hubs.get(a), b_hubs.get(b)) {
            match ha.cmp(&hb) {
                std::cmp::Ordering::Less => a += 1,
                std::cmp::Ordering::Greater => b += 1,
                std::cmp::Ordering::Equal => {
                    best = best.min(a_ns[a] + b_ns[b]);
                    (a, b) = (a + 1, b + 1);
                }
            }
        }
        (best != u64::MAX).then_some(best)
    }

    /// The hubs on the ways from a junction, and the time to each.
    pub fn from_junction(&self, junction: u32) -> (&[u32], &[u64]) {
        self.from.of_junction(junction)
    }

    /// The hubs on the ways to a junction, and the time from each.
    pub fn to_junction(&self, junction: u32) -> (&[u32], &[u64]) {
        self.to.of_junction(junction)
    }
}

impl Labels {
    fn of(grown: &[Vec<(u32, u64)>]) -> Self {
        let count = grown.iter().map(Vec::len).sum();
        let mut labels = Self {
            first: Vec::with_capacity(grown.len() + 1),
            hubs: Vec::with_capacity(count),
            ns: Vec::with_capacity(count),
        };
        labels.first.push(0);
        for label in grown {
            labels.hubs.extend(label.iter().map(|entry| entry.0));
            labels.ns.extend(label.iter().map(|entry| entry.1));
            labels.first.push(labels.hubs.len() as u32);
        }
        labels
    }

    fn of_junction(&self, junction: u32) -> (&[u32], &[u64]) {
        let at = junction as usize;
        let range = self.first[at] as usize..self.first[at + 1] as usize;
        (&self.hubs[range.clone()], &self.ns[range])
    }
}

/// Junctions and the time over the chains between them, both directions.
struct Graph {
    out: Vec<Vec<(u32, u64)>>,
    into: Vec<Vec<(u32, u64)>>,
}

impl Graph {
    fn of(chains: &Chains, mode: usize) -> Self {
        let count = chains.junction_count();
        let mut graph = Self { out: vec![Vec::new(); count], into: vec![Vec::new(); count] };
        for chain in 0..chains.chain_count() as u32 {
            let ((from, to), ns) = (chains.ends(chain), chains.chain_ns(mode, chain));
            graph.out[from as usize].push((to, ns));
            graph.into[to as usize].push((from, ns));
        }
        graph
    }
}

/// Labels while hub after hub is added, and the memory the searches work in.
struct Growing {
    from: Vec<Vec<(u32, u64)>>,
    to: Vec<Vec<(u32, u64)>>,
    /// Time between the present hub and each earlier one, by rank.
    known_ns: Vec<u64>,
    found_ns: Vec<u64>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Growing {
    fn new(count: usize) -> Self {
        Self {
            from: vec![Vec::new(); count],
            to: vec![Vec::new(); count],
            known_ns: vec![u64::MAX; count],
            found_ns: vec![u64::MAX; count],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    fn add_hub(&mut self, graph: &Graph, hub: u32, rank: u32) {
        // Ways from the hub become labels of those they lead to, and the other way round.
        self.search(&graph.out, hub, rank, true);
        self.search(&graph.into, hub, rank, false);
    }

    fn search(&mut self, graph: &[Vec<(u32, u64)>], hub: u32, rank: u32, forward: bool) {
        let (mine, theirs) =
            if forward { (&mut self.from, &mut self.to) } else { (&mut self.to, &mut self.from) };
        for &(earlier, ns) in &mine[hub as usize] {
            self.known_ns[earlier as usize] = ns;
        }
        self.found_ns[hub as usize] = 0;
        self.touched.push(hub);
        self.heap.push(Reverse((0, hub)));
        while let Some(Reverse((ns, at))) = self.heap.pop() {
            if ns > self.found_ns[at as usize] {
                continue;
            }
            // An earlier hub lies on a way as short: that way is known already.
            let through_earlier = |&(earlier, rest): &(u32, u64)| {
                let known = self.known_ns[earlier as usize];
                known != u64::MAX && known + rest <= ns
            };
            if theirs[at as usize].iter().any(through_earlier) {
                continue;
            }
            theirs[at as usize].push((rank, ns));
            for &(next, over) in &graph[at as usize] {
                if ns + over < self.found_ns[next as usize] {
                    self.found_ns[next as usize] = ns + over;
                    self.touched.push(next);
                    self.heap.push(Reverse((ns + over, next)));
                }
            }
        }
        for &(earlier, _) in &mine[hub as usize] {
            self.known_ns[earlier as usize] = u64::MAX;
        }
        for at in self.touched.drain(..) {
            self.found_ns[at as usize] = u64::MAX;
        }
    }
}
