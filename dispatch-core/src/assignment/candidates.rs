//! Gathers what a proposal is made from: the units that may be sent and arrive first, and those near by that may not, with why.
//!
//! Units are taken from the fleet's tree by straight distance, only as far as the search over the roads has to look; road time and
//! mobilisation decide, exactly.

use std::collections::BTreeSet;

use roads::{Profile, ReverseSearch, RoadMap, SearchSpace, Snap, Source, TravelTime, Weights, Wgs84};
use roads::{nearest_arrivals, straight_line_time};

use super::{Basis, CandidateInput, LeftOut, LeftOutReason, Outcome, ProposalInputs, UnitState};
use crate::fleet::{FleetPicture, UnitFix};
use crate::ids::{IncidentId, UnitId};
use crate::incident::{Incident, Skill};
use crate::record::Record;
use crate::time::{Span, UtcTime};
use crate::vehicle::{Readiness, Unit};

/// The roads as they are now, with the scratch memory of the thread that searches.
#[derive(Debug)]
pub struct RoadsView<'a> {
    /// The map.
    pub map: &'a RoadMap,
    /// Its live times with lights and sirens.
    pub weights: &'a Weights,
    /// Scratch memory, one per thread, used again and again.
    pub space: &'a mut SearchSpace,
}

/// Why no proposal can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProposal {
    /// No such incident in the record.
    #[error("there is no incident {0}")]
    UnknownIncident(IncidentId),
    /// It is over.
    #[error("incident {0} has ended")]
    Ended(IncidentId),
    /// Nobody knows where it is.
    #[error("incident {0} has no position yet: locate it first")]
    NoPosition(IncidentId),
}

/// Gathers the inputs of a proposal for an incident: exactly the units that arrive first, mobilisation counted, as many as the
/// rules list. Without a map, or for a place off the map, the times are straight-line estimates, and say so.
pub fn gather(
    record: &Record,
    picture: &FleetPicture,
    roads: Option<RoadsView<'_>>,
    incident: IncidentId,
    now: UtcTime,
) -> Result<ProposalInputs, NoProposal> {
    let it = record.incident(incident).ok_or(NoProposal::UnknownIncident(incident))?;
    if !it.is_open() {
        return Err(NoProposal::Ended(incident));
    }
    let target = it.sketch.place.position.ok_or(NoProposal::NoPosition(incident))?;
    let rules = record.rules();
    let scene = Scene {
        record,
        picture,
        gave_back: gave_back(record, it),
        target,
        now,
        skills: &it.sketch.needs.skills,
    };
    let reach = roads.and_then(|view| Some((view.map.snap(target, SNAP_M_MAX)?, view)));
    let road_weights = reach.as_ref().map_or(String::new(), |(_, view)| view.weights.id().to_owned());
    let mut search =
        Search { scene: &scene, reach, found: Vec::new(), left_out: Vec::new(), no_way: Vec::new() };
    search.look_for_all(rules.candidates_max);
    let (candidates, left_out) = search.finish();
    Ok(ProposalInputs {
        at: now,
        incident,
        target,
        level: it.sketch.triage.level,
        units_short: record.units_short(incident),
        skills: it.sketch.needs.skills.clone(),
        policy: rules.policy.clone(),
        candidates_max: rules.candidates_max,
        road_weights,
        candidates,
        left_out,
    })
}

/// Units that were sent to this incident before and gave it back.
fn gave_back(record: &Record, incident: &Incident) -> BTreeSet<UnitId> {
    let returned = |outcome| matches!(outcome, Outcome::RefusedOrder | Outcome::Aborted);
    record
        .assignments_of(incident.id)
        .filter(|assignment| assignment.end.as_ref().is_some_and(|end| returned(end.outcome)))
        .map(|assignment| assignment.unit)
        .collect()
}

/// What the search looks at, and never changes.
struct Scene<'a> {
    record: &'a Record,
    picture: &'a FleetPicture,
    gave_back: BTreeSet<UnitId>,
    target: Wgs84,
    now: UtcTime,
    skills: &'a BTreeSet<Skill>,
}

/// A unit that may be sent, before its way is known.
#[derive(Debug, Clone, Copy)]
struct Seed<'a> {
    unit: &'a Unit,
    state: UnitState,
    position: Wgs84,
    age: Span,
    mobilisation: Span,
}

impl<'a> Scene<'a> {
    /// Every unit of the centre by straight distance, nearest first, with its position report if there ever was one. Units that
    /// never reported stand at their station.
    fn by_distance(&self) -> impl Iterator<Item = (&'a Unit, Wgs84, Option<&'a UnitFix>)> {
        let (record, picture, target) = (self.record, self.picture, self.target);
        let mut unreported: Vec<_> = unreported(record, picture)
            .filter_map(|unit| Some((unit, record.stations().get(&unit.spec.station)?.position)))
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

    /// Whether a unit may be sent, and what it was doing.
    fn judge(
        &self,
        unit: &'a Unit,
        position: Wgs84,
        located: Option<&UnitFix>,
    ) -> Result<Seed<'a>, LeftOutReason> {
        match unit.readiness() {
            Readiness::Ready => {}
            Readiness::Taken => return Err(LeftOutReason::Taken),
            Readiness::NoCrew => return Err(LeftOutReason::NoCrew),
            Readiness::Paused => return Err(LeftOutReason::Paused),
            Readiness::Silent => return Err(LeftOutReason::Silent),
        }
        if self.gave_back.contains(&unit.spec.id) {
            return Err(LeftOutReason::GaveBack);
        }
        let (state, age) = self.state_of(unit, located)?;
        let mobilisation = self.record.mobilisation().expected(state, unit.spec.station);
        Ok(Seed { unit, state, position, age, mobilisation })
    }

    fn state_of(&self, unit: &Unit, located: Option<&UnitFix>) -> Result<(UnitState, Span), LeftOutReason> {
        let Some(located) = located else { return Ok((UnitState::AssumedAtStation, Span::ZERO)) };
        let age = located.age(self.now);
        let station = self.record.stations().get(&unit.spec.station);
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

    fn lacks(&self, unit: &Unit) -> usize {
        self.skills.difference(&unit.spec.skills).count()
    }
}

/// The units of the record that have no position in the picture. Both are in the order of the codes: one walk through both.
fn unreported<'a>(record: &'a Record, picture: &'a FleetPicture) -> impl Iterator<Item = &'a Unit> {
    let mut reported = picture.units().iter().peekable();
    record.units().values().map(AsRef::as_ref).filter(move |unit: &&Unit| {
        while reported.next_if(|located| located.unit < unit.spec.id).is_some() {}
        reported.peek().is_none_or(|located| located.unit != unit.spec.id)
    })
}

/// One look for units, in several rounds: those that can do all that is wanted, then those that lack more and more.
struct Search<'s, 'a> {
    scene: &'s Scene<'a>,
    /// The roads with the place on them, where there are any.
    reach: Option<(Snap, RoadsView<'a>)>,
    found: Vec<CandidateInput>,
    left_out: Vec<LeftOut>,
    no_way: Vec<Seed<'a>>,
}

impl Search<'_, '_> {
    fn look_for_all(&mut self, candidates_max: usize) {
        let wanted = self.scene.skills.len();
        for lacking in 0..=wanted {
            let room = candidates_max.saturating_sub(self.found.len());
            if room > 0 {
                self.round(room, |lacks| lacks == lacking);
            }
        }
        if wanted > 0 {
            // Whoever is there first of all, whatever is lacking: the proposal lists it.
            self.round(1, |_| true);
        }
    }

    /// Finds the `count` first arrivals among the units whose number of lacks is accepted.
    fn round(&mut self, count: usize, accepts: impl Fn(usize) -> bool) {
        let scene = self.scene;
        let mut left_out = std::mem::take(&mut self.left_out);
        let seeds = scene.by_distance().filter_map(|(unit, position, located)| {
            match scene.judge(unit, position, located) {
                Ok(seed) => accepts(scene.lacks(unit)).then_some(seed),
                Err(why) => {
                    let known = left_out.iter().any(|out: &LeftOut| out.unit == unit.spec.id);
                    if !known && left_out.len() < LEFT_OUT_MAX {
                        left_out.push(LeftOut { unit: unit.spec.id, why });
                    }
                    None
                }
            }
        });
        let (found, no_way) = match &mut self.reach {
            Some((target, view)) => over_roads(scene, target, view, seeds, count),
            None => (in_straight_lines(scene, seeds, count), Vec::new()),
        };
        self.left_out = left_out;
        self.found.extend(found);
        self.no_way.extend(no_way);
    }

    fn finish(mut self) -> (Vec<CandidateInput>, Vec<LeftOut>) {
        if self.found.is_empty() {
            // The place is cut off from everybody, on the map at least: an estimate is better than sending nobody.
            let estimated = std::mem::take(&mut self.no_way);
            self.found.extend(estimated.iter().map(|seed| seed.in_a_straight_line(self.scene.target)));
        }
        self.found.sort_by_key(|input| input.unit);
        self.found.dedup_by_key(|input| input.unit);
        self.no_way.sort_by_key(|seed| seed.unit.spec.id);
        self.no_way.dedup_by_key(|seed| seed.unit.spec.id);
        let cut_off =
            self.no_way.iter().map(|seed| LeftOut { unit: seed.unit.spec.id, why: LeftOutReason::NoWay });
        self.left_out.extend(cut_off);
        self.left_out.truncate(LEFT_OUT_MAX);
        (self.found, self.left_out)
    }
}

/// The first arrivals over the roads. Units off the map join with an estimate; units without a way are given back apart.
fn over_roads<'a>(
    scene: &Scene<'a>,
    target: &Snap,
    view: &mut RoadsView<'_>,
    seeds: impl Iterator<Item = Seed<'a>>,
    count: usize,
) -> (Vec<CandidateInput>, Vec<Seed<'a>>) {
    let (map, weights) = (view.map, view.weights);
    let mut looked_at = Vec::new();
    let mut off_map = Vec::new();
    let sources = seeds.filter_map(|seed| {
        let Some(snap) = map.snap(seed.position, SNAP_M_MAX) else {
            off_map.push(seed.in_a_straight_line(scene.target));
            return None;
        };
        let key = looked_at.len();
        looked_at.push(seed);
        let delay = TravelTime::from_us(seed.mobilisation.micros().unsigned_abs());
        let road_time_min = weights.road_time_min(seed.position, scene.target);
        Some(Source { key: (seed.unit.spec.id, key), snap, delay, road_time_min })
    });
    let mut reverse = ReverseSearch::new(map.network(), weights, view.space, target);
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
        let input = seed.in_a_straight_line(scene.target);
        if found.len() == count && found.last().is_some_and(|last| input.travel_s > arrival(last)) {
            break;
        }
        found.push(input);
        keep_first(&mut found, count);
    }
    found
}

fn keep_first(found: &mut Vec<CandidateInput>, count: usize) {
    found.sort_by_key(|input| (arrival(input), input.unit));
    found.truncate(count);
}

fn arrival(input: &CandidateInput) -> Span {
    input.mobilisation_s + input.travel_s
}

impl Seed<'_> {
    fn in_a_straight_line(&self, target: Wgs84) -> CandidateInput {
        self.with(
            span(straight_line_time(self.position, target, Profile::LightsAndSirens)),
            Basis::StraightLine,
        )
    }

    fn with(&self, travel: Span, basis: Basis) -> CandidateInput {
        CandidateInput {
            unit: self.unit.spec.id,
            state: self.state,
            position: self.position,
            position_age_s: self.age,
            mobilisation_s: self.mobilisation,
            travel_s: travel,
            basis,
            skills: self.unit.spec.skills.clone(),
        }
    }
}

fn span(time: TravelTime) -> Span {
    Span::from_micros(i64::try_from(time.us()).unwrap_or(i64::MAX))
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
const LEFT_OUT_MAX: usize = 50;

#[cfg(test)]
mod tests;
