//! What leaves the centre: offered to another centre until a person records that it was taken there, or named another service.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::ids::{CallId, IncidentId};
use dispatch_core::incident::Offered;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named};
use super::body::ReasonBody;
use super::doc::{WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{CallView, IncidentView};
use super::write::{Write, WriteOf};
use crate::centre::Versioned;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(offer_call))
        .routes(routes!(accept_call))
        .routes(routes!(withdraw_call))
        .routes(routes!(offer_incident))
        .routes(routes!(accept_incident))
        .routes(routes!(withdraw_incident))
        .routes(routes!(redirect_incident))
}

/// To whom, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoffBody {
    /// The other centre, or the other service.
    #[schema(example = "邻市急救中心")]
    to: String,
    reason: String,
}

/// Who took it there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptedBody {
    /// As it was told: a name, a seat, a number.
    #[schema(example = "邻市 周调度")]
    accepted_by: String,
}

/// Offer a call to another centre. It stays ours, and is escalated, until that takes it.
#[utoipa::path(post, path = "/api/v1/calls/{id}/handoff", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = HandoffBody, responses((status = 200, body = CallView), WriteProblems))]
async fn offer_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<HandoffBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    let (about, to, reason) = (Offered::Call(call), body.to, body.reason);
    of_call(&api, write, call, Action::OfferHandoff { about, to, reason }).await
}

/// The other centre took the call.
#[utoipa::path(post, path = "/api/v1/calls/{id}/handoff/accept", tag = "calls",
    params(("id" = String, Path), WriteHeaders), request_body = AcceptedBody,
    responses((status = 200, body = CallView), WriteProblems))]
async fn accept_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<AcceptedBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    let (about, accepted_by) = (Offered::Call(call), body.accepted_by);
    of_call(&api, write, call, Action::AcceptHandoff { about, accepted_by }).await
}

/// Take the offer back, or record that it was refused there.
#[utoipa::path(post, path = "/api/v1/calls/{id}/handoff/withdraw", tag = "calls",
    params(("id" = String, Path), WriteHeaders), request_body = ReasonBody,
    responses((status = 200, body = CallView), WriteProblems))]
async fn withdraw_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    let (about, reason) = (Offered::Call(call), body.reason);
    of_call(&api, write, call, Action::WithdrawHandoff { about, reason }).await
}

/// Offer an incident to another centre. It stays in the queue, and is escalated, until that takes it.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/handoff", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), request_body = HandoffBody,
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn offer_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<HandoffBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    let (about, to, reason) = (Offered::Incident(incident), body.to, body.reason);
    of_incident(&api, write, incident, Action::OfferHandoff { about, to, reason }).await
}

/// The other centre took the incident: units on their way turn back.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/handoff/accept", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), request_body = AcceptedBody,
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn accept_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<AcceptedBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    let (about, accepted_by) = (Offered::Incident(incident), body.accepted_by);
    of_incident(&api, write, incident, Action::AcceptHandoff { about, accepted_by }).await
}

/// Take the offer back, or record that it was refused there.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/handoff/withdraw", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), request_body = ReasonBody,
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn withdraw_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    let (about, reason) = (Offered::Incident(incident), body.reason);
    of_incident(&api, write, incident, Action::WithdrawHandoff { about, reason }).await
}

/// It needs no ambulance: another service is named to the caller. Only what is not urgent (level IV, or no emergency).
#[utoipa::path(post, path = "/api/v1/incidents/{id}/redirect", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), request_body = HandoffBody,
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn redirect_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<HandoffBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    let (to, reason) = (body.to, body.reason);
    of_incident(&api, write, incident, Action::RedirectIncident { incident, to, reason }).await
}

async fn of_call(api: &Api, write: Write, call: CallId, action: Action) -> Result<Answer<CallView>, Problem> {
    let (call, scene) = write.make(api, action, call).await?;
    scene.call(call).map(Answer::ok)
}

async fn of_incident(
    api: &Api,
    write: Write,
    incident: IncidentId,
    action: Action,
) -> Result<Answer<IncidentView>, Problem> {
    api.scene().known_incident(incident)?;
    let (incident, scene) = write.of(Versioned::Incident(incident)).make(api, action, incident).await?;
    let version = scene.known_incident(incident)?.version;
    scene.incident(incident).map(|view| Answer::ok(view).at_version(version))
}
