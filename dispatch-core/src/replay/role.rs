//! What part each kind of event plays when a day is lived again: what came from outside happens as it did, what people asked for is
//! asked again, and what the centre decided is decided anew.

use crate::actor::Actor;
use crate::event::{Event, Fact};

/// The part that an event plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It came from outside: it happens whatever the centre decides.
    Outside,
    /// People asked for it: whether it still has a sense is asked again.
    Asked,
    /// The centre decided it, or a crew did it on an order: the model has its own.
    Own,
    /// Several incidents are led as one: they want their units.
    Scenes,
    /// It was led on paper beside the centre: it is on record as it was.
    Paper,
    /// Words and confirmations that no decision rests on.
    Words,
}

/// The part that an event plays.
pub(super) fn role(event: &Event) -> Role {
    match &event.fact {
        Fact::RulesAdopted { .. }
        | Fact::StationRegistered { .. }
        | Fact::UnitRegistered { .. }
        | Fact::HospitalRegistered { .. }
        | Fact::CoverAdopted { .. }
        | Fact::CallReceived { .. }
        | Fact::CallAnswered { .. }
        | Fact::CallLocated { .. }
        | Fact::CallJoined { .. }
        | Fact::CallParted { .. }
        | Fact::CallEnded { .. }
        | Fact::IncidentCreated { .. }
        | Fact::IncidentChanged { .. }
        | Fact::SignedOn { .. }
        | Fact::SignedOff { .. }
        | Fact::UnitPaused { .. }
        | Fact::UnitResumed { .. }
        | Fact::UnitSilent { .. }
        | Fact::UnitHeard { .. }
        | Fact::HospitalDiverted { .. }
        | Fact::RoadClosed { .. }
        | Fact::RoadOpened { .. } => Role::Outside,
        Fact::IncidentMerged { .. }
        | Fact::IncidentHeld { .. }
        | Fact::IncidentWoken { .. }
        | Fact::IncidentSplit { .. }
        | Fact::IncidentRedirected { .. }
        | Fact::HandoffOffered { .. }
        | Fact::HandoffAccepted { .. }
        | Fact::HandoffWithdrawn { .. }
        | Fact::UnitReserved { .. }
        | Fact::ReservationReleased { .. }
        | Fact::IncidentCancelled { .. } => Role::Asked,
        // Where a person posts a unit is the person's word; where a policy posts one is the policy's.
        Fact::UnitPosted { .. } if matches!(event.by, Actor::Person { .. }) => Role::Asked,
        Fact::UnitPosted { .. }
        | Fact::IncidentDone { .. }
        | Fact::ProposalMade { .. }
        | Fact::UnitAssigned { .. }
        | Fact::StageReported { .. }
        | Fact::StageCorrected { .. }
        | Fact::AssignmentEnded { .. }
        | Fact::DestinationChosen { .. }
        | Fact::PatientCharted { .. }
        | Fact::ArrivalAcknowledged { .. } => Role::Own,
        Fact::AccidentDeclared { .. } | Fact::AccidentChanged { .. } => Role::Scenes,
        Fact::CallEnteredFromPaper { .. } | Fact::IncidentEnteredFromPaper { .. } => Role::Paper,
        Fact::AccidentClosed { .. }
        | Fact::LineWritten { .. }
        | Fact::CallerRevealed { .. }
        | Fact::CrewMessaged { .. }
        | Fact::MoveUpAdvised { .. }
        | Fact::MoveUpDeclined { .. }
        | Fact::EffectDelivered { .. }
        | Fact::EscalationRaised { .. }
        | Fact::EscalationAcknowledged { .. }
        | Fact::EventsBroughtIn { .. }
        | Fact::PersonalDataErased { .. } => Role::Words,
    }
}
