//! The roads as a search wants them: at each junction the arcs that end there, side by side, and whether they need a label each.
//!
//! Whoever comes to a junction where every turn is allowed goes on the same way, from whichever road he comes; only on the road that
//! is itself the way on would he have to turn back. Nobody is better off for being there: he passed everything on that road in
//! the other direction. So one label does for the junction. Where a turn is banned that is not so: somebody who may not turn left
//! drives on and turns back behind the crossing. There, and as far around as turning back can be worth it, each arc has its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::reverse::U_TURN_US;
use crate::network::{NONE, Network};
use crate::weights::CLOSED;

/// What a search reads of the roads, for one set of times.
#[derive(Debug)]
pub(crate) struct Layout {
    /// In the order of `Turns::slots_into`.
    approaches: Vec<Approach>,
    /// Junctions whose arcs have a label each.
    by_arc: Vec<bool>,
}

/// An arc, as seen from the junction where it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approach {
    /// Time over it, or `CLOSED`.
    pub(crate) drive_us: u32,
    /// The junction where it begins, with [`BY_ARC`].
    tail: u32,
}

impl Approach {
    /// The junction where it begins, when one label does for it.
    pub(crate) fn plain_tail(self) -> Option<u32> {
        (self.tail & BY_ARC == 0).then_some(self.tail)
    }
}

impl Layout {
    pub(crate) fn new(network: &Network, drive_us: &[u32]) -> Self {
        let by_arc = junctions_by_arc(network, drive_us);
        let approach = |&arc: &u32| {
            let tail = network.arcs[arc as usize].tail;
            let mark = if by_arc[tail as usize] { BY_ARC } else { 0 };
            Approach { drive_us: drive_us[arc as usize], tail: tail | mark }
        };
        let approaches = network.turns.arcs_by_head().iter().map(approach).collect();
        Self { approaches, by_arc }
    }

    /// The arcs that end in these slots of `Turns::slots_into`.
    pub(crate) fn approaches(&self) -> &[Approach] {
        &self.approaches
    }

    /// Whether the arcs that end at a junction have a label each.
    pub(crate) fn is_by_arc(&self, node: u32) -> bool {
        self.by_arc[node as usize]
    }
}

/// Junctions with a banned turn, those next to them, and those from which one is back there before he could have turned.
fn junctions_by_arc(network: &Network, drive_us: &[u32]) -> Vec<bool> {
    let mut by_arc = vec![false; network.nodes.len()];
    let mut banned: Vec<u32> =
        network.banned_turns.iter().map(|&(from, _)| network.arcs[from as usize].head).collect();
    banned.dedup();
    let mut there_and_back_us = vec![U_TURN_US; network.nodes.len()];
    let mut open = BinaryHeap::new();
    for &node in &banned {
        by_arc[node as usize] = true;
        for &arc in network.turns.after_node(node) {
            let head = network.arcs[arc as usize].head;
            there_and_back_us[head as usize] = 0;
            open.push(Reverse((0, head)));
        }
    }
    while let Some(Reverse((spent_us, node))) = open.pop() {
        if spent_us > there_and_back_us[node as usize] {
            continue;
        }
        by_arc[node as usize] = true;
        for &arc in network.turns.after_node(node) {
            let row = &network.arcs[arc as usize];
            if row.twin == NONE || drive_us[arc as usize] == CLOSED || drive_us[row.twin as usize] == CLOSED {
                continue;
            }
            let both_us = u64::from(drive_us[arc as usize]) + u64::from(drive_us[row.twin as usize]);
            let spent_us = spent_us + both_us;
            if spent_us < there_and_back_us[row.head as usize] {
                there_and_back_us[row.head as usize] = spent_us;
                open.push(Reverse((spent_us, row.head)));
            }
        }
    }
    by_arc
}

/// Marks in [`Approach`] a junction whose arcs have a label each.
const BY_ARC: u32 = 1 << 31;
