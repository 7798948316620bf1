//! The first arrivals in the living city: units by their position reports, ways over the roads as they are now.
//!
//! Units are taken from the fleet's tree by straight distance, only as far as the search over the roads has to look; road time and
//! mobilisation decide, exactly.

use roads::{ReverseSearch, Snap, Source, TravelTime, nearest_arrivals};

use super::super::{Basis, CandidateInput, Interrupted, LeftOut, LeftOutReason, UnitState};
use super::scene::{Scene, Seed, Sighting, span};
use super::{Found, Reach, RoadsView, Scratch};
use crate::fleet::{FleetPicture, UnitFix};
use crate::record::Record;
use crate::time::Span;
use crate::vehicle::Unit;
use roads::Wgs84;

/// Units by their reports, and the roads, where there are any, with the place looked at on them.
pub(super) struct LiveReach<'a> {
    picture: &'a FleetPicture,
    roads: Option<RoadsView<'a>>,
    /// The place looked at, and where it lies on the roads.
    aimed: Option<(Wgs84, Option<Snap>)>,
}

impl<'a> LiveReach<'a> {
    pub(super) fn new(picture: &'a FleetPicture, roads: Option<RoadsView<'a>>) -> Self {
        Self { picture, roads, aimed: None }
    }

    /// A unit's report, if there ever was one, and where it is by that or by where it stands by.
    fn seen(&self, scene: &Scene<'_>, unit: &Unit) -> Option<(Option<&'a UnitFix>, Wgs84)> {
        let located = self.picture.unit(unit.spec.id);
        let station = || scene.record.stations().get(&unit.standby()).map(|station| station.position);
        Some((located, located.map(|located| located.fix.position).or_else(station)?))
    }

    /// The roads and the place on them; `None` without roads, or where the place is off them.
    fn on_roads(&mut self, target: Wgs84) -> Option<(Snap, &mut RoadsView<'a>)> {
        let view = self.roads.as_mut()?;
        if self.aimed.as_ref().is_none_or(|(at, _)| *at != target) {
            self.aimed = Some((target, view.map.snap(target, SNAP_M_MAX)));
        }
        let (_, snap) = self.aimed.as_ref()?;
        Some(((*snap)?, view))
    }

    /// Adds the first to arrive of some units, which come in the order of their straight distance.
    fn arrive<'s>(
        &mut self,
        scene: &Scene<'s>,
        seeds: impl Iterator<Item = Seed<'s>>,
        count: usize,
        found: &mut Found<'s>,
    ) {
        match self.on_roads(scene.target) {
            Some((target, view)) => {
                let (first, no_way) = over_roads(scene, &target, view, seeds, count);
                found.candidates.extend(first);
                found.no_way.extend(no_way);
            }
            None => found.candidates.extend(in_straight_lines(scene, seeds, count)),
        }
    }
}

impl Reach for LiveReach<'_> {
    fn road_weights(&self) -> &str {
        let on_roads = self.aimed.as_ref().is_some_and(|(_, snap)| snap.is_some());
        self.roads.as_ref().filter(|_| on_roads).map_or("", |view| view.weights.id())
    }

    fn first_arrivals<'s>(
        &mut self,
        scene: &Scene<'s>,
        count: usize,
        accepts: &dyn Fn(&Unit) -> bool,
        found: &mut Found<'s>,
    ) {
        if scene.is_for_freeing() {
            let seeds = about_to_be_free(scene).into_iter();
            self.arrive(scene, seeds.filter(|seed| accepts(seed.unit)), count, found);
            return;
        }
        let mut left_out = std::mem::take(&mut found.left_out);
        let picture = self.picture;
        let seeds = by_distance(scene, picture).filter_map(|(unit, position, located)| {
            match judge(scene, unit, position, located) {
                Ok(seed) => accepts(unit).then_some(seed),
                Err(why) => {
                    let known = left_out.iter().any(|out: &LeftOut| out.unit == unit.spec.id);
                    if !known && left_out.len() < LEFT_OUT_MAX {
                        left_out.push(LeftOut { unit: unit.spec.id, why });
                    }
                    None
                }
            }
        });
        self.arrive(scene, seeds, count, found);
        found.left_out = left_out;
    }

    fn arrival_of(
        &mut self,
        scene: &Scene<'_>,
        unit: &Unit,
        held: Option<Interrupted>,
    ) -> Option<CandidateInput> {
        let (located, position) = self.seen(scene, unit)?;
        let (state, age) = state_of(scene, unit, located).ok()?;
        let seed = scene.seed(unit, Sighting { position, age, state }, held);
        match self.on_roads(scene.target) {
            Some((target, view)) => over_roads(scene, &target, view, std::iter::once(seed), 1).0.pop(),
            None => Some(seed.in_a_straight_line(scene)),
        }
    }

    fn least(&mut self, scene: &Scene<'_>, unit: &Unit) -> Option<Span> {
        let (_, position) = self.seen(scene, unit)?;
        Some(span(match self.on_roads(scene.target) {
            Some((_, view)) => view.weights.road_time_min(position, scene.target),
            None => scene.straight_line_time(position),
        }))
    }
}

/// The units that are about to be free and may be sent then, by the straight distance of their hospitals.
fn about_to_be_free<'a>(scene: &Scene<'a>) -> Vec<Seed<'a>> {
    let nowhere = Sighting { position: scene.target, age: Span::ZERO, state: UnitState::AtHospital };
    let may_go = scene.units().filter(|unit| scene.may_go(unit).is_ok());
    let mut seeds: Vec<_> = may_go.map(|unit| scene.seed(unit, nowhere, None)).collect();
    let distance_m = |seed: &Seed<'_>| scene.target.distance_m(seed.seen.position);
    seeds.sort_by(|a, b| distance_m(a).total_cmp(&distance_m(b)));
    seeds
}

/// Every unit of the centre by straight distance, nearest first, with its position report if there ever was one. Units that
/// never reported stand at the station where they stand by.
fn by_distance<'a, 'p>(
    scene: &Scene<'a>,
    picture: &'p FleetPicture,
) -> impl Iterator<Item = (&'a Unit, Wgs84, Option<&'p UnitFix>)> + use<'a, 'p> {
    let (record, target) = (scene.record, scene.target);
    let mut unreported: Vec<_> = unreported(record, picture)
        .filter_map(|unit| Some((unit, record.stations().get(&unit.standby())?.position)))
        .map(|(unit, position)| (target.distance_m(position), unit, position))
        .collect();
    unreported.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut unreported = unreported.into_iter().peekable();
    let mut reported = picture
        .by_distance(target)
        .filter_map(move |(located, distance_m)| Some((distance_m, record.unit(located.unit)?, located)))
        .peekable();
    std::iter::from_fn(move || {
        let next_reported = reported.peek().map(|next| next.0);
        match unreported.next_if(|next| next_reported.is_none_or(|distance_m| next.0 < distance_m)) {
            Some((_, unit, position)) => Some((unit, position, None)),
            None => reported.next().map(|(_, unit, located)| (unit, located.fix.position, Some(located))),
        }
    })
}

/// The units of the record that have no position in the picture. Both are in the order of the codes: one walk through both.
fn unreported<'a, 'p>(
    record: &'a Record,
    picture: &'p FleetPicture,
) -> impl Iterator<Item = &'a Unit> + use<'a, 'p> {
    let mut reported = picture.units().iter().peekable();
    record.units().values().map(AsRef::as_ref).filter(move |unit: &&Unit| {
        while reported.next_if(|located| located.unit < unit.spec.id).is_some() {}
        reported.peek().is_none_or(|located| located.unit != unit.spec.id)
    })
}

/// Whether a unit may be sent, and with what it would begin.
fn judge<'a>(
    scene: &Scene<'a>,
    unit: &'a Unit,
    position: Wgs84,
    located: Option<&UnitFix>,
) -> Result<Seed<'a>, LeftOutReason> {
    let interrupts = scene.may_go(unit)?;
    let (state, age) = state_of(scene, unit, located)?;
    Ok(scene.seed(unit, Sighting { position, age, state }, interrupts))
}

fn state_of(
    scene: &Scene<'_>,
    unit: &Unit,
    located: Option<&UnitFix>,
) -> Result<(UnitState, Span), LeftOutReason> {
    let Some(located) = located else { return Ok((UnitState::AssumedAtStation, Span::ZERO)) };
    let age = located.age(scene.now);
    let station = scene.record.stations().get(&unit.standby());
    let at_station = station.is_some_and(|s| s.position.distance_m(located.fix.position) <= AT_STATION_M);
    let state = if located.fix.speed_kmh >= DRIVING_KMH && age <= DRIVING_AGE_MAX {
        UnitState::Driving
    } else if at_station {
        // A vehicle parked under the station's roof may be without satellites for hours.
        UnitState::AtStation
    } else if age > POSITION_AGE_MAX {
        return Err(LeftOutReason::NoPosition);
    } else {
        UnitState::Standing
    };
    Ok((state, age))
}

/// The first arrivals over the roads. Units off the map join with an estimate; units without a way are given back apart.
fn over_roads<'a>(
    scene: &Scene<'a>,
    target: &Snap,
    view: &mut RoadsView<'_>,
    seeds: impl Iterator<Item = Seed<'a>>,
    count: usize,
) -> (Vec<CandidateInput>, Vec<Seed<'a>>) {
    let RoadsView { map, weights, scratch: Scratch { space, snaps } } = view;
    let mut looked_at = Vec::new();
    let mut off_map = Vec::new();
    let sources = seeds.filter_map(|seed| {
        let Some(snap) = snaps.snap(map, seed.seen.position, SNAP_M_MAX) else {
            off_map.push(seed.in_a_straight_line(scene));
            return None;
        };
        let key = looked_at.len();
        looked_at.push(seed);
        let delay = TravelTime::from_us(seed.delay().micros().unsigned_abs());
        let road_time_min = weights.road_time_min(seed.seen.position, scene.target);
        Some(Source { key: (seed.unit.spec.id, key), snap, delay, road_time_min })
    });
    let mut reverse = ReverseSearch::new(map.network(), weights, space, target);
    let answer = nearest_arrivals(&mut reverse, sources, count);
    let mut found: Vec<CandidateInput> = answer
        .arrivals
        .iter()
        .filter_map(|arrival| Some(looked_at.get(arrival.key.1)?.with(span(arrival.road_time), Basis::Road)))
        .collect();
    found.append(&mut off_map);
    keep_first(&mut found, count);
    let no_way = answer.unreachable.iter().filter_map(|key| looked_at.get(key.1).copied()).collect();
    (found, no_way)
}

/// The first arrivals by straight-line estimates. The estimate grows with the distance, so that the look ends where the estimate
/// alone is past the last of the best.
fn in_straight_lines<'a>(
    scene: &Scene<'a>,
    seeds: impl Iterator<Item = Seed<'a>>,
    count: usize,
) -> Vec<CandidateInput> {
    let mut found: Vec<CandidateInput> = Vec::new();
    for seed in seeds {
        let input = seed.in_a_straight_line(scene);
        if found.len() == count && found.last().is_some_and(|last| input.travel_s > last.arrival()) {
            break;
        }
        found.push(input);
        keep_first(&mut found, count);
    }
    found
}

fn keep_first(found: &mut Vec<CandidateInput>, count: usize) {
    found.sort_by_key(|input| (input.arrival(), input.unit));
    found.truncate(count);
}

/// Farther than this from every road, a position is off the map.
const SNAP_M_MAX: f64 = 500.0;
/// Closer than this to its station, a standing unit is at its station: a yard and the scatter of its receiver.
const AT_STATION_M: f64 = 150.0;
/// Slower is standing: receivers drift, vehicles are parked.
const DRIVING_KMH: f32 = 8.0;
/// A unit that was driving this long ago may have stopped.
const DRIVING_AGE_MAX: Span = Span::seconds(30);
/// Away from its station, a unit not heard for this long may be anywhere.
const POSITION_AGE_MAX: Span = Span::seconds(1800);
/// How many units that may not be sent a proposal names, the nearest first.
pub(super) const LEFT_OUT_MAX: usize = 50;
