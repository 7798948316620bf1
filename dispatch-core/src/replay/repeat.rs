//! What an event of the past asks for when it is lived again.

use super::past::Drills;
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{CallId, IncidentId};
use crate::incident::Offered;

/// The command that makes a fact again; `None` for what the centre decides by itself.
pub(super) fn action(fact: &Fact) -> Option<Action> {
    of_resource(fact).or_else(|| of_call(fact)).or_else(|| of_incident(fact)).or_else(|| of_assignment(fact))
}

fn of_resource(fact: &Fact) -> Option<Action> {
    Some(match fact {
        Fact::RulesAdopted { rules } => Action::AdoptRules { rules: (**rules).clone() },
        Fact::StationRegistered { station } => Action::RegisterStation { station: (**station).clone() },
        Fact::UnitRegistered { unit } => Action::RegisterUnit { unit: (**unit).clone() },
        Fact::HospitalRegistered { hospital } => Action::RegisterHospital { hospital: (**hospital).clone() },
        Fact::CoverAdopted { zones } => Action::AdoptCover { zones: zones.clone() },
        Fact::SignedOn { unit, name, role } => {
            Action::SignOn { unit: *unit, name: name.clone(), role: *role }
        }
        Fact::SignedOff { unit, name } => Action::SignOff { unit: *unit, name: name.clone() },
        Fact::UnitPaused { unit, reason } => Action::PauseUnit { unit: *unit, reason: reason.clone() },
        Fact::UnitResumed { unit } => Action::ResumeUnit { unit: *unit },
        Fact::UnitPosted { unit, station } => Action::PostUnit { unit: *unit, station: *station },
        Fact::UnitSilent { unit, since } => Action::NoteSilence { unit: *unit, since: *since },
        Fact::UnitHeard { unit } => Action::NoteHeard { unit: *unit },
        Fact::HospitalDiverted { hospital, diversion } => {
            Action::DivertHospital { hospital: *hospital, diversion: diversion.clone() }
        }
        Fact::RoadClosed { closure } => Action::CloseRoad { closure: (**closure).clone() },
        Fact::RoadOpened { closure } => Action::OpenRoad { closure: *closure },
        _ => return None,
    })
}

fn of_call(fact: &Fact) -> Option<Action> {
    Some(match fact {
        Fact::CallReceived { call, source, phone, text_only, place } => Action::ReceiveCall {
            call: *call,
            source: *source,
            phone: phone.clone(),
            text_only: *text_only,
            place: (**place).clone(),
            text: None,
        },
        Fact::CallAnswered { call } => Action::AnswerCall { call: *call },
        Fact::CallLocated { call, place } => Action::LocateCall { call: *call, place: (**place).clone() },
        Fact::CallJoined { call, incident } => Action::JoinCall { call: *call, incident: *incident },
        Fact::CallEnded { call, how } => Action::EndCall { call: *call, how: *how },
        _ => return None,
    })
}

fn of_incident(fact: &Fact) -> Option<Action> {
    Some(match fact {
        Fact::IncidentCreated { incident, call, sketch, .. } => {
            Action::CreateIncident { incident: *incident, call: *call, sketch: sketch.clone() }
        }
        Fact::IncidentChanged { incident, change } => {
            Action::ChangeIncident { incident: *incident, version: None, change: (**change).clone() }
        }
        Fact::IncidentMerged { incident, into } => Action::MergeIncident { incident: *incident, into: *into },
        Fact::IncidentSplit { incident, .. } => Action::SplitIncident { incident: *incident },
        Fact::IncidentHeld { incident, reason, until } => {
            Action::HoldIncident { incident: *incident, reason: reason.clone(), until: *until }
        }
        Fact::IncidentWoken { incident } => Action::WakeIncident { incident: *incident },
        Fact::IncidentCancelled { incident, reason } => {
            Action::CancelIncident { incident: *incident, reason: reason.clone() }
        }
        Fact::IncidentRedirected { incident, to, reason } => {
            Action::RedirectIncident { incident: *incident, to: to.clone(), reason: reason.clone() }
        }
        Fact::UnitReserved { incident, unit } => Action::ReserveUnit { incident: *incident, unit: *unit },
        Fact::ReservationReleased { incident, .. } => Action::ReleaseUnit { incident: *incident },
        Fact::HandoffOffered { about, to, reason } => {
            Action::OfferHandoff { about: *about, to: to.clone(), reason: reason.clone() }
        }
        Fact::HandoffAccepted { about, accepted_by, .. } => {
            Action::AcceptHandoff { about: *about, accepted_by: accepted_by.clone() }
        }
        Fact::HandoffWithdrawn { about, reason } => {
            Action::WithdrawHandoff { about: *about, reason: reason.clone() }
        }
        _ => return None,
    })
}

/// Of an order that was given before the day began: it goes on as it did.
fn of_assignment(fact: &Fact) -> Option<Action> {
    Some(match fact {
        Fact::StageReported { assignment, stage, at, source, .. } => {
            Action::ReportStage { assignment: *assignment, stage: *stage, at: *at, source: *source }
        }
        Fact::StageCorrected { assignment, stage, at, reason } => {
            Action::CorrectStage { assignment: *assignment, stage: *stage, at: *at, reason: reason.clone() }
        }
        Fact::AssignmentEnded { assignment, outcome, reason, .. } if outcome.is_recall() => {
            let reason = if reason.trim().is_empty() { RECALLED.to_owned() } else { reason.clone() };
            Action::RecallUnit { assignment: *assignment, reason }
        }
        Fact::AssignmentEnded { assignment, outcome, at, reason, source } => Action::EndAssignment {
            assignment: *assignment,
            outcome: *outcome,
            at: *at,
            reason: reason.clone(),
            source: *source,
        },
        Fact::DestinationChosen { assignment, hospital, reason } => {
            Action::ChooseDestination { assignment: *assignment, hospital: *hospital, reason: reason.clone() }
        }
        _ => return None,
    })
}

impl Drills {
    /// Whether a fact is about a drill's incident or call.
    pub(super) fn has(&self, fact: &Fact) -> bool {
        let incident = |id: &IncidentId| self.incidents.contains(id);
        let call = |id: &CallId| self.calls.contains(id);
        match fact {
            Fact::CallReceived { call: id, .. }
            | Fact::CallAnswered { call: id }
            | Fact::CallLocated { call: id, .. }
            | Fact::CallEnded { call: id, .. }
            | Fact::CallEnteredFromPaper { call: id, .. }
            | Fact::CallParted { call: id, .. } => call(id),
            Fact::CallJoined { call: id, incident: into } => call(id) || incident(into),
            Fact::IncidentCreated { incident: id, .. }
            | Fact::IncidentEnteredFromPaper { incident: id, .. }
            | Fact::IncidentChanged { incident: id, .. }
            | Fact::IncidentHeld { incident: id, .. }
            | Fact::IncidentWoken { incident: id }
            | Fact::IncidentSplit { incident: id, .. }
            | Fact::IncidentRedirected { incident: id, .. }
            | Fact::UnitReserved { incident: id, .. }
            | Fact::ReservationReleased { incident: id, .. }
            | Fact::IncidentCancelled { incident: id, .. } => incident(id),
            Fact::IncidentMerged { incident: id, into } => incident(id) || incident(into),
            Fact::HandoffOffered { about, .. }
            | Fact::HandoffAccepted { about, .. }
            | Fact::HandoffWithdrawn { about, .. } => match about {
                Offered::Call(id) => call(id),
                Offered::Incident(id) => incident(id),
            },
            _ => false,
        }
    }
}

/// Why a unit was called back, where nobody said.
const RECALLED: &str = "召回 · recalled";
