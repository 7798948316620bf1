//! The interface described by itself: OpenAPI 3.1, made from the routes, served and checked in.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::live::{LiveEvent, LivePositions, LiveStart, LiveTick};
use super::problem::ProblemBody;
use super::{
    Api, assignments, calls, closures, coverage, escalations, health, hospitals, incidents, live, proposals,
    reports, settings, text_calls, tiles, units,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jichi 疾驰",
        version = "1",
        description = "The HTTP interface of a dispatch centre. docs/api.md says in which order things are done.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, LiveEvent, LivePositions, LiveStart, LiveTick))
)]
struct Description;

/// Every described route, with the description.
pub(super) fn described_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(calls::routes())
        .merge(text_calls::routes())
        .merge(incidents::routes())
        .merge(proposals::routes())
        .merge(assignments::routes())
        .merge(units::routes())
        .merge(hospitals::routes())
        .merge(closures::routes())
        .merge(escalations::routes())
        .merge(reports::routes())
        .merge(coverage::routes())
        .merge(settings::routes())
        .merge(tiles::routes())
        .merge(live::routes())
        .merge(health::routes())
}

/// The description as it is served and checked in.
pub(super) fn description() -> String {
    let (_, description) = described_routes().split_for_parts();
    description.to_pretty_json().expect("invariant: a description is plain text") + "\n"
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn read_description(State(api): State<Api>) -> Response {
    let mut response = api.description().to_owned().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
