//! The unhappy half of the job.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::effect::EffectKind;
use dispatch_core::ids::ClosureId;
use dispatch_core::incident::{IncidentChange, IncidentOutcome, Level, Place};
use dispatch_core::roadworks::Closure;
use dispatch_core::vehicle::Readiness;
use dispatch_core::{Action, Fact, Refusal, Span};

use crate::city::{City, desk, here, sketch, unit};

#[test]
fn a_call_without_a_position_waits_for_one_and_may_be_sent_by_hand() {
    let mut city = City::new();
    let incident = dispatch_core::ids::IncidentId::new(city.uuid());
    let mut unknown = sketch(Level::II);
    unknown.place = Place { address: "元山路附近".to_owned(), ..Place::default() };
    city.does(Action::CreateIncident { incident, call: None, sketch: unknown.into() });
    assert!(city.centre.record().proposals_wanted().is_empty(), "nobody can rank units for nowhere");
    city.wait(15);
    assert_eq!(city.escalations(), "not_proposed ");
    let place = Place { position: Some(here(114.02)), ..Place::default() };
    let change = IncidentChange { place: Some(place), ..IncidentChange::default() };
    city.does(Action::ChangeIncident { incident, version: None, change });
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    city.sends(incident, "A02");
    assert_eq!(city.escalations(), "");
}

#[test]
fn the_same_event_called_in_twice_is_one_incident() {
    let mut city = City::new();
    let first = city.incident(Level::I);
    let call = city.call();
    city.does(Action::JoinCall { call, incident: first });
    assert_eq!(city.centre.record().incident(first).unwrap().calls, [call]);

    // Noticed late: a second incident exists already, with a unit on its way.
    let second = city.incident(Level::II);
    let assignment = city.sends(second, "A02");
    city.does(Action::MergeIncident { incident: second, into: first });
    let record = city.centre.record();
    assert_eq!(record.assignment(assignment).unwrap().incident, first);
    assert_eq!(record.units_short(first), 0);
    let merged = &record.incident(second).unwrap().end.as_ref().unwrap().how;
    assert_eq!(*merged, IncidentOutcome::Merged { into: first, calls: Vec::new() });
    let update = record.outbox().values().last().unwrap();
    assert_eq!(update.what, EffectKind::UpdateOrder { assignment }, "the crew sees the new order card");
    assert_eq!(city.refused(Action::MergeIncident { incident: first, into: first }), Refusal::MergeTarget);
}

#[test]
fn none_free_waits_and_is_worked_when_a_unit_frees() {
    let mut city = City::new();
    let early = city.incident(Level::III);
    let busy = city.sends(early, "A01");
    let waiting = city.incident(Level::I);
    city.proposes(waiting, &[]);
    city.wait(0);
    assert!(city.escalations().contains("none_free"), "{}", city.escalations());
    assert!(city.centre.record().proposals_wanted().is_empty());
    city.presses(busy, &[Stage::OnScene]);
    city.ends(busy, Outcome::NoPatient).unwrap();
    assert_eq!(city.centre.record().proposals_wanted(), [waiting]);
    city.proposes(waiting, &["A01"]);
    assert!(!city.escalations().contains("none_free"), "{}", city.escalations());
}

#[test]
fn cancelled_before_and_after_rolling_are_two_outcomes() {
    for (pressed, outcome) in [
        (&[Stage::Acknowledged][..], Outcome::CancelledBeforeRolling),
        (&[Stage::Acknowledged, Stage::Rolling][..], Outcome::CancelledRolling),
    ] {
        let mut city = City::new();
        let incident = city.incident(Level::II);
        let assignment = city.sends(incident, "A01");
        city.presses(assignment, pressed);
        city.does(Action::CancelIncident { incident, reason: "家属已送".to_owned() });
        let record = city.centre.record();
        assert_eq!(record.assignment(assignment).unwrap().end.as_ref().unwrap().outcome, outcome);
        assert!(!record.incident(incident).unwrap().is_open());
        let effects: Vec<_> = record.outbox().values().map(|effect| &effect.what).collect();
        let recalled = EffectKind::RecallOrder { assignment, reason: "家属已送".to_owned() };
        assert_eq!(effects, [&recalled], "the order is not sent any more, the recall is");
        assert_eq!(record.unit(unit("A01")).unwrap().readiness(), Readiness::Ready);
    }
}

#[test]
fn a_crew_that_breaks_off_leaves_the_incident_wanting() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling]);
    city.ends(assignment, Outcome::Aborted).unwrap();
    assert_eq!(city.centre.record().units_short(incident), 1);
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    assert!(matches!(city.ends(assignment, Outcome::Aborted), Ok(events) if events.is_empty()));
    city.wait(60);
    assert!(city.escalations().contains("not_assigned"), "{}", city.escalations());
}

#[test]
fn the_desk_enters_what_it_hears_and_a_correction_keeps_the_old_value() {
    let mut city = City::new();
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.wait(20);
    let at = city.now;
    let heard = Action::ReportStage { assignment, stage: Stage::Acknowledged, at, source: StampSource::Desk };
    city.does(heard.clone());
    assert!(matches!(city.refused(heard), Refusal::StageOrder { .. }));
    city.presses(assignment, &[Stage::Rolling]);
    let pressed = city.now;
    city.wait(60);
    let true_time = pressed - Span::seconds(5);
    let correct =
        |at| Action::CorrectStage { assignment, stage: Stage::Rolling, at, reason: "录音".to_owned() };
    city.does(correct(true_time));
    let times = &city.centre.record().assignment(assignment).unwrap().times;
    assert_eq!(times.at(Stage::Rolling), Some(true_time));
    assert_eq!(times.by(Stage::Rolling, StampSource::Terminal), Some(pressed));
    let future = city.now + Span::seconds(1);
    assert!(matches!(city.refused(correct(future)), Refusal::BadTime { .. }));
}

#[test]
fn a_press_from_a_tunnel_fills_history_and_never_moves_now_back() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let assignment = city.sends(incident, "A01");
    let pressed_at = city.now + Span::seconds(40);
    city.wait(300);
    let crew = || Actor::Crew { unit: unit("A01") };
    let press = |stage, at| Action::ReportStage { assignment, stage, at, source: StampSource::Terminal };
    let now = city.now;
    city.by(crew(), press(Stage::OnScene, now)).unwrap();
    let late = city.by(crew(), press(Stage::Rolling, pressed_at)).unwrap();
    assert!(matches!(late[0].fact, Fact::StageReported { advances: false, .. }));
    assert_eq!(city.by(crew(), press(Stage::Rolling, pressed_at)).unwrap(), [], "a repeat is harmless");
    let it = city.centre.record().assignment(assignment).unwrap();
    assert_eq!((it.stage, it.times.at(Stage::Rolling)), (Stage::OnScene, Some(pressed_at)));
    // A clock that runs ahead does not lose the press, and does not reach into the future.
    let future = city.now + Span::seconds(3600);
    city.by(crew(), press(Stage::AtPatient, future)).unwrap();
    let it = city.centre.record().assignment(assignment).unwrap();
    assert_eq!(it.times.at(Stage::AtPatient), Some(city.now));
}

#[test]
fn the_motion_proves_a_departure_and_disagreement_is_flagged() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling]);
    city.wait(60);
    let at = city.now;
    let moved = Action::ReportStage { assignment, stage: Stage::Rolling, at, source: StampSource::Motion };
    city.by(Actor::Crew { unit: unit("A01") }, moved).unwrap();
    city.wait(0);
    assert!(city.escalations().contains("motion_disagrees"), "{}", city.escalations());
    let times = &city.centre.record().assignment(assignment).unwrap().times;
    assert_eq!(times.disagreement(Stage::Rolling), Some(Span::seconds(-60)));
}

#[test]
fn a_silent_unit_on_an_order_is_escalated_and_another_is_looked_for() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    city.sends(incident, "A01");
    city.proposes(incident, &["A02"]);
    let since = city.now;
    city.wait(30);
    let note = |action| (Actor::rule("silence"), action);
    let (by, action) = note(Action::NoteSilence { unit: unit("A01"), since });
    city.by(by, action).unwrap();
    city.wait(0);
    assert!(city.escalations().contains("unit_silent"), "{}", city.escalations());
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    let (by, action) = note(Action::NoteHeard { unit: unit("A01") });
    city.by(by, action).unwrap();
    assert!(!city.escalations().contains("unit_silent"), "{}", city.escalations());
}

#[test]
fn a_closed_road_asks_for_new_proposals_for_those_who_wait() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let id = ClosureId::new(city.uuid());
    let (name, reason) = ("二桥".to_owned(), "事故".to_owned());
    let closure = Closure { id, ways: vec![7], name, reason, since: city.now };
    city.does(Action::CloseRoad { closure });
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    city.does(Action::OpenRoad { closure: id });
    assert_eq!(city.refused(Action::OpenRoad { closure: id }), Refusal::UnknownClosure { closure: id });
}

#[test]
fn automatic_dispatch_is_off_by_default_and_recorded_as_such() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01"]);
    assert_eq!(city.centre.record().units_short(incident), 1);
    let rules = dispatch_core::rules::Rules { automatic_dispatch: true, ..Default::default() };
    city.does(Action::AdoptRules { rules });
    let proposal = city.proposal(incident, &["A01"]);
    let by = Actor::rule("proposer");
    let events = city.by(by, Action::RecordProposal { proposal: std::sync::Arc::new(proposal) }).unwrap();
    assert!(matches!(events[1].fact, Fact::UnitAssigned { .. }));
    assert_eq!(events[1].by, Actor::rule("automatic_dispatch"));
    assert_ne!(events[1].by, desk());
}
