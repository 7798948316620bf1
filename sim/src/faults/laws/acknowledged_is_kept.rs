//! No acknowledged event is lost: it has two copies when it is acknowledged, and it is in the journal of whoever leads later.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{PROMOTION_TERMS, State};

use super::{Law, Row, World};
use crate::faults::shell::same;

/// See the file.
#[derive(Debug)]
pub struct AcknowledgedIsKept;

impl Law for AcknowledgedIsKept {
    fn name(&self) -> &'static str {
        "acknowledged_is_kept"
    }

    fn acknowledged(
        &mut self,
        world: &World,
        at: usize,
        seq: u64,
        row: &Row,
        under: State,
    ) -> Result<(), String> {
        if under == State::Island {
            return Ok(());
        }
        let holds = |rows: &[Row]| rows.get(seq as usize - 1).is_some_and(|one| same(one, row));
        if !holds(&world.sites[at].disk) {
            return Err(format!("event {seq} is acknowledged and not in the leader's own journal"));
        }
        if !holds(&world.sites[1 - at].disk) && !holds(&world.postgres.standby.rows) {
            return Err(format!("event {seq} is acknowledged under {under:?} with one copy"));
        }
        match world.ledger.told.get(&seq) {
            Some(before) if !same(before, row) => {
                Err(format!("event {seq} was acknowledged as another one before"))
            }
            _ => Ok(()),
        }
    }

    fn led(&mut self, world: &World, at: usize, epoch: Epoch) -> Result<(), String> {
        // Nothing promises what a promoted machine has.
        if epoch.term >= PROMOTION_TERMS
            && world.sites[at].process.as_ref().is_some_and(|it| it.node.state() == State::Island)
        {
            return Ok(());
        }
        kept(world, at)
    }

    fn end(&mut self, world: &World, _rested: bool) -> Result<(), String> {
        for (seq, row) in &world.ledger.told {
            let holds = |rows: &[Row]| rows.get(*seq as usize - 1).is_some_and(|one| same(one, row));
            let kept =
                world.sites.iter().any(|site| holds(&site.disk)) || holds(&world.postgres.standby.rows);
            if !kept {
                return Err(format!("event {seq} was acknowledged and is nowhere"));
            }
        }
        Ok(())
    }
}

fn kept(world: &World, at: usize) -> Result<(), String> {
    let disk = &world.sites[at].disk;
    for (seq, row) in &world.ledger.told {
        if !disk.get(*seq as usize - 1).is_some_and(|one| same(one, row)) {
            return Err(format!("machine {} leads without event {seq}, which was acknowledged", at + 1));
        }
    }
    Ok(())
}
