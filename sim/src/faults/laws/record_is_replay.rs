//! The record equals the replay of the journal: at every change of leader, after every quarantine, and at the end.

use dispatch_core::DispatchCentre;
use dispatch_core::journal::Epoch;

use super::{Law, World};

/// See the file.
#[derive(Debug)]
pub struct RecordIsReplay;

impl Law for RecordIsReplay {
    fn name(&self) -> &'static str {
        "record_is_replay"
    }

    fn led(&mut self, world: &World, at: usize, _epoch: Epoch) -> Result<(), String> {
        same(world, at)
    }

    fn moved_aside(&mut self, world: &World, at: usize) -> Result<(), String> {
        same(world, at)
    }

    fn end(&mut self, world: &World, _rested: bool) -> Result<(), String> {
        (0..2).try_for_each(|at| same(world, at))
    }
}

fn same(world: &World, at: usize) -> Result<(), String> {
    let Some(process) = &world.sites[at].process else { return Ok(()) };
    let replayed = DispatchCentre::from_events(process.rows.iter().map(|row| &*row.event));
    if replayed.record().digest() == process.centre.record().digest() {
        Ok(())
    } else {
        Err(format!(
            "machine {} has another record than its journal of {} events gives",
            at + 1,
            process.rows.len()
        ))
    }
}
