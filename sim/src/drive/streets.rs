//! The ways vehicles take: the fastest over the roads as they are, at the day's traffic, around what is closed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use dispatch_core::UtcTime;
use roads::{Profile, RoadMap, SearchSpace, Weights, Wgs84, route, straight_line_time};

use super::vehicle::Leg;

/// The road map with its weights.
#[derive(Debug)]
pub struct Streets {
    map: RoadMap,
    lights: RefCell<Weights>,
    ordinary: RefCell<Weights>,
    closed: RefCell<BTreeSet<i64>>,
    space: RefCell<SearchSpace>,
    traffic_factor: f64,
    /// Grows with every change of closures, so that who drives looks for another way.
    version: Cell<u64>,
}

impl Streets {
    /// Over a map; driving times are multiplied by the factor.
    pub fn new(map: RoadMap, traffic_factor: f64) -> Self {
        let weights = |profile| RefCell::new(Weights::base(map.network(), profile));
        Self {
            lights: weights(Profile::LightsAndSirens),
            ordinary: weights(Profile::Ordinary),
            closed: RefCell::default(),
            space: RefCell::new(SearchSpace::new()),
            traffic_factor,
            version: Cell::new(0),
            map,
        }
    }

    /// The map.
    pub fn map(&self) -> &RoadMap {
        &self.map
    }

    /// See `version`.
    pub fn version(&self) -> u64 {
        self.version.get()
    }

    /// Puts the closed ways in force.
    pub fn close(&self, ways: BTreeSet<i64>) {
        if *self.closed.borrow() == ways {
            return;
        }
        for (weights, profile) in
            [(&self.lights, Profile::LightsAndSirens), (&self.ordinary, Profile::Ordinary)]
        {
            *weights.borrow_mut() =
                Weights::base(self.map.network(), profile).with_closures(self.map.network(), &ways);
        }
        *self.closed.borrow_mut() = ways;
        self.version.set(self.version.get() + 1);
    }

    /// The drive from one place to another, starting at a moment. Where no way leads the vehicle goes straight: it must not
    /// stand for ever because a map has a gap.
    pub fn leg(&self, from: Wgs84, to: Wgs84, lights: bool, starts: UtcTime) -> Leg {
        let (weights, profile) = if lights {
            (self.lights.borrow(), Profile::LightsAndSirens)
        } else {
            (self.ordinary.borrow(), Profile::Ordinary)
        };
        let snaps = self.map.snap(from, SNAP_M_MAX).zip(self.map.snap(to, SNAP_M_MAX));
        let way = snaps.and_then(|(from, to)| {
            route(self.map.network(), &weights, &mut self.space.borrow_mut(), &from, &to)
        });
        let (time_s, mut points) = match way {
            Some(way) => (way.time.as_s(), way.points),
            None => (straight_line_time(from, to, profile).as_s(), Vec::new()),
        };
        points.insert(0, from);
        points.push(to);
        points.dedup();
        Leg { points, starts, lasts_s: time_s * self.traffic_factor, lights }
    }
}

const SNAP_M_MAX: f64 = 2_000.0;
