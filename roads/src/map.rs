//! A map: the road network, what is drawn under it, and the index that finds the road at a position.

use crate::cache;
use crate::snap::SnapIndex;
use crate::{BaseMap, Bounds, MapError, Network, Progress, Snap, Wgs84, osm};

/// Roads and base map of one area. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct RoadMap {
    pub(crate) network: Network,
    pub(crate) base: BaseMap,
    pub(crate) table_order: Vec<u32>,
    bounds: Bounds,
    snaps: SnapIndex,
}

impl RoadMap {
    /// Reads an OpenStreetMap extract in PBF form. Damaged, cut or hostile bytes give an error, never a panic; memory stays
    /// within the bounds named in `MapError::TooLarge`.
    pub fn from_osm_pbf(bytes: &[u8], progress: &mut dyn FnMut(Progress)) -> Result<Self, MapError> {
        osm::read(bytes, progress)?.build(progress)
    }

    /// Reads a map file written by [`RoadMap::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        cache::read(bytes)
    }

    /// The map as one file: versioned header, SHA-256, contents.
    pub fn to_bytes(&self) -> Vec<u8> {
        cache::write(&self.network, &self.base, &self.table_order)
    }

    /// Hash of the contents as 16 hex digits: equal ids are equal maps.
    pub fn id(&self) -> &str {
        &self.network.id
    }

    /// The road network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What is drawn under the roads.
    pub fn base_map(&self) -> &BaseMap {
        &self.base
    }

    /// The box around the roads.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The nearest point of the nearest road; `None` when it is farther than `snap_m_max` metres.
    pub fn snap(&self, position: Wgs84, snap_m_max: f64) -> Option<Snap> {
        self.snaps.nearest(&self.network, position, snap_m_max, 1).into_iter().next()
    }

    /// The nearest points of the nearest `count` pieces of road, nearest first, within `snap_m_max` metres.
    pub fn snaps(&self, position: Wgs84, snap_m_max: f64, count: usize) -> Vec<Snap> {
        self.snaps.nearest(&self.network, position, snap_m_max, count)
    }

    pub(crate) fn assemble(mut network: Network, base: BaseMap, table_order: Vec<u32>) -> Self {
        let base = base.rounded();
        network.id = cache::id_of(&network, &base, &table_order);
        Self::index(network, base, table_order)
    }

    /// The map of a network whose id is known.
    pub(crate) fn index(network: Network, base: BaseMap, table_order: Vec<u32>) -> Self {
        let points = network.nodes.iter().chain(&network.shapes).map(|&e7| crate::network::point(e7));
        let bounds = Bounds::around(points).expect("invariant: a map has a road");
        let snaps = SnapIndex::new(&network, bounds.centre());
        Self { network, base, table_order, bounds, snaps }
    }
}
