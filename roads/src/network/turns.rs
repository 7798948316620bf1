//! Which arc may follow which, seen backwards: a search from the incident asks "from which arcs can one turn into this one".

use std::ops::Range;

use super::{ArcRow, NONE};

/// For each arc the arcs one may come from, for each node the arcs that end there.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    first: Vec<u32>,
    /// Arc one comes from; the top bit marks a U-turn.
    from: Vec<u32>,
    node_first: Vec<u32>,
    into: Vec<u32>,
    node_first_out: Vec<u32>,
    out_of: Vec<u32>,
}

/// Marks in `Turns::before_arc` a turn back onto the road one came from.
pub(crate) const U_TURN: u32 = 1 << 31;

impl Turns {
    /// `banned` is sorted.
    pub(crate) fn of(node_count: usize, arcs: &[ArcRow], banned: &[(u32, u32)]) -> Self {
        let (node_first, into) = group_by_node(node_count, arcs, |arc| arc.head);
        let (node_first_out, out_of) = group_by_node(node_count, arcs, |arc| arc.tail);
        let first = Vec::with_capacity(arcs.len() + 1);
        let mut turns = Self { first, from: Vec::new(), node_first, into, node_first_out, out_of };
        turns.first.push(0);
        for (to, arc) in arcs.iter().enumerate() {
            let range = turns.node_first[arc.tail as usize] as usize
                ..turns.node_first[arc.tail as usize + 1] as usize;
            for slot in range {
                let from = turns.into[slot];
                if banned.binary_search(&(from, to as u32)).is_err() {
                    let mark = if arc.twin != NONE && arc.twin == from { U_TURN } else { 0 };
                    turns.from.push(from | mark);
                }
            }
            turns.first.push(turns.from.len() as u32);
        }
        turns
    }

    /// The arcs from which one may turn into `arc`, with the [`U_TURN`] bit.
    pub(crate) fn before_arc(&self, arc: u32) -> &[u32] {
        &self.from[self.first[arc as usize] as usize..self.first[arc as usize + 1] as usize]
    }

    /// The arcs that end at `node`.
    pub(crate) fn before_node(&self, node: u32) -> &[u32] {
        &self.into[self.slots_into(node)]
    }

    /// Where the arcs that end at `node` stand in [`Turns::arcs_by_head`].
    pub(crate) fn slots_into(&self, node: u32) -> Range<usize> {
        self.node_first[node as usize] as usize..self.node_first[node as usize + 1] as usize
    }

    /// Every arc, by the junction where it ends.
    pub(crate) fn arcs_by_head(&self) -> &[u32] {
        &self.into
    }

    /// The arcs that begin at `node`.
    pub(crate) fn after_node(&self, node: u32) -> &[u32] {
        &self.out_of
            [self.node_first_out[node as usize] as usize..self.node_first_out[node as usize + 1] as usize]
    }
}

/// Arc numbers grouped by a node of theirs: `(first, arcs)`.
pub(crate) fn group_by_node(
    node_count: usize,
    arcs: &[ArcRow],
    node_of: fn(&ArcRow) -> u32,
) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; node_count + 1];
    for arc in arcs {
        first[node_of(arc) as usize + 1] += 1;
    }
    for n in 1..first.len() {
        first[n] += first[n - 1];
    }
    let mut next = first.clone();
    let mut grouped = vec![0u32; arcs.len()];
    for (number, arc) in arcs.iter().enumerate() {
        let slot = &mut next[node_of(arc) as usize];
        grouped[*slot as usize] = number as u32;
        *slot += 1;
    }
    (first, grouped)
}
