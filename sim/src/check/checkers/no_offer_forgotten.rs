//! What is offered to another centre is this centre's own until somebody records that it was taken there, and an offer that nobody takes in
//! time is somebody's to look at.

use dispatch_core::Fact;
use dispatch_core::actor::Actor;
use dispatch_core::escalation::{About, EscalationKey, EscalationKind};
use dispatch_core::incident::Offered;

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct NoOfferForgotten;

impl Checker for NoOfferForgotten {
    fn name(&self) -> &'static str {
        "no_offer_forgotten"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        match view.journal.last() {
            Some(event) if matches!(event.fact, Fact::HandoffAccepted { .. }) => match event.by {
                Actor::Person { .. } => Ok(()),
                _ => Err(format!("{} recorded that another centre took it", event.by)),
            },
            _ => Ok(()),
        }
    }

    fn moment(&mut self, view: &View<'_>) -> Result<(), String> {
        let (record, within) = (view.centre.record(), view.reference.rules.handoff_within_s);
        for (offered, since) in &view.reference.offers {
            let (ours, about) = match offered {
                Offered::Call(id) => {
                    let pending = view.reference.calls.get(id).is_some_and(|row| !row.settled);
                    (pending, About::Call(*id))
                }
                Offered::Incident(id) => {
                    let pending = view.reference.incidents.get(id).is_some_and(|row| row.open);
                    (pending, About::Incident(*id))
                }
            };
            let key = EscalationKey { kind: EscalationKind::HandoffUnaccepted, about };
            if ours && view.now >= *since + within && !record.escalations().contains_key(&key) {
                return Err(format!("{offered:?} was offered at {since}, and nobody was called"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn an_offer_that_nobody_takes_without_an_alarm_is_found() {
        for (keep_deadlines, expected) in [(true, Ok(())), (false, Err(()))] {
            let mut history = Broken::with_one_incident();
            history.offer();
            history.wait_s(61, keep_deadlines);
            assert_eq!(history.judge(&mut NoOfferForgotten).map_err(drop), expected);
        }
    }

    #[test]
    fn a_machine_that_says_that_it_was_taken_is_found() {
        let mut history = Broken::with_one_incident();
        history.offer();
        history.accept_as_a_machine();
        assert!(history.judge(&mut NoOfferForgotten).unwrap_err().contains("recorded that another centre"));
    }
}
