//! Nobody is on two orders by accident: within one leader's history an order goes to a unit that has no open one.

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
}
