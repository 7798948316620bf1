//! Which texts of a fact are somebody's personal data. The structures are taken apart field by field, and every fact has its line:
//! what is new must be thought about here before it compiles.

use std::sync::Arc;

use super::Subject;
use crate::accident::{AccidentChange, CasualtyNote};
use crate::event::Fact;
use crate::incident::{Call, IncidentChange, IncidentSketch, Patient, Place};
use crate::patient::{Findings, PatientEntry};

/// Whose personal data a fact can hold, if anybody's.
pub fn subject(fact: &Fact) -> Option<Subject> {
    match fact {
        Fact::CallReceived { call, .. }
        | Fact::LineWritten { call, .. }
        | Fact::CallLocated { call, .. }
        | Fact::CallEnteredFromPaper { call, .. } => Some(Subject::Call(*call)),
        Fact::IncidentCreated { incident, .. }
        | Fact::IncidentChanged { incident, .. }
        | Fact::IncidentEnteredFromPaper { incident, .. }
        | Fact::PatientCharted { incident, .. } => Some(Subject::Incident(*incident)),
        Fact::AccidentChanged { accident, .. } => Some(Subject::Accident(*accident)),
        Fact::RulesAdopted { .. }
        | Fact::StationRegistered { .. }
        | Fact::UnitRegistered { .. }
        | Fact::HospitalRegistered { .. }
        | Fact::CoverAdopted { .. }
        | Fact::EventsBroughtIn { .. }
        | Fact::CallAnswered { .. }
        | Fact::CallJoined { .. }
        | Fact::CallParted { .. }
        | Fact::CallEnded { .. }
        | Fact::CallerRevealed { .. }
        | Fact::IncidentMerged { .. }
        | Fact::IncidentSplit { .. }
        | Fact::IncidentHeld { .. }
        | Fact::IncidentWoken { .. }
        | Fact::IncidentCancelled { .. }
        | Fact::UnitReserved { .. }
        | Fact::ReservationReleased { .. }
        | Fact::IncidentRedirected { .. }
        | Fact::HandoffOffered { .. }
        | Fact::HandoffAccepted { .. }
        | Fact::HandoffWithdrawn { .. }
        | Fact::IncidentDone { .. }
        | Fact::AccidentDeclared { .. }
        | Fact::AccidentClosed { .. }
        | Fact::ProposalMade { .. }
        | Fact::UnitAssigned { .. }
        | Fact::StageReported { .. }
        | Fact::StageCorrected { .. }
        | Fact::AssignmentEnded { .. }
        | Fact::DestinationChosen { .. }
        | Fact::ArrivalAcknowledged { .. }
        | Fact::CrewMessaged { .. }
        | Fact::SignedOn { .. }
        | Fact::SignedOff { .. }
        | Fact::UnitPaused { .. }
        | Fact::UnitResumed { .. }
        | Fact::MoveUpAdvised { .. }
        | Fact::MoveUpDeclined { .. }
        | Fact::UnitPosted { .. }
        | Fact::UnitSilent { .. }
        | Fact::UnitHeard { .. }
        | Fact::HospitalDiverted { .. }
        | Fact::RoadClosed { .. }
        | Fact::RoadOpened { .. }
        | Fact::EffectDelivered { .. }
        | Fact::EscalationRaised { .. }
        | Fact::EscalationAcknowledged { .. }
        | Fact::PersonalDataErased { .. } => None,
    }
}

/// Gives every personal text of a fact to `each`, always in the same order.
pub fn texts(fact: &mut Fact, each: &mut dyn FnMut(&mut String)) {
    match fact {
        Fact::CallReceived { phone, place, .. } => {
            each(phone.text_mut());
            of_place(place, each);
        }
        Fact::CallEnteredFromPaper { paper, .. } => {
            each(paper.phone.text_mut());
            of_place(&mut paper.place, each);
        }
        Fact::LineWritten { text, .. } => each(text),
        Fact::CallLocated { place, .. } => of_place(place, each),
        Fact::IncidentCreated { sketch, .. } | Fact::IncidentEnteredFromPaper { sketch, .. } => {
            of_sketch(Arc::make_mut(sketch), each);
        }
        Fact::IncidentChanged { change, .. } => of_change(change, each),
        Fact::PatientCharted { entry, .. } => match entry.as_mut() {
            PatientEntry::Findings(findings) => of_findings(findings, each),
            PatientEntry::File(card) => each(card.key.text_mut()),
            PatientEntry::Vitals(_) | PatientEntry::Score(_) | PatientEntry::Alert(_) => {}
        },
        Fact::AccidentChanged { change, .. } => match change.as_mut() {
            AccidentChange::Noted { note, .. } => {
                if let Some(note) = note {
                    of_note(note, each);
                }
            }
            AccidentChange::Described { .. }
            | AccidentChange::SceneAdded { .. }
            | AccidentChange::SceneRemoved { .. }
            | AccidentChange::Found { .. }
            | AccidentChange::Struck { .. }
            | AccidentChange::BedsOffered { .. }
            | AccidentChange::BedsKept { .. }
            | AccidentChange::BedsFreed { .. }
            | AccidentChange::Loaded { .. }
            | AccidentChange::Unloaded { .. }
            | AccidentChange::Arrived { .. }
            | AccidentChange::Released { .. }
            | AccidentChange::Restored { .. } => {}
        },
        // [`subject`] names no other.
        _ => {}
    }
}

/// The same for a call in the record.
pub(crate) fn of_call(call: &mut Call, each: &mut dyn FnMut(&mut String)) {
    each(call.phone.text_mut());
    of_place(&mut call.place, each);
    for line in &mut call.lines {
        each(&mut line.text);
    }
}

/// The same for what is known of an incident.
pub(crate) fn of_sketch(sketch: &mut IncidentSketch, each: &mut dyn FnMut(&mut String)) {
    let IncidentSketch {
        kind: _,
        complaint,
        triage: _,
        place,
        patients,
        needs: _,
        notes,
        wish: _,
        text_only: _,
        test: _,
        scheduled_at: _,
    } = sketch;
    each(complaint);
    of_place(place, each);
    of_patients(patients, each);
    each(notes);
}

/// The same for what is known of a casualty.
pub(crate) fn of_note(note: &mut CasualtyNote, each: &mut dyn FnMut(&mut String)) {
    let CasualtyNote { name, sex: _, age_years: _, skills: _, injury } = note;
    each(name.text_mut());
    each(injury);
}

/// The same for what a crew found of a patient.
pub(crate) fn of_findings(findings: &mut Findings, each: &mut dyn FnMut(&mut String)) {
    let Findings { name, sex: _, age_years: _, severity: _, complaint, history, judgement, measures } =
        findings;
    each(name.text_mut());
    each(complaint);
    each(history);
    each(judgement);
    each(measures);
}

fn of_change(change: &mut IncidentChange, each: &mut dyn FnMut(&mut String)) {
    let IncidentChange { complaint, triage: _, place, patients, needs: _, notes, wish: _ } = change;
    if let Some(complaint) = complaint {
        each(complaint);
    }
    if let Some(place) = place {
        of_place(place, each);
    }
    if let Some(patients) = patients {
        of_patients(patients, each);
    }
    if let Some(notes) = notes {
        each(notes);
    }
}

fn of_patients(patients: &mut [Patient], each: &mut dyn FnMut(&mut String)) {
    for Patient { name, sex: _, age_years: _ } in patients {
        each(name.text_mut());
    }
}

fn of_place(place: &mut Place, each: &mut dyn FnMut(&mut String)) {
    let Place { position: _, address, waiting_place, district: _, area: _ } = place;
    each(address);
    each(waiting_place);
}
