//! No call and no incident is ever without an owner: each is answered, taken, proposed, assigned or put aside, or somebody was called to
//! look at it before its deadline; and the record holds every one that goes on.

use dispatch_core::escalation::{About, EscalationKey, EscalationKind};
use dispatch_core::{Span, UtcTime};

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct NoLostIncident;

impl Checker for NoLostIncident {
    fn name(&self) -> &'static str {
        "no_lost_incident"
    }

    fn moment(&mut self, view: &View<'_>) -> Result<(), String> {
        let (rules, record) = (&view.reference.rules, view.centre.record());
        for (id, row) in view.reference.calls.iter().filter(|(_, row)| !row.settled) {
            if record.call(*id).is_none() {
                return Err(format!("{id} goes on and is not in the record"));
            }
            let about = About::Call(*id);
            let (since, within, kind) = match row.answered_at {
                None => (row.rang_at, rules.answer_within_s, EscalationKind::CallUnanswered),
                Some(at) => (at, rules.take_within_s, EscalationKind::CallUnowned),
            };
            owned(view, EscalationKey { kind, about }, since, within)?;
        }
        for (id, row) in view.reference.incidents.iter().filter(|(_, row)| row.open) {
            if record.incident(*id).is_none_or(|it| !it.is_open()) {
                return Err(format!("{id} goes on and is not open in the record"));
            }
            if let Some(since) = row.short_since {
                let key = EscalationKey { kind: EscalationKind::NotAssigned, about: About::Incident(*id) };
                owned(view, key, since, rules.assign_within_s)?;
            } else if !row.held
                && !view.reference.assignments.values().any(|a| a.incident == *id && a.end.is_none())
            {
                return Err(format!("{id} wants no unit, has none, and did not end"));
            }
        }
        let open = record.open_incidents().count();
        let expected = view.reference.incidents.values().filter(|row| row.open).count();
        if open == expected {
            Ok(())
        } else {
            Err(format!("{open} incidents are open in the record, {expected} should be"))
        }
    }
}

/// Within its time, or somebody was called.
fn owned(view: &View<'_>, by: EscalationKey, since: UtcTime, within: Span) -> Result<(), String> {
    if view.now < since + within || view.centre.record().escalations().contains_key(&by) {
        return Ok(());
    }
    Err(format!("{:?} has waited since {since}, it is {}, and nobody was called", by.about, view.now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_call_that_nobody_answers_and_an_incident_that_nobody_serves_are_found() {
        for mut history in [Broken::with_one_call(), Broken::with_one_incident()] {
            history.wait_s(5, false);
            assert_eq!(history.judge(&mut NoLostIncident), Ok(()));
            history.wait_s(70, true);
            assert_eq!(history.judge(&mut NoLostIncident), Ok(()), "deadlines were kept");
        }
        for mut history in [Broken::with_one_call(), Broken::with_one_incident()] {
            history.wait_s(75, false);
            assert!(history.judge(&mut NoLostIncident).unwrap_err().contains("nobody was called"));
        }
    }

    #[test]
    fn an_incident_that_fell_out_of_the_record_is_found() {
        let mut history = Broken::with_one_incident();
        history.lose_the_record();
        assert!(history.judge(&mut NoLostIncident).unwrap_err().contains("not open in the record"));
    }
}
