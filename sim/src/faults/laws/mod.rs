//! The laws of two machines, one a file. Each watches what is told, sent and led, and knows nothing of how it was made.

pub mod acknowledged_is_kept;
pub mod aside_comes_in_once;
pub mod effects_follow_events;
pub mod epochs_grow_at_vehicles;
pub mod every_call_is_owned;
pub mod one_leader;
pub mod one_order_a_unit;
pub mod record_is_replay;

use std::collections::BTreeMap;

use dispatch_core::UtcTime;
use dispatch_core::effect::Effect;
use dispatch_core::ids::UnitId;
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::State;

use super::site::Row;
use super::world::World;

/// What clients were told, and when somebody last led.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Acknowledged with two copies, by number.
    pub told: BTreeMap<u64, Row>,
    /// When a leader was last there or made by people, microseconds of the world.
    pub led_at_us: u64,
}

/// One law.
pub trait Law {
    /// Its name: the file's.
    fn name(&self) -> &'static str;

    /// A step of time is over.
    fn moment(&mut self, _world: &World) -> Result<(), String> {
        Ok(())
    }

    /// A machine begins to lead.
    fn led(&mut self, _world: &World, _at: usize, _epoch: Epoch) -> Result<(), String> {
        Ok(())
    }

    /// A machine that leads has decided something: the last of its rows.
    fn decided(&mut self, _world: &World, _at: usize) -> Result<(), String> {
        Ok(())
    }

    /// A machine that leads has put a matter on record that another one wrote: the rows from this one on, all at once.
    fn brought_in(&mut self, _world: &World, _at: usize, _from: usize) -> Result<(), String> {
        Ok(())
    }

    /// A machine that leads has made up for everything that was due.
    fn decided_up_to(&mut self, _world: &World, _at: usize, _now: UtcTime) -> Result<(), String> {
        Ok(())
    }

    /// Clients are told of an event.
    fn acknowledged(
        &mut self,
        _world: &World,
        _at: usize,
        _seq: u64,
        _row: &Row,
        _under: State,
    ) -> Result<(), String> {
        Ok(())
    }

    /// An effect leaves a machine.
    fn effect_sent(&mut self, _world: &World, _at: usize, _effect: &Effect) -> Result<(), String> {
        Ok(())
    }

    /// A vehicle took an effect.
    fn vehicle_took(
        &mut self,
        _world: &World,
        _unit: UnitId,
        _epoch: Epoch,
        _effect: &Effect,
    ) -> Result<(), String> {
        Ok(())
    }

    /// A machine moved the end of its journal aside.
    fn moved_aside(&mut self, _world: &World, _at: usize) -> Result<(), String> {
        Ok(())
    }

    /// The run is over. `rested`: nothing has gone wrong for half of it.
    fn end(&mut self, _world: &World, _rested: bool) -> Result<(), String> {
        Ok(())
    }
}

/// All of them.
pub fn all() -> Vec<Box<dyn Law>> {
    vec![
        Box::new(acknowledged_is_kept::AcknowledgedIsKept),
        Box::new(aside_comes_in_once::AsideComesInOnce),
        Box::new(one_leader::OneLeader),
        Box::new(one_order_a_unit::OneOrderAUnit),
        Box::new(every_call_is_owned::EveryCallIsOwned),
        Box::<epochs_grow_at_vehicles::EpochsGrowAtVehicles>::default(),
        Box::new(record_is_replay::RecordIsReplay),
        Box::new(effects_follow_events::EffectsFollowEvents),
    ]
}
