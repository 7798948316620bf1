//! What is under way between machines, PostgreSQL and vehicles: late, twice, out of order, or never there.

use std::collections::BTreeMap;

use dispatch_core::effect::Effect;
use dispatch_core::ids::UnitId;
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Answer, Ask, Message, Moment};
use dispatch_core::{Action, actor::Actor};

use super::site::Row;

/// Something under way.
#[derive(Debug, Clone)]
pub enum Parcel {
    /// A message to the other machine, with the events beside it.
    ToPeer { to: usize, message: Message, bodies: Vec<Row> },
    /// A question to PostgreSQL on a connection.
    ToPostgres { from: usize, connection: u64, sent: Moment, ask: Ask, bodies: Vec<Row> },
    /// The answer.
    FromPostgres { to: usize, connection: u64, sent: Moment, answer: Answer, bodies: Vec<Row> },
    /// An effect to a vehicle.
    ToVehicle { from: usize, epoch: Epoch, effect: Effect },
    /// What a vehicle reports.
    FromVehicle { to: usize, unit: UnitId, by: Actor, action: Box<Action> },
}

/// All of it, by when it arrives.
#[derive(Debug, Default)]
pub struct Wire {
    parcels: BTreeMap<(u64, u64), Parcel>,
    count: u64,
}

impl Wire {
    /// Sends something that arrives at a moment of the world. When too much is under way it is lost.
    pub fn send(&mut self, arrives_us: u64, parcel: Parcel) {
        if self.parcels.len() < PARCELS_MAX {
            self.count += 1;
            self.parcels.insert((arrives_us, self.count), parcel);
        }
    }

    /// The next thing that has arrived.
    pub fn arrived(&mut self, elapsed_us: u64) -> Option<Parcel> {
        let first = self.parcels.first_entry().filter(|first| first.key().0 <= elapsed_us)?;
        Some(first.remove())
    }
}

const PARCELS_MAX: usize = 20_000;
