//! A crew is flagged down: the record follows what is so.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::Stage;
use dispatch_core::ids::{AssignmentId, IncidentId};
use dispatch_core::incident::Level;
use dispatch_core::{Action, Event, Refusal};

use crate::city::{City, sketch, unit};

fn opens(city: &mut City, assignment: AssignmentId, code: &str) -> Result<Vec<Event>, Refusal> {
    let (incident, at) = (IncidentId::new(city.uuid()), city.now);
    let sketch = Arc::new(sketch(Level::II));
    let action = Action::OpenRoadside { assignment, incident, unit: unit("A01"), sketch, at };
    city.by(Actor::Crew { unit: unit(code) }, action)
}

#[test]
fn a_task_from_the_road_is_an_incident_with_its_unit_on_scene() {
    let mut city = City::new();
    let assignment = AssignmentId::new(city.uuid());
    opens(&mut city, assignment, "A01").unwrap();
    let record = city.centre.record();
    let it = record.assignment(assignment).unwrap();
    assert_eq!((it.stage, it.unit), (Stage::OnScene, unit("A01")));
    assert_eq!(record.units_short(it.incident), 0, "nobody else is proposed");
    assert!(record.outbox().is_empty(), "the crew has it already");
    assert_eq!(city.escalations(), "");
    assert!(opens(&mut city, assignment, "A01").unwrap().is_empty(), "told again");
    city.presses(assignment, &[Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available]);
    assert!(city.centre.record().unit(unit("A01")).unwrap().is_free());
    assert_eq!(city.centre.record().open_incidents().count(), 0);
}

#[test]
fn an_order_that_was_on_its_way_stays_and_both_are_seen() {
    let mut city = City::new();
    let other = city.incident(Level::II);
    let ordered = city.sends(other, "A01");
    let assignment = AssignmentId::new(city.uuid());
    opens(&mut city, assignment, "A01").unwrap();
    let record = city.centre.record();
    assert_eq!(record.unit(unit("A01")).unwrap().assignments, [ordered]);
    assert_eq!(record.open_incidents().count(), 2);
    let waiting = record.waiting_incidents().last().unwrap();
    assert!(waiting.sketch.notes.contains("A01 was flagged down"), "{}", waiting.sketch.notes);
}

#[test]
fn nobody_opens_a_task_for_another_crew() {
    let mut city = City::new();
    let assignment = AssignmentId::new(city.uuid());
    assert!(matches!(opens(&mut city, assignment, "A02").unwrap_err(), Refusal::NotAllowed { .. }));
}
