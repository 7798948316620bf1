//! Decides on erasing personal data: only of what has ended, only by a person, and always with a reason on record.

use super::{Decision, DispatchCentre, check_text};
use crate::accident::Accident;
use crate::actor::Actor;
use crate::erasure::{SUBJECTS_MAX, Subject};
use crate::event::Fact;
use crate::incident::{CallState, Incident};
use crate::refusal::Refusal;

impl DispatchCentre {
    /// What left the record long ago has ended: only what is still in it can go on.
    pub(super) fn decide_erasure(&self, subjects: &[Subject], reason: &str, by: &Actor) -> Decision {
        check_text("the reason", reason)?;
        if subjects.is_empty() {
            return Err(Refusal::Empty { what: "what is to be erased" });
        }
        if subjects.len() > SUBJECTS_MAX {
            return Err(Refusal::TooMany { what: "subjects of one erasure", count_max: SUBJECTS_MAX });
        }
        if !matches!(by, Actor::Person { .. }) {
            return Err(Refusal::NotAllowed { what: "personal data are erased by a person at a seat" });
        }
        if subjects.iter().any(|subject| self.is_unfinished(*subject)) {
            return Err(Refusal::NotAllowed {
                what: "what goes on keeps its data: erase it once it has ended",
            });
        }
        Ok(vec![Fact::PersonalDataErased { subjects: subjects.to_vec(), reason: reason.to_owned() }])
    }

    fn is_unfinished(&self, subject: Subject) -> bool {
        let record = &self.record;
        match subject {
            Subject::Call(id) => record.call(id).is_some_and(|call| {
                let incident = call.incident.and_then(|incident| record.incident(incident));
                incident.map_or(call.state() != CallState::Ended, Incident::is_open)
            }),
            Subject::Incident(id) => record.incident(id).is_some_and(Incident::is_open),
            Subject::Accident(id) => record.accident(id).is_some_and(Accident::is_open),
        }
    }
}
