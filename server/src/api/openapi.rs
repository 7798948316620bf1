//! The interface described by itself: `OpenAPI` 3.1, made from the routes, served and checked in.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::answer::StateAsked;
use super::live::{LiveEvent, LivePositions, LiveStart, LiveTick};
use super::problem::ProblemBody;
use super::{
    Api, accidents, assignments, calls, closures, coverage, erasures, escalations, files, handoffs, health,
    hospitals, incidents, invitations, leadership, live, paper_forms, plans, proposals, reports,
    reservations, settings, text_calls, tiles, units,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jichi 疾驰",
        version = "1",
        description = "The HTTP interface of a dispatch centre. docs/api.md says in which order things are done.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, StateAsked, LiveEvent, LivePositions, LiveStart, LiveTick))
)]
struct Description;

/// Every described route, with the description.
pub(super) fn described_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(calls::routes())
        .merge(text_calls::routes())
        .merge(incidents::routes())
        .merge(invitations::routes())
        .merge(paper_forms::routes())
        .merge(handoffs::routes())
        .merge(reservations::routes())
        .merge(accidents::routes())
        .merge(proposals::routes())
        .merge(assignments::routes())
        .merge(files::routes())
        .merge(units::routes())
        .merge(hospitals::routes())
        .merge(closures::routes())
        .merge(escalations::routes())
        .merge(erasures::routes())
        .merge(leadership::routes())
        .merge(reports::routes())
        .merge(coverage::routes())
        .merge(plans::routes())
        .merge(settings::routes())
        .merge(tiles::routes())
        .merge(live::routes())
        .merge(health::routes())
}

/// The description as it is served and checked in.
pub(super) fn description() -> String {
    let (_, description) = described_routes().split_for_parts();
    let mut description = serde_json::to_value(&description).expect("invariant: a description is plain text");
    if let Some(schemas) = description.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas
            .iter_mut()
            .filter(|(name, _)| always_whole(name))
            .for_each(|(_, schema)| require_every_field(schema));
    }
    serde_json::to_string_pretty(&description).expect("invariant: a description is plain text") + "\n"
}

/// What the centre writes has every field, `null` where there is nothing; what it reads may leave some out.
fn always_whole(name: &str) -> bool {
    !name.ends_with("Body") && !PARTLY_WRITTEN.contains(&name)
}

/// A word or a choice has no fields and stays as it is.
fn require_every_field(schema: &mut Value) {
    let fields = schema.get("properties").and_then(Value::as_object);
    let names: Option<Vec<String>> = fields.map(|fields| fields.keys().cloned().collect());
    if let (Some(names), Some(schema)) = (names, schema.as_object_mut()) {
        schema.insert("required".to_owned(), names.into());
    }
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn read_description(State(api): State<Api>) -> Response {
    let mut response = api.description().to_owned().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// These leave out what does not apply.
const PARTLY_WRITTEN: [&str; 3] = ["Reason", "LiveChanged", "Problem"];
