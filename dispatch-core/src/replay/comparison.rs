//! Three results of one day, set against each other: what was recorded, the model under the day's own policy, so that a reader can
//! judge the model, and the model under the plan.

use std::ops::ControlFlow;

use roads::RoadMap;
use serde::Serialize;

use super::difference::{Difference, Fidelity, Sheet, departed, differences};
use super::past::Past;
use super::plan::{BadPlan, Plan};
use super::scripts::Scripts;
use super::sentence::sentence;
use super::streets::Streets;
use super::world::{Lived, Progress, Watch, World};
use crate::assignment::Basis;
use crate::reports::FigureRow;
use crate::time::UtcTime;

/// A day lived again, set against what was recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The day, `2026-11-21`.
    pub day: String,
    /// From this moment, UTC,
    pub from: UtcTime,
    /// up to and without this one.
    pub to: UtcTime,
    /// How journey times were found.
    pub basis: Basis,
    /// The policy that was in force when the day began.
    pub own_policy: String,
    /// The policy of the plan.
    pub policy: String,
    /// What was recorded.
    pub recorded: Side,
    /// The model under the day's own policy.
    pub modelled: Side,
    /// The model under the plan.
    pub planned: Side,
    /// How far the model under the day's own policy can be believed.
    pub fidelity: Fidelity,
    /// What the plan changes, Chinese.
    pub sentence_zh: String,
    /// What the plan changes, English.
    pub sentence_en: String,
    /// Every emergency of the day.
    pub calls: Vec<Difference>,
}

/// The figures of one result, by the definitions of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Emergencies.
    pub emergencies: usize,
    /// Of these, without any order.
    pub without_order: usize,
    /// Order to rolling.
    pub departure: FigureRow,
    /// First call received to first unit on scene.
    pub response: FigureRow,
    /// What people had asked for on the day and no longer made sense.
    pub refused: u64,
    /// The first emergency to which another unit went than was recorded: from there on it is the model that speaks.
    pub departed: Option<Departed>,
}

/// Where a model leaves what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departed {
    /// The number of the emergency.
    pub number: String,
    /// When its first unit was ordered in the model, UTC.
    pub at: UtcTime,
}

/// Lives a day again and sets the results against each other.
pub fn compare(
    past: &Past,
    plan: &Plan,
    map: Option<&RoadMap>,
    watch: &mut Watch<'_>,
) -> Result<Comparison, BadPlan> {
    plan.check(past, map)?;
    let mut streets = Streets::new(map);
    let scripts = Scripts::read(past, &mut streets);
    let total = past.events().len() * 2;
    let mut live = |plan: &Plan, behind: usize| -> Result<Lived, BadPlan> {
        let mut watched = |done: usize| -> ControlFlow<()> { watch(Progress { done: behind + done, total }) };
        World::new(past, &scripts, plan, map).live(&mut watched)
    };
    let own = live(&Plan::default(), 0)?;
    let other = live(plan, total / 2)?;
    let period = past.period();
    let recorded = Sheet::of(&scripts.ledger, period, 0);
    let modelled = Sheet::of(&own.ledger, period, own.refused);
    let planned = Sheet::of(&other.ledger, period, other.refused);
    let calls = differences(&recorded, &modelled, &planned, &other.originals);
    let (own_policy, policy) = (past.policy().to_owned(), plan.policy.clone());
    let mut comparison = Comparison {
        day: past.date().to_owned(),
        from: period.from,
        to: period.to,
        basis: streets.basis(),
        policy: policy.unwrap_or_else(|| own_policy.clone()),
        own_policy,
        fidelity: Fidelity::of(&calls),
        recorded: recorded.side,
        modelled: Side { departed: departed(&calls, |it| it.modelled.as_ref()), ..modelled.side },
        planned: Side { departed: departed(&calls, |it| it.planned.as_ref()), ..planned.side },
        sentence_zh: String::new(),
        sentence_en: String::new(),
        calls,
    };
    (comparison.sentence_zh, comparison.sentence_en) = sentence(&comparison.planned, &comparison.modelled);
    Ok(comparison)
}
