//! The whole life of a call, from ring to free.

use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::effect::EffectKind;
use dispatch_core::ids::IncidentId;
use dispatch_core::incident::{CallState, IncidentOutcome, Level};
use dispatch_core::vehicle::Readiness;
use dispatch_core::{Action, Fact, Span};

use crate::city::{City, hospital, sketch, unit};

#[test]
fn a_call_is_answered_decided_sent_driven_handed_over_and_counted() {
    use Stage::{Acknowledged, AtHospital, AtPatient, Available, HandedOver, LeftScene, OnScene, Rolling};

    let mut city = City::new();
    let call = city.call();
    city.wait(6);
    city.does(Action::AnswerCall { call });
    let incident = IncidentId::new(city.uuid());
    city.does(Action::CreateIncident { incident, call: Some(call), sketch: sketch(Level::I).into() });
    assert_eq!(city.centre.record().call(call).unwrap().state(), CallState::Taken);
    assert_eq!(city.centre.record().incident(incident).unwrap().number.to_string(), "20261121-0001");
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);

    let proposal = city.proposes(incident, &["A01", "A03"]);
    assert_eq!(city.centre.record().proposals_wanted(), []);
    let action = city.sending(incident, "A01", None);
    let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
    city.does(action);
    let record = city.centre.record();
    assert_eq!(record.assignment(assignment).unwrap().proposal, Some(proposal));
    assert_eq!(record.unit(unit("A01")).unwrap().readiness(), Readiness::Taken);
    assert_eq!(record.units_short(incident), 0);

    let order = record.outbox().values().next().unwrap().clone();
    assert_eq!((order.unit, order.what), (unit("A01"), EffectKind::SendOrder { assignment }));
    city.does(Action::ConfirmDelivery { effect: order.id });
    assert!(city.centre.record().outbox().is_empty());

    city.presses(assignment, &[Acknowledged, Rolling, OnScene, AtPatient]);
    let (wish, reason) = (hospital("H01"), "胸痛中心".to_owned());
    city.does(Action::ChooseDestination { assignment, hospital: wish, reason });
    assert_eq!(city.centre.record().arrivals_at(hospital("H01")).count(), 1);
    assert_eq!(city.centre.record().arrivals_at(hospital("H02")).count(), 0);
    city.does(Action::AcknowledgeArrival { assignment });
    city.presses(assignment, &[LeftScene, AtHospital, HandedOver, Available]);

    let record = city.centre.record();
    let ended = record.assignment(assignment).unwrap();
    assert_eq!(ended.end.as_ref().unwrap().outcome, Outcome::Conveyed);
    assert_eq!(
        ended.times.at(Rolling).unwrap().since(ended.times.at(Stage::Ordered).unwrap()),
        Span::seconds(20)
    );
    assert_eq!(record.incident(incident).unwrap().end.as_ref().unwrap().how, IncidentOutcome::Done);
    assert_eq!(record.call(call).unwrap().state(), CallState::Ended);
    assert_eq!(record.unit(unit("A01")).unwrap().readiness(), Readiness::Ready);
    assert!(record.escalations().is_empty(), "{}", city.escalations());
}

#[test]
fn every_action_carries_the_person_and_seat() {
    let mut city = City::new();
    city.incident(Level::II);
    assert_eq!(city.events.last().unwrap().by.to_string(), "王芳 (03)");
}

#[test]
fn several_units_go_and_the_incident_ends_with_the_last() {
    let mut city = City::new();
    let incident = IncidentId::new(city.uuid());
    let mut crash = sketch(Level::II);
    crash.needs.units = 2;
    city.does(Action::CreateIncident { incident, call: None, sketch: crash.into() });
    let first = city.sends(incident, "A01");
    assert_eq!(city.centre.record().units_short(incident), 1);
    let second = city.sends(incident, "A02");
    assert_eq!(city.centre.record().units_short(incident), 0);
    city.presses(first, &[Stage::OnScene]);
    city.ends(first, Outcome::NoPatient).unwrap();
    assert!(city.centre.record().incident(incident).unwrap().is_open());
    city.presses(second, &[Stage::OnScene]);
    let events = city.ends(second, Outcome::TreatedOnScene).unwrap();
    assert!(matches!(events.last().unwrap().fact, Fact::IncidentDone { .. }));
}
