//! The roads of the day that is lived again: journey times and lines over the map with what is closed at that moment, or straight
//! lines where there is no map, at that hour's speeds. Each answer says which.

use std::collections::BTreeSet;

use roads::{
    Profile, RoadMap, SearchSpace, Snap, SpeedFactors, Weights, Wgs84, route, straight_line_time_at,
};

use crate::assignment::{Basis, RoadsView, Scratch};
use crate::record::Record;
use crate::time::{Span, UtcTime};

/// A journey.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drive {
    /// How long it takes.
    pub(super) time: Span,
    /// Its line, from the first point to the last.
    pub(super) line: Vec<Wgs84>,
    /// How it was found.
    pub(super) basis: Basis,
}

/// The roads, with what is closed now.
#[derive(Debug)]
pub(super) struct Streets<'m> {
    net: Option<Net<'m>>,
    /// How fast everybody drives at this hour.
    hour: SpeedFactors,
    scratch: Scratch,
    space: SearchSpace,
}

#[derive(Debug)]
struct Net<'m> {
    map: &'m RoadMap,
    open: [Weights; 2],
    now: [Weights; 2],
    closed: BTreeSet<i64>,
}

impl<'m> Streets<'m> {
    /// The roads of a map, nothing closed; or none.
    pub(super) fn new(map: Option<&'m RoadMap>) -> Self {
        let net = map.map(|map| {
            let open = PROFILES.map(|profile| Weights::base(map.network(), profile));
            Net { map, now: open.clone(), open, closed: BTreeSet::new() }
        });
        Self { net, hour: SpeedFactors::USUAL, scratch: Scratch::default(), space: SearchSpace::new() }
    }

    /// How journey times are found here.
    pub(super) fn basis(&self) -> Basis {
        if self.net.is_some() { Basis::Road } else { Basis::StraightLine }
    }

    /// Closes what a record says is closed.
    pub(super) fn follow(&mut self, record: &Record) {
        let Some(net) = &mut self.net else { return };
        let wanted: BTreeSet<i64> =
            record.closures().values().flat_map(|closure| closure.ways.iter().copied()).collect();
        if wanted == net.closed {
            return;
        }
        net.closed = wanted;
        net.close();
    }

    /// Drives at the speeds of an hour.
    pub(super) fn follow_hour(&mut self, record: &Record, now: UtcTime) {
        let hour = record.rules().speeds_at(now);
        if hour == self.hour {
            return;
        }
        self.hour = hour;
        if let Some(net) = &mut self.net {
            let network = net.map.network();
            let at_hour = |profile| {
                Weights::at_hour(network, profile, &hour).unwrap_or_else(|_| Weights::base(network, profile))
            };
            net.open = PROFILES.map(at_hour);
            net.close();
        }
    }

    /// The roads as the core looks at them.
    pub(super) fn view(&mut self) -> Option<RoadsView<'_>> {
        let net = self.net.as_ref()?;
        Some(RoadsView { map: net.map, weights: &net.now[LIGHTS], scratch: &mut self.scratch })
    }

    /// The way from one place to another with lights and sirens.
    pub(super) fn rush(&mut self, from: Wgs84, to: Wgs84) -> Drive {
        self.drive(from, to, LIGHTS)
    }

    /// The same with the traffic.
    pub(super) fn go(&mut self, from: Wgs84, to: Wgs84) -> Drive {
        self.drive(from, to, ORDINARY)
    }

    fn drive(&mut self, from: Wgs84, to: Wgs84, profile: usize) -> Drive {
        self.by_road(from, to, profile).unwrap_or_else(|| {
            let time = straight_line_time_at(from, to, PROFILES[profile], &self.hour);
            Drive { time: span(time), line: vec![from, to], basis: Basis::StraightLine }
        })
    }

    fn by_road(&mut self, from: Wgs84, to: Wgs84, profile: usize) -> Option<Drive> {
        let net = self.net.as_ref()?;
        let snap = |at: Wgs84| -> Option<Snap> { net.map.snap(at, SNAP_M_MAX) };
        let (start, end) = (snap(from)?, snap(to)?);
        let found = route(net.map.network(), &net.now[profile], &mut self.space, &start, &end)?;
        Some(Drive { time: span(found.time), line: found.points, basis: Basis::Road })
    }
}

impl Net<'_> {
    /// Closes anew what is closed.
    fn close(&mut self) {
        for (now, open) in self.now.iter_mut().zip(&self.open) {
            *now = open.with_closures(self.map.network(), &self.closed);
        }
    }
}

/// The point of a line after a share (0 to 1) of its length.
pub(super) fn along(line: &[Wgs84], share: f64) -> Option<Wgs84> {
    let whole_m: f64 = line.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let mut left_m = whole_m * share.clamp(0.0, 1.0);
    for pair in line.windows(2) {
        let length_m = pair[0].distance_m(pair[1]);
        if left_m <= length_m && length_m > 0.0 {
            return Some(pair[0].towards(pair[1], left_m / length_m));
        }
        left_m -= length_m;
    }
    line.last().copied()
}

fn span(time: roads::TravelTime) -> Span {
    Span::from_micros(i64::try_from(time.us()).unwrap_or(i64::MAX))
}

const PROFILES: [Profile; 2] = [Profile::LightsAndSirens, Profile::Ordinary];
const LIGHTS: usize = 0;
const ORDINARY: usize = 1;
/// Farther than this from every road, a place is off the map: as for proposals.
const SNAP_M_MAX: f64 = 500.0;

#[cfg(test)]
mod tests {
    use roads::{MapBuilder, RoadClass, WaySpec};

    use super::*;
    use crate::actor::Actor;
    use crate::event::{Event, Fact};
    use crate::ids::ClosureId;
    use crate::roadworks::Closure;

    #[test]
    fn ways_take_what_they_take_at_that_hour_with_what_is_closed() {
        let mut builder = MapBuilder::new();
        let at = |east: f64, north: f64| Wgs84::new(114.0 + east, 30.0 + north).unwrap();
        let [a, b] = [at(0.0, 0.0), at(0.1, 0.0)].map(|place| builder.add_node(place));
        let round = builder.add_node(at(0.05, 0.01));
        builder.add_way(WaySpec::new(1, RoadClass::Primary, vec![a, b]));
        builder.add_way(WaySpec::new(2, RoadClass::Primary, vec![a, round, b]));
        let map = builder.build(&mut |_| {}).unwrap();
        let mut record = Record::default();
        let mut apply = |fact| {
            let at = UtcTime::from_micros(0);
            record.apply(&Event { at, by: Actor::rule("test"), fact }, &mut Vec::new());
        };
        let rush = r#"{"traffic": [{"name": "早高峰", "from": "07:00", "to": "09:00", "main_roads": 0.5}]}"#;
        apply(Fact::RulesAdopted { rules: Box::new(serde_json::from_str(rush).unwrap()) });
        let (name, reason) = ("长江大桥".to_owned(), "封桥".to_owned());
        let (id, since) = (ClosureId::new(uuid::Uuid::nil()), UtcTime::from_micros(0));
        let closure = Closure { id, ways: vec![1], name, reason, since };
        apply(Fact::RoadClosed { closure: Box::new(closure) });
        let mut streets = Streets::new(Some(&map));
        streets.follow(&record);
        let mut times = |local: &str| {
            streets.follow_hour(&record, local.parse().unwrap());
            let (from, to) = (at(0.0, 0.0), at(0.1, 0.0));
            let off_map = streets.rush(at(0.0, 1.0), at(0.1, 1.0));
            assert_eq!(off_map.basis, Basis::StraightLine);
            [streets.rush(from, to), streets.go(from, to), off_map].map(|drive| drive.time.as_secs_f64())
        };
        let usual = times("2026-11-20T06:59:59+08:00");
        let slow = times("2026-11-20T07:00:00+08:00");
        for (slow, usual) in slow.into_iter().zip(usual) {
            assert!((slow / usual - 2.0).abs() < 0.001, "{slow} against {usual}");
        }
        let again = times("2026-11-20T09:00:00+08:00");
        assert!(again.into_iter().zip(usual).all(|(again, usual)| (again - usual).abs() < 1e-9));
    }
}
