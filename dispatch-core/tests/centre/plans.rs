//! Response plans and dispatch levels at work: several units of given kinds proposed at once, and a unit that lacks something let through,
//! warned of, sent on somebody's word, or not at all.

use dispatch_core::assignment::{DispatchLevel, DispatchLevels, LevelRow, Proposal, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{IncidentId, ProposalId};
use dispatch_core::incident::{
    IncidentChange, Level, Needs, ResponsePlan, ResponsePlans, Skill, Triage, UnitsWanted,
};
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::UnitSpec;
use dispatch_core::{Action, Refusal};

use crate::city::{City, sketch, unit};

fn wanted(units: u8, skills: &[Skill]) -> UnitsWanted {
    UnitsWanted { units, skills: skills.iter().copied().collect() }
}

/// For level I: one with advanced life support, one with negative pressure, one more. A03 alone can do the first.
fn planned() -> (City, IncidentId) {
    let mut city = City::new();
    let units = vec![wanted(1, &[]), wanted(1, &[Skill::Als]), wanted(1, &[Skill::NegativePressure])];
    let levels = [Level::I].into();
    let plan = ResponsePlan { name: "危重".to_owned(), determinant: None, levels, units };
    city.does(Action::AdoptRules {
        rules: Rules { response_plans: ResponsePlans(vec![plan]), ..Rules::default() },
    });
    able(&mut city, "A03", &[Skill::Als]);
    let incident = city.incident(Level::I);
    (city, incident)
}

fn able(city: &mut City, code: &str, skills: &[Skill]) {
    let spec = city.centre.record().unit(unit(code)).unwrap().spec.clone();
    let unit = UnitSpec { skills: skills.iter().copied().collect(), ..spec };
    city.does(Action::RegisterUnit { unit });
}

fn proposed(city: &mut City, incident: IncidentId) -> Proposal {
    let picture = FleetPicture::new(city.now, Vec::new());
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).unwrap();
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    city.does(Action::RecordProposal { proposal: proposal.clone().into() });
    proposal
}

/// `als A03, - A01, negative_pressure nobody`.
fn team(proposal: &Proposal) -> String {
    let slots = proposal.team.iter().map(|slot| {
        let skills: Vec<String> = slot.skills.iter().map(|skill| format!("{skill:?}")).collect();
        let unit = slot.unit.map_or("nobody".to_owned(), |unit| unit.to_string());
        format!("{} {unit}", skills.join("+"))
    });
    slots.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_plan_fills_in_what_the_call_taker_left_open_and_nothing_else() {
    let (mut city, incident) = planned();
    let needs = |city: &City, incident| city.centre.record().incident(incident).unwrap().sketch.needs.clone();
    assert_eq!((needs(&city, incident).units, needs(&city, incident).plan.as_deref()), (3, Some("危重")));
    assert_eq!(city.centre.record().units_short(incident), 3);
    let mut said = sketch(Level::I);
    said.needs = Needs { units: 2, ..Needs::default() };
    let other = IncidentId::new(city.uuid());
    city.does(Action::CreateIncident { incident: other, call: None, sketch: said.clone().into() });
    assert_eq!(needs(&city, other), said.needs);
    let minor = city.incident(Level::III);
    assert_eq!(needs(&city, minor), Needs::default());
    let change = IncidentChange { triage: Some(Triage::level(Level::I)), ..IncidentChange::default() };
    city.does(Action::ChangeIncident { incident: minor, version: None, change });
    assert_eq!(needs(&city, minor).units, 3, "worse than thought: the plan for that holds");
}

#[test]
fn the_proposal_fills_every_slot_it_can_and_says_which_stay_empty() {
    let (mut city, incident) = planned();
    let proposal = proposed(&mut city, incident);
    assert_eq!(team(&proposal), "Als A03, NegativePressure nobody,  A01");
    assert_eq!(proposal.ranked[0].unit, unit("A03"), "the first slot decides the ranking");
    for code in ["A03", "A01"] {
        let action = city.sending(incident, code, None);
        city.does(action);
    }
    assert_eq!(city.centre.record().slots_open(incident), [[Skill::NegativePressure].into()]);
    let proposal = proposed(&mut city, incident);
    assert_eq!(proposal.ranked[0].lacks, [Skill::NegativePressure].into());
    assert_eq!(team(&proposal), "NegativePressure nobody", "it says what is still missing");
}

#[test]
fn a_unit_without_a_slot_still_needs_a_reason() {
    let (mut city, incident) = planned();
    proposed(&mut city, incident);
    let action = city.sending(incident, "A02", None);
    assert_eq!(city.refused(action), Refusal::ReasonNeeded { unit: unit("A02") });
}

fn with_level(then: DispatchLevel) -> (City, IncidentId) {
    let mut city = City::new();
    let row = LevelRow { lacks: Skill::Als, determinant: None, levels: [Level::I].into(), then };
    city.does(Action::AdoptRules {
        rules: Rules { dispatch_levels: DispatchLevels(vec![row]), ..Rules::default() },
    });
    let mut wants = sketch(Level::I);
    wants.needs.skills = [Skill::Als].into();
    let incident = IncidentId::new(city.uuid());
    city.does(Action::CreateIncident { incident, call: None, sketch: wants.into() });
    (city, incident)
}

#[test]
fn a_lack_is_let_through_warned_of_or_blocked_as_the_rules_say() {
    use DispatchLevel::{Allow, Block, Refuse, Warn};
    for (then, bare, with_reason) in
        [(Allow, true, true), (Warn, true, true), (Block, false, true), (Refuse, false, false)]
    {
        let (mut city, incident) = with_level(then);
        let first = proposed(&mut city, incident).ranked[0].clone();
        assert_eq!((first.unit, first.level), (unit("A01"), then));
        let (unit, lacks) = (unit("A01"), vec![Skill::Als]);
        let refusal =
            if then == Block { Refusal::Blocked { unit, lacks } } else { Refusal::Unfit { unit, lacks } };
        for (reason, goes) in [(None, bare), (Some("别无他车"), with_reason)] {
            let (mut city, incident) = with_level(then);
            proposed(&mut city, incident);
            let action = city.sending(incident, "A01", reason);
            let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
            if !goes {
                assert_eq!(city.refused(action), refusal, "{then:?} {reason:?}");
                continue;
            }
            city.does(action);
            let choice = city.centre.record().assignment(assignment).unwrap().choice.clone().unwrap();
            assert_eq!((choice.lacks, choice.level), ([Skill::Als].into(), then));
        }
    }
}

#[test]
fn who_is_blocked_comes_after_everybody_who_is_not() {
    let (mut city, incident) = with_level(DispatchLevel::Block);
    able(&mut city, "A03", &[Skill::Als]);
    let proposal = proposed(&mut city, incident);
    let ranked: Vec<_> = proposal.ranked.iter().map(|c| (c.unit.to_string(), c.level)).collect();
    let blocked = |code: &str| (code.to_owned(), DispatchLevel::Block);
    assert_eq!(ranked, [("A03".to_owned(), DispatchLevel::Allow), blocked("A01"), blocked("A02")]);
}
