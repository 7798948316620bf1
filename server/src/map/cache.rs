//! Drawn tiles, kept until space is needed: the ones not asked for the longest go first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::mercator::TileId;

/// Compressed tiles, bounded by their bytes.
#[derive(Debug)]
pub(super) struct TileCache {
    bytes_max: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    tiles: HashMap<TileId, (u64, Arc<[u8]>)>,
    /// By the turn in which each was last asked for.
    order: BTreeMap<u64, TileId>,
    turn: u64,
    bytes: usize,
}

impl TileCache {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, inner: Mutex::default() }
    }

    pub(super) fn get(&self, id: TileId) -> Option<Arc<[u8]>> {
        let mut inner = self.lock();
        inner.turn += 1;
        let turn = inner.turn;
        let (last, tile) = inner.tiles.get_mut(&id)?;
        let before = std::mem::replace(last, turn);
        let tile = Arc::clone(tile);
        inner.order.remove(&before);
        inner.order.insert(turn, id);
        Some(tile)
    }

    pub(super) fn put(&self, id: TileId, tile: Arc<[u8]>) {
        let mut inner = self.lock();
        inner.turn += 1;
        let turn = inner.turn;
        inner.bytes += weight(&tile);
        if let Some((before, old)) = inner.tiles.insert(id, (turn, tile)) {
            inner.order.remove(&before);
            inner.bytes -= weight(&old);
        }
        inner.order.insert(turn, id);
        while inner.bytes > self.bytes_max {
            let Some((_, oldest)) = inner.order.pop_first() else { break };
            if let Some((_, tile)) = inner.tiles.remove(&oldest) {
                inner.bytes -= weight(&tile);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A cache is never half-written in a way that matters: a reader's panic must not take the map away.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An empty tile costs its place in the tables, too.
fn weight(tile: &[u8]) -> usize {
    tile.len() + 200
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unasked_goes_first_and_the_bound_holds() {
        let cache = TileCache::new(3 * 1200);
        let id = |x| TileId::new(10, x, 0).unwrap();
        let tile = || Arc::from(vec![0u8; 1000]);
        for x in 0..3 {
            cache.put(id(x), tile());
        }
        assert!(cache.get(id(0)).is_some());
        cache.put(id(3), tile());
        let kept: Vec<u32> = (0..4).filter(|&x| cache.get(id(x)).is_some()).collect();
        assert_eq!(kept, [0, 2, 3]);
        cache.put(id(3), tile());
        assert_eq!(cache.lock().bytes, 3 * 1200);
    }
}
