//! How far each unit of the simulated city is from a call: the one thing the twin tells the core instead of roads and reports.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use dispatch_core::Span;
use dispatch_core::assignment::{
    Basis, CandidateInput, Found, Interrupted, LeftOut, Reach, Scene, Sighting, UnitState,
};
use dispatch_core::ids::IncidentId;
use dispatch_core::vehicle::Unit;
use roads::Wgs84;

use super::approach::Approach;
use super::route::Route;
use super::setup;
use super::ways::Ways;
use crate::case::{Point, Spot};

/// The units and the roads as they are at one moment, seen from the calls.
pub(super) struct CaseReach<'a> {
    pub(super) ways: Ways<'a>,
    /// By the order of the units' codes.
    pub(super) routes: &'a mut [Route],
    pub(super) approach: &'a mut Approach,
    /// Where each call is, and in which mode units drive to it now.
    pub(super) calls: &'a dyn Fn(IncidentId) -> (Spot, usize),
    pub(super) mode: usize,
    pub(super) now_ns: u64,
}

impl CaseReach<'_> {
    /// Where a unit is, as far as the core has to know.
    fn sighting(&self, scene: &Scene<'_>, place: usize) -> Sighting {
        let stands = self.now_ns >= self.routes[place].ends_ns();
        let state = if stands { UnitState::AtStation } else { UnitState::Driving };
        Sighting { position: scene.target(), age: Span::ZERO, state }
    }
}

impl Reach for CaseReach<'_> {
    fn road_weights(&self) -> &str {
        MODE_NAMES.get(self.mode).copied().unwrap_or("mode")
    }

    fn arrival_of(
        &mut self,
        scene: &Scene<'_>,
        unit: &Unit,
        held: Option<Interrupted>,
    ) -> Option<CandidateInput> {
        let place = setup::number_of(unit.spec.id.as_str())?;
        let (spot, mode) = (self.calls)(scene.incident().id);
        let sighting = self.sighting(scene, place);
        let seed = scene.seed(unit, sighting, held);
        let route = &mut self.routes[place];
        if held.is_some() {
            // It goes on as it does.
            let left_ns = route.ends_ns().saturating_sub(self.now_ns);
            return Some(seed.with(span(left_ns), Basis::Road));
        }
        let turn = route.turn(self.ways, mode, self.now_ns);
        let drive_ns = self.ways.network.time_ns(mode, turn.node, spot.node)?;
        let last_ns = self.ways.timetable.off_road_ns(mode, spot.off_road_km);
        Some(seed.with(span(turn.in_ns + drive_ns + last_ns), Basis::Road))
    }

    fn least(&mut self, scene: &Scene<'_>, unit: &Unit) -> Option<Span> {
        let place = setup::number_of(unit.spec.id.as_str())?;
        let (spot, mode) = (self.calls)(scene.incident().id);
        let least_ns = self.routes[place].least_ns(self.ways, mode, self.now_ns, spot.node);
        Some(span(least_ns + self.ways.timetable.off_road_ns(mode, spot.off_road_km)))
    }

    fn first_arrivals<'s>(
        &mut self,
        scene: &Scene<'s>,
        count: usize,
        accepts: &dyn Fn(&Unit) -> bool,
        found: &mut Found<'s>,
    ) {
        let (spot, mode) = (self.calls)(scene.incident().id);
        self.mode = mode;
        self.approach.aim(self.ways.network, mode, spot.node);
        let last_ns = self.ways.timetable.off_road_ns(mode, spot.off_road_km);
        found.left_out.reserve(self.routes.len());
        let mut possible = Vec::with_capacity(self.routes.len());
        let mut looked_at = Vec::with_capacity(self.routes.len());
        for (place, unit) in scene.units().enumerate() {
            match scene.may_go(unit) {
                Ok(interrupts) if accepts(unit) => {
                    let delay = scene.delay(unit, self.sighting(scene, place).state, interrupts);
                    let bound_ns = self.routes[place].least_ns(self.ways, mode, self.now_ns, spot.node);
                    let least = delay + span(bound_ns + last_ns);
                    possible.push(Reverse((least, place, looked_at.len())));
                    looked_at.push((unit, interrupts));
                }
                Ok(_) => {}
                Err(why) => found.left_out.push(LeftOut { unit: unit.spec.id, why }),
            }
        }
        // Whoever could be there soonest first, so that of the others hardly any has to be looked at.
        let mut possible = BinaryHeap::from(possible);
        let mut first: Vec<(Span, usize, _)> = Vec::with_capacity(count + 1);
        while let Some(Reverse((least, place, which))) = possible.pop() {
            let (unit, interrupts) = looked_at[which];
            if first.len() == count && first.last().is_none_or(|last| least > last.0) {
                break;
            }
            let seed = scene.seed(unit, self.sighting(scene, place), interrupts);
            let route = &mut self.routes[place];
            let turn = route.turn(self.ways, mode, self.now_ns);
            let drive_ns = match route.stands_at(self.now_ns) {
                Some(site) => self.ways.leave_ns(mode, site, spot.node),
                None => self.approach.time_ns(self.ways.network, turn.node),
            };
            let Some(drive_ns) = drive_ns else {
                found.no_way.push(seed);
                continue;
            };
            let travel = span(turn.in_ns + drive_ns + last_ns);
            let arrival = seed.delay() + travel;
            // Of equals the lower code comes first.
            let rank = first.partition_point(|known| (known.0, known.1) < (arrival, place));
            if rank < count {
                first.insert(rank, (arrival, place, seed.with(travel, Basis::Road)));
                first.truncate(count);
            }
        }
        for (_, place, mut input) in first {
            input.position = wgs84(self.routes[place].position(self.ways, self.now_ns));
            found.candidates.push(input);
        }
    }
}

/// A span of nanoseconds, to the nearest microsecond.
pub(super) fn span(ns: u64) -> Span {
    Span::from_micros(((ns + 500) / 1000) as i64)
}

/// A point of the case as a position. Cases are checked for impossible ones when they are read.
pub(super) fn wgs84(at: Point) -> Wgs84 {
    Wgs84::new(at.x.clamp(-180.0, 180.0), at.y.clamp(-90.0, 90.0)).expect("invariant: clamped into range")
}

const MODE_NAMES: [&str; 4] = ["mode 1", "mode 2", "mode 3", "mode 4"];
