//! How far each unit of the simulated city is from a call: the one thing the twin tells the core instead of roads and reports.

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
        let gates = self.ways.network.gates_to(mode, spot.node);
        let last_ns = self.ways.timetable.off_road_ns(mode, spot.off_road_km);
        found.left_out.reserve(self.routes.len());
        let mut possible: Vec<Possible<'s>> = Vec::with_capacity(self.routes.len());
        for (place, unit) in scene.units().enumerate() {
            match scene.may_go(unit) {
                Ok(interrupts) if accepts(unit) => {
                    let delay = scene.delay(unit, self.sighting(scene, place).state, interrupts);
                    let route = &mut self.routes[place];
                    // Of a unit that stands the time is at hand, of one that drives only what it cannot be less than.
                    let travel = route.stands_at(self.now_ns).and_then(|site| {
                        let in_ns = route.turn(self.ways, mode, self.now_ns).in_ns;
                        let drive_ns = self.ways.leave_ns(mode, site, (spot.node, gates))?;
                        Some(span(in_ns + drive_ns + last_ns))
                    });
                    let least = travel.unwrap_or_else(|| {
                        span(route.least_ns(self.ways, mode, self.now_ns, spot.node) + last_ns)
                    });
                    possible.push(Possible { least: delay + least, place, unit, interrupts, travel });
                }
                Ok(_) => {}
                Err(why) => found.left_out.push(LeftOut { unit: unit.spec.id, why }),
            }
        }
        let mut first: Vec<(Span, usize, _)> = Vec::with_capacity(count + 1);
        // Whoever could be there soonest first, so that of the others hardly any has to be looked at.
        while let Some(Possible { least, place, unit, interrupts, travel }) = take_soonest(&mut possible) {
            if first.len() == count && first.last().is_none_or(|last| least > last.0) {
                break;
            }
            let seed = scene.seed(unit, self.sighting(scene, place), interrupts);
            let travel = travel.or_else(|| {
                let network = self.ways.network;
                let turn = self.routes[place].turn(self.ways, mode, self.now_ns);
                let drive_ns = self.approach.to(network, mode, spot.node).time_ns(network, turn.node)?;
                Some(span(turn.in_ns + drive_ns + last_ns))
            });
            let Some(travel) = travel else {
                found.no_way.push(seed);
                continue;
            };
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

/// A unit that may be sent, and the least time until it could arrive.
#[derive(Debug, Clone, Copy)]
struct Possible<'a> {
    least: Span,
    place: usize,
    unit: &'a Unit,
    interrupts: Option<Interrupted>,
    /// Its time on the road, where that is known.
    travel: Option<Span>,
}

/// Takes out the one that could arrive soonest: so few are taken of a list that sorting it would be more work.
fn take_soonest<'a>(possible: &mut Vec<Possible<'a>>) -> Option<Possible<'a>> {
    let order = |(_, it): &(usize, &Possible<'_>)| (it.least, it.place);
    let (soonest, _) = possible.iter().enumerate().min_by_key(order)?;
    Some(possible.swap_remove(soonest))
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
