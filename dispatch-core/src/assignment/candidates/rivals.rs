//! The others who compete for units with an incident: those who wait as well, and those from whom a unit would be taken.

use super::{CandidateInput, Found, Reach, scene};
use crate::assignment::{FreeArrival, Interrupted, Rival};
use crate::ids::{AssignmentId, IncidentId};
use crate::record::Record;
use crate::time::UtcTime;

/// Looks from each rival's place for the free units that arrive first.
pub(super) fn rivals(
    record: &Record,
    reach: &mut impl Reach,
    of: IncidentId,
    candidates: &[CandidateInput],
    now: UtcTime,
) -> Vec<Rival> {
    let held = candidates.iter().filter_map(|candidate| candidate.interrupts);
    let held = held.map(|it| (it.incident, Some(it.assignment)));
    let waiting = record.waiting_incidents().map(|incident| (incident.id, None));
    let waiting = waiting.filter(|(incident, _)| *incident != of);
    let mut all: Vec<(IncidentId, Option<AssignmentId>)> = held.chain(waiting).collect();
    // What a drill waits for costs nobody anything.
    all.retain(|(incident, _)| record.is_test(of) || !record.is_test(*incident));
    all.sort_unstable();
    all.dedup_by_key(|(incident, _)| *incident);
    all.truncate(RIVALS_MAX);
    all.into_iter().filter_map(|(incident, held)| rival(record, reach, incident, held, now)).collect()
}

fn rival(
    record: &Record,
    reach: &mut impl Reach,
    incident: IncidentId,
    held: Option<AssignmentId>,
    now: UtcTime,
) -> Option<Rival> {
    let scene = scene(record, incident, now).ok()?.for_free_units();
    let mut found = Found::default();
    reach.first_arrivals(&scene, FREE_EACH, &|unit| scene.lacks(unit) == 0, &mut found);
    let arrivals = found.candidates.iter();
    let arrivals =
        arrivals.map(|input| FreeArrival { unit: input.unit, arrival_s: input.arrival() }).collect();
    let remaining_s = match held.and_then(|held| record.assignment(held)) {
        Some(held) => {
            let order = Interrupted { assignment: held.id, incident, level: scene.level() };
            Some(reach.arrival_of(&scene, record.unit(held.unit)?, Some(order))?.arrival())
        }
        None => None,
    };
    Some(Rival {
        incident,
        level: scene.level(),
        waited_s: scene.waited(),
        goal_s: scene.goal(),
        remaining_s,
        arrivals,
    })
}

/// How many rivals are looked at; the oldest first.
const RIVALS_MAX: usize = 8;
/// How many free units are looked at for each.
const FREE_EACH: usize = 4;
