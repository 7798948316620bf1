//! How far units drive, kilometres. A way that begins or ends at a station or hospital is as long as the quickest way there; one that
//! begins on the road and leads to a call is reckoned from its time, at the mean speed of the mode.

use super::ways::{Goal, Ways};
use crate::case::{Network, Place, Spot, Spread};

/// The lengths of the quickest ways to and from stations and hospitals.
#[derive(Debug)]
pub(super) struct Lengths {
    /// From every junction to each site, and from each site to every junction: by mode, then by site.
    inward: Vec<Vec<Row>>,
    outward: Vec<Vec<Row>>,
    /// By mode.
    mean_km_per_ns: Vec<f64>,
}

/// Kilometres between one site and each junction, and the times they belong to.
#[derive(Debug)]
struct Row {
    spread: Spread,
    km: Vec<f64>,
}

impl Lengths {
    /// The lengths of a network between some sites and everywhere.
    pub(super) fn new(network: &Network, modes: usize, sites: &[Spot]) -> Self {
        let chain_km: Vec<f64> = (0..network.chains().chain_count() as u32)
            .map(|chain| part_km(network, chain, 0, last(network, chain)))
            .collect();
        let rows = |mode: usize, outward: bool| -> Vec<Row> {
            sites.iter().map(|site| Row::of(network, mode, site.node, outward, &chain_km)).collect()
        };
        let outward: Vec<Vec<Row>> = (0..modes).map(|mode| rows(mode, true)).collect();
        let inward = (0..modes).map(|mode| rows(mode, false)).collect();
        let mean = |rows: &Vec<Row>| {
            let sums = rows.iter().flat_map(Row::lengths_and_times);
            let (km, ns) = sums.fold((0.0, 0.0), |sum, (km, ns)| (sum.0 + km, sum.1 + ns));
            if ns > 0.0 { km / ns } else { 0.0 }
        };
        Self { mean_km_per_ns: outward.iter().map(mean).collect(), inward, outward }
    }

    /// Kilometres of a way over the network that takes so long; `site` is where it begins, if that is a station or hospital.
    pub(super) fn km(
        &self,
        ways: Ways<'_>,
        mode: usize,
        (site, first): (Option<usize>, u32),
        goal: Goal,
        drive_ns: u64,
    ) -> f64 {
        let off_road_km = ways.spot(goal).off_road_km;
        let known = match (goal, site) {
            (Goal::Site(to), _) => self.inward[mode][to].km(ways.network, mode, first, false),
            (Goal::Call(spot), Some(from)) => {
                self.outward[mode][from].km(ways.network, mode, spot.node, true)
            }
            (Goal::Call(_), None) => None,
        };
        off_road_km + known.unwrap_or(drive_ns as f64 * self.mean_km_per_ns[mode])
    }
}

impl Row {
    fn of(network: &Network, mode: usize, site: u32, outward: bool, chain_km: &[f64]) -> Self {
        let spread = if outward {
            Spread::from_node(network, mode, site)
        } else {
            Spread::to_node(network, mode, site)
        };
        let chains = network.chains();
        let mut order: Vec<(u64, u32)> = (0..chains.junction_count() as u32)
            .filter_map(|junction| Some((spread.junction_ns(junction)?, junction)))
            .collect();
        order.sort_unstable();
        let mut km = vec![f64::NAN; chains.junction_count()];
        let seeds = gates_km(network, mode, site, outward);
        for &(ns, junction) in &order {
            if let Some(&(_, _, gate_km)) =
                seeds.iter().find(|&&(gate, gate_ns, _)| (gate, gate_ns) == (junction, ns))
            {
                km[junction as usize] = gate_km;
            }
            for chain in chains.leaving(junction) {
                let (_, head) = chains.ends(chain);
                let over_ns = chains.chain_ns(mode, chain);
                let Some(head_ns) = spread.junction_ns(head) else { continue };
                if outward && ns + over_ns == head_ns && km[head as usize].is_nan() {
                    km[head as usize] = km[junction as usize] + chain_km[chain as usize];
                } else if !outward && head_ns + over_ns == ns && km[junction as usize].is_nan() {
                    km[junction as usize] = km[head as usize] + chain_km[chain as usize];
                }
            }
        }
        Self { spread, km }
    }

    /// Kilometres between the site and a node by the quickest way; `None` where the way stays on one chain, or none leads.
    fn km(&self, network: &Network, mode: usize, node: u32, outward: bool) -> Option<f64> {
        let gates = gates_km(network, mode, node, !outward);
        let total = |&(junction, gate_ns, gate_km): &(u32, u64, f64)| {
            Some((self.spread.junction_ns(junction)? + gate_ns, self.km[junction as usize] + gate_km))
        };
        let best = gates.iter().filter_map(total).min_by_key(|(ns, _)| *ns);
        best.map(|(_, km)| km).filter(|km| km.is_finite())
    }

    fn lengths_and_times(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let pairs = (0..self.km.len() as u32).filter_map(|junction| {
            Some((self.km[junction as usize], self.spread.junction_ns(junction)? as f64))
        });
        pairs.filter(|(km, _)| km.is_finite())
    }
}

/// The junctions at which one gets from a node onto the network (or from the network to it), with time and length between.
fn gates_km(network: &Network, mode: usize, node: u32, onto: bool) -> Vec<(u32, u64, f64)> {
    let chains = network.chains();
    match chains.place(node) {
        Place::Junction(junction) => vec![(junction, 0, 0.0)],
        Place::Inner(slots) => {
            let gate = |on: crate::case::OnChain| {
                let along = chains.along(mode, on.chain);
                let (from, to) = chains.ends(on.chain);
                let end = last(network, on.chain);
                if onto {
                    let ns = along[end as usize] - along[on.at as usize];
                    (to, ns, part_km(network, on.chain, on.at, end))
                } else {
                    (from, along[on.at as usize], part_km(network, on.chain, 0, on.at))
                }
            };
            slots.into_iter().flatten().map(gate).collect()
        }
    }
}

fn last(network: &Network, chain: u32) -> u32 {
    network.chains().along(0, chain).len() as u32 - 1
}

/// Kilometres of a chain between two of its nodes.
fn part_km(network: &Network, chain: u32, from: u32, to: u32) -> f64 {
    let at = |number: u32| network.ground().node(network.chains().node_on(chain, number));
    let scale = network.ground().scale();
    (from..to).map(|number| scale.distance_km(at(number), at(number + 1))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::network_tests::{scale, streets};

    /// On networks where each kilometre takes as long as any other, the quickest way is the shortest: its length is known.
    #[test]
    fn lengths_are_those_of_the_quickest_ways() {
        let mut compared = 0;
        for seed in 0..60 {
            let mut given = streets(seed);
            let km =
                |&(a, b): &(u32, u32)| scale().distance_km(given.nodes[a as usize], given.nodes[b as usize]);
            let ns: Vec<u64> = given.arcs.iter().map(|arc| ((km(arc) * 1e9).round() as u64).max(1)).collect();
            given.arc_ns = vec![ns];
            let network = Network::new(given, scale());
            let count = network.ground().node_count() as u32;
            let sites: Vec<Spot> =
                (0..3).map(|node| Spot { at: network.ground().node(node), node, off_road_km: 0.0 }).collect();
            let lengths = Lengths::new(&network, 1, &sites);
            for (site, node) in (0..3).flat_map(|site| (0..count).map(move |node| (site, node))) {
                for outward in [true, false] {
                    let rows = if outward { &lengths.outward } else { &lengths.inward };
                    let (from, to) = if outward { (site as u32, node) } else { (node, site as u32) };
                    let Some(ns) = network.time_ns(0, from, to) else { continue };
                    if network.straight_ns(0, from, to) == Some(ns) {
                        continue;
                    }
                    let km = rows[0][site].km(&network, 0, node, outward).unwrap();
                    assert!(
                        (km - ns as f64 / 1e9).abs() < 1e-6,
                        "seed {seed}, {from} to {to}: {km} km, {ns} ns"
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared > 3_000, "{compared}");
    }
}
