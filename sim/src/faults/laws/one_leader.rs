//! Two machines never lead at once, islands aside, and no two leaderships have the same epoch. After a promotion only who has the lease row is
//! asked, as in the model: the one that was outranked believes in its lease for a moment yet, and can acknowledge nothing.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::PROMOTION_TERMS;

use super::{Law, World};

/// See the file.
#[derive(Debug)]
pub struct OneLeader;

impl Law for OneLeader {
    fn name(&self) -> &'static str {
        "one_leader"
    }

    fn led(&mut self, world: &World, at: usize, epoch: Epoch) -> Result<(), String> {
        let written = |rows: &[super::Row]| rows.iter().any(|row| row.epoch == epoch);
        let used =
            world.sites.iter().any(|site| written(&site.disk)) || written(&world.postgres.primary.rows);
        if used || epoch.node != at as u32 + 1 {
            return Err(format!("machine {} leads under epoch {epoch:?}, which was used before", at + 1));
        }
        Ok(())
    }

    fn moment(&mut self, world: &World) -> Result<(), String> {
        let was_promoted = world.sites.iter().any(|site| site.led.term >= PROMOTION_TERMS);
        let holder = world.postgres.primary.holder();
        let leads = world.sites.iter().filter(|site| {
            let moment = site.moment(world.elapsed_us);
            let Some(node) = site.process.as_ref().map(|process| &process.node) else { return false };
            node.has_authority(moment) && (!was_promoted || node.epoch() == holder)
        });
        if leads.count() < 2 { Ok(()) } else { Err("both machines lead".to_owned()) }
    }
}
