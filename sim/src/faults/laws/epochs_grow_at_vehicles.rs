//! What a vehicle takes comes under an epoch that never falls.

use std::collections::BTreeMap;

use dispatch_core::effect::Effect;
use dispatch_core::ids::UnitId;
use dispatch_core::journal::Epoch;

use super::{Law, World};

/// See the file.
#[derive(Debug, Default)]
pub struct EpochsGrowAtVehicles {
    taken: BTreeMap<UnitId, Epoch>,
}

impl Law for EpochsGrowAtVehicles {
    fn name(&self) -> &'static str {
        "epochs_grow_at_vehicles"
    }

    fn vehicle_took(
        &mut self,
        _world: &World,
        unit: UnitId,
        epoch: Epoch,
        _effect: &Effect,
    ) -> Result<(), String> {
        match self.taken.insert(unit, epoch) {
            Some(before) if before > epoch => Err(format!("{unit} took {epoch:?} after {before:?}")),
            _ => Ok(()),
        }
    }
}
