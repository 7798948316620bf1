//! Units about to be free at hospital: named in the proposal with the time, never sent before, learned from the handovers.

use dispatch_core::assignment::{Candidate, LeftOutReason, Proposal, Stage, UnitState, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AssignmentId, IncidentId, ProposalId};
use dispatch_core::incident::Level;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Refusal, Span};

use crate::city::{City, hospital, unit};

const TO_HOSPITAL: [Stage; 5] =
    [Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::LeftScene, Stage::AtHospital];

/// A unit of the city comes to a hospital with a patient.
fn brings(city: &mut City, code: &str) -> AssignmentId {
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, code);
    let (to, reason) = (hospital("H01"), "就近".to_owned());
    city.does(Action::ChooseDestination { assignment, hospital: to, reason });
    city.presses(assignment, &TO_HOSPITAL);
    assignment
}

fn proposed(city: &mut City, incident: IncidentId) -> Proposal {
    let picture = FleetPicture::empty(city.now);
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).unwrap();
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    // What the journal keeps makes the same proposal again.
    let kept: Proposal = serde_json::from_str(&serde_json::to_string(&proposal).unwrap()).unwrap();
    assert_eq!(propose(kept.id, kept.inputs), proposal);
    proposal
}

fn codes(candidates: &[Candidate]) -> Vec<&str> {
    candidates.iter().map(|candidate| candidate.unit.as_str()).collect()
}

fn said(candidate: &Candidate) -> String {
    candidate.reasons.iter().map(|reason| reason.texts().1).collect::<Vec<_>>().join("; ")
}

fn left_out(proposal: &Proposal, code: &str) -> Option<LeftOutReason> {
    proposal.inputs.left_out.iter().find(|out| out.unit == unit(code)).map(|out| out.why)
}

#[test]
fn a_unit_at_hospital_is_named_with_its_time_and_stands_behind_nobody_who_can_go() {
    let mut city = City::new();
    brings(&mut city, "A01");
    city.wait(600);
    let incident = city.incident(Level::I);
    let proposal = proposed(&mut city, incident);
    assert_eq!(codes(&proposal.ranked), ["A02", "A03"]);
    assert_eq!(codes(&proposal.about_to_be_free), ["A01"]);
    assert_eq!(left_out(&proposal, "A01"), None, "it is said once what it does");
    let soon = &proposal.about_to_be_free[0];
    // 20 minutes are believed of a hospital of which nothing was seen; ten are over.
    assert_eq!((soon.free_in_s, soon.mobilisation_s), (Some(Span::seconds(600)), Span::seconds(20)));
    assert_eq!(soon.arrival_s, Span::seconds(620) + soon.travel_s);
    assert_eq!(proposal.inputs.about_to_be_free[0].state, UnitState::AtHospital);
    let words = said(soon);
    assert!(words.contains("after the first; free in about 10 min at H01, not before"), "{words}");
}

#[test]
fn it_says_so_where_it_would_be_there_before_anybody_else_and_is_refused_all_the_same() {
    let mut city = City::new();
    let held = brings(&mut city, "A01");
    for code in ["A02", "A03"] {
        city.does(Action::PauseUnit { unit: unit(code), reason: "加油".to_owned() });
    }
    let incident = city.incident(Level::I);
    let nobody = proposed(&mut city, incident);
    assert!(nobody.ranked.is_empty(), "none is free");
    assert_eq!(
        said(&nobody.about_to_be_free[0]),
        "free in about 20 min at H01, not before; straight-line estimate, not by road"
    );

    city.wait(1_190);
    city.press(held, Stage::HandedOver).unwrap();
    city.wait(240);
    city.does(Action::ResumeUnit { unit: unit("A03") });
    let proposal = proposed(&mut city, incident);
    assert_eq!((codes(&proposal.ranked), codes(&proposal.about_to_be_free)), (vec!["A03"], vec!["A01"]));
    let words = said(&proposal.about_to_be_free[0]);
    assert!(words.contains("before anybody who can go now; free in about 1 min"), "{words}");

    city.does(Action::RecordProposal { proposal: proposal.into() });
    let sending = city.sending(incident, "A01", Some("听班长指示"));
    let refusal = city.refused(sending);
    assert!(
        matches!(refusal, Refusal::UnitTaken { free_in_s: Some(left), .. } if left == Span::seconds(75)),
        "{refusal}"
    );
    assert!(refusal.to_string().ends_with("it may be sent when it is free, expected in 2 min"), "{refusal}");
    // It stands in nobody's way: the unit that can go is the first.
    let sending = city.sending(incident, "A03", None);
    city.does(sending);
}

#[test]
fn once_it_is_free_it_may_go_and_the_hospital_is_known_better() {
    let mut city = City::new();
    let held = brings(&mut city, "A01");
    city.wait(300);
    city.press(held, Stage::Available).unwrap();
    assert_eq!(city.centre.record().turnaround().seen(hospital("H01")), 1);
    let incident = city.incident(Level::I);
    let proposal = proposed(&mut city, incident);
    assert_eq!((proposal.ranked.len(), proposal.about_to_be_free.len()), (3, 0));
    brings(&mut city, "A02");
    let soon = proposed(&mut city, incident).about_to_be_free.remove(0);
    // (10 x 1,200 + 300) / 11 for the hospital, and the one of this hour beside 20 of that.
    let hospital = (10 * 1_200_000_000 + 300_000_000) / 11;
    assert_eq!(soon.free_in_s, Some(Span::from_micros((20 * hospital + 300_000_000) / 21)));
}

#[test]
fn a_unit_that_could_not_go_when_free_is_not_named() {
    let mut city = City::new();
    brings(&mut city, "A01");
    let without_hospital = city.incident(Level::II);
    let assignment = city.sends(without_hospital, "A02");
    city.presses(assignment, &TO_HOSPITAL);
    let incident = city.incident(Level::I);
    assert_eq!(codes(&proposed(&mut city, incident).about_to_be_free), ["A01"], "nobody knows where A02 is");
    city.does(Action::PauseUnit { unit: unit("A01"), reason: "加油".to_owned() });
    let paused = proposed(&mut city, incident);
    assert_eq!((paused.about_to_be_free.len(), left_out(&paused, "A01")), (0, Some(LeftOutReason::Taken)));
    city.does(Action::ResumeUnit { unit: unit("A01") });
    assert_eq!(proposed(&mut city, incident).about_to_be_free.len(), 1);

    city.does(Action::AdoptRules { rules: Rules { about_to_be_free: false, ..Rules::default() } });
    let off = proposed(&mut city, incident);
    assert_eq!((off.about_to_be_free.len(), left_out(&off, "A01")), (0, Some(LeftOutReason::Taken)));
}

#[test]
fn time_that_passes_is_no_news_and_a_handover_is() {
    let mut city = City::new();
    let held = brings(&mut city, "A01");
    let incident = city.incident(Level::I);
    let older = proposed(&mut city, incident);
    city.wait(120);
    assert!(!proposed(&mut city, incident).differs_from(&older, Span::seconds(30)));
    city.press(held, Stage::HandedOver).unwrap();
    assert!(proposed(&mut city, incident).differs_from(&older, Span::seconds(30)));
}

#[test]
fn a_proposal_of_before_is_read() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let proposal = proposed(&mut city, incident);
    let text = serde_json::to_string(&proposal).unwrap();
    assert!(!text.contains("freeing") && !text.contains("about_to_be_free") && !text.contains("free_in_s"));
    let mut rules = serde_json::to_value(Rules::default()).unwrap();
    assert!(rules.as_object_mut().unwrap().remove("about_to_be_free").is_some());
    assert_eq!(serde_json::from_value::<Rules>(rules).unwrap(), Rules::default());
}
