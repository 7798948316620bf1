//! The roads as they are at this moment: the map, and weights that follow the closures on record. Made anew off the
//! owner's thread and swapped in; whoever searches keeps the weights it began with.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use dispatch_core::Record;
use roads::{Profile, RoadMap, Weights};

/// The map with the weights of one moment.
#[derive(Debug)]
pub struct RoadsNow {
    /// The map: roads, and what is drawn under them.
    pub map: Arc<RoadMap>,
    /// Times with lights and sirens, closures counted: for ambulances on an order.
    pub weights: Weights,
    /// The same map with nothing closed, to close anew from.
    open: Weights,
}

/// The roads of this moment, shared by everybody; empty when the centre runs without a map.
#[derive(Debug, Clone)]
pub struct SharedRoads(Arc<ArcSwapOption<RoadsNow>>);

impl SharedRoads {
    /// A map with the closures of a record, or none.
    pub fn new(map: Option<Arc<RoadMap>>, record: &Record) -> Self {
        let roads = map.map(|map| Arc::new(RoadsNow::of(map, record)));
        Self(Arc::new(ArcSwapOption::new(roads)))
    }

    /// Puts another map in its place, with the closures of a record.
    pub(crate) fn replace(&self, map: Arc<RoadMap>, record: &Record) {
        self.0.store(Some(Arc::new(RoadsNow::of(map, record))));
    }

    /// The roads of this moment.
    pub fn load_full(&self) -> Option<Arc<RoadsNow>> {
        self.0.load_full()
    }

    /// Brings the weights in line with the closures on record. Does nothing when they are.
    pub(crate) fn follow(&self, record: &Record) {
        let Some(now) = self.load_full() else { return };
        let wanted = ways(record);
        // Ways that the map does not have are never among its closed ones: compare what can be compared.
        let known: BTreeSet<i64> = wanted
            .iter()
            .copied()
            .filter(|way| now.map.network().arcs_of_way(*way).next().is_some())
            .collect();
        if *now.weights.closed_ways() == known {
            return;
        }
        let weights = closed(&now.map, &now.open, &known);
        tracing::info!(ways = known.len(), weights = weights.id(), "road closures changed");
        let next = RoadsNow { map: Arc::clone(&now.map), weights, open: now.open.clone() };
        // Another map that came in meanwhile must not be undone; the next look follows the closures on it.
        self.0.compare_and_swap(&Some(now), Some(Arc::new(next)));
    }
}

impl RoadsNow {
    fn of(map: Arc<RoadMap>, record: &Record) -> Self {
        let open = Weights::base(map.network(), Profile::LightsAndSirens);
        let weights = closed(&map, &open, &ways(record));
        Self { map, weights, open }
    }
}

fn ways(record: &Record) -> BTreeSet<i64> {
    record.closures().values().flat_map(|closure| closure.ways.iter().copied()).collect()
}

fn closed(map: &RoadMap, open: &Weights, ways: &BTreeSet<i64>) -> Weights {
    if ways.is_empty() { open.clone() } else { open.with_closures(map.network(), ways) }
}
