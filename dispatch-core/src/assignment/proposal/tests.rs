//! A proposal is a pure function of its inputs.

use proptest::prelude::*;

use super::*;

fn skills(bits: u8) -> BTreeSet<Skill> {
    let all = [Skill::Als, Skill::ChestPain, Skill::Stroke];
    all.into_iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, skill)| skill).collect()
}

fn input(number: usize, (mobilisation, travel, can, state, age): (i64, i64, u8, u8, i64)) -> CandidateInput {
    let states = [UnitState::AtStation, UnitState::Standing, UnitState::Driving, UnitState::AssumedAtStation];
    CandidateInput {
        interrupts: None,
        cover_loss: None,
        duty_left_s: None,
        freeing: None,
        own_area: false,
        aid: None,
        level: DispatchLevel::Allow,
        unit: format!("U{number}").parse().unwrap(),
        state: states[usize::from(state % 4)],
        position: Wgs84::new(114.0, 30.0).unwrap(),
        position_age_s: Span::seconds(age),
        mobilisation_s: Span::seconds(mobilisation),
        travel_s: Span::seconds(travel),
        basis: if travel % 2 == 0 { Basis::Road } else { Basis::StraightLine },
        skills: skills(can),
    }
}

prop_compose! {
    fn inputs()(
        units in prop::collection::vec((0_i64..200, 0_i64..2000, 0_u8..8, 0_u8..4, 0_i64..100), 0..30),
        wanted in 0_u8..8,
        out in prop::collection::vec(0_usize..30, 0..6),
        candidates_max in 0_usize..12,
    ) -> ProposalInputs {
        let left_out = out.iter().map(|number| LeftOut { unit: format!("U{number}").parse().unwrap(), why: LeftOutReason::Taken });
        ProposalInputs {
            at: UtcTime::from_micros(0),
            incident: IncidentId::new(uuid::Uuid::nil()),
            target: Wgs84::new(114.0, 30.0).unwrap(),
            level: Level::I,
            units_short: 1,
            skills: skills(wanted),
            policy: "closest".to_owned(),
            candidates_max,
            road_weights: String::new(),
            candidates: units.into_iter().enumerate().map(|(number, unit)| input(number, unit)).collect(),
            left_out: left_out.collect(),
            relieves: None,
            waited_s: Span::ZERO,
            goal_s: Span::seconds(600),
            rivals: Vec::new(),
            demand_per_day: None,
            traffic: None,
            area_later_max_s: None,
            about_to_be_free: Vec::new(),
            slots: Vec::new(),
        }
    }
}

fn made_from(inputs: ProposalInputs) -> Proposal {
    propose(ProposalId::new(uuid::Uuid::nil()), inputs)
}

proptest! {
    #[test]
    fn the_same_inputs_give_the_same_proposal_in_any_order(inputs in inputs(), seed in any::<u64>()) {
        let mut shuffled = inputs.clone();
        let count = shuffled.candidates.len().max(1) as u64;
        shuffled.candidates.rotate_left((seed % count) as usize);
        if seed % 2 == 0 {
            shuffled.candidates.reverse();
        }
        prop_assert_eq!(made_from(inputs).ranked, made_from(shuffled).ranked);
    }

    #[test]
    fn the_ranking_keeps_its_promises(inputs in inputs()) {
        let proposal = made_from(inputs.clone());
        prop_assert!(proposal.ranked.len() <= inputs.candidates_max);
        let free: Vec<_> = inputs.candidates.iter().filter(|c| inputs.left_out.iter().all(|out| out.unit != c.unit)).collect();
        for candidate in &proposal.ranked {
            prop_assert!(inputs.left_out.iter().all(|out| out.unit != candidate.unit), "left out and proposed");
            prop_assert_eq!(candidate.arrival_s, candidate.mobilisation_s + candidate.travel_s);
            prop_assert_eq!(candidate.lacks.is_empty(), !candidate.reasons.iter().any(|r| matches!(r, Reason::Lacks { .. })));
        }
        if let (Some(first), true) = (proposal.ranked.first(), free.iter().any(|c| inputs.skills.is_subset(&c.skills))) {
            prop_assert!(first.lacks.is_empty(), "a unit that can do the job stands first");
        }
        let quickest = free.iter().map(|c| c.mobilisation_s + c.travel_s).min();
        if inputs.candidates_max > 1 {
            prop_assert_eq!(proposal.ranked.iter().map(|c| c.arrival_s).min(), quickest, "the quickest is listed");
        }
        prop_assert_eq!(proposal.ranked.len(), free.len().min(inputs.candidates_max));
    }
}

#[test]
fn reasons_say_why_a_unit_stands_where_it_stands() {
    let inputs = ProposalInputs {
        skills: skills(2),
        candidates: vec![
            input(1, (0, 300, 2, 2, 0)),
            input(2, (60, 301, 2, 3, 60)),
            input(3, (60, 100, 0, 0, 0)),
        ],
        ..ProposalInputs {
            at: UtcTime::from_micros(0),
            incident: IncidentId::new(uuid::Uuid::nil()),
            target: Wgs84::new(114.0, 30.0).unwrap(),
            level: Level::I,
            units_short: 1,
            skills: BTreeSet::new(),
            policy: "closest".to_owned(),
            candidates_max: 5,
            road_weights: String::new(),
            candidates: Vec::new(),
            left_out: Vec::new(),
            relieves: None,
            waited_s: Span::ZERO,
            goal_s: Span::seconds(600),
            rivals: Vec::new(),
            demand_per_day: None,
            traffic: None,
            area_later_max_s: None,
            about_to_be_free: Vec::new(),
            slots: Vec::new(),
        }
    };
    let words = |c: &Candidate| c.reasons.iter().map(|r| r.texts().1).collect::<Vec<_>>().join("; ");
    let said: Vec<String> =
        made_from(inputs).ranked.iter().map(|c| format!("{}: {}", c.unit, words(c))).collect();
    expect_test::expect![[r"
        U1: 2:20 after the first; already driving, goes at once
        U2: 3:21 after the first; no position yet, taken to be at its station; position is 1:00 old; straight-line estimate, not by road
        U3: arrives first; lacks: chest pain"]]
    .assert_eq(&said.join("\n"));
}
