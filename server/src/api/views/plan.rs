//! A plan and what came of it: figures by the report's definitions, and every emergency in all three results. No name, address or
//! telephone number is in them.

use dispatch_core::replay::{Answer, BadPlan, Comparison, Departed, Difference, Fidelity, Side};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::{Time, seconds};
use super::report::FigureRowView;
use super::words::{AreaWord, BasisWord, LevelWord};
use crate::plans::{PlanFailure, PlanState, Planned};

/// A past day lived again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanView {
    #[schema(example = "plan_0192f000-0000-7000-8000-000000000004")]
    id: String,
    day: String,
    /// By name; `null` is the one of that day.
    policy: Option<String>,
    /// How many stations, units and roads are different.
    changes: usize,
    calls_times: f64,
    /// Who asked for it, and when.
    by: String,
    asked_at: Time,
    state: PlanStateWord,
    /// Share of the work that is done.
    progress: f64,
    /// Why it failed.
    failure: Option<PlanFailureView>,
    /// What came of it, when it is done.
    result: Option<ComparisonView>,
}

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanState)]
pub(crate) enum PlanStateWord {
    /// Others are before it.
    Waiting,
    /// It is being lived.
    Running,
    /// It was lived.
    Done,
    /// It could not be.
    Failed,
}

/// Why a plan failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanFailure)]
pub(crate) struct PlanFailureView {
    zh: String,
    en: String,
}

/// A day lived again, set against what was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub(crate) struct ComparisonView {
    from: Time,
    /// Not included.
    to: Time,
    /// How journey times were found.
    basis: BasisWord,
    /// In force when the day began.
    own_policy: String,
    policy: String,
    /// What was recorded.
    recorded: SideView,
    /// The model under the day's own policy: how near it comes to the record says how far it can be believed.
    modelled: SideView,
    /// The model under the plan.
    planned: SideView,
    fidelity: FidelityView,
    /// What the plan changes.
    sentence_zh: String,
    sentence_en: String,
    /// Every emergency of the day.
    calls: Vec<DifferenceView>,
}

/// The figures of one result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonSide)]
pub(crate) struct SideView {
    emergencies: usize,
    without_order: usize,
    departure: FigureRowView,
    response: FigureRowView,
    /// Acts of that day that no longer made sense and were left out.
    refused: u64,
    /// The first emergency to which another unit went than was recorded.
    departed: Option<DepartedView>,
}

/// Where a model leaves what was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Departed)]
pub(crate) struct DepartedView {
    number: String,
    at: Time,
}

/// How near the model under the day's own policy comes to what was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fidelity)]
pub(crate) struct FidelityView {
    /// Emergencies with a response time in both.
    n: usize,
    /// To so many of them the same unit went first.
    same_unit: usize,
    /// Model less record.
    mean_difference_s: Option<f64>,
    /// Half of them differ by at most this.
    p50_apart_s: Option<f64>,
}

/// One emergency in all three results.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
pub(crate) struct DifferenceView {
    /// With a plus sign: one that the plan adds, by the number of the one that it repeats.
    number: String,
    incident: String,
    level: LevelWord,
    area: AreaWord,
    received_at: Time,
    recorded: Option<AnswerView>,
    modelled: Option<AnswerView>,
    planned: Option<AnswerView>,
}

/// How an emergency was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmergencyAnswer)]
pub(crate) struct AnswerView {
    /// The first on scene; while none was, the first that was ordered.
    unit: String,
    ordered_at: Time,
    departure_s: Option<f64>,
    response_s: Option<f64>,
}

impl PlanView {
    /// With what came of it.
    pub(crate) fn whole(planned: &Planned) -> Self {
        let result = match &planned.state {
            PlanState::Done(comparison) => Some(ComparisonView::from(comparison.as_ref())),
            _ => None,
        };
        Self { result, ..Self::without_result(planned) }
    }

    /// Without it, for a list.
    pub(crate) fn without_result(planned: &Planned) -> Self {
        let (state, progress, failure) = match &planned.state {
            PlanState::Waiting => (PlanStateWord::Waiting, 0.0, None),
            PlanState::Running(share) => (PlanStateWord::Running, *share, None),
            PlanState::Done(_) => (PlanStateWord::Done, 1.0, None),
            PlanState::Failed(failure) => (PlanStateWord::Failed, 1.0, Some(failure.as_ref().into())),
        };
        Self {
            id: planned.id.to_string(),
            day: planned.day.clone(),
            policy: planned.plan.policy.clone(),
            changes: planned.plan.changes.len(),
            calls_times: planned.plan.calls_times,
            by: planned.by.to_string(),
            asked_at: planned.asked_at.into(),
            state,
            progress,
            failure,
            result: None,
        }
    }
}

impl From<&PlanFailure> for PlanFailureView {
    fn from(failure: &PlanFailure) -> Self {
        let zh = match failure {
            PlanFailure::Bad(bad) => in_chinese(bad),
            PlanFailure::Journal(_) => "无法读取日志，请查看系统日志".to_owned(),
            PlanFailure::Broken => "系统内部错误，详见日志".to_owned(),
        };
        Self { zh, en: failure.to_string() }
    }
}

fn in_chinese(bad: &BadPlan) -> String {
    let thing = |what: &str| if what == "station" { "急救站" } else { "车组" };
    match bad {
        BadPlan::Policy(_) => "没有这个策略".to_owned(),
        BadPlan::Day(_) => "日期须为 2026-11-21 的形式".to_owned(),
        BadPlan::EmptyDay(day) => format!("日志中 {day} 没有事件"),
        BadPlan::Unknown { what, code } => format!("当日开始时没有{} {code}", thing(what)),
        BadPlan::Known { what, code } => format!("{} {code} 已存在：请换一个编号，或选择迁移", thing(what)),
        BadPlan::NoMap => "封闭道路需要路网地图".to_owned(),
        BadPlan::UnknownRoad(road) => format!("地图上没有道路“{road}”"),
        BadPlan::TooManyWays { road, ways_max } => {
            format!("“{road}”在地图上超过 {ways_max} 段，请填写路段编号")
        }
        BadPlan::TooManyChanges(changes_max) => format!("一次推演最多 {changes_max} 项改动"),
        BadPlan::CallsTimes => "呼叫量倍数须为 1 至 10".to_owned(),
        BadPlan::Stopped => "系统停止，推演未完成".to_owned(),
    }
}

impl From<&Comparison> for ComparisonView {
    fn from(comparison: &Comparison) -> Self {
        Self {
            from: comparison.from.into(),
            to: comparison.to.into(),
            basis: comparison.basis.into(),
            own_policy: comparison.own_policy.clone(),
            policy: comparison.policy.clone(),
            recorded: (&comparison.recorded).into(),
            modelled: (&comparison.modelled).into(),
            planned: (&comparison.planned).into(),
            fidelity: (&comparison.fidelity).into(),
            sentence_zh: comparison.sentence_zh.clone(),
            sentence_en: comparison.sentence_en.clone(),
            calls: comparison.calls.iter().map(DifferenceView::from).collect(),
        }
    }
}

impl From<&Side> for SideView {
    fn from(side: &Side) -> Self {
        let departed = |it: &Departed| DepartedView { number: it.number.clone(), at: it.at.into() };
        Self {
            emergencies: side.emergencies,
            without_order: side.without_order,
            departure: (&side.departure).into(),
            response: (&side.response).into(),
            refused: side.refused,
            departed: side.departed.as_ref().map(departed),
        }
    }
}

impl From<&Fidelity> for FidelityView {
    fn from(fidelity: &Fidelity) -> Self {
        Self {
            n: fidelity.n,
            same_unit: fidelity.same_unit,
            mean_difference_s: fidelity.mean_difference_s.map(seconds),
            p50_apart_s: fidelity.p50_apart_s.map(seconds),
        }
    }
}

impl From<&Difference> for DifferenceView {
    fn from(line: &Difference) -> Self {
        let answer = |answer: &Option<Answer>| answer.as_ref().map(AnswerView::from);
        Self {
            number: line.number.clone(),
            incident: line.incident.to_string(),
            level: line.level.into(),
            area: line.area.into(),
            received_at: line.received_at.into(),
            recorded: answer(&line.recorded),
            modelled: answer(&line.modelled),
            planned: answer(&line.planned),
        }
    }
}

impl From<&Answer> for AnswerView {
    fn from(answer: &Answer) -> Self {
        Self {
            unit: answer.unit.to_string(),
            ordered_at: answer.ordered_at.into(),
            departure_s: answer.departure_s.map(seconds),
            response_s: answer.response_s.map(seconds),
        }
    }
}
