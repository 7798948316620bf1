//! Memory that one search after another works in, so that none pays for the size of the city.

use super::heap::{COST_LIMIT_US, ITEM_LIMIT, MinHeap};
use crate::network::NONE;

/// Scratch memory of searches. Keep one per worker thread; it fits itself to the network it is used with.
#[derive(Debug, Default)]
pub struct SearchSpace {
    junctions: Vec<Junction>,
    arcs: Vec<Label>,
    /// What a label of this search has above its cost.
    generation: u64,
    pub(super) heap: MinHeap,
    waiting: Vec<Waiting>,
}

/// What a search knows of a place. Every search counts generations down, so that a label of an older one is worse than anything
/// that a new one offers: no search clears them.
#[derive(Clone, Copy, Debug)]
struct Label {
    /// Generation above cost.
    key: u64,
    next: u32,
}

/// A junction's label, and who waits for it.
#[derive(Clone, Copy, Debug)]
struct Junction {
    key: u64,
    next: u32,
    /// Into [`SearchSpace::waiting`], where it counts only if that one waits here.
    first_waiting: u32,
}

/// A source that waits for a junction.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    source: u32,
    node: u32,
    next: u32,
}

/// What a search takes from its heap.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// The end of an arc.
    Arc(u32),
    /// A junction that has one label for all arcs that end there.
    Junction(u32),
}

impl SearchSpace {
    /// An empty space.
    pub fn new() -> Self {
        Self::default()
    }

    /// # Panics
    /// When the map has more than [`ITEM_LIMIT`] junctions and arcs.
    pub(super) fn begin(&mut self, node_count: usize, arc_count: usize) {
        let items = node_count + arc_count;
        assert!(items <= ITEM_LIMIT, "a map of {items} junctions and arcs is too large to search");
        self.heap.clear();
        self.waiting.clear();
        if self.junctions.len() != node_count || self.arcs.len() != arc_count || self.generation == 0 {
            self.junctions = vec![Junction { key: u64::MAX, next: NONE, first_waiting: NONE }; node_count];
            self.arcs = vec![Label { key: u64::MAX, next: NONE }; arc_count];
            self.generation = u64::MAX / COST_LIMIT_US * COST_LIMIT_US;
        }
        self.generation -= COST_LIMIT_US;
    }

    /// Takes the next place with its cost; `None` at the end.
    pub(super) fn pop(&mut self) -> Option<(u64, Place)> {
        while let Some((cost_us, item)) = self.heap.pop() {
            let (known, place) = match (item as usize).checked_sub(self.arcs.len()) {
                Some(node) => (self.junctions[node].key, Place::Junction(node as u32)),
                None => (self.arcs[item as usize].key, Place::Arc(item)),
            };
            // What was bettered since is still in the heap.
            if self.generation + cost_us == known {
                return Some((cost_us, place));
            }
        }
        None
    }

    /// Cost from a place to the target, as far as known, and what follows on the way there.
    pub(super) fn label(&self, place: Place) -> Option<(u64, u32)> {
        let (key, next) = match place {
            Place::Arc(arc) => (self.arcs[arc as usize].key, self.arcs[arc as usize].next),
            Place::Junction(node) => (self.junctions[node as usize].key, self.junctions[node as usize].next),
        };
        // An older generation is above.
        let cost_us = key - self.generation;
        (cost_us < COST_LIMIT_US).then_some((cost_us, next))
    }

    /// Keeps the cost of an arc if it is the best so far. A way of 19 hours and more is none.
    pub(super) fn offer_arc(&mut self, arc: u32, cost_us: u64, next: u32) {
        let label = &mut self.arcs[arc as usize];
        let key = self.generation + cost_us;
        if key < label.key && cost_us < COST_LIMIT_US {
            *label = Label { key, next };
            self.heap.push(cost_us, arc);
        }
    }

    /// The same for all arcs that end at a junction.
    pub(super) fn offer_junction(&mut self, node: u32, cost_us: u64, next: u32) {
        let junction = &mut self.junctions[node as usize];
        let key = self.generation + cost_us;
        if key < junction.key && cost_us < COST_LIMIT_US {
            (junction.key, junction.next) = (key, next);
            self.heap.push(cost_us, self.arcs.len() as u32 + node);
        }
    }

    /// Lets a source wait until a junction is settled.
    pub(super) fn wait(&mut self, node: u32, source: u32) {
        let next = self.first_waiting(node).map_or(NONE, |first| first as u32);
        self.junctions[node as usize].first_waiting = self.waiting.len() as u32;
        self.waiting.push(Waiting { source, node, next });
    }

    /// The first who waits at a junction, for [`SearchSpace::waiting`].
    pub(super) fn first_waiting(&self, node: u32) -> Option<usize> {
        let first = self.junctions[node as usize].first_waiting as usize;
        self.waiting.get(first).is_some_and(|waiting| waiting.node == node).then_some(first)
    }

    /// Who waits, and the next in line.
    pub(super) fn waiting(&self, at: usize) -> (u32, Option<usize>) {
        let Waiting { source, next, .. } = self.waiting[at];
        (source, (next != NONE).then_some(next as usize))
    }
}
