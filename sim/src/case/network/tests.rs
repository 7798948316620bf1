//! Times between all pairs of nodes of small networks of every shape, against a plain search.

use std::collections::BTreeSet;

use super::*;
use crate::case::{Point, Spread, Streets};
use crate::chance::Chance;

/// A network by seed: long bends, one-ways, dead ends, parallel roads, rings, parts that do not meet.
pub(crate) fn streets(seed: u64) -> Streets {
    let mut chance = Chance::of(seed, "streets", 0);
    let count = 8 + chance.below(60);
    let nodes: Vec<Point> = (0..count)
        .map(|_| Point { x: chance.between(174.0, 174.2), y: chance.between(-36.9, -36.7) })
        .collect();
    let mut arcs = Vec::new();
    // Bending roads that now and then touch an earlier node.
    let mut at = 0;
    for next in 1..count as u32 {
        let to = if chance.yes(0.15) { chance.below(next as usize) as u32 } else { next };
        if to != at {
            arcs.push((at, to));
            if chance.yes(0.7) {
                arcs.push((to, at));
            }
        }
        at = if chance.yes(0.2) { chance.below(next as usize + 1) as u32 } else { next };
    }
    for _ in 0..chance.below(12) {
        let ends = (chance.below(count) as u32, chance.below(count) as u32);
        arcs.push(ends);
    }
    let mut times = || arcs.iter().map(|_| 1 + chance.number() % 1000).collect();
    let arc_ns = vec![times(), times()];
    Streets { access: vec![true; count], nodes, arcs, arc_ns }
}

pub(crate) fn scale() -> Scale {
    Scale::new(89.0, 111.0)
}

/// Times from a node to all others, as a textbook has it.
fn plain(streets: &Streets, mode: usize, from: u32) -> Vec<Option<u64>> {
    let mut best = vec![None; streets.nodes.len()];
    let mut open = BTreeSet::from([(0, from)]);
    while let Some((ns, at)) = open.pop_first() {
        if best[at as usize].is_some() {
            continue;
        }
        best[at as usize] = Some(ns);
        for (arc, &(tail, head)) in streets.arcs.iter().enumerate() {
            if tail == at {
                open.insert((ns + streets.arc_ns[mode][arc], head));
            }
        }
    }
    best
}

#[test]
fn every_time_is_that_of_a_plain_search() {
    let mut reached = 0;
    for seed in 0..150 {
        let given = streets(seed);
        let network = Network::new(streets(seed), scale());
        let count = given.nodes.len() as u32;
        for mode in 0..2 {
            for from in 0..count {
                let expected = plain(&given, mode, from);
                let outward = Spread::from_node(&network, mode, from);
                for to in 0..count {
                    let time = network.time_ns(mode, from, to);
                    assert_eq!(time, expected[to as usize], "seed {seed}, mode {mode}, {from} to {to}");
                    assert_eq!(
                        outward.time_ns(&network, to),
                        time,
                        "seed {seed}, spread from {from} to {to}"
                    );
                    let inward = Spread::to_node(&network, mode, to);
                    if from == 0 {
                        assert_eq!(inward.time_ns(&network, from), time, "seed {seed}, spread to {to}");
                    }
                    reached += u32::from(time.is_some());
                }
            }
        }
    }
    assert!(reached > 100_000, "most of it is connected: {reached}");
}
