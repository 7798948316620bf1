//! How events change what is offered to another centre.

use crate::event::{Event, Fact};
use crate::incident::{CallEnd, Handoff, IncidentOutcome, Offered};
use crate::record::Record;

impl Record {
    pub(super) fn apply_handoff(&mut self, event: &Event) {
        match &event.fact {
            Fact::HandoffOffered { about, to, reason } => {
                let (to, reason, offered_at) = (to.clone(), reason.clone(), event.at);
                self.set_handoff(*about, Some(Handoff { to, reason, offered_at, accepted_by: None }));
            }
            Fact::HandoffWithdrawn { about, .. } => self.set_handoff(*about, None),
            Fact::HandoffAccepted { about, to, accepted_by } => match about {
                Offered::Call(call) => {
                    if let Some(handoff) = self.call_mut(*call).and_then(|it| it.handoff.as_mut()) {
                        handoff.accepted_by = Some(accepted_by.clone());
                    }
                    self.end_call(*call, CallEnd::OtherCentre, event.at);
                }
                Offered::Incident(incident) => {
                    if let Some(handoff) = self.incident_mut(*incident).and_then(|it| it.handoff.as_mut()) {
                        handoff.accepted_by = Some(accepted_by.clone());
                    }
                    let (to, accepted_by) = (to.clone(), accepted_by.clone());
                    self.end_incident(*incident, IncidentOutcome::HandedOff { to, accepted_by }, event.at);
                }
            },
            _ => {}
        }
    }

    fn set_handoff(&mut self, about: Offered, handoff: Option<Handoff>) {
        match about {
            Offered::Call(call) => {
                if let Some(it) = self.call_mut(call) {
                    it.handoff = handoff;
                }
            }
            Offered::Incident(incident) => {
                if let Some(it) = self.incident_mut(incident) {
                    it.handoff = handoff;
                    it.version += 1;
                }
            }
        }
    }
}
