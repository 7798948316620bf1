//! Gathers what a proposal is made from: the units that may be sent and arrive first, and those near by that may not, with why.
//!
//! Who may be sent is decided here, once, for the living city and for a simulated one; they differ only in how far away a unit
//! is ([`Reach`]).

mod live;
mod options;
mod relief;
mod rivals;
mod scene;

use std::collections::BTreeSet;

use roads::{RoadMap, SearchSpace, SnapMemory, Weights};

use super::{CandidateInput, Interrupted, LeftOut, LeftOutReason, ProposalInputs};
use crate::fleet::FleetPicture;
use crate::ids::{IncidentId, UnitId};
use crate::incident::Skill;
use crate::policy::cover::CoverZones;
use crate::record::Record;
use crate::time::{Span, UtcTime};
use crate::vehicle::Unit;
use live::{LEFT_OUT_MAX, LiveReach};
pub use relief::relief_within;
pub use scene::{Scene, Seed, Sighting};

/// The roads as they are now, with the scratch memory of the thread that searches.
#[derive(Debug)]
pub struct RoadsView<'a> {
    /// The map.
    pub map: &'a RoadMap,
    /// Its live times with lights and sirens.
    pub weights: &'a Weights,
    /// What the thread that searches works in, again and again.
    pub scratch: &'a mut Scratch,
}

/// What a thread that searches keeps from one search to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    space: SearchSpace,
    snaps: SnapMemory,
}

/// How the first arrivals at a place are found: over the live roads, or in the model of a simulated city.
pub trait Reach {
    /// Names the weights that the times come from; empty where they are estimates.
    fn road_weights(&self) -> &str;

    /// Adds the `count` units that arrive first, mobilisation counted, among those that may be sent ([`Scene::may_go`]) and are
    /// accepted.
    fn first_arrivals<'s>(
        &mut self,
        scene: &Scene<'s>,
        count: usize,
        accepts: &dyn Fn(&Unit) -> bool,
        found: &mut Found<'s>,
    );

    /// One unit as a candidate, whatever else it does; with the order that it holds, it is taken to go on with it. `None` where
    /// nobody knows where it is, or no way leads from there.
    fn arrival_of(
        &mut self,
        scene: &Scene<'_>,
        unit: &Unit,
        held: Option<Interrupted>,
    ) -> Option<CandidateInput>;

    /// A time on the road that a unit cannot do with less of, for less work than [`Reach::arrival_of`]. `None` where nobody knows
    /// where it is.
    fn least(&mut self, scene: &Scene<'_>, unit: &Unit) -> Option<Span>;
}

/// What a look for units has found.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// Those that arrive first.
    pub candidates: Vec<CandidateInput>,
    /// Those that may not be sent, and why.
    pub left_out: Vec<LeftOut>,
    /// Those that may be sent and from which no way leads to the place.
    pub no_way: Vec<Seed<'a>>,
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
    let scene = scene(record, incident, now)?;
    Ok(gather_on(&scene, &mut LiveReach::new(picture, roads)))
}

/// The same with ways and units of another kind than the living city's.
pub fn gather_within(
    record: &Record,
    reach: &mut impl Reach,
    incident: IncidentId,
    now: UtcTime,
) -> Result<ProposalInputs, NoProposal> {
    Ok(gather_on(&scene(record, incident, now)?, reach))
}

/// Gathers what is needed to say whether a unit that has become free should relieve another on its way: see [`relief_within`].
pub fn relief(
    record: &Record,
    picture: &FleetPicture,
    roads: Option<RoadsView<'_>>,
    freed: UnitId,
    now: UtcTime,
) -> Option<ProposalInputs> {
    relief_within(record, &mut LiveReach::new(picture, roads), freed, now)
}

fn scene(record: &Record, incident: IncidentId, now: UtcTime) -> Result<Scene<'_>, NoProposal> {
    let it = record.incident(incident).ok_or(NoProposal::UnknownIncident(incident))?;
    if !it.is_open() {
        return Err(NoProposal::Ended(incident));
    }
    let target = it.sketch.place.position.ok_or(NoProposal::NoPosition(incident))?;
    Ok(Scene::new(record, it, target, now))
}

fn gather_on(scene: &Scene<'_>, reach: &mut impl Reach) -> ProposalInputs {
    let (record, now) = (scene.record, scene.now);
    let mut found = Found::default();
    let slots = slots(scene);
    // The first slot decides the ranking; whoever can fill another one is looked for besides.
    let first = slots.first().map(|skills| scene.wanting(skills.clone()));
    let scene = first.as_ref().unwrap_or(scene);
    look_for_all(scene, reach, record.rules().candidates_max, &mut found);
    let mut looked_for = scene.skills.clone();
    for skills in slots.iter().skip(1) {
        if *skills != looked_for {
            looked_for.clone_from(skills);
            let scene = scene.wanting(skills.clone());
            reach.first_arrivals(&scene, slots.len(), &|unit| scene.lacks(unit) == 0, &mut found);
        }
    }
    let area = options::look_in_the_area(scene, reach, &mut found);
    judge_again(scene, &mut found);
    let (mut candidates, mut left_out) = found.finish(scene);
    options::mark_the_area(scene, &area, &mut candidates);
    options::ask_neighbours(scene, reach, &mut candidates, &mut left_out);
    weigh_cover(record, now, &mut candidates);
    let about_to_be_free = about_to_be_free(scene, reach);
    left_out.retain(|out| about_to_be_free.iter().all(|input| input.unit != out.unit));
    let area_later_max_s = (!area.is_empty()).then(|| record.rules().station_areas.later_max_s);
    let inputs = ProposalInputs {
        slots,
        about_to_be_free,
        area_later_max_s,
        ..inputs(scene, reach, candidates, left_out)
    };
    if record.policy().matches {
        let rivals = rivals::rivals(record, reach, inputs.incident, &inputs.candidates, now);
        return ProposalInputs { rivals, ..inputs };
    }
    inputs
}

/// What a proposal for this incident is made from.
fn inputs(
    scene: &Scene<'_>,
    reach: &impl Reach,
    candidates: Vec<CandidateInput>,
    left_out: Vec<LeftOut>,
) -> ProposalInputs {
    let (record, rules) = (scene.record, scene.record.rules());
    let incident = scene.incident();
    ProposalInputs {
        at: scene.now,
        incident: incident.id,
        target: scene.target,
        level: scene.level(),
        units_short: record.lacking(incident),
        skills: scene.skills.clone(),
        policy: rules.policy.clone(),
        candidates_max: rules.candidates_max,
        road_weights: reach.road_weights().to_owned(),
        candidates,
        left_out,
        relieves: None,
        waited_s: scene.waited(),
        goal_s: scene.goal(),
        rivals: Vec::new(),
        slots: Vec::new(),
        about_to_be_free: Vec::new(),
        area_later_max_s: None,
        traffic: rules.traffic_at(scene.now).cloned(),
        demand_per_day: record
            .cover()
            .filter(|_| rules.cover_in_proposals)
            .map(CoverZones::total_calls_per_day),
    }
}

/// The units that will be free at hospital and would then arrive first, where the rules want to know.
fn about_to_be_free(scene: &Scene<'_>, reach: &mut impl Reach) -> Vec<CandidateInput> {
    if !scene.record.rules().about_to_be_free {
        return Vec::new();
    }
    let scene = scene.for_units_about_to_be_free();
    let mut found = Found::default();
    look_for_all(&scene, reach, ABOUT_TO_BE_FREE_MAX, &mut found);
    found.candidates.sort_by_key(|input| input.unit);
    found.candidates.dedup_by_key(|input| input.unit);
    found.candidates
}

/// What cover each unit's leaving costs, where it is known what the units cover and somebody wants to know.
fn weigh_cover(record: &Record, now: UtcTime, candidates: &mut [CandidateInput]) {
    let Some(zones) = record.cover().filter(|_| record.rules().cover_in_proposals) else { return };
    let mut standing = zones.standing(record, None);
    // Whoever is off duty covers nothing.
    let off_duty = record.units().values().filter(|unit| {
        unit.is_free() && !record.is_free_on_duty(unit, now) && !record.is_of_a_neighbour(unit.spec.id)
    });
    for place in off_duty.filter_map(|unit| zones.place(unit.standby())) {
        standing[place] -= 1;
    }
    let losses = zones.losses(record.policy().busy(), &standing);
    let covers = |candidate: &&mut CandidateInput| candidate.interrupts.is_none() && candidate.aid.is_none();
    for candidate in candidates.iter_mut().filter(covers) {
        let station = record.unit(candidate.unit).map(Unit::standby);
        candidate.cover_loss = station.and_then(|station| zones.place(station)).map(|place| losses[place]);
    }
}

/// The slots still to be filled, where that is more than one.
fn slots(scene: &Scene<'_>) -> Vec<BTreeSet<Skill>> {
    let needs = &scene.incident().sketch.needs;
    if needs.units == 1 && needs.kinds.is_empty() {
        return Vec::new();
    }
    let open = scene.record.slots_open(scene.incident().id);
    if open.len() == 1 && open[0] == scene.skills { Vec::new() } else { open }
}

/// What the rules say of each candidate, whichever slot it was found for.
fn judge_again(scene: &Scene<'_>, found: &mut Found<'_>) {
    for input in &mut found.candidates {
        input.level = scene.level_of(&input.skills);
    }
}

/// Looks in several rounds: those that can do all that is wanted, then those that lack more and more.
fn look_for_all<'s>(scene: &Scene<'s>, reach: &mut impl Reach, candidates_max: usize, found: &mut Found<'s>) {
    let wanted = scene.skills.len();
    for lacking in 0..=wanted {
        let room = candidates_max.saturating_sub(found.candidates.len());
        if room > 0 {
            reach.first_arrivals(scene, room, &|unit| scene.lacks(unit) == lacking, found);
        }
    }
    if wanted > 0 {
        // Whoever is there first of all, whatever is lacking: the proposal lists it.
        reach.first_arrivals(scene, 1, &|_| true, found);
    }
}

impl Found<'_> {
    fn finish(mut self, scene: &Scene<'_>) -> (Vec<CandidateInput>, Vec<LeftOut>) {
        if self.candidates.is_empty() {
            // The place is cut off from everybody, on the map at least: an estimate is better than sending nobody.
            let estimated = std::mem::take(&mut self.no_way);
            self.candidates.extend(estimated.iter().map(|seed| seed.in_a_straight_line(scene)));
        }
        self.candidates.sort_by_key(|input| input.unit);
        self.candidates.dedup_by_key(|input| input.unit);
        self.no_way.sort_by_key(|seed| seed.unit.spec.id);
        self.no_way.dedup_by_key(|seed| seed.unit.spec.id);
        let cut_off =
            self.no_way.iter().map(|seed| LeftOut { unit: seed.unit.spec.id, why: LeftOutReason::NoWay });
        self.left_out.extend(cut_off);
        self.left_out.truncate(LEFT_OUT_MAX);
        (self.candidates, self.left_out)
    }
}

/// How many units about to be free a proposal may list for each thing that they lack.
const ABOUT_TO_BE_FREE_MAX: usize = 3;

#[cfg(test)]
mod tests;
