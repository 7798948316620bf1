//! Booked runs: in the queue at their time, with the unit they keep, and with what stands in its way told beforehand.

use dispatch_core::assignment::{Grounds, LeftOutReason, gather};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AssignmentId, IncidentId, ProposalId};
use dispatch_core::incident::{Conflict, IncidentKind, IncidentSketch, Level};
use dispatch_core::{Action, DispatchCentre, Event, Refusal, Span};

use crate::city::{City, desk, sketch, unit};

/// A transfer in so many minutes.
fn booking(city: &mut City, minutes: i64) -> Action {
    let scheduled_at = Some(city.now + Span::seconds(60 * minutes));
    let sketch = IncidentSketch { kind: IncidentKind::Transfer, scheduled_at, ..sketch(Level::IV) };
    Action::CreateIncident { incident: IncidentId::new(city.uuid()), call: None, sketch: sketch.into() }
}

fn booked(city: &mut City, minutes: i64) -> IncidentId {
    let action = booking(city, minutes);
    let Action::CreateIncident { incident, .. } = action else { unreachable!("made just above") };
    city.does(action);
    incident
}

fn reserves(city: &mut City, incident: IncidentId, code: &str) {
    city.does(Action::ReserveUnit { incident, unit: unit(code) });
}

fn left_out(city: &City, incident: IncidentId, code: &str) -> Option<LeftOutReason> {
    let picture = FleetPicture::empty(city.now);
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).unwrap();
    assert_eq!(
        inputs.candidates.iter().any(|it| it.unit == unit(code)),
        inputs.left_out.iter().all(|out| out.unit != unit(code))
    );
    inputs.left_out.iter().find(|out| out.unit == unit(code)).map(|out| out.why)
}

/// The desk sends a unit of a proposal, and says nothing more.
fn chosen(
    city: &mut City,
    incident: IncidentId,
    code: &str,
    proposal: ProposalId,
) -> Result<Vec<Event>, Refusal> {
    let assignment = AssignmentId::new(city.uuid());
    let (unit, proposal, reason, grounds) = (unit(code), Some(proposal), None, Grounds::default());
    city.by(desk(), Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds })
}

#[test]
fn a_booked_run_enters_the_queue_half_an_hour_before_its_time() {
    let mut city = City::new();
    let run = booked(&mut city, 90);
    let record = city.centre.record();
    assert!(record.incident(run).unwrap().is_held());
    assert!(record.proposals_wanted().is_empty());
    city.wait(59 * 60);
    assert!(city.centre.record().proposals_wanted().is_empty() && city.escalations().is_empty());
    city.wait(61);
    assert_eq!(city.centre.record().proposals_wanted(), [run]);
    city.wait(60);
    assert!(
        city.escalations().contains("not_assigned"),
        "from then on its clock runs: {}",
        city.escalations()
    );
}

#[test]
fn a_reserved_unit_is_nobody_elses_from_that_time_on() {
    let mut city = City::new();
    let run = booked(&mut city, 90);
    reserves(&mut city, run, "A01");
    let emergency = city.incident(Level::I);
    assert_eq!(left_out(&city, emergency, "A01"), None, "until then it may go");
    let proposal = city.proposes(emergency, &["A01", "A02"]);
    city.wait(61 * 60);
    assert_eq!(left_out(&city, emergency, "A01"), Some(LeftOutReason::Reserved));
    assert_eq!(left_out(&city, run, "A01"), None, "to its own run it may");
    let refused = chosen(&mut city, emergency, "A01", proposal).unwrap_err();
    let number = city.centre.record().incident(run).unwrap().number;
    assert_eq!(refused, Refusal::UnitReserved { unit: unit("A01"), incident: run, number });
    // The second of the old proposal is the first that may go: no reason is asked for.
    chosen(&mut city, emergency, "A02", proposal).unwrap();
    // Who needs it more releases it first, and that is on record.
    let second = city.incident(Level::I);
    city.does(Action::ReleaseUnit { incident: run });
    assert_eq!(left_out(&city, second, "A01"), None);
}

#[test]
fn the_reservation_is_used_up_when_the_unit_goes() {
    let mut city = City::new();
    let run = booked(&mut city, 20);
    assert!(!city.centre.record().incident(run).unwrap().is_held(), "it is nearly its time already");
    reserves(&mut city, run, "A01");
    city.sends(run, "A01");
    let it = city.centre.record().incident(run).unwrap();
    assert_eq!((it.reserved, city.centre.record().units_short(run)), (None, 0));
    let refused = city.refused(Action::ReserveUnit { incident: run, unit: unit("A02") });
    assert!(matches!(refused, Refusal::NotAllowed { .. }), "{refused}");
    let again = DispatchCentre::from_events(&city.events);
    assert_eq!(again.record(), city.centre.record());
}

#[test]
fn conflicts_are_told_before_they_hurt() {
    let mut city = City::new();
    let (first, same_time, tomorrow) =
        (booked(&mut city, 90), booked(&mut city, 120), booked(&mut city, 24 * 60));
    for run in [first, same_time, tomorrow] {
        reserves(&mut city, run, "A01");
    }
    let conflicts = |city: &City, run: IncidentId| {
        let record = city.centre.record();
        record.reservation_conflicts(record.incident(run).unwrap(), city.now)
    };
    let number = |city: &City, run: IncidentId| city.centre.record().incident(run).unwrap().number;
    let overlap = Conflict::Overlaps { incident: same_time, number: number(&city, same_time) };
    assert_eq!(conflicts(&city, first), [overlap]);
    assert_eq!(conflicts(&city, tomorrow), []);
    city.does(Action::ReleaseUnit { incident: same_time });
    assert_eq!(conflicts(&city, first), []);
    let emergency = city.incident(Level::I);
    city.sends(emergency, "A01");
    assert_eq!(conflicts(&city, first), [], "there is time yet");
    city.wait(60 * 60);
    let on_run = Conflict::OnRun { incident: emergency, number: number(&city, emergency) };
    assert_eq!(conflicts(&city, first), [on_run]);
}

#[test]
fn an_emergency_is_not_booked_and_nothing_is_booked_for_yesterday() {
    let mut city = City::new();
    let incident = IncidentId::new(city.uuid());
    let scheduled_at = Some(city.now + Span::seconds(3600));
    let sketch = IncidentSketch { scheduled_at, ..sketch(Level::II) };
    let refused = city.refused(Action::CreateIncident { incident, call: None, sketch: sketch.into() });
    assert!(matches!(refused, Refusal::NotAllowed { .. }), "{refused}");
    for minutes in [-5, 0, 31 * 24 * 60] {
        let action = booking(&mut city, minutes);
        assert!(matches!(city.refused(action), Refusal::BadTime { .. }), "{minutes}");
    }
    let plain = city.incident(Level::II);
    let refused = city.refused(Action::ReserveUnit { incident: plain, unit: unit("A01") });
    assert!(matches!(refused, Refusal::NotBooked { .. }), "{refused}");
}
