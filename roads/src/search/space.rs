//! Memory that one search after another works in, so that none pays for the size of the city.

use super::heap::{ARC_LIMIT, COST_LIMIT_US, MinHeap};
use crate::network::NONE;

/// Scratch memory of searches. Keep one per worker thread; it fits itself to the network it is used with.
#[derive(Debug, Default)]
pub struct SearchSpace {
    labels: Vec<Label>,
    waiting: Vec<Waiting>,
    pub(super) heap: MinHeap,
    generation: u32,
}

/// What a search knows of an arc. A label of another generation knows nothing: no search clears them.
#[derive(Clone, Copy, Debug)]
struct Label {
    cost_us: u64,
    generation: u32,
    next: u32,
}

/// The first source that waits at an arc.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    generation: u32,
    first: u32,
}

impl SearchSpace {
    /// An empty space.
    pub fn new() -> Self {
        Self::default()
    }

    /// # Panics
    /// When the map has more than [`ARC_LIMIT`] arcs.
    pub(super) fn begin(&mut self, arc_count: usize) {
        assert!(arc_count <= ARC_LIMIT, "a map of {arc_count} arcs is too large to search");
        self.heap.clear();
        if self.labels.len() != arc_count || self.generation == u32::MAX {
            self.labels = vec![Label { cost_us: 0, generation: 0, next: NONE }; arc_count];
            self.waiting = vec![Waiting { generation: 0, first: NONE }; arc_count];
            self.generation = 0;
        }
        self.generation += 1;
    }

    /// Cost from the end of the arc to the target, as far as known; `u64::MAX` when not.
    pub(super) fn cost_us(&self, arc: u32) -> u64 {
        let label = &self.labels[arc as usize];
        if label.generation == self.generation { label.cost_us } else { u64::MAX }
    }

    /// What follows the arc on the way to the target.
    pub(super) fn next(&self, arc: u32) -> u32 {
        let label = &self.labels[arc as usize];
        if label.generation == self.generation { label.next } else { NONE }
    }

    /// Keeps the cost if it is the best so far. A way of 19 hours and more is none.
    pub(super) fn offer(&mut self, arc: u32, cost_us: u64, next: u32) {
        let label = &mut self.labels[arc as usize];
        let better = label.generation != self.generation || cost_us < label.cost_us;
        if better && cost_us < COST_LIMIT_US {
            *label = Label { cost_us, generation: self.generation, next };
            self.heap.push(cost_us, arc);
        }
    }

    /// The first source waiting at the arc, or `NONE`.
    pub(super) fn first_waiting(&self, arc: u32) -> u32 {
        let waiting = &self.waiting[arc as usize];
        if waiting.generation == self.generation { waiting.first } else { NONE }
    }

    pub(super) fn set_first_waiting(&mut self, arc: u32, first: u32) {
        self.waiting[arc as usize] = Waiting { generation: self.generation, first };
    }
}
