//! Every order is delivered, acknowledged and driven in its time, or somebody is called: ten seconds, thirty seconds, two and three
//! minutes by the rules in force.

use dispatch_core::assignment::Stage;
use dispatch_core::escalation::{About, EscalationKey, EscalationKind};

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct EveryOrderAnsweredOrEscalated;

impl Checker for EveryOrderAnsweredOrEscalated {
    fn name(&self) -> &'static str {
        "every_order_answered_or_escalated"
    }

    fn moment(&mut self, view: &View<'_>) -> Result<(), String> {
        let (rules, standing) = (&view.reference.rules, view.centre.record().escalations());
        for (id, row) in view.reference.assignments.iter().filter(|(_, row)| row.end.is_none()) {
            let late = |within| view.now >= row.ordered_at + within;
            let called = |kind| standing.contains_key(&EscalationKey { kind, about: About::Assignment(*id) });
            let waits = row.stage == Stage::Ordered;
            let stands = row.stage < Stage::Rolling;
            for (applies, within, kind) in [
                (waits && !row.delivered, rules.deliver_within_s, EscalationKind::NotDelivered),
                (waits, rules.acknowledge_within_s, EscalationKind::NotAcknowledged),
                (stands, rules.roll_within_s, EscalationKind::NotRolling),
            ] {
                if applies && late(within) && !called(kind) {
                    return Err(format!(
                        "{id} was ordered at {}, it is {}, and {kind:?} was not raised",
                        row.ordered_at, view.now
                    ));
                }
            }
            let amber = stands && late(rules.roll_warn_s) && !late(rules.roll_within_s);
            if amber && !called(EscalationKind::RollSlow) {
                return Err(format!("{id} was ordered at {}, and amber was not raised", row.ordered_at));
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
    fn a_silent_crew_without_an_alarm_is_found() {
        let mut history = Broken::with_one_order();
        history.wait_s(9, false);
        assert_eq!(history.judge(&mut EveryOrderAnsweredOrEscalated), Ok(()));
        history.wait_s(240, true);
        assert_eq!(history.judge(&mut EveryOrderAnsweredOrEscalated), Ok(()), "deadlines were kept");
        for (s, kind) in [(11, "NotDelivered"), (31, "NotDelivered")] {
            let mut history = Broken::with_one_order();
            history.wait_s(s, false);
            assert!(history.judge(&mut EveryOrderAnsweredOrEscalated).unwrap_err().contains(kind));
        }
        for (s, kind) in [(31, "NotAcknowledged"), (125, "NotAcknowledged")] {
            let mut history = Broken::with_one_order();
            history.deliver();
            history.wait_s(s, false);
            assert!(history.judge(&mut EveryOrderAnsweredOrEscalated).unwrap_err().contains(kind));
        }
        for (s, word) in [(125, "amber"), (181, "NotRolling")] {
            let mut history = Broken::with_one_order();
            history.acknowledge();
            history.wait_s(s, false);
            assert!(history.judge(&mut EveryOrderAnsweredOrEscalated).unwrap_err().contains(word), "{s} s");
        }
    }
}
