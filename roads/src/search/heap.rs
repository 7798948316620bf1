//! A min-heap of (cost, item) with four children a node: half the depth of a binary one, and the children share a cache line.

/// Smallest cost first; equal costs in order of item, so that a search always takes the same way.
///
/// Both are one word, cost above item: to compare is one instruction, and a node's children are half a cache line.
#[derive(Debug, Default)]
pub(super) struct MinHeap {
    words: Vec<u64>,
}

impl MinHeap {
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    pub(super) fn peek(&self) -> Option<u64> {
        self.words.first().map(|&word| word >> ITEM_BITS)
    }

    /// Takes an item; the cost is below [`COST_LIMIT_US`], the item below [`ITEM_LIMIT`].
    pub(super) fn push(&mut self, cost_us: u64, item: u32) {
        debug_assert!(cost_us < COST_LIMIT_US && (item as usize) < ITEM_LIMIT);
        let word = cost_us << ITEM_BITS | u64::from(item);
        let mut at = self.words.len();
        self.words.push(word);
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if self.words[parent] <= word {
                break;
            }
            self.words[at] = self.words[parent];
            at = parent;
        }
        self.words[at] = word;
    }

    pub(super) fn pop(&mut self) -> Option<(u64, u32)> {
        let moved = self.words.pop()?;
        let Some(&smallest) = self.words.first() else {
            return Some(parts(moved));
        };
        let mut at = 0;
        loop {
            let first = at * CHILDREN + 1;
            let least = match self.words.get(first..first + CHILDREN) {
                // Two comparisons side by side and one more, and no guess at any of them.
                Some(&[a, b, c, d]) => {
                    let left = if b < a { (b, 1) } else { (a, 0) };
                    let right = if d < c { (d, 3) } else { (c, 2) };
                    Some(if right.0 < left.0 { right } else { left })
                }
                _ => self.words.get(first..).and_then(|rest| rest.iter().copied().zip(0..).min()),
            };
            let Some((least, offset)) = least.filter(|&(least, _)| least < moved) else { break };
            self.words[at] = least;
            at = first + offset;
        }
        self.words[at] = moved;
        Some(parts(smallest))
    }
}

fn parts(word: u64) -> (u64, u32) {
    (word >> ITEM_BITS, (word & (ITEM_LIMIT as u64 - 1)) as u32)
}

/// Costs a search can hold, in microseconds: 19 hours, longer than any journey of an ambulance.
pub(super) const COST_LIMIT_US: u64 = 1 << (u64::BITS - ITEM_BITS);

/// Junctions and arcs a map can have: 268 million, more than a country's.
pub(super) const ITEM_LIMIT: usize = 1 << ITEM_BITS;

const ITEM_BITS: u32 = 28;
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
