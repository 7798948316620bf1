//! Policies at work in the centre: a unit taken from a less urgent incident in one transaction, the queue in order, and where a
//! unit stands by that becomes free.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Interrupted, Outcome, Proposal, Stage, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AssignmentId, IncidentId, ProposalId, StationId};
use dispatch_core::incident::Level;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Event, Fact, Refusal, Span};

use crate::city::{City, unit};

fn rules(policy: &str, automatic: bool) -> Action {
    let rules = Rules { policy: policy.to_owned(), automatic_dispatch: automatic, ..Rules::default() };
    Action::AdoptRules { rules }
}

/// A proposal of one unit that would leave the order it is on.
fn taking(city: &mut City, incident: IncidentId, code: &str, from: AssignmentId) -> Proposal {
    let left = city.centre.record().assignment(from).unwrap().incident;
    let level = city.centre.record().incident(left).unwrap().sketch.triage.level;
    let mut inputs = city.proposal(incident, &[code]).inputs;
    inputs.candidates[0].interrupts = Some(Interrupted { assignment: from, incident: left, level });
    propose(ProposalId::new(city.uuid()), inputs)
}

fn facts(events: &[Event]) -> Vec<&'static str> {
    events
        .iter()
        .map(|event| match &event.fact {
            Fact::ProposalMade { .. } => "proposed",
            Fact::AssignmentEnded { outcome: Outcome::Diverted, .. } => "diverted",
            Fact::AssignmentEnded { .. } => "ended",
            Fact::UnitAssigned { .. } => "assigned",
            Fact::StageReported { .. } => "step",
            Fact::IncidentDone { .. } => "done",
            Fact::MoveUpAdvised { .. } => "advised",
            Fact::UnitPosted { .. } => "posted",
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_unit_is_taken_from_a_less_urgent_incident_and_that_one_wants_another_at_once() {
    let mut city = City::new();
    let minor = city.incident(Level::III);
    let first = city.sends(minor, "A01");
    city.presses(first, &[Stage::Acknowledged, Stage::Rolling]);
    let grave = city.incident(Level::I);
    let proposal = taking(&mut city, grave, "A01", first);
    assert!(
        proposal.ranked[0].reasons.iter().any(|reason| reason.texts().1 == "leaves an incident of level III")
    );
    let id = proposal.id;
    city.does(Action::RecordProposal { proposal: Arc::new(proposal) });
    let assignment = AssignmentId::new(city.uuid());
    let events = city.does(Action::AssignUnit {
        assignment,
        incident: grave,
        unit: unit("A01"),
        proposal: Some(id),
        reason: None,
        grounds: Grounds::default(),
    });
    assert_eq!(facts(&events), ["diverted", "assigned"]);
    let record = city.centre.record();
    assert_eq!(record.unit(unit("A01")).unwrap().assignments, [assignment]);
    assert_eq!(record.units_short(minor), 1);
    assert_eq!(record.proposals_wanted(), [minor], "the incident left behind is looked at at once");
    let recalls = record.outbox().values().filter(|effect| effect.what.assignment().is_none()).count();
    assert_eq!(recalls, 1, "the crew is told that its first order is off");
}

#[test]
fn a_unit_with_its_patient_is_never_taken() {
    let mut city = City::new();
    city.does(rules("closest-preempt", true));
    let minor = city.incident(Level::III);
    let first = city.sends(minor, "A01");
    let grave = city.incident(Level::I);
    let proposal = taking(&mut city, grave, "A01", first);
    city.presses(first, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    let id = proposal.id;
    let events = city.does(Action::RecordProposal { proposal: Arc::new(proposal) });
    assert_eq!(facts(&events), ["proposed"], "the machine leaves it where it is");
    let asked = Action::AssignUnit {
        assignment: AssignmentId::new(city.uuid()),
        incident: grave,
        unit: unit("A01"),
        proposal: Some(id),
        reason: None,
        grounds: Grounds::default(),
    };
    assert!(matches!(city.refused(asked), Refusal::UnitTaken { .. }), "and so must the desk");
}

#[test]
fn automatic_dispatch_diverts_in_one_transaction_and_says_that_no_person_did() {
    let mut city = City::new();
    city.does(rules("closest-preempt", true));
    let minor = city.incident(Level::IV);
    let first = city.sends(minor, "A01");
    let grave = city.incident(Level::II);
    let proposal = taking(&mut city, grave, "A01", first);
    let by = Actor::rule("proposal");
    let events = city.by(by.clone(), Action::RecordProposal { proposal: Arc::new(proposal) }).unwrap();
    assert_eq!(facts(&events), ["proposed", "diverted", "assigned"]);
    let rule = Actor::rule("automatic_dispatch");
    assert_eq!([&events[0].by, &events[1].by, &events[2].by], [&by, &rule, &rule]);
}

#[test]
fn the_queue_is_by_level_and_then_by_when_help_was_called_for() {
    let mut city = City::new();
    let call = city.call();
    city.wait(5);
    let later_created_first = city.incident(Level::II);
    city.wait(5);
    let sketch = Arc::new(crate::city::sketch(Level::II));
    let called_first = IncidentId::new(city.uuid());
    city.does(Action::CreateIncident { incident: called_first, call: Some(call), sketch });
    let grave = city.incident(Level::I);
    assert_eq!(city.centre.record().proposals_wanted(), [grave, called_first, later_created_first]);
}

#[test]
fn an_unknown_policy_is_refused_with_the_names_there_are() {
    let mut city = City::new();
    let refusal = city.refused(rules("nearest", false)).to_string();
    assert!(refusal.contains("closest-guarded") && refusal.contains("+dmexclp:Q"), "{refusal}");
}

/// Two stations: most help is wanted where only S02 is in time.
fn cover(city: &mut City) {
    let stations: Vec<StationId> = ["S01", "S02"].map(|code| code.parse().unwrap()).to_vec();
    let zones = [(10.0, vec![0]), (12.0, vec![1]), (5.0, vec![0, 1])];
    let zones = CoverZones::new("test".to_owned(), stations, zones);
    city.does(Action::AdoptCover { zones: Arc::new(zones) });
}

/// A01 finishes a job and becomes free.
fn a01_becomes_free(city: &mut City) -> Vec<Event> {
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::OnScene]);
    city.press(assignment, Stage::Available).unwrap()
}

#[test]
fn a_unit_that_becomes_free_is_advised_to_where_it_adds_most_cover() {
    let mut city = City::new();
    city.does(rules("dmexclp:0.5", false));
    cover(&mut city);
    let events = a01_becomes_free(&mut city);
    // A02 stands at S01 and A03 at S02: the gains are 10 x 0.25 + 5 x 0.125 and 12 x 0.25 + 5 x 0.125.
    assert_eq!(facts(&events), ["step", "ended", "done", "advised"]);
    let Fact::MoveUpAdvised { advice } = &events[3].fact else { unreachable!("asserted above") };
    assert_eq!(
        (advice.others.as_slice(), advice.gains.as_slice()),
        ([1, 1].as_slice(), [3.125, 3.625].as_slice())
    );
    assert_eq!((advice.from.as_str(), advice.to.as_str()), ("S01", "S02"));
    assert_eq!(city.centre.record().unit(unit("A01")).unwrap().standby().as_str(), "S01", "a person decides");
    let posted = city.does(Action::PostUnit { unit: unit("A01"), station: advice.to });
    assert_eq!(facts(&posted), ["posted"]);
    assert_eq!(city.centre.record().unit(unit("A01")).unwrap().standby().as_str(), "S02");
}

#[test]
fn where_units_are_sent_without_a_person_the_posting_follows_the_advice() {
    let mut city = City::new();
    city.does(rules("closest-preempt+dmexclp:0.5", true));
    cover(&mut city);
    let events = a01_becomes_free(&mut city);
    assert_eq!(facts(&events), ["step", "ended", "done", "advised", "posted"]);
    assert_eq!(events[4].by, Actor::rule("automatic_dispatch"));
}

#[test]
fn while_somebody_waits_nobody_is_moved() {
    let mut city = City::new();
    city.does(rules("dmexclp:0.5", true));
    cover(&mut city);
    city.incident(Level::III);
    let events = a01_becomes_free(&mut city);
    assert_eq!(facts(&events), ["step", "ended", "done"]);
}

#[test]
fn zones_that_contradict_themselves_are_refused() {
    let mut city = City::new();
    let stations = vec!["S01".parse().unwrap()];
    for wrong in [(1.0, vec![1]), (-1.0, vec![0]), (f64::NAN, vec![0])] {
        let zones = Arc::new(CoverZones::new("test".to_owned(), stations.clone(), [wrong]));
        assert!(matches!(city.refused(Action::AdoptCover { zones }), Refusal::NotAllowed { .. }));
    }
}

/// Who a proposal for an incident would take from where.
fn interruptions(city: &City, incident: IncidentId) -> Vec<(String, Level)> {
    let picture = FleetPicture::new(city.now, Vec::new());
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).unwrap();
    let taken = inputs.candidates.iter().filter_map(|c| Some((c.unit.to_string(), c.interrupts?.level)));
    taken.collect()
}

#[test]
fn the_table_says_from_which_incident_a_unit_may_be_taken() {
    for (policy, from, to, taken) in [
        ("closest", Level::IV, Level::I, false),
        ("closest-preempt", Level::IV, Level::I, true),
        ("closest-preempt", Level::II, Level::I, false),
        ("closest-preempt", Level::III, Level::II, false),
        ("closest-guarded", Level::IV, Level::II, true),
        ("closest-guarded", Level::I, Level::I, false),
    ] {
        let mut city = City::new();
        city.does(rules(policy, false));
        let minor = city.incident(from);
        city.sends(minor, "A01");
        let grave = city.incident(to);
        let expected: &[_] = if taken { &[("A01".to_owned(), from)] } else { &[] };
        assert_eq!(interruptions(&city, grave), expected, "{policy} {from:?} {to:?}");
        // What is on its way to an incident is not offered to it again.
        assert_eq!(interruptions(&city, minor), []);
    }
}

#[test]
fn guarded_an_incident_loses_two_units_at_most_and_none_after_waiting_long() {
    let mut city = City::new();
    city.does(rules("closest-guarded", true));
    let minor = city.incident(Level::III);
    for code in ["A01", "A02"] {
        let sent = city.sends(minor, code);
        let grave = city.incident(Level::I);
        assert_eq!(interruptions(&city, grave), [(code.to_owned(), Level::III)]);
        let proposal = taking(&mut city, grave, code, sent);
        city.does(Action::RecordProposal { proposal: Arc::new(proposal) });
    }
    city.sends(minor, "A03");
    let graver = city.incident(Level::I);
    assert_eq!(interruptions(&city, graver), [], "it has lost two");
}

#[test]
fn guarded_an_incident_that_has_waited_past_its_goal_keeps_its_unit() {
    let mut city = City::new();
    city.does(rules("closest-guarded", true));
    let patient = city.incident(Level::III);
    city.sends(patient, "A03");
    let grave = city.incident(Level::I);
    city.wait(1_012);
    assert_eq!(interruptions(&city, grave), [("A03".to_owned(), Level::III)]);
    city.wait(2);
    assert_eq!(interruptions(&city, grave), [], "an eighth more than a quarter of an hour");
}

#[test]
fn guarded_a_unit_is_taken_only_for_a_minute_saved() {
    let mut city = City::new();
    let minor = city.incident(Level::III);
    let first = city.sends(minor, "A01");
    let grave = city.incident(Level::I);
    for (policy, extra_s, best) in
        [("closest-preempt", 1, "A01"), ("closest-guarded", 59, "A03"), ("closest-guarded", 61, "A01")]
    {
        let mut inputs = city.proposal(grave, &["A01", "A03"]).inputs;
        inputs.policy = policy.to_owned();
        inputs.candidates[0].interrupts =
            Some(Interrupted { assignment: first, incident: minor, level: Level::III });
        inputs.candidates[1].travel_s = inputs.candidates[0].travel_s + Span::seconds(extra_s);
        let proposal = propose(ProposalId::new(city.uuid()), inputs);
        assert_eq!(proposal.ranked[0].unit.as_str(), best, "{policy} {extra_s}");
    }
}
