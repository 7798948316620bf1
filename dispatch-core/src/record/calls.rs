//! How events change calls.

use std::sync::Arc;

use crate::event::{Event, Fact};
use crate::ids::CallId;
use crate::incident::{Call, CallEnd, Place, TextLine};
use crate::record::{Ended, Record};
use crate::time::UtcTime;

impl Record {
    pub(super) fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.calls.get_mut(&id).map(Arc::make_mut)
    }

    pub(super) fn apply_call(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallReceived { call, source, phone, text_only, place } => {
                let received = Call {
                    id: *call,
                    source: *source,
                    phone: phone.clone(),
                    text_only: *text_only,
                    place: Place::clone(place),
                    rang_at: event.at,
                    answered_at: None,
                    incident: None,
                    handoff: None,
                    entered_from_paper_at: None,
                    end: None,
                    lines: Vec::new(),
                };
                self.calls.insert(*call, Arc::new(received));
            }
            Fact::CallAnswered { call } => {
                if let Some(call) = self.call_mut(*call) {
                    call.answered_at = Some(event.at);
                }
            }
            Fact::LineWritten { call, from, text } => {
                if let Some(call) = self.call_mut(*call) {
                    call.lines.push(TextLine { at: event.at, from: *from, text: text.clone() });
                }
            }
            Fact::CallLocated { call, place } => {
                if let Some(call) = self.call_mut(*call) {
                    call.place = Place::clone(place);
                }
            }
            Fact::CallJoined { call, incident } => {
                if let Some(joined) = self.call_mut(*call) {
                    joined.incident = Some(*incident);
                }
                if let Some(incident) = self.incident_mut(*incident) {
                    incident.calls.push(*call);
                    incident.version += 1;
                }
            }
            Fact::CallParted { call, from } => {
                if let Some(parted) = self.call_mut(*call) {
                    parted.incident = None;
                    parted.end = None;
                }
                if let Some(from) = self.incident_mut(*from) {
                    from.calls.retain(|other| other != call);
                    from.version += 1;
                }
            }
            Fact::CallEnded { call, how } => self.end_call(*call, *how, event.at),
            _ => {}
        }
    }

    pub(super) fn end_call(&mut self, call: CallId, how: CallEnd, at: UtcTime) {
        let belongs = match self.call_mut(call) {
            Some(call) if call.end.is_none() => {
                call.end = Some(how);
                call.incident
            }
            _ => return,
        };
        // A call of an incident leaves the record with it.
        if belongs.is_none() {
            self.ended.insert((at, Ended::Call(call)));
        }
    }
}
