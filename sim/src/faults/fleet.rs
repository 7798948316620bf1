//! The vehicles of the simulated world, as far as orders go: each keeps the highest epoch it has seen, and refuses an order with a lower
//! one. What a crew reports goes to whichever machine hears it; a report repeats until it is on record.

use std::collections::BTreeMap;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{STAGES, StampSource};
use dispatch_core::effect::{Effect, EffectKind};
use dispatch_core::ids::{AssignmentId, UnitId};
use dispatch_core::journal::Epoch;
use dispatch_core::{Action, Span};

use super::wire::Parcel;
use super::world::World;
use crate::check::Broken;

/// What the vehicles know, on disk.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The highest epoch that each has seen.
    pub highest: BTreeMap<UnitId, Epoch>,
    /// The orders that each holds.
    pub orders: BTreeMap<UnitId, Vec<AssignmentId>>,
}

impl World {
    /// An effect reaches a vehicle.
    pub(super) fn vehicle_hears(&mut self, from: usize, epoch: Epoch, effect: &Effect) -> Result<(), Broken> {
        let unit = effect.unit;
        let highest = self.fleet.highest.get(&unit).copied();
        if highest.is_some_and(|highest| epoch < highest) {
            self.tally.stale_orders += 1;
            return Ok(());
        }
        self.fleet.highest.insert(unit, epoch);
        self.check(|law, world| law.vehicle_took(world, unit, epoch, effect))?;
        let held = self.fleet.orders.entry(unit).or_default();
        match &effect.what {
            EffectKind::SendOrder { assignment } if !held.contains(assignment) => {
                held.push(*assignment);
                self.tally.orders += 1;
            }
            EffectKind::RecallOrder { assignment, .. } => held.retain(|one| one != assignment),
            _ => {}
        }
        let action = Action::ConfirmDelivery { effect: effect.id };
        self.report(from, unit, &Actor::rule("vehicles"), action);
        Ok(())
    }

    /// A crew does its next step, as the record of whoever leads shows it.
    pub(super) fn crew_step(&mut self, at: usize) {
        let Some(process) = &self.sites[at].process else { return };
        let open: Vec<_> = process.centre.record().assignments().values().filter(|a| a.is_open()).collect();
        if open.is_empty() {
            return;
        }
        let (assignment, unit, stage) = {
            let one = open[self.chance.below(open.len())];
            (one.id, one.unit, one.stage)
        };
        let holds = self.fleet.orders.get(&unit).is_some_and(|held| held.contains(&assignment));
        let next = STAGES.get(stage as usize + 1).map(|row| row.stage);
        let Some(next) = next.filter(|_| holds) else { return };
        let at_time = self.now() + Span::from_secs_f64(self.chance.between(-2.0, 2.0));
        let action =
            Action::ReportStage { assignment, stage: next, at: at_time, source: StampSource::Terminal };
        self.report(at, unit, &Actor::Crew { unit }, action);
    }

    fn report(&mut self, to: usize, unit: UnitId, by: &Actor, action: Action) {
        if self.weather.vehicles[to] > self.elapsed_us {
            return;
        }
        let action = Box::new(action);
        let copies = if self.chance.yes(0.1) { 2 } else { 1 };
        for _ in 0..copies {
            let arrives_us = self.elapsed_us + self.chance.between(10_000.0, 2_000_000.0) as u64;
            let parcel = Parcel::FromVehicle { to, unit, by: by.clone(), action: action.clone() };
            self.wire.send(arrives_us, parcel);
        }
    }
}
