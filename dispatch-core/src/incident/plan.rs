//! Response plans: what must come to which kind of incident, as the centre has written it down. A plan fills in what the call-taker did not say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{IncidentKind, Level, Needs, Skill, Triage};

/// Some of the units that an incident wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsWanted {
    /// How many.
    pub units: u8,
    /// What each of them must be able to do.
    #[serde(default)]
    pub skills: BTreeSet<Skill>,
}

/// What must come to one kind of incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponsePlan {
    /// What people call it (心脏骤停).
    pub name: String,
    /// How a determinant begins for which it is made (`9-E`); none: any, and none at all.
    #[serde(default)]
    pub determinant: Option<String>,
    /// For which levels; none listed: every.
    #[serde(default)]
    pub levels: BTreeSet<Level>,
    /// What must come.
    pub units: Vec<UnitsWanted>,
}

/// The plans of a centre. The first that suits holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResponsePlans(pub Vec<ResponsePlan>);

/// Whether a triage is meant by the beginning of a determinant and a list of levels.
pub(crate) fn suits(triage: &Triage, determinant: Option<&str>, levels: &BTreeSet<Level>) -> bool {
    let begins = |beginning: &str| triage.determinant.as_deref().is_some_and(|it| it.starts_with(beginning));
    determinant.is_none_or(begins) && (levels.is_empty() || levels.contains(&triage.level))
}

impl ResponsePlans {
    /// The most plans of a centre.
    pub const COUNT_MAX: usize = 500;

    /// What must come to an emergency of this triage; `None` where no plan is made for it.
    pub fn needs(&self, kind: IncidentKind, triage: &Triage) -> Option<Needs> {
        let suits = |plan: &&ResponsePlan| suits(triage, plan.determinant.as_deref(), &plan.levels);
        let plan = self.0.iter().find(suits).filter(|_| kind == IncidentKind::Emergency)?;
        let units = plan.units.iter().fold(0_u8, |sum, wanted| sum.saturating_add(wanted.units));
        let kinds = plan.units.iter().filter(|wanted| !wanted.skills.is_empty()).cloned().collect();
        Some(Needs { units, skills: BTreeSet::new(), kinds, plan: Some(plan.name.clone()) })
    }

    /// What is wrong with the plans, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.0.len() > Self::COUNT_MAX {
            return Some(format!("there are {} plans at most", Self::COUNT_MAX));
        }
        let units =
            |plan: &ResponsePlan| plan.units.iter().map(|wanted| u32::from(wanted.units)).sum::<u32>();
        let most = u32::from(super::IncidentSketch::UNITS_MAX);
        let wrong = |plan: &&ResponsePlan| {
            plan.name.trim().is_empty()
                || !(1..=most).contains(&units(plan))
                || plan.units.iter().any(|wanted| wanted.units == 0)
        };
        self.0
            .iter()
            .find(wrong)
            .map(|plan| format!("the plan {:?} needs a name and from 1 to {most} units", plan.name))
    }
}

impl Needs {
    /// Whether the call-taker left open what must come.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// One slot for each unit that must come, with what it must be able to do; the most demanding first.
    pub fn slots(&self) -> Vec<BTreeSet<Skill>> {
        let of_kinds = self.kinds.iter().flat_map(|wanted| {
            let skills: BTreeSet<Skill> = self.skills.union(&wanted.skills).copied().collect();
            std::iter::repeat_n(skills, usize::from(wanted.units))
        });
        let mut slots: Vec<_> = of_kinds.take(usize::from(self.units)).collect();
        slots.resize(usize::from(self.units), self.skills.clone());
        slots.sort_by_key(|skills| std::cmp::Reverse(skills.len()));
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(
        name: &str,
        determinant: Option<&str>,
        levels: &[Level],
        units: &[(u8, &[Skill])],
    ) -> ResponsePlan {
        let wanted = |(units, skills): &(u8, &[Skill])| UnitsWanted {
            units: *units,
            skills: skills.iter().copied().collect(),
        };
        ResponsePlan {
            name: name.to_owned(),
            determinant: determinant.map(str::to_owned),
            levels: levels.iter().copied().collect(),
            units: units.iter().map(wanted).collect(),
        }
    }

    #[test]
    fn the_first_plan_that_suits_holds() {
        let plans = ResponsePlans(vec![
            plan("心脏骤停", Some("9-E"), &[], &[(1, &[Skill::Als]), (1, &[])]),
            plan("危重", None, &[Level::I], &[(1, &[Skill::Als])]),
        ]);
        assert_eq!(plans.problem(), None);
        let name = |level, determinant: Option<&str>| {
            let triage = Triage { determinant: determinant.map(str::to_owned), ..Triage::level(level) };
            plans.needs(IncidentKind::Emergency, &triage).and_then(|needs| needs.plan)
        };
        assert_eq!(name(Level::II, Some("9-E-1")).as_deref(), Some("心脏骤停"));
        assert_eq!(name(Level::I, Some("10-C-1")).as_deref(), Some("危重"));
        assert_eq!(name(Level::II, None), None);
        assert_eq!(plans.needs(IncidentKind::Transfer, &Triage::level(Level::I)), None);
    }

    #[test]
    fn there_is_one_slot_for_each_unit_the_most_demanding_first() {
        let als = || UnitsWanted { units: 1, skills: [Skill::Als].into() };
        let needs = Needs { units: 3, skills: [Skill::Trauma].into(), kinds: vec![als()], plan: None };
        let plain: BTreeSet<Skill> = [Skill::Trauma].into();
        assert_eq!(needs.slots(), [[Skill::Als, Skill::Trauma].into(), plain.clone(), plain]);
        let fewer = Needs { units: 1, kinds: vec![als(), als()], ..Needs::default() };
        assert_eq!(fewer.slots(), [BTreeSet::from([Skill::Als])], "never more slots than units");
        assert!(Needs::default().is_open() && !needs.is_open());
    }

    #[test]
    fn plans_without_units_or_name_are_refused() {
        for wrong in [
            plan("空", None, &[], &[]),
            plan(" ", None, &[], &[(1, &[])]),
            plan("多", None, &[], &[(51, &[])]),
        ] {
            assert!(ResponsePlans(vec![wrong]).problem().is_some());
        }
    }
}
