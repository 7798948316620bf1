//! Cover: what it costs to send a unit, and advice to stand by elsewhere that a person follows or takes down.

use std::sync::Arc;

use dispatch_core::assignment::{Stage, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{IncidentId, ProposalId, StationId};
use dispatch_core::incident::Level;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Fact, Refusal};

use crate::city::{City, desk, unit};

fn rules(city: &mut City, policy: &str, move_up_gain_min: f64) {
    let rules = Rules { policy: policy.to_owned(), move_up_gain_min, ..Rules::default() };
    city.does(Action::AdoptRules { rules });
}

/// Two stations: 8 calls a day that only S01 covers, 12 only S02, 5 both.
fn zones(city: &mut City) {
    let stations: Vec<StationId> = ["S01", "S02"].map(|code| code.parse().unwrap()).to_vec();
    let zones =
        CoverZones::new("test".to_owned(), stations, [(8.0, vec![0]), (12.0, vec![1]), (5.0, vec![0, 1])]);
    city.does(Action::AdoptCover { zones: Arc::new(zones) });
}

fn station(code: &str) -> StationId {
    code.parse().unwrap()
}

/// A01 finishes a job and becomes free.
fn a01_becomes_free(city: &mut City) {
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::OnScene]);
    city.press(assignment, Stage::Available).unwrap();
}

fn advised(city: &City) -> Option<(String, u32)> {
    let advice = city.centre.record().unit(unit("A01")).unwrap().advice.as_ref()?;
    Some((advice.to.to_string(), advice.gain_ppm))
}

/// What each candidate of a proposal for an incident would cost, by unit.
fn losses(city: &mut City, incident: IncidentId) -> Vec<(String, Option<u32>)> {
    let picture = FleetPicture::new(city.now, Vec::new());
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).unwrap();
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    let inputs = &proposal.inputs;
    inputs.candidates.iter().map(|c| (c.unit.to_string(), inputs.cover_loss_ppm(c))).collect()
}

#[test]
fn a_proposal_says_what_cover_each_unit_costs() {
    let mut city = City::new();
    let incident = city.incident(Level::II);
    let unknown = losses(&mut city, incident);
    assert!(unknown.iter().all(|(_, loss)| loss.is_none()), "no zones are known: {unknown:?}");
    rules(&mut city, "dmexclp:0.5", 0.0);
    zones(&mut city);
    // A01 and A02 at S01, A03 at S02; q is 0.5; of 25 calls a day. The third unit of the shared zone adds an eighth of its 5.
    let one_of_two = Some((8.0_f64 * 0.25 + 5.0 * 0.125) / 25.0 * 1e6).map(|loss| loss.round() as u32);
    let the_only = Some((12.0_f64 * 0.5 + 5.0 * 0.125) / 25.0 * 1e6).map(|loss| loss.round() as u32);
    let expected = [("A01", one_of_two), ("A02", one_of_two), ("A03", the_only)];
    assert_eq!(losses(&mut city, incident), expected.map(|(unit, loss)| (unit.to_owned(), loss)));
}

#[test]
fn a_unit_that_would_leave_an_order_covers_nothing_now() {
    let mut city = City::new();
    rules(&mut city, "closest-preempt+dmexclp:0.5", 0.0);
    zones(&mut city);
    let minor = city.incident(Level::IV);
    city.sends(minor, "A03");
    let grave = city.incident(Level::I);
    let losses = losses(&mut city, grave);
    assert_eq!(losses[2], ("A03".to_owned(), Some(0)));
    assert!(losses[0].1 > Some(0));
}

#[test]
fn advice_stands_until_a_person_follows_it() {
    let mut city = City::new();
    rules(&mut city, "dmexclp:0.5", 0.0);
    zones(&mut city);
    a01_becomes_free(&mut city);
    // 12 x 0.25 + 5 x 0.125 there, 8 x 0.25 + 5 x 0.125 here.
    assert_eq!(advised(&city), Some(("S02".to_owned(), 40_000)));
    let events = city.does(Action::AcceptMoveUp { unit: unit("A01"), station: station("S02") });
    assert!(matches!(&events[0].fact, Fact::UnitPosted { .. }) && events[0].by == desk());
    assert_eq!(advised(&city), None);
    assert_eq!(city.centre.record().unit(unit("A01")).unwrap().standby(), station("S02"));
    let again = city.does(Action::AcceptMoveUp { unit: unit("A01"), station: station("S02") });
    assert_eq!(again, [], "a second press finds it there already");
}

#[test]
fn advice_is_taken_down_by_a_person_or_by_an_order() {
    let mut city = City::new();
    rules(&mut city, "dmexclp:0.5", 0.0);
    zones(&mut city);
    a01_becomes_free(&mut city);
    city.does(Action::DeclineMoveUp { unit: unit("A01"), station: station("S02") });
    assert_eq!(advised(&city), None);
    a01_becomes_free(&mut city);
    assert!(advised(&city).is_some());
    city.does(Action::PauseUnit { unit: unit("A01"), reason: "加油".to_owned() });
    assert_eq!(advised(&city), None);
    city.does(Action::ResumeUnit { unit: unit("A01") });
    a01_becomes_free(&mut city);
    let incident = city.incident(Level::II);
    city.sends(incident, "A01");
    assert_eq!(advised(&city), None);
}

#[test]
fn advice_that_no_longer_holds_is_refused() {
    let stale = |change: fn(&mut City)| {
        let mut city = City::new();
        rules(&mut city, "dmexclp:0.5", 0.0);
        zones(&mut city);
        a01_becomes_free(&mut city);
        change(&mut city);
        let refusal = city.refused(Action::AcceptMoveUp { unit: unit("A01"), station: station("S02") });
        assert_eq!(refusal, Refusal::MoveUpStale { unit: unit("A01"), station: station("S02") });
    };
    stale(|city| {
        city.incident(Level::II);
    });
    stale(|city| {
        city.does(Action::PostUnit { unit: unit("A02"), station: station("S02") });
    });
    stale(|city| {
        city.does(Action::PauseUnit { unit: unit("A01"), reason: "加油".to_owned() });
    });
    stale(|city| rules(city, "closest", 0.0));
    let mut city = City::new();
    let never = city.refused(Action::AcceptMoveUp { unit: unit("A01"), station: station("S02") });
    assert!(matches!(never, Refusal::MoveUpStale { .. }));
}

#[test]
fn a_gain_too_small_for_the_rules_is_not_advised() {
    for (gain_min, expected) in [(0.04, true), (0.041, false)] {
        let mut city = City::new();
        rules(&mut city, "dmexclp:0.5", gain_min);
        zones(&mut city);
        a01_becomes_free(&mut city);
        assert_eq!(advised(&city).is_some(), expected, "{gain_min}");
    }
}
