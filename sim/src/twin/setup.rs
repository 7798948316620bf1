//! The first words to the core: rules, stations, hospitals, units and their crews, as a case gives them.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::destination::HospitalSpec;
use dispatch_core::ids::{HospitalId, StationId, UnitId};
use dispatch_core::incident::Level;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::policy::{Policy, Preemption, Preemptions};
use dispatch_core::rules::{MobilisationModel, Rules};
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Action, Span};

use super::TwinError;
use super::reach::wgs84;
use crate::case::{Case, Period, Priority};

/// The level that stands for a priority.
pub(super) fn level(priority: Priority) -> Level {
    match priority {
        Priority::High => Level::I,
        Priority::Medium => Level::II,
        Priority::Low => Level::III,
    }
}

/// The rules of the reference: no seats, no crews on foot, one unit a call, sent by the machine and recorded as such.
pub(super) fn rules(case: &Case, policy: Policy, crews_take_time: bool) -> Rules {
    let pair = |&(from, to)| Preemption { from: level(from), to: level(to) };
    Rules {
        utc_offset_s: Span::ZERO,
        // What the reference calls the dispatch delay is the time at the seat.
        answer_within_s: NEVER,
        take_within_s: NEVER,
        ended_kept_s: Span::ZERO,
        policy: policy.to_string(),
        preemptions: Preemptions(case.redispatch.iter().map(pair).collect()),
        mobilisation: if crews_take_time { MobilisationModel::Learned } else { MobilisationModel::None },
        response_goals_s: [Priority::High, Priority::Medium, Priority::Low, Priority::Low]
            .map(|priority| Span::from_micros(goal_us(case, priority))),
        cover_in_proposals: policy.bounded.is_some(),
        candidates_max: if policy.bounded.is_some() || policy.matches { CANDIDATES_MAX } else { 1 },
        // The reference knows nothing of a unit before it is free.
        about_to_be_free: false,
        automatic_dispatch: true,
        ..Rules::default()
    }
}

fn goal_us(case: &Case, priority: Priority) -> i64 {
    (case.promises[priority.index()].target_days * 86_400e6).round() as i64
}

/// Everything the core is told before the first call.
pub(super) fn actions(case: &Case, rules: Rules) -> Result<Vec<Action>, TwinError> {
    let mut actions = vec![Action::AdoptRules { rules }];
    for (number, site) in case.stations.iter().enumerate() {
        let (id, position) = (station_id(number)?, wgs84(site.spot.at));
        actions.push(Action::RegisterStation { station: Station { id, name: site.name.clone(), position } });
    }
    for (number, site) in case.hospitals.iter().enumerate() {
        let id = hospital_id(number)?;
        let (name, position) = (site.name.clone(), wgs84(site.spot.at));
        let hospital = HospitalSpec { id, name, position, skills: [].into() };
        actions.push(Action::RegisterHospital { hospital });
    }
    for (number, &station) in case.ambulances.iter().enumerate() {
        let id = unit_id(number)?;
        let unit = UnitSpec {
            id,
            station: station_id(station)?,
            skills: [].into(),
            plate: String::new(),
            phone: String::new(),
        };
        actions.push(Action::RegisterUnit { unit });
        actions.push(Action::SignOn { unit: id, name: "crew".to_owned(), role: CrewRole::Driver });
    }
    Ok(actions)
}

/// The zones of a period as the core takes them.
pub(super) fn cover(case: &Case, number: usize, period: &Period) -> Result<Action, TwinError> {
    Ok(Action::AdoptCover { zones: Arc::new(zones(case, number, period)?) })
}

/// The zones of a period, with the core's codes.
pub(super) fn zones(case: &Case, number: usize, period: &Period) -> Result<CoverZones, TwinError> {
    let stations = (0..case.stations.len()).map(station_id).collect::<Result<Vec<_>, _>>()?;
    let zones = period
        .zones
        .iter()
        .map(|zone| (zone.calls_per_day, zone.stations.iter().map(|station| *station as u16).collect()));
    Ok(CoverZones::new(format!("period {}", number + 1), stations, zones))
}

/// Whoever speaks for the city itself.
pub(super) fn city() -> Actor {
    Actor::rule("twin")
}

/// The code of an ambulance: its number, so that the order of the codes is that of the case.
pub(super) fn unit_id(number: usize) -> Result<UnitId, TwinError> {
    code("A", number)
}

/// The code of a station.
pub(super) fn station_id(number: usize) -> Result<StationId, TwinError> {
    code("S", number)
}

/// The code of a hospital.
pub(super) fn hospital_id(number: usize) -> Result<HospitalId, TwinError> {
    code("H", number)
}

/// The number in a code.
pub(super) fn number_of(code: &str) -> Option<usize> {
    code.get(1..)?.parse::<usize>().ok()?.checked_sub(1)
}

fn code<T: std::str::FromStr>(kind: &str, number: usize) -> Result<T, TwinError> {
    let text = format!("{kind}{:05}", number + 1);
    text.parse().map_err(|_| TwinError::TooMany { what: "units, stations or hospitals" })
}

/// Longer than anything waits in a simulation.
const NEVER: Span = Span::seconds(1_000_000_000);
/// How many units each proposal lists where the policy chooses among several.
const CANDIDATES_MAX: usize = 4;
