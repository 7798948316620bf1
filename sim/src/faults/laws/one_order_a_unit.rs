//! Nobody is on two orders by accident: within one leader's history an order goes to a unit that has no open one.

use dispatch_core::Fact;

use super::{Law, World};
use crate::check::checkers::{Checker, NoDoubleAssignment, View};

/// See the file.
#[derive(Debug)]
pub struct OneOrderAUnit;

impl Law for OneOrderAUnit {
    fn name(&self) -> &'static str {
        "one_order_a_unit"
    }

    fn decided(&mut self, world: &World, at: usize) -> Result<(), String> {
        let Some(process) = &world.sites[at].process else { return Ok(()) };
        let last: Vec<_> = process.rows.last().map(|row| (*row.event).clone()).into_iter().collect();
        let (centre, reference) = (&process.centre, &process.reference);
        NoDoubleAssignment.event(&View { now: world.now(), centre, journal: &last, reference })
    }

    fn brought_in(&mut self, world: &World, at: usize, from: usize) -> Result<(), String> {
        let Some(process) = &world.sites[at].process else { return Ok(()) };
        for row in &process.rows[from..] {
            let Fact::UnitAssigned { unit, .. } = &row.event.fact else { continue };
            let open = process.reference.open_of(*unit);
            if open.len() > 1 {
                return Err(format!(
                    "{unit} has {} open orders after a matter came in: {open:?}",
                    open.len()
                ));
            }
        }
        Ok(())
    }
}
