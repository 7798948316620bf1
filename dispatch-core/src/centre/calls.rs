//! Decisions about calls.

use std::sync::Arc;

use super::{Decision, DispatchCentre};
use crate::actor::Actor;
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{CallId, IncidentId};
use crate::incident::{Call, CallState, IncidentSketch, Speaker};
use crate::refusal::Refusal;
use crate::time::UtcTime;

/// The longest telephone number, in characters.
pub(super) const PHONE_CHARS_MAX: usize = 32;

impl DispatchCentre {
    pub(super) fn call(&self, call: CallId) -> Result<&Call, Refusal> {
        self.record.call(call).ok_or(Refusal::UnknownCall { call })
    }

    pub(super) fn decide_call(&self, action: &Action, by: &Actor, now: UtcTime) -> Decision {
        match action {
            Action::ReceiveCall { .. } => self.receive(action),
            Action::AnswerCall { call } => {
                expect(self.call(*call)?, &[CallState::Ringing], "somebody has taken it already")?;
                Ok(vec![Fact::CallAnswered { call: *call }])
            }
            Action::WriteLine { call, from, text } => {
                check_line(text)?;
                let it = self.call(*call)?;
                if it.end.is_some() {
                    return Err(Refusal::CallState { state: "ended", expected: "start a new one" });
                }
                if it.lines.len() >= Call::LINES_MAX {
                    return Err(Refusal::TooMany {
                        what: "lines in one text call",
                        count_max: Call::LINES_MAX,
                    });
                }
                if (*from == Speaker::Caller) != (*by == Actor::Caller) {
                    return Err(Refusal::NotAllowed {
                        what: "a line is written under the writer's own name",
                    });
                }
                Ok(vec![Fact::LineWritten { call: *call, from: *from, text: text.clone() }])
            }
            Action::LocateCall { call, place } => {
                place.check()?;
                self.call(*call)?;
                Ok(vec![Fact::CallLocated { call: *call, place: Box::new(place.clone()) }])
            }
            Action::JoinCall { call, incident } => {
                let it = self.call(*call)?;
                expect(it, &[CallState::Ringing, CallState::Answered], "it belongs to an incident already")?;
                self.open_incident(*incident)?;
                let mut facts = Vec::new();
                if it.answered_at.is_none() {
                    facts.push(Fact::CallAnswered { call: *call });
                }
                facts.push(Fact::CallJoined { call: *call, incident: *incident });
                Ok(facts)
            }
            Action::SplitCall { call, incident, sketch } => self.split_call(*call, *incident, sketch, now),
            Action::EndCall { call, how } => {
                let it = self.call(*call)?;
                let open = [CallState::Ringing, CallState::Answered];
                expect(it, &open, "a call that led to an incident ends with it")?;
                Ok(vec![Fact::CallEnded { call: *call, how: *how }])
            }
            Action::RevealCaller { call } => {
                self.call(*call)?;
                Ok(vec![Fact::CallerRevealed { call: *call }])
            }
            _ => unreachable!("only actions about calls are sent here"),
        }
    }
}

impl DispatchCentre {
    /// The call leaves its incident, which goes on, and makes one of its own.
    fn split_call(
        &self,
        call: CallId,
        incident: IncidentId,
        sketch: &Arc<IncidentSketch>,
        now: UtcTime,
    ) -> Decision {
        let Some(from) = self.call(call)?.incident else {
            return Err(Refusal::CallState {
                state: "no incident's",
                expected: "create an incident from it",
            });
        };
        let mut facts = vec![Fact::CallParted { call, from }];
        facts.push(self.new_incident(incident, Some(call), sketch, now)?);
        facts.extend(self.put_aside_until_its_time(incident, sketch, now)?);
        Ok(facts)
    }

    fn receive(&self, action: &Action) -> Decision {
        let Action::ReceiveCall { call, source, phone, text_only, place, text } = action else {
            return Ok(Vec::new());
        };
        if self.record.call(*call).is_some() {
            return Err(Refusal::IdInUse { id: call.to_string() });
        }
        if phone.reveal().chars().count() > PHONE_CHARS_MAX {
            return Err(Refusal::TooLong { chars_max: PHONE_CHARS_MAX });
        }
        place.check()?;
        let mut facts = vec![Fact::CallReceived {
            call: *call,
            source: *source,
            phone: phone.clone(),
            text_only: *text_only,
            place: Box::new(place.clone()),
        }];
        if let Some(text) = text {
            check_line(text)?;
            facts.push(Fact::LineWritten { call: *call, from: Speaker::Caller, text: text.clone() });
        }
        Ok(facts)
    }
}

pub(super) fn expect(call: &Call, states: &[CallState], expected: &'static str) -> Result<(), Refusal> {
    let state = call.state();
    if states.contains(&state) {
        return Ok(());
    }
    let state = match state {
        CallState::Ringing => "ringing",
        CallState::Answered => "answered",
        CallState::Taken => "taken",
        CallState::Ended => "ended",
    };
    Err(Refusal::CallState { state, expected })
}

fn check_line(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Empty { what: "a line" });
    }
    if text.chars().count() > Call::LINE_CHARS_MAX {
        return Err(Refusal::TooLong { chars_max: Call::LINE_CHARS_MAX });
    }
    Ok(())
}
