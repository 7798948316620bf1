//! A unit that a booked run keeps is sent nowhere else, from when the run enters the queue until it has its units, ends, or lets it go.

use dispatch_core::Fact;

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct AReservedUnitIsKept;

impl Checker for AReservedUnitIsKept {
    fn name(&self) -> &'static str {
        "a_reserved_unit_is_kept"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        let Some(Fact::UnitAssigned { unit, incident, .. }) = view.journal.last().map(|event| &event.fact)
        else {
            return Ok(());
        };
        let lead = view.reference.rules.scheduled_lead_s;
        let kept_elsewhere = view.reference.reservations.iter().find(|(run, (kept, at))| {
            let waits = view.reference.incidents.get(*run).is_some_and(|row| row.open)
                && view.reference.lacks(**run) > 0;
            waits && *kept == *unit && *run != incident && *at - lead <= view.now
        });
        match kept_elsewhere {
            None => Ok(()),
            Some((run, (_, at))) => Err(format!("{unit} is kept for {run} at {at} and went to {incident}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_reserved_unit_that_goes_elsewhere_is_found() {
        let mut history = Broken::with_one_order();
        assert_eq!(history.judge(&mut AReservedUnitIsKept), Ok(()));
        history.send_the_unit_that_another_keeps();
        assert!(history.judge(&mut AReservedUnitIsKept).unwrap_err().contains("is kept for"));
    }
}
