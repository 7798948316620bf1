//! The matching against every way in which units can be given.

use proptest::prelude::*;
use roads::Wgs84;

use super::*;
use crate::assignment::{
    Basis, CandidateInput, FreeArrival, Freeing, Interrupted, Proposal, UnitState, propose,
};
use crate::ids::{AssignmentId, ProposalId};
use crate::incident::Level;
use crate::time::UtcTime;

const LEVELS: [Level; 4] = [Level::I, Level::II, Level::III, Level::IV];

fn incident(number: u128) -> IncidentId {
    IncidentId::new(uuid::Uuid::from_u128(number))
}

fn unit(number: usize) -> UnitId {
    format!("U{number}").parse().unwrap()
}

fn rival(number: usize, level: u8, waited: i64, remaining: Option<i64>, arrivals: &[(usize, i64)]) -> Rival {
    let arrivals =
        arrivals.iter().map(|(of, s)| FreeArrival { unit: unit(*of), arrival_s: Span::seconds(*s) });
    Rival {
        incident: incident(100 + number as u128),
        level: LEVELS[usize::from(level)],
        waited_s: Span::seconds(waited),
        goal_s: Span::seconds(600),
        remaining_s: remaining.map(Span::seconds),
        arrivals: arrivals.collect(),
    }
}

/// A unit that goes at once, from the incident of a rival or free.
fn candidate(number: usize, travel: i64, from: Option<&Rival>) -> CandidateInput {
    let interrupts = from.map(|rival| Interrupted {
        assignment: AssignmentId::new(uuid::Uuid::nil()),
        incident: rival.incident,
        level: rival.level,
    });
    CandidateInput {
        unit: unit(number),
        state: UnitState::AtStation,
        position: Wgs84::new(114.0, 30.0).unwrap(),
        position_age_s: Span::ZERO,
        mobilisation_s: Span::ZERO,
        travel_s: Span::seconds(travel),
        basis: Basis::Road,
        skills: [].into(),
        interrupts,
        cover_loss: None,
        duty_left_s: None,
        freeing: None,
        own_area: false,
        aid: None,
        level: crate::assignment::DispatchLevel::Allow,
    }
}

fn proposal(level: Level, candidates: Vec<CandidateInput>, rivals: Vec<Rival>) -> Proposal {
    proposal_with(level, candidates, rivals, Vec::new())
}

/// The same with units about to be free.
fn proposal_with(
    level: Level,
    candidates: Vec<CandidateInput>,
    rivals: Vec<Rival>,
    about_to_be_free: Vec<CandidateInput>,
) -> Proposal {
    let inputs = ProposalInputs {
        at: UtcTime::from_micros(0),
        incident: incident(1),
        target: Wgs84::new(114.0, 30.0).unwrap(),
        level,
        units_short: 1,
        skills: [].into(),
        policy: "matching".to_owned(),
        candidates_max: 10,
        road_weights: String::new(),
        candidates,
        left_out: Vec::new(),
        relieves: None,
        waited_s: Span::ZERO,
        goal_s: Span::seconds(600),
        rivals,
        demand_per_day: None,
        traffic: None,
        area_later_max_s: None,
        about_to_be_free,
        slots: Vec::new(),
    };
    propose(ProposalId::new(uuid::Uuid::nil()), inputs)
}

fn order(proposal: &Proposal) -> Vec<&str> {
    proposal.ranked.iter().map(|candidate| candidate.unit.as_str()).collect()
}

/// Every way to give the free units to those who have none: the least cost.
fn by_trying(waiting: &[&Rival], units: &[UnitId]) -> f64 {
    let Some((first, rest)) = waiting.split_first() else { return 0.0 };
    let cost = |after: Span| penalty(first.level, first.waited_s + after, first.goal_s);
    let mut best = cost(RELIEF) + by_trying(rest, units);
    for arrival in first.arrivals.iter().filter(|arrival| units.contains(&arrival.unit)) {
        let left: Vec<UnitId> = units.iter().copied().filter(|unit| *unit != arrival.unit).collect();
        best = best.min(cost(arrival.arrival_s) + by_trying(rest, &left));
    }
    best
}

fn whole_cost(inputs: &ProposalInputs, candidate: Option<&Candidate>) -> f64 {
    let loses = candidate.and_then(|candidate| candidate.interrupts).map(|it| it.incident);
    let after = candidate.map_or(RELIEF, |candidate| candidate.arrival_s);
    let own = penalty(inputs.level, inputs.waited_s + after, inputs.goal_s)
        + if loses.is_some() { SWITCH } else { 0.0 };
    let holds = |rival: &&Rival| rival.remaining_s.is_some() && loses != Some(rival.incident);
    let kept = inputs.rivals.iter().filter(holds);
    let kept: f64 = kept.map(|it| penalty(it.level, it.waited_s + it.remaining_s.unwrap(), it.goal_s)).sum();
    let waiting: Vec<&Rival> = inputs.rivals.iter().filter(|rival| !holds(rival)).collect();
    let all = inputs.rivals.iter().flat_map(|rival| &rival.arrivals).map(|arrival| arrival.unit);
    let mut units: Vec<UnitId> = all.filter(|unit| candidate.is_none_or(|it| it.unit != *unit)).collect();
    units.sort_unstable();
    units.dedup();
    own + kept + by_trying(&waiting, &units)
}

prop_compose! {
    fn any_rival(number: usize)(
        level in 0_u8..4,
        waited in 0_i64..2_000,
        remaining in prop::option::of(0_i64..1_500),
        arrivals in prop::collection::btree_map(0_usize..5, 0_i64..1_500, 0..4),
    ) -> Rival {
        let arrivals: Vec<_> = arrivals.into_iter().collect();
        rival(number, level, waited, remaining, &arrivals)
    }
}

proptest! {
    #[test]
    fn it_is_the_best_of_all_ways_to_give_the_units(
        level in 0_usize..4,
        travels in prop::collection::vec((0_i64..1_500, any::<bool>()), 1..5),
        rivals in (any_rival(0), any_rival(1), any_rival(2)),
        count in 0_usize..4,
    ) {
        let rivals = [rivals.0, rivals.1, rivals.2].into_iter().take(count).collect::<Vec<_>>();
        let held = |place: usize| rivals.get(place).filter(|rival| rival.remaining_s.is_some());
        let candidates = travels.iter().enumerate().map(|(number, (travel, takes))| {
            match held(number).filter(|_| *takes) {
                Some(from) => candidate(10 + number, *travel, Some(from)),
                None => candidate(number, *travel, None),
            }
        });
        let proposal = proposal(LEVELS[level], candidates.collect(), rivals.clone());
        let costs: Vec<f64> =
            proposal.ranked.iter().map(|candidate| whole_cost(&proposal.inputs, Some(candidate))).collect();
        let nobody = whole_cost(&proposal.inputs, None);
        let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
        let goes: Vec<_> = proposal.ranked.iter().filter(|candidate| candidate.kept_for.is_none()).collect();
        if nobody >= least + SURE {
            prop_assert_eq!(goes.len(), proposal.ranked.len(), "nobody is kept back when it does not pay");
            prop_assert!(costs.windows(2).all(|pair| pair[0] <= pair[1] + SURE), "{costs:?}");
        }
    }
}

/// Costs are matched in parts of a millionth.
const SURE: f64 = 1e-4;

#[test]
fn a_unit_is_taken_from_a_lesser_incident_only_where_it_pays() {
    let lesser = rival(0, 2, 60, Some(120), &[(2, 300)]);
    let candidates = |free_s| vec![candidate(1, 100, Some(&lesser)), candidate(2, free_s, None)];
    // The free unit is hardly slower: the other stays with its patient.
    assert_eq!(order(&proposal(Level::I, candidates(110), vec![lesser.clone()])), ["U2", "U1"]);
    // It is far slower, and the lesser incident has somebody else near.
    assert_eq!(order(&proposal(Level::I, candidates(900), vec![lesser.clone()])), ["U1", "U2"]);
}

#[test]
fn the_only_unit_is_kept_for_whoever_loses_most_by_waiting() {
    let grave = rival(0, 0, 300, None, &[(1, 200)]);
    let small = proposal(Level::IV, vec![candidate(1, 200, None)], vec![grave.clone()]);
    assert_eq!(small.ranked[0].kept_for, Some(grave.incident));
    assert!(small.ranked[0].reasons.iter().any(|reason| reason.texts().1.contains("better kept")));
    let other_way =
        proposal(Level::I, vec![candidate(1, 200, None)], vec![rival(0, 3, 0, None, &[(1, 200)])]);
    assert_eq!(other_way.ranked[0].kept_for, None);
}

#[test]
fn a_unit_is_kept_for_another_where_one_about_to_be_free_is_hardly_later() {
    let others = || vec![rival(0, 2, 0, None, &[(1, 300)])];
    let soon = |travel| {
        let waits = Freeing {
            assignment: AssignmentId::new(uuid::Uuid::nil()),
            hospital: "H01".parse().unwrap(),
            name: "医院".to_owned(),
            in_s: Span::seconds(30),
        };
        vec![CandidateInput { freeing: Some(waits), ..candidate(9, travel, None) }]
    };
    let kept = |soon| {
        let proposal = proposal_with(Level::III, vec![candidate(1, 100, None)], others(), soon);
        assert_eq!(order(&proposal), ["U1"], "whoever is not free is never ranked");
        proposal.ranked[0].kept_for.is_some()
    };
    assert!(!kept(Vec::new()), "otherwise somebody waits for twenty minutes");
    assert!(kept(soon(400)));
    assert!(!kept(soon(3_000)));
}

#[test]
fn two_who_wait_are_not_given_the_same_unit_where_each_has_one_near() {
    // The first to arrive is the only one near the other incident.
    let other = rival(0, 0, 0, None, &[(1, 60), (2, 1_200)]);
    let proposal = proposal(Level::I, vec![candidate(1, 100, None), candidate(2, 150, None)], vec![other]);
    assert_eq!(order(&proposal), ["U2", "U1"]);
}
