//! Units and stations: who is signed on, what is out of service, a word to a crew.

use axum::extract::{Path, State};
use dispatch_core::Action;
use dispatch_core::ids::{StationId, UnitId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Asked, Named, Page, PageAsked};
use super::body::{ReasonBody, TextBody};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{CrewRoleWord, StationView, UnitView};
use super::write::{Write, WriteOf};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_units))
        .routes(routes!(read_unit))
        .routes(routes!(pause_unit))
        .routes(routes!(resume_unit))
        .routes(routes!(sign_on))
        .routes(routes!(sign_off))
        .routes(routes!(message_crew))
        .routes(routes!(post_unit))
        .routes(routes!(answer_move_up))
        .routes(routes!(list_stations))
}

/// A person signs on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrewBody {
    name: String,
    role: CrewRoleWord,
}

/// Where to stand by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostingBody {
    #[schema(value_type = String, example = "S03")]
    station: StationId,
}

/// What is made of the advice that a unit stands by elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveUpBody {
    /// The station that was advised, as the screen showed it.
    #[schema(value_type = String, example = "S03")]
    station: StationId,
    /// `true`: it goes there; `false`: the advice is taken down.
    accept: bool,
}

/// Units, by call sign.
#[utoipa::path(get, path = "/api/v1/units", tag = "units", params(PageAsked),
    responses((status = 200, body = Page<UnitView>), ReadProblems))]
async fn list_units(
    State(api): State<Api>,
    Asked(asked): Asked<PageAsked>,
) -> Result<Answer<Page<UnitView>>, Problem> {
    let scene = api.scene();
    let units = scene.record().units().range(asked.range::<UnitId>()?);
    asked.of(units.map(|(id, unit)| (id.to_string(), scene.show_unit(unit)))).map(Answer::ok)
}

/// One unit.
#[utoipa::path(get, path = "/api/v1/units/{id}", tag = "units", params(("id" = String, Path)),
    responses((status = 200, body = UnitView), ReadProblems))]
async fn read_unit(State(api): State<Api>, id: Named) -> Result<Answer<UnitView>, Problem> {
    api.scene().unit(id.parse("unit", "车组")?).map(Answer::ok)
}

/// Take a unit out of service.
#[utoipa::path(post, path = "/api/v1/units/{id}/pause", tag = "units", params(("id" = String, Path), WriteHeaders),
    request_body = ReasonBody, responses((status = 200, body = UnitView), WriteProblems))]
async fn pause_unit(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    change(&api, write, unit, Action::PauseUnit { unit, reason: body.reason }).await
}

/// Put it back.
#[utoipa::path(post, path = "/api/v1/units/{id}/resume", tag = "units", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = UnitView), WriteProblems))]
async fn resume_unit(State(api): State<Api>, id: Named, write: Write) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    change(&api, write, unit, Action::ResumeUnit { unit }).await
}

/// Sign a person on, for a crew that cannot do it itself.
#[utoipa::path(post, path = "/api/v1/units/{id}/crew", tag = "units", params(("id" = String, Path), WriteHeaders),
    request_body = CrewBody, responses((status = 200, body = UnitView), WriteProblems))]
async fn sign_on(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<CrewBody>,
) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    change(&api, write, unit, Action::SignOn { unit, name: body.name, role: body.role.into() }).await
}

/// Sign a person off.
#[utoipa::path(delete, path = "/api/v1/units/{id}/crew/{name}", tag = "units",
    params(("id" = String, Path), ("name" = String, Path), WriteHeaders),
    responses((status = 200, body = UnitView), WriteProblems))]
async fn sign_off(
    State(api): State<Api>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    write: Write,
) -> Result<Answer<UnitView>, Problem> {
    let Ok(Path((id, name))) = path else {
        return Err(Problem::malformed("the path is not percent-encoded UTF-8", "路径须为 UTF-8 百分号编码"));
    };
    let unit = Named(id).parse("unit", "车组")?;
    change(&api, write, unit, Action::SignOff { unit, name }).await
}

/// Write to the crew.
#[utoipa::path(post, path = "/api/v1/units/{id}/messages", tag = "units", params(("id" = String, Path), WriteHeaders),
    request_body = TextBody, responses((status = 200, body = UnitView), WriteProblems))]
async fn message_crew(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<TextBody>,
) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    change(&api, write, unit, Action::MessageCrew { unit, text: body.text }).await
}

/// Have a unit stand by at a station, its own or another.
#[utoipa::path(post, path = "/api/v1/units/{id}/posting", tag = "units", params(("id" = String, Path), WriteHeaders),
    request_body = PostingBody, responses((status = 200, body = UnitView), WriteProblems))]
async fn post_unit(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<PostingBody>,
) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    change(&api, write, unit, Action::PostUnit { unit, station: body.station }).await
}

/// Follow the advice that a unit stands by elsewhere, or take it down. Refused (409) when it no longer holds.
#[utoipa::path(post, path = "/api/v1/units/{id}/move-up", tag = "units", params(("id" = String, Path), WriteHeaders),
    request_body = MoveUpBody, responses((status = 200, body = UnitView), WriteProblems))]
async fn answer_move_up(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body: MoveUpBody { station, accept } }: WriteOf<MoveUpBody>,
) -> Result<Answer<UnitView>, Problem> {
    let unit = id.parse("unit", "车组")?;
    let action =
        if accept { Action::AcceptMoveUp { unit, station } } else { Action::DeclineMoveUp { unit, station } };
    change(&api, write, unit, action).await
}

/// Stations, by code.
#[utoipa::path(get, path = "/api/v1/stations", tag = "units", params(PageAsked),
    responses((status = 200, body = Page<StationView>), ReadProblems))]
async fn list_stations(
    State(api): State<Api>,
    Asked(asked): Asked<PageAsked>,
) -> Result<Answer<Page<StationView>>, Problem> {
    let scene = api.scene();
    let stations = scene.record().stations().range(asked.range::<StationId>()?);
    asked
        .of(stations.map(|(id, station)| (id.to_string(), StationView::from(station.as_ref()))))
        .map(Answer::ok)
}

async fn change(api: &Api, write: Write, unit: UnitId, action: Action) -> Result<Answer<UnitView>, Problem> {
    let (unit, scene) = write.make(api, action, unit).await?;
    scene.unit(unit).map(Answer::ok)
}
