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

#[cfg(test)]
mod tests {
    use dispatch_core::actor::Actor;
    use dispatch_core::ids::ClosureId;
    use dispatch_core::roadworks::Closure;
    use dispatch_core::{Event, Fact, UtcTime};
    use roads::{MapBuilder, RoadClass, WaySpec, Wgs84};
    use uuid::Uuid;

    use super::*;

    /// Two streets side by side, joined at both ends.
    fn town(length_deg: f64) -> Arc<RoadMap> {
        let mut builder = MapBuilder::new();
        let at = |east: f64, north: f64| Wgs84::new(114.0 + east, 30.0 + north).unwrap();
        let [a, b] = [builder.add_node(at(0.0, 0.0)), builder.add_node(at(length_deg, 0.0))];
        let round = builder.add_node(at(length_deg / 2.0, 0.01));
        builder.add_way(WaySpec::new(1, RoadClass::Primary, vec![a, b]));
        builder.add_way(WaySpec::new(2, RoadClass::Primary, vec![a, round, b]));
        Arc::new(builder.build(&mut |_| {}).unwrap())
    }

    fn record(facts: Vec<Fact>) -> Record {
        let mut record = Record::default();
        for fact in facts {
            record.apply(
                &Event { at: UtcTime::from_micros(0), by: Actor::rule("test"), fact },
                &mut Vec::new(),
            );
        }
        record
    }

    fn closed_road(ways: Vec<i64>) -> Fact {
        let (id, since) = (ClosureId::new(Uuid::nil()), UtcTime::from_micros(0));
        let (name, reason) = ("长江大桥".to_owned(), "封桥".to_owned());
        Fact::RoadClosed { closure: Box::new(Closure { id, ways, name, reason, since }) }
    }

    #[test]
    fn the_weights_follow_the_closures_and_nothing_else_makes_new_ones() {
        let shared = SharedRoads::new(Some(town(0.1)), &record(vec![]));
        let open = shared.load_full().unwrap().weights.id().to_owned();
        shared.follow(&record(vec![closed_road(vec![1, 99])]));
        let closed = shared.load_full().unwrap();
        assert_ne!(closed.weights.id(), open);
        assert_eq!(*closed.weights.closed_ways(), [1].into(), "a way that the map lacks cannot be closed");
        shared.follow(&record(vec![closed_road(vec![1])]));
        assert!(Arc::ptr_eq(&closed, &shared.load_full().unwrap()), "nothing has changed");
        shared.follow(&record(vec![]));
        assert_eq!(shared.load_full().unwrap().weights.id(), open, "open again, the same as before");
    }

    #[test]
    fn another_map_comes_with_the_closures_of_the_record() {
        let shared = SharedRoads::new(Some(town(0.1)), &record(vec![]));
        let closures = record(vec![closed_road(vec![2])]);
        let map = town(0.2);
        shared.replace(Arc::clone(&map), &closures);
        let now = shared.load_full().unwrap();
        assert_eq!((now.map.id(), now.weights.closed_ways()), (map.id(), &[2].into()));
    }
}
