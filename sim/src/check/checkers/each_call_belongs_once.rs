//! A call is about one incident, whatever was merged and split: the incident that the call names lists it once, and no other does.

use std::collections::BTreeMap;

use dispatch_core::Fact;
use dispatch_core::ids::{CallId, IncidentId};

use super::{Checker, View};

/// See the file.
#[derive(Debug)]
pub struct EachCallBelongsOnce;

impl Checker for EachCallBelongsOnce {
    fn name(&self) -> &'static str {
        "each_call_belongs_once"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        let moves_calls = view.journal.last().is_some_and(|event| {
            matches!(
                event.fact,
                Fact::IncidentCreated { .. }
                    | Fact::IncidentEnteredFromPaper { .. }
                    | Fact::CallJoined { .. }
                    | Fact::CallParted { .. }
                    | Fact::IncidentMerged { .. }
                    | Fact::IncidentSplit { .. }
            )
        });
        if !moves_calls {
            return Ok(());
        }
        let record = view.centre.record();
        let mut listed: BTreeMap<CallId, IncidentId> = BTreeMap::new();
        for incident in record.incidents().values() {
            for call in &incident.calls {
                if let Some(other) = listed.insert(*call, incident.id) {
                    return Err(format!("{call} belongs to {other} and to {}", incident.id));
                }
            }
        }
        for call in record.calls().values() {
            if call.incident != listed.get(&call.id).copied() {
                return Err(format!(
                    "{} names {:?} and is listed by {:?}",
                    call.id,
                    call.incident,
                    listed.get(&call.id)
                ));
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
    fn a_call_of_two_incidents_is_found() {
        let mut history = Broken::with_one_incident();
        assert_eq!(history.judge(&mut EachCallBelongsOnce), Ok(()));
        history.join_the_call_twice();
        assert!(history.judge(&mut EachCallBelongsOnce).unwrap_err().contains("belongs to"));
    }
}
