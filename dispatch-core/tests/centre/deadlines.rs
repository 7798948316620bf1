//! The clocks: what is raised when nobody acts, and what takes it down again.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::Stage;
use dispatch_core::incident::{CallEnd, Level};
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Fact};

use crate::city::{City, unit};

#[test]
fn a_call_that_rings_for_ten_seconds_is_escalated_until_answered() {
    let mut city = City::new();
    let call = city.call();
    city.wait(9);
    assert_eq!(city.escalations(), "");
    city.wait(1);
    assert_eq!(city.escalations(), "call_unanswered ");
    city.does(Action::AnswerCall { call });
    assert_eq!(city.escalations(), "");
    city.wait(180);
    assert_eq!(city.escalations(), "call_unowned ");
    city.does(Action::EndCall { call, how: CallEnd::Advice });
    assert_eq!(city.escalations(), "");
    assert_eq!(city.centre.next_deadline(), None);
}

#[test]
fn an_incident_nobody_deals_with_is_escalated() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.wait(15);
    assert_eq!(city.escalations(), "not_proposed ");
    city.proposes(incident, &["A01"]);
    assert_eq!(city.escalations(), "");
    city.wait(45);
    assert_eq!(city.escalations(), "not_assigned ");
    city.sends(incident, "A01");
    assert_eq!(city.escalations(), "");
}

#[test]
fn the_departure_clock_warns_alarms_and_asks_for_the_next_unit() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let assignment = city.sends(incident, "A01");
    let effect = *city.centre.record().outbox().keys().next().unwrap();
    city.wait(5);
    city.does(Action::ConfirmDelivery { effect });
    city.wait(24);
    assert_eq!(city.escalations(), "");
    city.wait(1);
    assert_eq!(city.escalations(), "not_acknowledged ");
    assert_eq!(city.centre.record().proposals_wanted(), [incident], "the next unit is looked for");
    city.press(assignment, Stage::Acknowledged).unwrap();
    assert_eq!(city.escalations(), "");
    city.proposes(incident, &["A02"]);
    city.wait(90);
    assert_eq!(city.escalations(), "roll_slow ");
    city.wait(60);
    assert_eq!(city.escalations(), "not_rolling ", "red takes the place of amber");
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    city.press(assignment, Stage::Rolling).unwrap();
    assert_eq!(city.escalations(), "");
}

#[test]
fn an_order_that_does_not_arrive_and_a_hospital_that_does_not_answer() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let assignment = city.sends(incident, "A01");
    city.wait(10);
    assert_eq!(city.escalations(), "not_delivered ");
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    let hospital = "H01".parse().unwrap();
    city.does(Action::ChooseDestination { assignment, hospital, reason: String::new() });
    city.wait(60);
    assert_eq!(city.escalations(), "arrival_unacknowledged ");
    let raised = *city.centre.record().escalations().keys().next().unwrap();
    assert_eq!(raised.to_string().parse(), Ok(raised));
    city.does(Action::AcknowledgeEscalation { escalation: raised });
    assert_eq!(city.escalations(), "arrival_unacknowledged ", "it stands until its cause is gone");
    city.does(Action::AcknowledgeArrival { assignment });
    assert_eq!(city.escalations(), "");
}

#[test]
fn what_is_put_aside_comes_back_by_itself() {
    let mut city = City::new();
    let incident = city.incident(Level::IV);
    let until = city.now + dispatch_core::Span::seconds(600);
    city.does(Action::HoldIncident { incident, reason: "无车".to_owned(), until });
    city.wait(599);
    assert_eq!(city.escalations(), "");
    assert!(city.centre.record().proposals_wanted().is_empty());
    city.wait(1);
    assert!(!city.centre.record().incident(incident).unwrap().is_held());
    assert_eq!(city.centre.record().proposals_wanted(), [incident]);
    city.wait(60);
    assert_eq!(city.escalations(), "not_proposed not_assigned ");
}

/// An order that does not roll in time, and then the next proposal.
fn late(send_next_when_late: bool) -> (City, Vec<dispatch_core::Event>) {
    let mut city = City::new();
    let rules = Rules { send_next_when_late, ..Rules::default() };
    city.does(Action::AdoptRules { rules });
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    city.sends(incident, "A01");
    city.wait(179);
    let proposal = city.proposal(incident, &["A02", "A03"]);
    let early =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: proposal.into() }).unwrap();
    assert_eq!(early.len(), 1, "nobody is late yet");
    city.wait(1);
    assert_eq!(city.centre.record().proposals_wanted(), [incident], "the next unit is looked for");
    let proposal = city.proposal(incident, &["A02", "A03"]);
    let events =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: proposal.into() }).unwrap();
    (city, events)
}

#[test]
fn the_next_unit_is_only_proposed_where_the_centre_has_not_switched_it_on() {
    let (city, events) = late(false);
    assert_eq!(events.len(), 1);
    assert!(city.centre.record().unit(unit("A02")).unwrap().is_free());
}

#[test]
fn the_next_unit_is_sent_by_a_named_rule_once_for_each_that_is_late() {
    let (mut city, events) = late(true);
    let [_, sent] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(sent.by, Actor::rule("send_next_when_late"));
    let Fact::UnitAssigned { incident, unit: who, choice, .. } = &sent.fact else { panic!("{sent:?}") };
    assert_eq!(*who, unit("A02"));
    let late = city.centre.record().assignment(choice.as_ref().unwrap().replaces.unwrap()).unwrap();
    assert_eq!((late.unit, late.is_open()), (unit("A01"), true), "the late one is a person's to recall");
    let proposal = city.proposal(*incident, &["A03"]);
    let again =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: proposal.into() }).unwrap();
    assert_eq!(again.len(), 1, "it has been replaced");
    city.wait(180);
    let proposal = city.proposal(*incident, &["A03"]);
    let next =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: proposal.into() }).unwrap();
    assert_eq!(next.len(), 2, "the second one is late, too");
}
