//! Assignments: a unit sent, its steps as heard by radio, corrections, recall, where the patient goes.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::assignment::{Grounds, StampSource};
use dispatch_core::ids::{AssignmentId, HospitalId, IncidentId, OverrideCode, ProposalId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::{Answer, Asked, ListAsked, Named, Page};
use super::body::{ReasonBody, at_or_now};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::scene::Scene;
use super::views::{AssignmentView, ChartView, DestinationChoiceView, OutcomeWord, StageWord, Time};
use super::write::{Write, WriteOf};
use super::{Api, destinations};
use crate::centre::Versioned;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_assignments_of, assign_unit))
        .routes(routes!(list_assignments))
        .routes(routes!(read_assignment))
        .routes(routes!(report_status))
        .routes(routes!(correct_time))
        .routes(routes!(recall_unit))
        .routes(routes!(list_charts))
        .routes(routes!(list_destinations))
        .routes(routes!(choose_destination))
        .routes(routes!(acknowledge_arrival))
}

/// Send a unit. One that was not proposed first needs a reason: a code, or words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignBody {
    #[schema(value_type = String, example = "A12")]
    unit: UnitId,
    /// The proposal it was chosen from.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    proposal: Option<ProposalId>,
    /// Why, in words.
    #[serde(default)]
    reason: Option<String>,
    /// Why, as a code of the centre's list (`override_reasons` of the rules).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "closer")]
    code: Option<OverrideCode>,
}

/// What was heard by radio or telephone: either a step, or how it ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusBody {
    #[serde(default)]
    stage: Option<StageWord>,
    #[serde(default)]
    outcome: Option<OutcomeWord>,
    #[serde(default)]
    reason: String,
    /// When it happened; now when nothing is said.
    #[serde(default)]
    at: Option<Time>,
}

/// A recorded time was wrong. The old value stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectionBody {
    stage: StageWord,
    at: Time,
    reason: String,
}

/// Where the patient goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationBody {
    #[schema(value_type = String, example = "H01")]
    hospital: HospitalId,
    #[serde(default)]
    reason: String,
}

/// Hospitals, best first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Destinations {
    items: Vec<DestinationChoiceView>,
}

/// The assignments of an incident, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/assignments", tag = "assignments", params(("id" = String, Path)),
    responses((status = 200, body = Page<AssignmentView>), ReadProblems))]
async fn list_assignments_of(
    State(api): State<Api>,
    id: Named,
) -> Result<Answer<Page<AssignmentView>>, Problem> {
    let incident: IncidentId = id.parse("incident", "事件")?;
    let scene = api.scene();
    scene.known_incident(incident)?;
    let items = scene.record().assignments_of(incident).map(|it| scene.show_assignment(it)).collect();
    Ok(Answer::ok(Page { items, next: None }))
}

/// Send a unit: the order goes out once this is durable.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/assignments", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), request_body = AssignBody,
    responses((status = 201, body = AssignmentView), WriteProblems))]
async fn assign_unit(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<AssignBody>,
) -> Result<Answer<AssignmentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    api.scene().known_incident(incident)?;
    let assignment = AssignmentId::new(Uuid::now_v7());
    let AssignBody { unit, proposal, reason, code } = body;
    let grounds = Grounds { code };
    let action = Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds };
    let (made, scene) = write.of(Versioned::Incident(incident)).make(&api, action, assignment).await?;
    shown(&scene, made, Answer::created)
}

/// Assignments, oldest first.
#[utoipa::path(get, path = "/api/v1/assignments", tag = "assignments", params(ListAsked),
    responses((status = 200, body = Page<AssignmentView>), ReadProblems))]
async fn list_assignments(
    State(api): State<Api>,
    Asked(asked): Asked<ListAsked>,
) -> Result<Answer<Page<AssignmentView>>, Problem> {
    let scene = api.scene();
    let page = asked.page();
    let assignments = scene.record().assignments().range(page.range::<AssignmentId>()?);
    let assignments = assignments.filter(|(_, assignment)| asked.takes(assignment.is_open()));
    page.of(assignments.map(|(id, assignment)| (id.to_string(), scene.show_assignment(assignment))))
        .map(Answer::ok)
}

/// One assignment.
#[utoipa::path(get, path = "/api/v1/assignments/{id}", tag = "assignments", params(("id" = String, Path)),
    responses((status = 200, body = AssignmentView), ReadProblems))]
async fn read_assignment(State(api): State<Api>, id: Named) -> Result<Answer<AssignmentView>, Problem> {
    shown(&api.scene(), id.parse("assignment", "任务")?, Answer::ok)
}

/// A step or an end as heard by radio or telephone, entered at the desk.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/status", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), request_body = StatusBody,
    responses((status = 200, body = AssignmentView), WriteProblems))]
async fn report_status(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<StatusBody>,
) -> Result<Answer<AssignmentView>, Problem> {
    let assignment = id.parse("assignment", "任务")?;
    let (at, source) = (at_or_now(&api, body.at), StampSource::Desk);
    let action = match (body.stage, body.outcome) {
        (Some(stage), None) => Action::ReportStage { assignment, stage: stage.into(), at, source },
        (None, Some(outcome)) => {
            Action::EndAssignment { assignment, outcome: outcome.into(), at, reason: body.reason, source }
        }
        _ => {
            return Err(Problem::malformed(
                "give either a stage or an outcome",
                "请填写 stage 或 outcome 之一",
            ));
        }
    };
    change(&api, write, assignment, action).await
}

/// Correct a recorded time; the old value stays.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/corrections", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), request_body = CorrectionBody,
    responses((status = 200, body = AssignmentView), WriteProblems))]
async fn correct_time(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<CorrectionBody>,
) -> Result<Answer<AssignmentView>, Problem> {
    let assignment = id.parse("assignment", "任务")?;
    let CorrectionBody { stage, at, reason } = body;
    change(
        &api,
        write,
        assignment,
        Action::CorrectStage { assignment, stage: stage.into(), at: at.0, reason },
    )
    .await
}

/// Call the unit back.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/recall", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), request_body = ReasonBody,
    responses((status = 200, body = AssignmentView), WriteProblems))]
async fn recall_unit(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<AssignmentView>, Problem> {
    let assignment = id.parse("assignment", "任务")?;
    change(&api, write, assignment, Action::RecallUnit { assignment, reason: body.reason }).await
}

/// What the crew and its monitor tell of the patients, with the course of the vital signs.
#[utoipa::path(get, path = "/api/v1/assignments/{id}/charts", tag = "assignments", params(("id" = String, Path)),
    responses((status = 200, body = Page<ChartView>), ReadProblems))]
async fn list_charts(State(api): State<Api>, id: Named) -> Result<Answer<Page<ChartView>>, Problem> {
    let scene = api.scene();
    let assignment = scene.known_assignment(id.parse("assignment", "任务")?)?;
    let items = assignment.charts.iter().map(ChartView::from).collect();
    Ok(Answer::ok(Page { items, next: None }))
}

/// Where the patient could go, best first, with what each of the policy's four headings says.
#[utoipa::path(get, path = "/api/v1/assignments/{id}/destinations", tag = "assignments", params(("id" = String, Path)),
    responses((status = 200, body = Destinations), ReadProblems))]
async fn list_destinations(State(api): State<Api>, id: Named) -> Result<Answer<Destinations>, Problem> {
    let id: AssignmentId = id.parse("assignment", "任务")?;
    let scene = api.scene();
    let assignment = scene.known_assignment(id)?.clone();
    let items = api.aside(move || destinations::for_assignment(&scene, &assignment)).await?;
    Ok(Answer::ok(Destinations { items }))
}

/// Choose where the patient goes: the hospital's board shows it from then on.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/destination", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), request_body = DestinationBody,
    responses((status = 200, body = AssignmentView), WriteProblems))]
async fn choose_destination(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<DestinationBody>,
) -> Result<Answer<AssignmentView>, Problem> {
    let assignment = id.parse("assignment", "任务")?;
    let DestinationBody { hospital, reason } = body;
    change(&api, write, assignment, Action::ChooseDestination { assignment, hospital, reason }).await
}

/// The hospital says that it knows.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/arrival-acknowledgement", tag = "assignments",
    params(("id" = String, Path), WriteHeaders), responses((status = 200, body = AssignmentView), WriteProblems))]
async fn acknowledge_arrival(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<AssignmentView>, Problem> {
    let assignment = id.parse("assignment", "任务")?;
    change(&api, write, assignment, Action::AcknowledgeArrival { assignment }).await
}

async fn change(
    api: &Api,
    write: Write,
    assignment: AssignmentId,
    action: Action,
) -> Result<Answer<AssignmentView>, Problem> {
    api.scene().known_assignment(assignment)?;
    let (assignment, scene) =
        write.of(Versioned::Assignment(assignment)).make(api, action, assignment).await?;
    shown(&scene, assignment, Answer::ok)
}

fn shown(
    scene: &Scene,
    id: AssignmentId,
    answer: fn(AssignmentView) -> Answer<AssignmentView>,
) -> Result<Answer<AssignmentView>, Problem> {
    let version = scene.known_assignment(id)?.version;
    scene.assignment(id).map(|view| answer(view).at_version(version))
}
