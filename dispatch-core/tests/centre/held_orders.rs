//! A vehicle comes back with an order that this centre does not know.

use dispatch_core::actor::Actor;
use dispatch_core::aside::AsideMatter;
use dispatch_core::assignment::Stage;
use dispatch_core::centre::HeldOrder;
use dispatch_core::ids::{AssignmentId, IncidentId};
use dispatch_core::incident::{IncidentChange, Level, Place};
use dispatch_core::{Action, Event, Refusal};

use crate::city::{City, here, unit};

fn tells(city: &mut City, assignment: AssignmentId, code: &str, stage: Option<Stage>) -> Vec<Event> {
    let incident = IncidentId::new(city.uuid());
    let held = HeldOrder { assignment, unit: unit(code), number: "20261121-0099".to_owned(), stage };
    let by = Actor::Crew { unit: unit(code) };
    city.by(by, Action::TakeInHeld { held, incident }).unwrap()
}

#[test]
fn an_unknown_order_stands_in_front_of_a_dispatcher_with_its_vehicle_on_it() {
    let mut city = City::new();
    let assignment = AssignmentId::new(city.uuid());
    tells(&mut city, assignment, "A01", Some(Stage::Rolling));
    let record = city.centre.record();
    let it = record.assignment(assignment).unwrap();
    assert_eq!((it.stage, it.is_open()), (Stage::Rolling, true));
    assert!(!record.unit(unit("A01")).unwrap().is_free(), "it is nobody's candidate");
    assert!(record.outbox().is_empty(), "the crew's own card must not be written over");
    let incident = record.incident(it.incident).unwrap();
    assert!(incident.sketch.notes.contains("20261121-0099"));
    assert_eq!(city.escalations(), "order_unknown ");
    let incident = incident.id;

    // It says so again at every connection.
    assert!(tells(&mut city, assignment, "A01", Some(Stage::Rolling)).is_empty());
    city.presses(assignment, &[Stage::OnScene]);
    // The dispatcher asked the crew where it is.
    let place = Some(Place { position: Some(here(114.02)), ..Place::default() });
    let change = IncidentChange { place, ..IncidentChange::default() };
    city.does(Action::ChangeIncident { incident, version: None, change });
    assert_eq!(city.escalations(), "");
}

#[test]
fn a_unit_that_was_sent_elsewhere_stays_there_and_both_are_seen() {
    let mut city = City::new();
    let other = city.incident(Level::II);
    let ours = city.sends(other, "A01");
    let unknown = AssignmentId::new(city.uuid());
    tells(&mut city, unknown, "A01", None);
    let record = city.centre.record();
    assert_eq!(record.unit(unit("A01")).unwrap().assignments, [ours]);
    assert!(record.assignment(unknown).is_none());
    assert_eq!(record.open_incidents().count(), 2);
    assert!(city.escalations().contains("order_unknown"));
}

#[test]
fn nobody_tells_of_anothers_orders() {
    let mut city = City::new();
    let (assignment, incident) = (AssignmentId::new(city.uuid()), IncidentId::new(city.uuid()));
    let held = HeldOrder { assignment, unit: unit("A01"), number: String::new(), stage: None };
    let action = Action::TakeInHeld { held, incident };
    let refused = city.by(Actor::Crew { unit: unit("A02") }, action).unwrap_err();
    assert!(matches!(refused, Refusal::NotAllowed { .. }));
}

#[test]
fn what_the_vehicle_told_of_becomes_the_incident_that_is_brought_in() {
    let mut leader = City::new();
    let common = leader.events.len();
    let mut island = leader.branch(1_000_000);
    let incident = island.incident(Level::II);
    let assignment = island.sends(incident, "A01");
    island.presses(assignment, &[Stage::Acknowledged, Stage::Rolling]);
    leader.now = island.now;
    tells(&mut leader, assignment, "A01", Some(Stage::Rolling));
    for matter in AsideMatter::part(2, island.events[common..].iter().cloned()) {
        leader.does(Action::BringIn { matter: Box::new(matter) });
    }
    let record = leader.centre.record();
    assert_eq!(record.assignment(assignment).unwrap().incident, incident);
    assert_eq!(record.open_incidents().count(), 1, "it was one and the same");
    assert_eq!(leader.escalations(), "");
}
