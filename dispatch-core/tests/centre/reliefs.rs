//! A unit that becomes free goes in place of one that is farther away: found, decided in one transaction, told to the crew.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Outcome, Proposal, Relieved, Stage, propose};
use dispatch_core::effect::EffectKind;
use dispatch_core::ids::{AssignmentId, IncidentId, ProposalId};
use dispatch_core::incident::Level;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Event, Fact};

use crate::city::{City, unit};

/// A centre that sends by itself, with an order of the farther unit on its way.
fn on_its_way(automatic: bool) -> (City, IncidentId, AssignmentId) {
    let mut city = City::new();
    let rules =
        Rules { policy: "closest+relief".to_owned(), automatic_dispatch: automatic, ..Rules::default() };
    city.does(Action::AdoptRules { rules });
    let incident = city.incident(Level::II);
    let held = city.sends(incident, "A02");
    city.presses(held, &[Stage::Acknowledged, Stage::Rolling]);
    (city, incident, held)
}

/// A01 in one minute, A02 on its way in two.
fn nearer(city: &mut City, incident: IncidentId, held: AssignmentId) -> Proposal {
    let mut inputs = city.proposal(incident, &["A01", "A02"]).inputs;
    inputs.relieves = Some(Relieved { assignment: held, unit: unit("A02") });
    propose(ProposalId::new(city.uuid()), inputs)
}

fn ends_and_begins(events: &[Event]) -> bool {
    let ended = events
        .iter()
        .position(|event| matches!(event.fact, Fact::AssignmentEnded { outcome: Outcome::Relieved, .. }));
    let begun = events.iter().position(|event| matches!(event.fact, Fact::UnitAssigned { .. }));
    ended.is_some() && begun.is_some() && ended < begun
}

#[test]
fn the_nearer_unit_goes_and_the_farther_one_is_free_again() {
    let (mut city, incident, held) = on_its_way(true);
    let proposal = nearer(&mut city, incident, held);
    assert_eq!(proposal.ranked[0].unit, unit("A01"));
    let events =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: Arc::new(proposal) }).unwrap();
    assert!(ends_and_begins(&events), "{events:?}");
    let record = city.centre.record();
    assert_eq!(record.units_short(incident), 0);
    assert!(record.proposals_wanted().is_empty(), "nobody is left waiting");
    assert!(record.unit(unit("A02")).unwrap().is_free());
    let told = |effect: &EffectKind| matches!(effect, EffectKind::RecallOrder { assignment, .. } if *assignment == held);
    assert!(record.outbox().values().any(|effect| effect.unit == unit("A02") && told(&effect.what)));
}

#[test]
fn it_must_be_worth_it_and_the_unit_must_still_be_on_its_way() {
    let (mut city, incident, held) = on_its_way(true);
    let mut inputs = nearer(&mut city, incident, held).inputs;
    for candidate in &mut inputs.candidates {
        candidate.travel_s =
            dispatch_core::Span::seconds(if candidate.unit == unit("A01") { 50 } else { 60 });
    }
    let hardly = propose(ProposalId::new(city.uuid()), inputs);
    assert_eq!(hardly.ranked[0].unit, unit("A02"), "ten seconds are not worth changing crews");
    let late = nearer(&mut city, incident, held);
    city.presses(held, &[Stage::OnScene]);
    let events =
        city.by(Actor::rule("proposal"), Action::RecordProposal { proposal: Arc::new(late) }).unwrap();
    assert!(matches!(events.as_slice(), [Event { fact: Fact::ProposalMade { .. }, .. }]), "it has arrived");
}

#[test]
fn a_person_accepts_it_with_the_order_and_nothing_happens_before() {
    let (mut city, incident, held) = on_its_way(false);
    let proposal = nearer(&mut city, incident, held);
    let id = proposal.id;
    let events = city.does(Action::RecordProposal { proposal: Arc::new(proposal) });
    assert!(matches!(events.as_slice(), [Event { fact: Fact::ProposalMade { .. }, .. }]));
    let assignment = AssignmentId::new(city.uuid());
    let asked = Action::AssignUnit {
        assignment,
        incident,
        unit: unit("A01"),
        proposal: Some(id),
        reason: None,
        grounds: Grounds::default(),
    };
    assert!(ends_and_begins(&city.does(asked)));
}
