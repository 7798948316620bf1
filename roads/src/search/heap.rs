//! A min-heap of (cost, arc) with four children a node: half the depth of a binary one, and the children share a cache line.

/// Smallest cost first; equal costs in order of arc, so that a search always takes the same way.
///
/// An item is one word, cost above arc: to compare is one instruction, and a node's children are half a cache line.
#[derive(Debug, Default)]
pub(super) struct MinHeap {
    items: Vec<u64>,
}

impl MinHeap {
    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    pub(super) fn peek(&self) -> Option<u64> {
        self.items.first().map(|&item| item >> ARC_BITS)
    }

    /// Takes an item; the cost is below [`COST_LIMIT_US`], the arc below [`ARC_LIMIT`].
    pub(super) fn push(&mut self, cost_us: u64, arc: u32) {
        debug_assert!(cost_us < COST_LIMIT_US && (arc as usize) < ARC_LIMIT);
        let item = cost_us << ARC_BITS | u64::from(arc);
        let mut at = self.items.len();
        self.items.push(item);
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if self.items[parent] <= item {
                break;
            }
            self.items[at] = self.items[parent];
            at = parent;
        }
        self.items[at] = item;
    }

    pub(super) fn pop(&mut self) -> Option<(u64, u32)> {
        let moved = self.items.pop()?;
        let Some(&smallest) = self.items.first() else {
            return Some(parts(moved));
        };
        let mut at = 0;
        loop {
            let first = at * CHILDREN + 1;
            let children = self.items.get(first..self.items.len().min(first + CHILDREN)).unwrap_or_default();
            let Some((offset, &least)) = children.iter().enumerate().min_by_key(|&(_, item)| *item) else {
                break;
            };
            if least >= moved {
                break;
            }
            self.items[at] = least;
            at = first + offset;
        }
        self.items[at] = moved;
        Some(parts(smallest))
    }
}

fn parts(item: u64) -> (u64, u32) {
    (item >> ARC_BITS, (item & (ARC_LIMIT as u64 - 1)) as u32)
}

/// Costs a search can hold, in microseconds: 19 hours, longer than any journey of an ambulance.
pub(super) const COST_LIMIT_US: u64 = 1 << (u64::BITS - ARC_BITS);

/// Arcs a map can have: 268 million, more than a country's.
pub(super) const ARC_LIMIT: usize = 1 << ARC_BITS;

const ARC_BITS: u32 = 28;
const CHILDREN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_come_out_in_order(items in proptest::collection::vec((0u64..50, 0u32..50), 0..200)) {
            let mut heap = MinHeap::default();
            for &item in &items {
                heap.push(item.0, item.1);
            }
            let mut sorted = items;
            sorted.sort_unstable();
            prop_assert_eq!(heap.peek(), sorted.first().map(|&(cost, _)| cost));
            let out: Vec<_> = std::iter::from_fn(|| heap.pop()).collect();
            prop_assert_eq!(out, sorted);
        }
    }
}
