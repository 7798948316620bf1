//! When the rules say no, and that the reason helps.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::incident::{IncidentChange, Level};
use dispatch_core::{Action, Refusal};

use crate::city::{City, sketch, unit};

#[test]
fn a_unit_on_an_order_is_not_sent_again_and_the_refusal_says_to_whom_it_belongs() {
    let mut city = City::new();
    let first = city.incident(Level::II);
    city.sends(first, "A01");
    let second = city.incident(Level::I);
    let action = city.sending(second, "A01", Some("更近"));
    let refusal = city.refused(action);
    assert_eq!(refusal.to_string(), "A01 is on incident 20261121-0001 (Ordered)");
    assert!(matches!(refusal, Refusal::UnitTaken { incident, .. } if incident == first));
}

#[test]
fn a_paused_or_crewless_unit_does_not_go() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.does(Action::PauseUnit { unit: unit("A01"), reason: "洗消".to_owned() });
    let action = city.sending(incident, "A01", Some("x"));
    assert_eq!(city.refused(action).to_string(), "A01 is paused: 洗消");
    city.does(Action::ResumeUnit { unit: unit("A01") });
    city.does(Action::SignOff { unit: unit("A01"), name: "李强".to_owned() });
    let action = city.sending(incident, "A01", Some("x"));
    assert_eq!(city.refused(action), Refusal::NoCrew { unit: unit("A01") });
}

#[test]
fn another_than_the_first_proposed_needs_a_reason() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let action = city.sending(incident, "A02", Some("  "));
    assert_eq!(city.refused(action), Refusal::ReasonNeeded { unit: unit("A02") });
    let other = city.incident(Level::I);
    city.sends(other, "A01");
    let action = city.sending(incident, "A02", None);
    city.does(action);
}

#[test]
fn nobody_acts_without_a_name_or_on_another_unit() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let assignment = city.sends(incident, "A01");
    let nobody = Actor::Person { name: "  ".to_owned(), seat: "03".to_owned() };
    let wake = Action::WakeIncident { incident };
    assert_eq!(city.by(nobody, wake).unwrap_err(), Refusal::Unnamed);
    let at = city.now;
    let press = Action::ReportStage { assignment, stage: Stage::Rolling, at, source: StampSource::Terminal };
    let refusal = city.by(Actor::Crew { unit: unit("A02") }, press).unwrap_err();
    assert_eq!(refusal, Refusal::NotYours { unit: unit("A02") });
}

#[test]
fn a_change_on_an_old_version_is_refused_with_the_present_one() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let change = |notes: &str| IncidentChange { notes: Some(notes.to_owned()), ..IncidentChange::default() };
    city.does(Action::ChangeIncident { incident, version: Some(1), change: change("三单元") });
    let stale = Action::ChangeIncident { incident, version: Some(1), change: change("四单元") };
    assert_eq!(city.refused(stale), Refusal::Changed { version: 2 });
}

#[test]
fn a_unit_with_the_patient_is_not_recalled_and_its_incident_not_cancelled() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::OnScene]);
    let recall = Action::RecallUnit { assignment, reason: "x".to_owned() };
    assert!(matches!(city.refused(recall), Refusal::NotAllowed { .. }));
    let cancel = Action::CancelIncident { incident, reason: "x".to_owned() };
    assert!(matches!(city.refused(cancel), Refusal::UnitsOnIt { .. }));
    assert!(matches!(city.ends(assignment, Outcome::Aborted), Err(Refusal::NotAllowed { .. })));
}

#[test]
fn texts_and_counts_have_bounds() {
    let mut city = City::new();
    let mut long = sketch(Level::I);
    long.complaint = "痛".repeat(2001);
    let mut create = |sketch: dispatch_core::incident::IncidentSketch| {
        let incident = dispatch_core::ids::IncidentId::new(city.uuid());
        city.refused(Action::CreateIncident { incident, call: None, sketch: sketch.into() })
    };
    assert_eq!(create(long), Refusal::TooLong { chars_max: 2000 });
    let mut none = sketch(Level::I);
    none.needs.units = 0;
    assert_eq!(create(none), Refusal::UnitsWanted { units_max: 50 });
}
