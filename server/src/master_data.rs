//! Brings the record in line with the configuration at start: rules, stations, units and hospitals that differ become
//! commands like any other, so that the journal shows when each changed.

use dispatch_core::actor::Actor;
use dispatch_core::{Action, Command, Record};

use crate::centre::{CentreHandle, Submission, SubmitError};
use crate::config::Config;

/// Submits what differs. Comes back when it is durable, with the number of changes.
pub async fn register(centre: &CentreHandle, config: &Config) -> Result<usize, SubmitError> {
    let actions = differences(&centre.snapshot().record, config);
    let count = actions.len();
    for action in actions {
        centre.submit(Submission::new(Command { by: Actor::rule("configuration"), action })).await?;
    }
    Ok(count)
}

fn differences(record: &Record, config: &Config) -> Vec<Action> {
    let mut actions = Vec::new();
    if *record.rules() != config.rules {
        actions.push(Action::AdoptRules { rules: config.rules.clone() });
    }
    for station in &config.stations {
        if record.stations().get(&station.id).map(AsRef::as_ref) != Some(station) {
            actions.push(Action::RegisterStation { station: station.clone() });
        }
    }
    for hospital in &config.hospitals {
        if record.hospitals().get(&hospital.id).map(|known| &known.spec) != Some(hospital) {
            actions.push(Action::RegisterHospital { hospital: hospital.clone() });
        }
    }
    for unit in &config.units {
        if record.unit(unit.id).map(|known| &known.spec) != Some(unit) {
            actions.push(Action::RegisterUnit { unit: unit.clone() });
        }
    }
    for id in record.units().keys().filter(|id| config.units.iter().all(|unit| unit.id != **id)) {
        tracing::warn!(unit = %id, "a unit on record is not in the configuration: pause it if it is out of service");
    }
    actions
}
