//! The roads of the day that is lived again: journey times and lines over the map with what is closed at that moment, or straight
//! lines where there is no map. Each answer says which.

use std::collections::BTreeSet;

use roads::{Profile, RoadMap, SearchSpace, Snap, Weights, Wgs84, route, straight_line_time};

use crate::assignment::{Basis, RoadsView, Scratch};
use crate::record::Record;
use crate::time::Span;

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
        Self { net, scratch: Scratch::default(), space: SearchSpace::new() }
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
        for (now, open) in net.now.iter_mut().zip(&net.open) {
            *now = open.with_closures(net.map.network(), &wanted);
        }
        net.closed = wanted;
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
            let time = straight_line_time(from, to, PROFILES[profile]);
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
