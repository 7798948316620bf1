//! Nobody is on two orders by accident: an order goes to a unit that has no open one.

use dispatch_core::Fact;

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct NoDoubleAssignment;

impl Checker for NoDoubleAssignment {
    fn name(&self) -> &'static str {
        "no_double_assignment"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        let Some(Fact::UnitAssigned { unit, .. }) = view.journal.last().map(|event| &event.fact) else {
            return Ok(());
        };
        let open = view.reference.open_of(*unit);
        if open.len() == 1 { Ok(()) } else { Err(format!("{unit} has {} open orders: {open:?}", open.len())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_second_order_is_found() {
        let mut history = Broken::with_one_order();
        assert_eq!(history.judge(&mut NoDoubleAssignment), Ok(()));
        history.order_again();
        assert!(history.judge(&mut NoDoubleAssignment).unwrap_err().contains("A01 has 2 open orders"));
    }
}
