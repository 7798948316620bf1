//! Remembers where positions lie on the road: a vehicle that stands is asked about again with every search.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::{RoadMap, Snap, Wgs84};

/// Snaps that were found before. Keep one beside each [`crate::SearchSpace`].
#[derive(Debug, Default)]
pub struct SnapMemory {
    /// The map they belong to: another one empties the memory.
    map_id: String,
    known: HashMap<[u64; 3], Option<Snap>, FixedState>,
}

impl SnapMemory {
    /// An empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// What [`RoadMap::snap`] gives, from memory when the same was asked before.
    pub fn snap(&mut self, map: &RoadMap, position: Wgs84, snap_m_max: f64) -> Option<Snap> {
        if self.map_id != map.id() {
            self.known.clear();
            map.id().clone_into(&mut self.map_id);
        }
        let key = [position.longitude(), position.latitude(), snap_m_max].map(f64::to_bits);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= SNAPS_MAX {
            // Moving vehicles leave theirs behind; those that stand are soon known again.
            self.known.clear();
        }
        let snap = map.snap(position, snap_m_max);
        self.known.insert(key, snap);
        snap
    }
}

/// Snaps that are kept, about 10 MB of them.
const SNAPS_MAX: usize = 65_536;
