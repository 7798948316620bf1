//! Plans: a past day lived again under another policy, with other stations and units, a closed road, more calls. Away from
//! dispatching, on a thread of its own; what comes of it changes nothing.

use axum::extract::State;
use dispatch_core::Span;
use dispatch_core::ids::{PlanId, StationId, UnitId};
use dispatch_core::incident::Skill;
use dispatch_core::policy::Policy;
use dispatch_core::replay::{CALLS_TIMES_MAX, Change, Plan};
use dispatch_core::reports::Period;
use roads::Wgs84;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{PlanView, Position, SkillWord};
use super::write::WriteOf;
use crate::centre::SubmitError;
use crate::plans::{PlanRefusal, PlanWish};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_plans, make_plan))
        .routes(routes!(list_days))
        .routes(routes!(read_plan))
}

/// A past day, and what is to be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanBody {
    /// By the city's clocks.
    #[schema(example = "2026-11-21")]
    day: String,
    /// By name, as in the configuration; the one of that day when nothing is said.
    #[serde(default)]
    #[schema(example = "closest-preempt")]
    policy: Option<String>,
    #[serde(default)]
    changes: Vec<PlanChangeBody>,
    /// So many times as many calls, 1 to 10.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 10)]
    calls_times: f64,
    /// Decides which calls are repeated, and when.
    #[serde(default = "first")]
    seed: u64,
}

/// One thing that is different all day.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PlanChangeBody {
    /// A station more.
    AddStation {
        #[schema(value_type = String)]
        station: StationId,
        position: Position,
    },
    /// A station elsewhere.
    MoveStation {
        #[schema(value_type = String)]
        station: StationId,
        position: Position,
    },
    /// A unit more, crewed all day; without `skills` it can do what most units can.
    AddUnit {
        #[schema(value_type = String)]
        unit: UnitId,
        #[schema(value_type = String)]
        station: StationId,
        #[serde(default)]
        skills: Option<Vec<SkillWord>>,
    },
    /// A unit at another station.
    MoveUnit {
        #[schema(value_type = String)]
        unit: UnitId,
        #[schema(value_type = String)]
        station: StationId,
    },
    /// A unit less.
    RemoveUnit {
        #[schema(value_type = String)]
        unit: UnitId,
    },
    /// A road closed all day: its name, or its way numbers with commas.
    CloseRoad { road: String },
}

/// The plans that are kept, the newest first, without what came of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Plans {
    items: Vec<PlanView>,
}

/// The days that can be lived again, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanDays {
    items: Vec<PlanDay>,
}

/// One day of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanDay {
    #[schema(example = "2026-11-21")]
    day: String,
    /// Emergencies of that day; drills are not among them.
    emergencies: u64,
}

/// Have a past day lived again. It takes its time: ask for the plan again until its state is `done` or `failed`.
#[utoipa::path(post, path = "/api/v1/plans", tag = "plans", params(WriteHeaders), request_body = PlanBody,
    responses((status = 201, body = PlanView), WriteProblems))]
async fn make_plan(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<PlanBody>,
) -> Result<Answer<PlanView>, Problem> {
    let day = body.day.clone();
    let plan = body.into_core()?;
    let (by, key) = write.into_parts();
    let taken = api.planner().take(PlanWish { day, plan, by, key });
    taken.map(|planned| Answer::created(PlanView::whole(&planned))).map_err(Problem::from)
}

/// The plans that are kept; a restart of the centre forgets them.
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", responses((status = 200, body = Plans), ReadProblems))]
async fn list_plans(State(api): State<Api>) -> Answer<Plans> {
    Answer::ok(Plans { items: api.planner().list().iter().map(PlanView::without_result).collect() })
}

/// The days of the journal that have emergencies.
#[utoipa::path(get, path = "/api/v1/plans/days", tag = "plans", responses((status = 200, body = PlanDays), ReadProblems))]
async fn list_days(State(api): State<Api>) -> Result<Answer<PlanDays>, Problem> {
    let keeper = api.clone();
    let made = api.aside(move || {
        let (reader, seq) = (keeper.centre().journal(), keeper.centre().snapshot().seq);
        keeper.history().up_to(reader, seq, |read| read.days.list())
    });
    let days = made.await??;
    let items = days.into_iter().rev().map(|(day, emergencies)| PlanDay { day, emergencies }).collect();
    Ok(Answer::ok(PlanDays { items }))
}

/// One plan, and what came of it.
#[utoipa::path(get, path = "/api/v1/plans/{id}", tag = "plans", params(("id" = String, Path)),
    responses((status = 200, body = PlanView), ReadProblems))]
async fn read_plan(State(api): State<Api>, id: Named) -> Result<Answer<PlanView>, Problem> {
    let plan: PlanId = id.parse("plan", "推演")?;
    let planned =
        api.planner().find(plan).ok_or_else(|| Problem::unknown("plan", "推演", &plan.to_string()))?;
    Ok(Answer::ok(PlanView::whole(&planned)))
}

impl PlanBody {
    /// What can be said without looking at the day is said at once; the rest is in the plan's own state.
    fn into_core(self) -> Result<Plan, Problem> {
        Period::day(&self.day, Span::ZERO)
            .map_err(|error| Problem::impossible(error.to_string(), "日期须为 2026-11-21 的形式"))?;
        if let Some(policy) = &self.policy {
            policy.parse::<Policy>().map_err(|error| {
                let zh = format!("没有策略 {policy}：{KNOWN_POLICIES}");
                Problem::impossible(error.to_string(), zh)
            })?;
        }
        if !(1.0..=CALLS_TIMES_MAX).contains(&self.calls_times) {
            return Err(Problem::impossible(
                format!("calls can be multiplied by 1 to {CALLS_TIMES_MAX}"),
                format!("呼叫量倍数须为 1 至 {CALLS_TIMES_MAX}"),
            ));
        }
        let changes = self.changes.into_iter().map(PlanChangeBody::into_core).collect::<Result<_, _>>()?;
        Ok(Plan { policy: self.policy, changes, calls_times: self.calls_times, seed: self.seed })
    }
}

impl PlanChangeBody {
    fn into_core(self) -> Result<Change, Problem> {
        Ok(match self {
            Self::AddStation { station, position } => {
                Change::AddStation { station, position: wgs84(position)? }
            }
            Self::MoveStation { station, position } => {
                Change::MoveStation { station, position: wgs84(position)? }
            }
            Self::AddUnit { unit, station, skills } => {
                let skills = skills.map(|skills| skills.into_iter().map(Skill::from).collect());
                Change::AddUnit { unit, station, skills }
            }
            Self::MoveUnit { unit, station } => Change::MoveUnit { unit, station },
            Self::RemoveUnit { unit } => Change::RemoveUnit { unit },
            Self::CloseRoad { road } => Change::CloseRoad { road },
        })
    }
}

impl From<PlanRefusal> for Problem {
    fn from(refusal: PlanRefusal) -> Self {
        match refusal {
            PlanRefusal::Full => Self::not_ready(
                "other plans are being worked on: try again in a minute",
                "推演任务已满，请稍后再试",
            ),
            PlanRefusal::KeyReused => SubmitError::KeyReused.into(),
        }
    }
}

fn wgs84(position: Position) -> Result<Wgs84, Problem> {
    position
        .try_into()
        .map_err(|error: roads::PositionError| Problem::impossible(error.to_string(), "经纬度超出范围"))
}

fn once() -> f64 {
    1.0
}

fn first() -> u64 {
    1
}

const KNOWN_POLICIES: &str = "有 closest、closest-preempt、closest-guarded、matching，均可加 +bounded:秒数（至 600）、+relief、+dmexclp:Q（Q 为 0 至 1）";
