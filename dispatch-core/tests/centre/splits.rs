//! What was made one is two again: each with its own calls, its own clock, and somebody who looks after it.

use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::fleet::Demand;
use dispatch_core::ids::{CallId, IncidentId};
use dispatch_core::incident::{CallState, Incident, Level};
use dispatch_core::reports::{Ledger, Measure, Period, response_times};
use dispatch_core::{Action, Refusal, Span};

use crate::city::{City, sketch};

fn called_in(city: &mut City) -> (CallId, IncidentId) {
    let call = city.call();
    city.wait(5);
    city.does(Action::AnswerCall { call });
    let incident = IncidentId::new(city.uuid());
    city.does(Action::CreateIncident { incident, call: Some(call), sketch: sketch(Level::II).into() });
    (call, incident)
}

fn incident(city: &City, id: IncidentId) -> &Incident {
    city.centre.record().incident(id).unwrap()
}

#[test]
fn two_incidents_made_one_by_mistake_are_two_again() {
    let mut city = City::new();
    let (first_call, first) = called_in(&mut city);
    city.wait(100);
    let (second_call, second) = called_in(&mut city);
    let rang_at = city.centre.record().call(second_call).unwrap().rang_at;
    let going = city.sends(second, "A02");
    city.does(Action::MergeIncident { incident: second, into: first });
    assert_eq!(incident(&city, first).calls, [first_call, second_call]);
    city.wait(60);
    city.does(Action::SplitIncident { incident: second });

    let it = incident(&city, second);
    assert!(it.is_open());
    assert_eq!(
        (it.calls.as_slice(), incident(&city, first).calls.as_slice()),
        (&[second_call][..], &[first_call][..])
    );
    let record = city.centre.record();
    assert_eq!(record.called_at(it), rang_at, "its clock began when its own caller rang");
    assert_eq!(record.call(second_call).unwrap().state(), CallState::Taken);
    assert_eq!(
        record.assignment(going).unwrap().incident,
        first,
        "a unit on its way stays where it was sent"
    );
    assert_eq!(it.short_since, Some(city.now), "it lacks a unit from now on");
    assert!(record.proposals_wanted().contains(&second));
    // And if nobody does anything, somebody is called.
    city.proposes(second, &["A01"]);
    city.wait(61);
    assert!(city.escalations().contains("not_assigned"), "{}", city.escalations());
    let number = incident(&city, second).number;
    assert_eq!(city.refused(Action::SplitIncident { incident: second }), Refusal::NotMerged { number });
}

#[test]
fn a_split_finds_its_calls_wherever_they_have_gone_since() {
    let mut city = City::new();
    let (call, one) = called_in(&mut city);
    let (other_call, two) = called_in(&mut city);
    let (_, three) = called_in(&mut city);
    city.does(Action::MergeIncident { incident: one, into: two });
    city.does(Action::MergeIncident { incident: two, into: three });
    city.does(Action::SplitIncident { incident: one });
    assert_eq!(incident(&city, one).calls, [call]);
    assert_eq!(incident(&city, three).calls.len(), 2);
    city.does(Action::SplitIncident { incident: two });
    assert_eq!(incident(&city, two).calls, [other_call], "what went its own way is not fetched back");
    assert_eq!(incident(&city, three).calls.len(), 1);
}

#[test]
fn what_was_thought_the_same_is_found_out_after_the_other_has_ended() {
    let mut city = City::new();
    let (_, first) = called_in(&mut city);
    let (call, second) = called_in(&mut city);
    city.does(Action::MergeIncident { incident: second, into: first });
    city.does(Action::CancelIncident { incident: first, reason: "误报".to_owned() });
    assert_eq!(city.centre.record().call(call).unwrap().state(), CallState::Ended);
    city.wait(600);
    city.does(Action::SplitIncident { incident: second });
    assert_eq!(city.centre.record().call(call).unwrap().state(), CallState::Taken);
    assert!(incident(&city, second).is_open() && !incident(&city, first).is_open());
    city.wait(25 * 3600);
    city.call();
    assert!(city.centre.record().incident(second).is_some(), "what goes on does not leave the record");
}

#[test]
fn a_call_that_joined_the_wrong_incident_makes_its_own() {
    let mut city = City::new();
    let (_, known) = called_in(&mut city);
    let call = city.call();
    let rang_at = city.now;
    city.wait(4);
    city.does(Action::JoinCall { call, incident: known });
    city.wait(90);
    let own = IncidentId::new(city.uuid());
    city.does(Action::SplitCall { call, incident: own, sketch: sketch(Level::I).into() });
    assert_eq!(incident(&city, own).calls, [call]);
    assert_eq!(incident(&city, known).calls.len(), 1);
    assert_eq!(city.centre.record().called_at(incident(&city, own)), rang_at);
    let stray = city.call();
    let next = IncidentId::new(city.uuid());
    let refused =
        city.refused(Action::SplitCall { call: stray, incident: next, sketch: sketch(Level::I).into() });
    assert!(matches!(refused, Refusal::CallState { .. }), "{refused}");
}

#[test]
fn the_figures_count_two_events_each_from_its_own_call() {
    let mut city = City::new();
    let begun = city.now;
    let (_, first) = called_in(&mut city);
    city.wait(300);
    let (_, second) = called_in(&mut city);
    city.does(Action::MergeIncident { incident: second, into: first });
    city.does(Action::SplitIncident { incident: second });
    for (incident, unit) in [(first, "A01"), (second, "A02")] {
        let going = city.sends(incident, unit);
        city.presses(going, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    }
    let period = Period::between(begun, city.now + Span::seconds(1)).unwrap();
    let report = response_times(&Ledger::of(&city.events), &period);
    assert_eq!(report.call_counts.emergencies, 2);
    let response: Vec<Span> = report.runs.iter().map(|run| run.figures[&Measure::Response]).collect();
    assert_eq!(response, [Span::seconds(335 + 5), Span::seconds(65)], "{:#?}", report.runs);
    let mut demand = Demand::default();
    city.events.iter().for_each(|event| demand.apply(event));
    assert_eq!(demand.total(), 2);
}

#[test]
fn what_had_been_served_before_it_was_merged_is_done_when_it_is_split() {
    let mut city = City::new();
    let (first, second) = (city.incident(Level::II), city.incident(Level::II));
    let served = city.sends(second, "A01");
    city.sends(second, "A02");
    city.presses(served, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    city.ends(served, Outcome::NoPatient).unwrap();
    city.does(Action::MergeIncident { incident: second, into: first });
    city.does(Action::SplitIncident { incident: second });
    assert!(!incident(&city, second).is_open(), "one unit was wanted, and one has been there");
    assert!(incident(&city, first).is_open(), "the other goes on with the second unit");
}
