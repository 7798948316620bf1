//! The roads as they are at this moment: the map, and weights that follow the closures on record and the hour. Made anew off the
//! owner's thread and swapped in; whoever searches keeps the weights it began with.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use dispatch_core::{Record, UtcTime};
use roads::{Profile, RoadMap, SpeedFactors, Weights};

/// The map with the weights of one moment.
#[derive(Debug)]
pub struct RoadsNow {
    /// The map: roads, and what is drawn under them.
    pub map: Arc<RoadMap>,
    /// Times with lights and sirens, closures counted: for ambulances on an order.
    pub weights: Weights,
    /// The same map with nothing closed, to close anew from.
    open: Weights,
    /// How fast ambulances drive at this hour against the usual.
    hour: SpeedFactors,
}

/// The roads of this moment, shared by everybody; empty when the centre runs without a map.
#[derive(Debug, Clone)]
pub struct SharedRoads(Arc<ArcSwapOption<RoadsNow>>);

impl SharedRoads {
    /// A map with the closures of a record, or none.
    pub fn new(map: Option<Arc<RoadMap>>, record: &Record, now: UtcTime) -> Self {
        let roads = map.map(|map| Arc::new(RoadsNow::of(map, record, now)));
        Self(Arc::new(ArcSwapOption::new(roads)))
    }

    /// Puts another map in its place, with the closures of a record.
    pub(crate) fn replace(&self, map: Arc<RoadMap>, record: &Record, now: UtcTime) {
        self.0.store(Some(Arc::new(RoadsNow::of(map, record, now))));
    }

    /// The roads of this moment.
    pub fn load_full(&self) -> Option<Arc<RoadsNow>> {
        self.0.load_full()
    }

    /// Brings the weights in line with the closures on record and with the hour. Does nothing when they are.
    pub(crate) fn follow(&self, record: &Record, at: UtcTime) {
        let Some(now) = self.load_full() else { return };
        let hour = record.rules().speeds_at(at);
        let wanted = ways(record);
        // Ways that the map does not have are never among its closed ones: compare what can be compared.
        let known: BTreeSet<i64> = wanted
            .iter()
            .copied()
            .filter(|way| now.map.network().arcs_of_way(*way).next().is_some())
            .collect();
        if *now.weights.closed_ways() == known && now.hour == hour {
            return;
        }
        let open = if now.hour == hour { now.open.clone() } else { open_at(&now.map, SIRENS, &hour) };
        let weights = closed(&now.map, &open, &known);
        tracing::info!(ways = known.len(), ?hour, weights = weights.id(), "road closures or speeds changed");
        let next = RoadsNow { map: Arc::clone(&now.map), weights, open, hour };
        // Another map that came in meanwhile must not be undone; the next look follows the closures on it.
        self.0.compare_and_swap(&Some(now), Some(Arc::new(next)));
    }
}

impl RoadsNow {
    fn of(map: Arc<RoadMap>, record: &Record, now: UtcTime) -> Self {
        let hour = record.rules().speeds_at(now);
        let open = open_at(&map, SIRENS, &hour);
        let weights = closed(&map, &open, &ways(record));
        Self { map, weights, open, hour }
    }

    /// Times without lights and sirens at this hour, closures counted: for the way back, and to a hospital.
    pub(crate) fn ordinary(&self) -> Weights {
        let open = open_at(&self.map, Profile::Ordinary, &self.hour);
        closed(&self.map, &open, self.weights.closed_ways())
    }
}

/// The times of an hour, nothing closed. A table that makes no sense was refused before it came on record.
fn open_at(map: &RoadMap, profile: Profile, hour: &SpeedFactors) -> Weights {
    Weights::at_hour(map.network(), profile, hour).unwrap_or_else(|_| Weights::base(map.network(), profile))
}

fn ways(record: &Record) -> BTreeSet<i64> {
    record.closures().values().flat_map(|closure| closure.ways.iter().copied()).collect()
}

fn closed(map: &RoadMap, open: &Weights, ways: &BTreeSet<i64>) -> Weights {
    if ways.is_empty() { open.clone() } else { open.with_closures(map.network(), ways) }
}

/// How ambulances drive on an order.
const SIRENS: Profile = Profile::LightsAndSirens;

#[cfg(test)]
mod tests {
    use dispatch_core::actor::Actor;
    use dispatch_core::ids::ClosureId;
    use dispatch_core::roadworks::Closure;
    use dispatch_core::rules::Rules;
    use dispatch_core::{Event, Fact, UtcTime};
    use roads::{MapBuilder, RoadClass, WaySpec, Wgs84};
    use uuid::Uuid;

    use super::*;

    const NIGHT: UtcTime = UtcTime::from_micros(0);

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
        let shared = SharedRoads::new(Some(town(0.1)), &record(vec![]), NIGHT);
        let open = shared.load_full().unwrap().weights.id().to_owned();
        shared.follow(&record(vec![closed_road(vec![1, 99])]), NIGHT);
        let closed = shared.load_full().unwrap();
        assert_ne!(closed.weights.id(), open);
        assert_eq!(*closed.weights.closed_ways(), [1].into(), "a way that the map lacks cannot be closed");
        shared.follow(&record(vec![closed_road(vec![1])]), NIGHT);
        assert!(Arc::ptr_eq(&closed, &shared.load_full().unwrap()), "nothing has changed");
        shared.follow(&record(vec![]), NIGHT);
        assert_eq!(shared.load_full().unwrap().weights.id(), open, "open again, the same as before");
    }

    #[test]
    fn another_map_comes_with_the_closures_of_the_record() {
        let shared = SharedRoads::new(Some(town(0.1)), &record(vec![]), NIGHT);
        let closures = record(vec![closed_road(vec![2])]);
        let map = town(0.2);
        shared.replace(Arc::clone(&map), &closures, NIGHT);
        let now = shared.load_full().unwrap();
        assert_eq!((now.map.id(), now.weights.closed_ways()), (map.id(), &[2].into()));
    }

    #[test]
    fn the_weights_follow_the_hour_with_what_is_closed() {
        let rush = r#"{"traffic": [{"name": "早高峰", "from": "07:00", "to": "09:00", "main_roads": 0.5}]}"#;
        let rules: Rules = serde_json::from_str(rush).unwrap();
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let (before, during) = (at("2026-11-20T06:59:59+08:00"), at("2026-11-20T07:00:00+08:00"));
        let facts = || vec![Fact::RulesAdopted { rules: Box::new(rules.clone()) }, closed_road(vec![1])];
        let shared = SharedRoads::new(Some(town(0.1)), &record(facts()), before);
        let usual = shared.load_full().unwrap();
        shared.follow(&record(facts()), during);
        let slow = shared.load_full().unwrap();
        assert_eq!(slow.weights.closed_ways(), &[1].into());
        let over = |roads: &RoadsNow| {
            let arc = roads.map.network().arcs_of_way(2).next().unwrap();
            roads.weights.arc_time(arc).unwrap().as_s()
        };
        assert!((over(&slow) / over(&usual) - 2.0).abs() < 0.001);
        shared.follow(&record(facts()), during);
        assert!(Arc::ptr_eq(&slow, &shared.load_full().unwrap()), "it is the same hour");
        shared.follow(&record(facts()), at("2026-11-20T09:00:00+08:00"));
        assert_eq!(
            shared.load_full().unwrap().weights.id(),
            usual.weights.id(),
            "as usual, the same as before"
        );
    }
}
