//! What may be different on a day besides the policy: stations, units, roads.

use std::collections::{BTreeMap, BTreeSet};

use roads::{RoadMap, Wgs84};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::BadPlan;
use crate::command::Action;
use crate::ids::{ClosureId, StationId, UnitId};
use crate::incident::Skill;
use crate::record::Record;
use crate::roadworks::Closure;
use crate::time::UtcTime;
use crate::vehicle::{CrewRole, Station, UnitSpec};

/// One thing that is different from the beginning of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A station more.
    AddStation { station: StationId, position: Wgs84 },
    /// A station elsewhere.
    MoveStation { station: StationId, position: Wgs84 },
    /// A unit more, with a crew for the whole day. It can do what most units can, unless `skills` say otherwise.
    AddUnit { unit: UnitId, station: StationId, skills: Option<BTreeSet<Skill>> },
    /// A unit at another station.
    MoveUnit { unit: UnitId, station: StationId },
    /// A unit less: it finishes what it is on, and is not sent again.
    RemoveUnit { unit: UnitId },
    /// A road closed all day: its name, or its way numbers.
    CloseRoad { road: String },
}

/// Which stations and units there will be, as the changes are looked at one after the other.
#[derive(Debug)]
struct Known {
    stations: BTreeSet<StationId>,
    units: BTreeSet<UnitId>,
}

/// Refuses changes to what is not there, and to what is there already.
pub(super) fn check(changes: &[Change], record: &Record, map: Option<&RoadMap>) -> Result<(), BadPlan> {
    let stations = record.stations().keys().copied().collect();
    let mut known = Known { stations, units: record.units().keys().copied().collect() };
    for change in changes {
        known.take(change, map)?;
    }
    Ok(())
}

impl Known {
    fn take(&mut self, change: &Change, map: Option<&RoadMap>) -> Result<(), BadPlan> {
        match change {
            Change::AddStation { station, .. } => {
                if !self.stations.insert(*station) {
                    return Err(BadPlan::Known { what: "station", code: station.to_string() });
                }
            }
            Change::MoveStation { station, .. } => self.station(*station)?,
            Change::AddUnit { unit, station, .. } => {
                self.station(*station)?;
                if !self.units.insert(*unit) {
                    return Err(BadPlan::Known { what: "unit", code: unit.to_string() });
                }
            }
            Change::MoveUnit { unit, station } => {
                self.unit(*unit)?;
                self.station(*station)?;
            }
            Change::RemoveUnit { unit } => self.unit(*unit)?,
            Change::CloseRoad { road } => {
                ways(road, map)?;
            }
        }
        Ok(())
    }

    fn station(&self, station: StationId) -> Result<(), BadPlan> {
        let known = self.stations.contains(&station);
        known.then_some(()).ok_or_else(|| BadPlan::Unknown { what: "station", code: station.to_string() })
    }

    fn unit(&self, unit: UnitId) -> Result<(), BadPlan> {
        let known = self.units.contains(&unit);
        known.then_some(()).ok_or_else(|| BadPlan::Unknown { what: "unit", code: unit.to_string() })
    }
}

/// The ways of a road, by its name or by their numbers.
fn ways(road: &str, map: Option<&RoadMap>) -> Result<Vec<i64>, BadPlan> {
    let network = map.ok_or(BadPlan::NoMap)?.network();
    let unknown = || BadPlan::UnknownRoad(road.chars().take(64).collect());
    let numbers: Option<Vec<i64>> = road.split(',').map(|number| number.trim().parse().ok()).collect();
    let found: Vec<i64> = match numbers {
        Some(numbers) if numbers.iter().all(|way| network.way(*way).is_some()) => numbers,
        Some(_) => return Err(unknown()),
        None => network.ways().filter(|way| way.name == road.trim()).map(|way| way.id).collect(),
    };
    if found.is_empty() {
        return Err(unknown());
    }
    if found.len() > Closure::WAYS_MAX {
        return Err(BadPlan::TooManyWays { road: road.to_owned(), ways_max: Closure::WAYS_MAX });
    }
    Ok(found)
}

/// What brings a change about on a record.
pub(super) fn actions(change: &Change, record: &Record, map: Option<&RoadMap>, number: u64) -> Vec<Action> {
    match change {
        Change::AddStation { station, position } | Change::MoveStation { station, position } => {
            let known = record.stations().get(station);
            let name = known.map_or_else(|| station.to_string(), |known| known.name.clone());
            vec![Action::RegisterStation { station: Station { id: *station, name, position: *position } }]
        }
        Change::AddUnit { unit, station, skills } => {
            let skills = skills.clone().unwrap_or_else(|| usual_skills(record));
            let (plate, phone) = (String::new(), String::new());
            let spec = UnitSpec { id: *unit, station: *station, skills, plate, phone };
            let name = CREW.to_owned();
            vec![
                Action::RegisterUnit { unit: spec },
                Action::SignOn { unit: *unit, name, role: CrewRole::Driver },
            ]
        }
        Change::MoveUnit { unit, station } => {
            let Some(known) = record.unit(*unit) else { return Vec::new() };
            let spec = UnitSpec { station: *station, ..known.spec.clone() };
            vec![Action::RegisterUnit { unit: spec }, Action::PostUnit { unit: *unit, station: *station }]
        }
        Change::RemoveUnit { unit } => {
            vec![Action::PauseUnit { unit: *unit, reason: "推演：撤除 · plan: removed".to_owned() }]
        }
        Change::CloseRoad { road } => {
            let id = ClosureId::new(Uuid::from_u128(u128::from(number)));
            let (name, reason) = (road.clone(), "推演 · plan".to_owned());
            let since = UtcTime::default();
            let closure = Closure { id, ways: ways(road, map).unwrap_or_default(), name, reason, since };
            vec![Action::CloseRoad { closure }]
        }
    }
}

/// What at least half of the units can do.
fn usual_skills(record: &Record) -> BTreeSet<Skill> {
    let mut counts: BTreeMap<Skill, usize> = BTreeMap::new();
    for skill in record.units().values().flat_map(|unit| &unit.spec.skills) {
        *counts.entry(*skill).or_default() += 1;
    }
    let half = |count: &usize| count * 2 >= record.units().len();
    counts.into_iter().filter(|(_, count)| half(count)).map(|(skill, _)| skill).collect()
}

/// What a recorded act becomes where a change speaks of the same thing; `None` where it is no longer asked for.
pub(super) fn bend(changes: &[Change], action: Action) -> Option<Action> {
    match action {
        Action::RegisterStation { mut station } => {
            for change in changes {
                match change {
                    Change::MoveStation { station: id, position } if *id == station.id => {
                        station.position = *position;
                    }
                    _ => {}
                }
            }
            Some(Action::RegisterStation { station })
        }
        Action::RegisterUnit { mut unit } => {
            for change in changes {
                match change {
                    Change::MoveUnit { unit: id, station } if *id == unit.id => unit.station = *station,
                    _ => {}
                }
            }
            Some(Action::RegisterUnit { unit })
        }
        Action::PauseUnit { unit, .. } | Action::ResumeUnit { unit } | Action::PostUnit { unit, .. } => {
            let of_it = |change: &Change| match change {
                Change::RemoveUnit { unit: id } | Change::MoveUnit { unit: id, .. } => *id == unit,
                _ => false,
            };
            let removed = |change: &Change| matches!(change, Change::RemoveUnit { unit: id } if *id == unit);
            let posts = matches!(action, Action::PostUnit { .. });
            let ends = if posts { changes.iter().any(of_it) } else { changes.iter().any(removed) };
            (!ends).then_some(action)
        }
        other => Some(other),
    }
}

/// Who sits in a unit that a plan adds.
const CREW: &str = "推演 plan";
