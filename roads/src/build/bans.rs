//! Turn rules, given between ways at a node, become forbidden pairs of arcs.

use super::{TurnRestriction, TurnRule};
use crate::network::{Network, group_by_node};

/// The forbidden pairs, sorted.
pub(super) fn resolve(rules: &[TurnRestriction], network: &Network) -> Vec<(u32, u32)> {
    if rules.is_empty() {
        return Vec::new();
    }
    let nodes = network.nodes.len();
    let into = group_by_node(nodes, &network.arcs, |arc| arc.head);
    let out_of = group_by_node(nodes, &network.arcs, |arc| arc.tail);
    let at = |(first, arcs): &(Vec<u32>, Vec<u32>), node: u32| {
        arcs[first[node as usize] as usize..first[node as usize + 1] as usize].to_vec()
    };
    let way_of =
        |arc: u32| network.ways[network.edges[network.arcs[arc as usize].edge as usize].way as usize].id;
    let mut banned = Vec::new();
    for rule in rules {
        let first = network.keys.partition_point(|&(key, _)| key < rule.via);
        for &(_, node) in network.keys[first..].iter().take_while(|&&(key, _)| key == rule.via) {
            let leaving = at(&out_of, node);
            for from in at(&into, node).into_iter().filter(|&arc| way_of(arc) == rule.from_way) {
                let twin = network.arcs[from as usize].twin;
                let named =
                    |to: u32| way_of(to) == rule.to_way && (rule.from_way == rule.to_way) == (to == twin);
                // An "only" whose target is not here would close the road altogether.
                let only = rule.rule == TurnRule::Only && leaving.iter().any(|&to| named(to));
                let forbidden = rule.rule == TurnRule::Forbidden;
                banned.extend(
                    leaving
                        .iter()
                        .filter(|&&to| (only && !named(to)) || (forbidden && named(to)))
                        .map(|&to| (from, to)),
                );
            }
        }
    }
    banned.sort_unstable();
    banned.dedup();
    banned
}
