//! What leaves the centre: offered to another until that takes it, named another service; and nothing is forgotten on the way.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::Stage;
use dispatch_core::ids::IncidentId;
use dispatch_core::incident::{CallEnd, IncidentOutcome, IncidentSketch, Level, Offered};
use dispatch_core::reports::{Ledger, Period, response_times};
use dispatch_core::rules::Rules;
use dispatch_core::{Action, DispatchCentre, Refusal, Span};

use crate::city::{City, sketch, unit};

fn offering(about: Offered) -> Action {
    Action::OfferHandoff { about, to: "邻市急救中心".to_owned(), reason: "跨市界".to_owned() }
}

fn accepting(about: Offered) -> Action {
    Action::AcceptHandoff { about, accepted_by: "邻市 周调度".to_owned() }
}

#[test]
fn what_is_offered_stays_in_the_queue_until_it_is_taken() {
    let mut city = City::new();
    let rules = Rules { handoff_within_s: Span::seconds(40), ..Rules::default() };
    city.does(Action::AdoptRules { rules });
    let incident = city.incident(Level::II);
    let about = Offered::Incident(incident);
    city.does(offering(about));
    assert!(city.does(offering(about)).is_empty(), "asked twice, offered once");
    assert_eq!(city.centre.record().proposals_wanted(), [incident], "it is ours, and units are proposed");
    city.wait(39);
    assert!(!city.escalations().contains("handoff"), "{}", city.escalations());
    city.wait(1);
    assert!(city.escalations().contains("handoff_unaccepted"), "{}", city.escalations());
    city.wait(3600);
    assert!(city.centre.record().incident(incident).unwrap().is_open(), "an hour later it is still ours");
    assert!(city.escalations().contains("not_assigned"), "and its own clocks have gone on");
    city.does(accepting(about));
    assert_eq!(city.escalations(), "");
    let end = &city.centre.record().incident(incident).unwrap().end.as_ref().unwrap().how;
    assert!(matches!(end, IncidentOutcome::HandedOff { accepted_by, .. } if accepted_by == "邻市 周调度"));
    let again = DispatchCentre::from_events(&city.events);
    assert_eq!(again.record().digest(), city.centre.record().digest());
}

#[test]
fn only_a_person_records_that_it_was_taken_and_only_what_was_offered() {
    let mut city = City::new();
    let about = Offered::Incident(city.incident(Level::II));
    assert_eq!(city.refused(accepting(about)), Refusal::NotOffered);
    city.does(offering(about));
    for by in [Actor::rule("deadline"), Actor::Crew { unit: unit("A01") }] {
        assert!(matches!(city.by(by, accepting(about)), Err(Refusal::NotAllowed { .. })));
    }
    city.does(Action::WithdrawHandoff { about, reason: "对方无车".to_owned() });
    assert_eq!(city.refused(accepting(about)), Refusal::NotOffered, "taken back");
    city.wait(600);
    assert!(!city.escalations().contains("handoff"), "{}", city.escalations());
}

#[test]
fn a_call_is_ours_until_the_other_centre_has_it() {
    let mut city = City::new();
    let call = city.call();
    city.does(Action::AnswerCall { call });
    city.does(offering(Offered::Call(call)));
    city.wait(61);
    assert!(city.escalations().contains("handoff_unaccepted"), "{}", city.escalations());
    assert!(city.centre.record().call(call).unwrap().end.is_none());
    city.does(accepting(Offered::Call(call)));
    assert_eq!(city.centre.record().call(call).unwrap().end, Some(CallEnd::OtherCentre));
    assert_eq!(city.escalations(), "");
}

#[test]
fn our_units_turn_back_when_the_other_centre_takes_it_but_not_from_a_patient() {
    let mut city = City::new();
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.does(offering(Offered::Incident(incident)));
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    let refused = city.refused(accepting(Offered::Incident(incident)));
    assert!(matches!(refused, Refusal::UnitsOnIt { .. }), "{refused}");
    let other = city.incident(Level::II);
    let going = city.sends(other, "A02");
    city.does(offering(Offered::Incident(other)));
    city.does(accepting(Offered::Incident(other)));
    assert!(!city.centre.record().assignment(going).unwrap().is_open());
    assert!(city.centre.record().unit(unit("A02")).unwrap().is_free());
}

#[test]
fn what_is_not_urgent_goes_to_another_service_with_a_reason() {
    let mut city = City::new();
    let redirecting = |incident, reason: &str| Action::RedirectIncident {
        incident,
        to: "999 非急救转运".to_owned(),
        reason: reason.to_owned(),
    };
    let urgent = city.incident(Level::II);
    assert!(matches!(city.refused(redirecting(urgent, "出院回家")), Refusal::NotAllowed { .. }));
    let minor = city.incident(Level::IV);
    assert!(matches!(city.refused(redirecting(minor, " ")), Refusal::Empty { .. }));
    city.does(redirecting(minor, "出院回家"));
    assert!(!city.centre.record().incident(minor).unwrap().is_open());
    city.wait(600);
    assert!(!city.escalations().contains(&minor.to_string()));
}

#[test]
fn what_another_took_is_counted_apart_and_nobody_was_left_without_help() {
    let mut city = City::new();
    let begun = city.now;
    let (given, minor, ours, drill) = (
        city.incident(Level::II),
        city.incident(Level::IV),
        city.incident(Level::II),
        IncidentId::new(city.uuid()),
    );
    let sketch = IncidentSketch { test: true, ..sketch(Level::IV) };
    city.does(Action::CreateIncident { incident: drill, call: None, sketch: sketch.into() });
    city.does(offering(Offered::Incident(given)));
    city.does(accepting(Offered::Incident(given)));
    for incident in [minor, drill] {
        let (to, reason) = ("999".to_owned(), "回家".to_owned());
        city.does(Action::RedirectIncident { incident, to, reason });
    }
    city.sends(ours, "A01");
    let period = Period::between(begun, city.now + Span::seconds(1)).unwrap();
    let counts = response_times(&Ledger::of(&city.events), &period).call_counts;
    assert_eq!((counts.emergencies, counts.without_order), (1, 0), "{counts:?}");
    assert_eq!((counts.handed_off, counts.redirected), (1, 1), "{counts:?}");
}
