//! The word of each fact and what it names.

use dispatch_core::Fact;
use dispatch_core::accident::AccidentChange;
use dispatch_core::erasure::Subject;
use dispatch_core::escalation::{About, EscalationKey};
use dispatch_core::incident::Offered;

use super::changed::Touched;

/// What a fact names, filled in one resource at a time.
macro_rules! touched {
    ($($field:ident: $id:expr),* $(,)?) => {{
        let mut touched = Touched::default();
        $(touched.$field.extend($id);)*
        touched
    }};
}

/// The fact's word, the type of its frame, and what it names.
pub(super) fn described(fact: &Fact) -> (&'static str, Touched) {
    use Fact as F;
    match fact {
        F::RulesAdopted { .. } => ("rules_adopted", Touched::default()),
        F::StationRegistered { .. } => ("station_registered", Touched::default()),
        F::UnitRegistered { unit } => ("unit_registered", touched! { units: [unit.id] }),
        F::HospitalRegistered { hospital } => ("hospital_registered", touched! { hospitals: [hospital.id] }),
        F::CoverAdopted { .. } => ("cover_adopted", Touched::default()),
        F::CallReceived { call, .. } => ("call_received", touched! { calls: [*call] }),
        F::CallEnteredFromPaper { call, .. } => ("call_entered_from_paper", touched! { calls: [*call] }),
        F::CallAnswered { call } => ("call_answered", touched! { calls: [*call] }),
        F::LineWritten { call, .. } => ("line_written", touched! { calls: [*call] }),
        F::CallLocated { call, .. } => ("call_located", touched! { calls: [*call] }),
        F::CallParted { call, from } => ("call_parted", touched! { calls: [*call], incidents: [*from] }),
        F::CallEnded { call, .. } => ("call_ended", touched! { calls: [*call] }),
        F::CallerRevealed { call } => ("caller_revealed", touched! { calls: [*call] }),
        F::CallJoined { .. }
        | F::IncidentCreated { .. }
        | F::IncidentEnteredFromPaper { .. }
        | F::IncidentChanged { .. }
        | F::IncidentMerged { .. }
        | F::IncidentSplit { .. }
        | F::IncidentHeld { .. }
        | F::IncidentWoken { .. }
        | F::IncidentCancelled { .. }
        | F::UnitReserved { .. }
        | F::ReservationReleased { .. }
        | F::IncidentRedirected { .. }
        | F::HandoffOffered { .. }
        | F::HandoffAccepted { .. }
        | F::HandoffWithdrawn { .. }
        | F::IncidentDone { .. }
        | F::AccidentDeclared { .. }
        | F::AccidentChanged { .. }
        | F::AccidentClosed { .. }
        | F::EventsBroughtIn { .. } => of_an_incident(fact),
        F::ProposalMade { proposal } => {
            ("proposal_made", touched! { proposals: [proposal.id], incidents: [proposal.inputs.incident] })
        }
        F::UnitAssigned { assignment, incident, unit, .. } => {
            ("unit_assigned", touched! { assignments: [*assignment], incidents: [*incident], units: [*unit] })
        }
        F::StageReported { .. }
        | F::StageCorrected { .. }
        | F::AssignmentEnded { .. }
        | F::DestinationChosen { .. }
        | F::ArrivalAcknowledged { .. }
        | F::PatientCharted { .. } => of_an_assignment(fact),
        F::CrewMessaged { unit, .. } => ("crew_messaged", touched! { units: [*unit] }),
        F::SignedOn { unit, .. } => ("signed_on", touched! { units: [*unit] }),
        F::SignedOff { unit, .. } => ("signed_off", touched! { units: [*unit] }),
        F::UnitPaused { unit, .. } => ("unit_paused", touched! { units: [*unit] }),
        F::UnitResumed { unit } => ("unit_resumed", touched! { units: [*unit] }),
        F::MoveUpAdvised { advice } => ("move_up_advised", touched! { units: [advice.unit] }),
        F::MoveUpDeclined { unit } => ("move_up_declined", touched! { units: [*unit] }),
        F::UnitPosted { unit, .. } => ("unit_posted", touched! { units: [*unit] }),
        F::UnitSilent { unit, .. } => ("unit_silent", touched! { units: [*unit] }),
        F::UnitHeard { unit } => ("unit_heard", touched! { units: [*unit] }),
        F::HospitalDiverted { hospital, .. } => ("hospital_diverted", touched! { hospitals: [*hospital] }),
        F::RoadClosed { closure } => ("road_closed", touched! { closures: [closure.id] }),
        F::RoadOpened { closure } => ("road_opened", touched! { closures: [*closure] }),
        F::EffectDelivered { .. } => ("effect_delivered", Touched::default()),
        F::EscalationRaised { escalation } => ("escalation_raised", about(*escalation)),
        F::EscalationAcknowledged { escalation } => ("escalation_acknowledged", about(*escalation)),
        F::PersonalDataErased { subjects, .. } => ("personal_data_erased", erased(subjects)),
    }
}

fn erased(subjects: &[Subject]) -> Touched {
    let mut touched = Touched::default();
    for subject in subjects {
        match subject {
            Subject::Call(id) => touched.calls.extend([*id]),
            Subject::Incident(id) => touched.incidents.extend([*id]),
            Subject::Accident(id) => touched.accidents.extend([*id]),
        }
    }
    touched
}

/// The same for what happens on an assignment.
fn of_an_assignment(fact: &Fact) -> (&'static str, Touched) {
    use Fact as F;
    match fact {
        F::StageReported { assignment, .. } => ("stage_reported", touched! { assignments: [*assignment] }),
        F::StageCorrected { assignment, .. } => ("stage_corrected", touched! { assignments: [*assignment] }),
        F::AssignmentEnded { assignment, .. } => {
            ("assignment_ended", touched! { assignments: [*assignment] })
        }
        F::DestinationChosen { assignment, hospital, .. } => {
            ("destination_chosen", touched! { assignments: [*assignment], hospitals: [*hospital] })
        }
        F::ArrivalAcknowledged { assignment } => {
            ("arrival_acknowledged", touched! { assignments: [*assignment] })
        }
        F::PatientCharted { assignment, .. } => ("patient_charted", touched! { assignments: [*assignment] }),
        _ => unreachable!("only what happens on an assignment is sent here"),
    }
}

/// The same for what happens to incidents and accidents.
fn of_an_incident(fact: &Fact) -> (&'static str, Touched) {
    use Fact as F;
    match fact {
        F::CallJoined { call, incident } => {
            ("call_joined", touched! { calls: [*call], incidents: [*incident] })
        }
        F::IncidentCreated { incident, call, .. } => {
            ("incident_created", touched! { incidents: [*incident], calls: *call })
        }
        F::IncidentEnteredFromPaper { incident, call, paper, .. } => {
            let assignments = paper.runs.iter().map(|run| run.assignment);
            (
                "incident_entered_from_paper",
                touched! { incidents: [*incident], calls: [*call], assignments: assignments },
            )
        }
        F::EventsBroughtIn { calls, incidents, .. } => {
            let (calls, incidents) = (calls.iter().copied(), incidents.iter().copied());
            ("events_brought_in", touched! { calls: calls, incidents: incidents })
        }
        F::IncidentChanged { incident, .. } => ("incident_changed", touched! { incidents: [*incident] }),
        F::IncidentMerged { incident, into } => {
            ("incident_merged", touched! { incidents: [*incident, *into] })
        }
        F::IncidentSplit { incident, from } => ("incident_split", touched! { incidents: [*incident, *from] }),
        F::IncidentHeld { incident, .. } => ("incident_held", touched! { incidents: [*incident] }),
        F::IncidentWoken { incident } => ("incident_woken", touched! { incidents: [*incident] }),
        F::IncidentCancelled { incident, .. } => ("incident_cancelled", touched! { incidents: [*incident] }),
        F::UnitReserved { incident, unit } => {
            ("unit_reserved", touched! { incidents: [*incident], units: [*unit] })
        }
        F::ReservationReleased { incident, unit } => {
            ("reservation_released", touched! { incidents: [*incident], units: [*unit] })
        }
        F::IncidentRedirected { incident, .. } => {
            ("incident_redirected", touched! { incidents: [*incident] })
        }
        F::HandoffOffered { about, .. } => ("handoff_offered", offered(*about)),
        F::HandoffAccepted { about, .. } => ("handoff_accepted", offered(*about)),
        F::HandoffWithdrawn { about, .. } => ("handoff_withdrawn", offered(*about)),
        F::IncidentDone { incident } => ("incident_done", touched! { incidents: [*incident] }),
        F::AccidentDeclared { accident, scenes, .. } => {
            ("accident_declared", touched! { accidents: [*accident], incidents: scenes.iter().copied() })
        }
        F::AccidentChanged { accident, change } => {
            let scene = match change.as_ref() {
                AccidentChange::SceneAdded { incident } | AccidentChange::SceneRemoved { incident } => {
                    Some(*incident)
                }
                _ => None,
            };
            ("accident_changed", touched! { accidents: [*accident], incidents: scene })
        }
        F::AccidentClosed { accident, .. } => ("accident_closed", touched! { accidents: [*accident] }),
        _ => unreachable!("only facts of incidents and accidents are sent here"),
    }
}

fn offered(about: Offered) -> Touched {
    match about {
        Offered::Call(id) => touched! { calls: [id] },
        Offered::Incident(id) => touched! { incidents: [id] },
    }
}

fn about(escalation: EscalationKey) -> Touched {
    match escalation.about {
        About::Call(id) => touched! { calls: [id] },
        About::Incident(id) => touched! { incidents: [id] },
        About::Assignment(id) => touched! { assignments: [id] },
        About::Unit(id) => touched! { units: [id] },
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_word_is_the_journals_own() {
        let call = dispatch_core::ids::CallId::new(Uuid::nil());
        let incident = dispatch_core::ids::IncidentId::new(Uuid::nil());
        for fact in [
            Fact::CallAnswered { call },
            Fact::CallJoined { call, incident },
            Fact::IncidentWoken { incident },
            Fact::UnitResumed { unit: "A12".parse().unwrap() },
            Fact::HospitalDiverted { hospital: "H01".parse().unwrap(), diversion: None },
        ] {
            let written = serde_json::to_value(&fact).unwrap();
            assert_eq!(written["fact"], described(&fact).0);
        }
    }
}
