//! Two machines never lead at once, islands aside, and no two leaderships have the same epoch.

use dispatch_core::journal::Epoch;

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
        let leads = world.sites.iter().filter(|site| {
            let moment = site.moment(world.elapsed_us);
            site.process.as_ref().is_some_and(|process| process.node.has_authority(moment))
        });
        if leads.count() < 2 { Ok(()) } else { Err("both machines lead".to_owned()) }
    }
}
