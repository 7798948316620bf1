//! What a centre may choose besides: the units of a station's own area are looked for beyond the first arrivals, and neighbours are
//! asked where theirs would be there much sooner.

use std::collections::BTreeSet;

use super::{CandidateInput, Found, LeftOut, Reach, Scene};
use crate::ids::StationId;
use crate::vehicle::Unit;

/// Adds the first arrivals of the stations in whose area the incident is. Those stations; none where there is no such rule.
pub(super) fn look_in_the_area<'s>(
    scene: &Scene<'s>,
    reach: &mut impl Reach,
    found: &mut Found<'s>,
) -> BTreeSet<StationId> {
    let area = scene.area();
    if !area.is_empty() {
        let of_area = |unit: &Unit| area.contains(&unit.spec.station);
        let mut own = Found::default();
        reach.first_arrivals(scene, OF_AREA_MAX, &|unit| of_area(unit) && scene.lacks(unit) == 0, &mut own);
        found.candidates.append(&mut own.candidates);
    }
    area
}

/// Says of each candidate whether it is of the area.
pub(super) fn mark_the_area(
    scene: &Scene<'_>,
    area: &BTreeSet<StationId>,
    candidates: &mut [CandidateInput],
) {
    for candidate in candidates {
        let station = scene.record.unit(candidate.unit).map(|unit| unit.spec.station);
        candidate.own_area = station.is_some_and(|station| area.contains(&station));
    }
}

/// Adds the units of neighbours that would be there enough sooner than every unit of the centre that can do as much.
pub(super) fn ask_neighbours(
    scene: &Scene<'_>,
    reach: &mut impl Reach,
    candidates: &mut Vec<CandidateInput>,
    left_out: &mut Vec<LeftOut>,
) {
    let rule = &scene.record.rules().mutual_aid;
    if rule.from.is_empty() {
        return;
    }
    let scene = scene.for_neighbours();
    let mut found = Found::default();
    super::look_for_all(&scene, reach, NEIGHBOURS_MAX, &mut found);
    super::judge_again(&scene, &mut found);
    let lacks = |input: &CandidateInput| scene.skills.difference(&input.skills).count();
    let own: Vec<_> =
        candidates.iter().filter(|own| own.level.is_free()).map(|own| (lacks(own), own.arrival())).collect();
    let soon_enough = |aid: &CandidateInput| {
        let as_able = own.iter().filter(|(own_lacks, _)| *own_lacks <= lacks(aid));
        as_able.map(|(_, arrival)| *arrival).min().is_none_or(|own| aid.arrival() + rule.gain_s <= own)
    };
    found.candidates.retain(soon_enough);
    for aid in &mut found.candidates {
        aid.aid = rule.neighbour(aid.unit).map(|neighbour| neighbour.name.clone());
    }
    left_out.retain(|out| found.candidates.iter().all(|aid| aid.unit != out.unit));
    candidates.append(&mut found.candidates);
    candidates.sort_by_key(|input| input.unit);
    candidates.dedup_by_key(|input| input.unit);
}

/// How many units of its own area are looked at.
const OF_AREA_MAX: usize = 5;
/// How many units of neighbours a proposal offers for each thing that they lack.
const NEIGHBOURS_MAX: usize = 3;
