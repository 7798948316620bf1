//! No accepted call is without an owner: each is proposed, assigned or escalated by its deadline, at whoever leads; and when everything that
//! can rest has rested, somebody leads.

use dispatch_core::UtcTime;

use super::{Law, World};
use crate::check::checkers::{Checker, NoLostIncident, View};
use crate::faults::site::Process;

/// See the file.
#[derive(Debug)]
pub struct EveryCallIsOwned;

impl Law for EveryCallIsOwned {
    fn name(&self) -> &'static str {
        "every_call_is_owned"
    }

    fn decided_up_to(&mut self, world: &World, at: usize, now: UtcTime) -> Result<(), String> {
        let Some(process) = &world.sites[at].process else { return Ok(()) };
        let (centre, reference) = (&process.centre, &process.reference);
        NoLostIncident.moment(&View { now, centre, journal: &[], reference })
    }

    fn end(&mut self, world: &World, rested: bool) -> Result<(), String> {
        let leads = world.sites.iter().any(|site| site.process.as_ref().is_some_and(Process::decides));
        if rested && !leads {
            let states =
                world.sites.iter().map(|site| site.process.as_ref().map(|process| process.node.state()));
            return Err(format!(
                "nothing more went wrong, and nobody leads: {:?}",
                states.collect::<Vec<_>>()
            ));
        }
        Ok(())
    }
}
