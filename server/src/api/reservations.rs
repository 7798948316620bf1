//! A unit kept for a booked run.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::ids::{IncidentId, UnitId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named};
use super::doc::{WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::IncidentView;
use super::write::{Write, WriteOf};
use crate::centre::Versioned;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(reserve_unit, release_unit))
}

/// Which unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReservationBody {
    #[schema(value_type = String, example = "A12")]
    unit: UnitId,
}

/// Keep a unit for a booked run: from when that enters the queue nobody else gets it. Another unit takes its place.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reservation", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), request_body = ReservationBody,
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn reserve_unit(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReservationBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::ReserveUnit { incident, unit: body.unit }).await
}

/// Keep it no more.
#[utoipa::path(delete, path = "/api/v1/incidents/{id}/reservation", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), responses((status = 200, body = IncidentView), WriteProblems))]
async fn release_unit(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::ReleaseUnit { incident }).await
}

async fn change(
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
