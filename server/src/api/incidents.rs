//! Incidents: created, changed, put aside, called off, merged; and those that may be the same event.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::Span;
use dispatch_core::ids::IncidentId;
use dispatch_core::incident::Incident;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::answer::{Answer, Asked, ListAsked, Named, Page};
use super::body::{ChangeBody, IncidentBody, ReasonBody};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::scene::Scene;
use super::views::IncidentView;
use super::write::{Write, WriteOf};
use crate::centre::Versioned;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_incidents, create_incident))
        .routes(routes!(read_incident, change_incident))
        .routes(routes!(hold_incident))
        .routes(routes!(wake_incident))
        .routes(routes!(cancel_incident))
        .routes(routes!(merge_incident))
        .routes(routes!(split_incident))
        .routes(routes!(similar_incidents))
}

/// Put aside for a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldBody {
    reason: String,
    /// It comes back by itself after this many seconds: 1 to 86,400.
    #[schema(minimum = 1, maximum = 86400)]
    for_s: u32,
}

/// The incident that goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeBody {
    #[schema(value_type = String)]
    into: IncidentId,
}

/// Incidents, newest last.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(ListAsked),
    responses((status = 200, body = Page<IncidentView>), ReadProblems))]
async fn list_incidents(
    State(api): State<Api>,
    Asked(asked): Asked<ListAsked>,
) -> Result<Answer<Page<IncidentView>>, Problem> {
    let scene = api.scene();
    let page = asked.page();
    let incidents = scene.record().incidents().range(page.range::<IncidentId>()?);
    let incidents = incidents.filter(|(_, incident)| asked.takes(incident.is_open()));
    page.of(incidents.map(|(id, incident)| (id.to_string(), scene.show_incident(incident)))).map(Answer::ok)
}

/// Create an incident, from a call or without one.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "incidents", params(WriteHeaders), request_body = IncidentBody,
    responses((status = 201, body = IncidentView), WriteProblems))]
async fn create_incident(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<IncidentBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = IncidentId::new(Uuid::now_v7());
    let call = body.call;
    let action = Action::CreateIncident { incident, call, sketch: body.into_core()?.into() };
    let (made, scene) = write.make(&api, action, incident).await?;
    shown(&scene, made, Answer::created)
}

/// One incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = IncidentView), ReadProblems))]
async fn read_incident(State(api): State<Api>, id: Named) -> Result<Answer<IncidentView>, Problem> {
    shown(&api.scene(), id.parse("incident", "事件")?, Answer::ok)
}

/// Change what is known of it. More units wanted asks for reinforcement.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    request_body = ChangeBody, responses((status = 200, body = IncidentView), WriteProblems))]
async fn change_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ChangeBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    let version = write.if_match;
    let action = Action::ChangeIncident { incident, version, change: body.into_core()? };
    let (incident, scene) = write.make(&api, action, incident).await?;
    shown(&scene, incident, Answer::ok)
}

/// Put it aside on purpose; it comes back by itself.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/hold", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    request_body = HoldBody, responses((status = 200, body = IncidentView), WriteProblems))]
async fn hold_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<HoldBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    if !(1..=HOLD_S_MAX).contains(&body.for_s) {
        return Err(Problem::impossible(
            format!("an incident is held for 1 to {HOLD_S_MAX} seconds"),
            format!("挂起时间须在 1 到 {HOLD_S_MAX} 秒之间"),
        ));
    }
    let until = api.centre().clock().now() + Span::seconds(i64::from(body.for_s));
    change(&api, write, incident, Action::HoldIncident { incident, reason: body.reason, until }).await
}

/// Bring it back.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/wake", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn wake_incident(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::WakeIncident { incident }).await
}

/// Call it off, and recall every unit without a patient.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/cancel", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    request_body = ReasonBody, responses((status = 200, body = IncidentView), WriteProblems))]
async fn cancel_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::CancelIncident { incident, reason: body.reason }).await
}

/// Two incidents are one: this one ends, its calls and units move to the other.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/merge", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    request_body = MergeBody, responses((status = 200, body = IncidentView), WriteProblems))]
async fn merge_incident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<MergeBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::MergeIncident { incident, into: body.into }).await
}

/// Two incidents that were made one are two after all: this one, merged before, goes on by itself with the calls that came with it.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/split", tag = "incidents", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = IncidentView), WriteProblems))]
async fn split_incident(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<IncidentView>, Problem> {
    let incident = id.parse("incident", "事件")?;
    change(&api, write, incident, Action::SplitIncident { incident }).await
}

/// Open incidents near it in place and time: it may be the same event, called in again.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/similar", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = Page<IncidentView>), ReadProblems))]
async fn similar_incidents(State(api): State<Api>, id: Named) -> Result<Answer<Page<IncidentView>>, Problem> {
    let scene = api.scene();
    let incident = scene.known_incident(id.parse("incident", "事件")?)?;
    let near = |other: &&Incident| {
        let apart_us = incident.created_at.since(other.created_at).micros().abs();
        let places = incident.sketch.place.position.zip(other.sketch.place.position);
        other.id != incident.id
            && apart_us <= SIMILAR_TIME.micros()
            && places.is_some_and(|(a, b)| a.distance_m(b) <= SIMILAR_DISTANCE_M)
    };
    let similar = scene.record().open_incidents().filter(near).take(SIMILAR_MAX);
    let items = similar.map(|other| scene.show_incident(other)).collect();
    Ok(Answer::ok(Page { items, next: None }))
}

async fn change(
    api: &Api,
    write: Write,
    incident: IncidentId,
    action: Action,
) -> Result<Answer<IncidentView>, Problem> {
    api.scene().known_incident(incident)?;
    let (incident, scene) = write.of(Versioned::Incident(incident)).make(api, action, incident).await?;
    shown(&scene, incident, Answer::ok)
}

fn shown(
    scene: &Scene,
    id: IncidentId,
    answer: fn(IncidentView) -> Answer<IncidentView>,
) -> Result<Answer<IncidentView>, Problem> {
    let version = scene.known_incident(id)?.version;
    scene.incident(id).map(|view| answer(view).at_version(version))
}

/// A day: what is longer is not on hold but forgotten.
const HOLD_S_MAX: u32 = 86_400;
/// Callers of one event give places this far apart. Assumption, to be measured against real duplicates.
const SIMILAR_DISTANCE_M: f64 = 500.0;
/// And call within this time.
const SIMILAR_TIME: Span = Span::seconds(20 * 60);
/// More than this is no help to anybody.
const SIMILAR_MAX: usize = 20;
