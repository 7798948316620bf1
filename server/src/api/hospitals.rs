//! Hospitals: what is coming to each, and whether one asks not to be sent patients.

use axum::extract::State;
use dispatch_core::destination::Diversion;
use dispatch_core::ids::HospitalId;
use dispatch_core::{Action, Span};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Asked, Named, Page, PageAsked};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{ArrivalsView, HospitalView};
use super::write::{Write, WriteOf};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_hospitals))
        .routes(routes!(list_arrivals))
        .routes(routes!(divert_hospital, end_diversion))
}

/// A hospital asks not to be sent patients for a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiversionBody {
    reason: String,
    /// Who allowed it.
    authority: String,
    /// For how many seconds: 1 to 604,800.
    #[schema(minimum = 1, maximum = 604_800)]
    for_s: u32,
}

/// Hospitals, by code.
#[utoipa::path(get, path = "/api/v1/hospitals", tag = "hospitals", params(PageAsked),
    responses((status = 200, body = Page<HospitalView>), ReadProblems))]
async fn list_hospitals(
    State(api): State<Api>,
    Asked(asked): Asked<PageAsked>,
) -> Result<Answer<Page<HospitalView>>, Problem> {
    let scene = api.scene();
    let hospitals = scene.record().hospitals().range(asked.range::<HospitalId>()?);
    asked
        .of(hospitals.map(|(id, hospital)| (id.to_string(), HospitalView::from(hospital.as_ref()))))
        .map(Answer::ok)
}

/// The ambulances bound for this hospital, and no others.
#[utoipa::path(get, path = "/api/v1/hospitals/{id}/arrivals", tag = "hospitals", params(("id" = String, Path)),
    responses((status = 200, body = ArrivalsView), ReadProblems))]
async fn list_arrivals(State(api): State<Api>, id: Named) -> Result<Answer<ArrivalsView>, Problem> {
    api.scene().arrivals(id.parse("hospital", "医院")?).map(Answer::ok)
}

/// The hospital asks not to be sent patients, by whose leave and for how long.
#[utoipa::path(post, path = "/api/v1/hospitals/{id}/diversion", tag = "hospitals",
    params(("id" = String, Path), WriteHeaders), request_body = DiversionBody,
    responses((status = 200, body = HospitalView), WriteProblems))]
async fn divert_hospital(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<DiversionBody>,
) -> Result<Answer<HospitalView>, Problem> {
    let hospital = id.parse("hospital", "医院")?;
    if !(1..=DIVERSION_S_MAX).contains(&body.for_s) {
        return Err(Problem::impossible(
            format!("a diversion lasts 1 to {DIVERSION_S_MAX} seconds"),
            format!("分流时间须在 1 到 {DIVERSION_S_MAX} 秒之间"),
        ));
    }
    let since = api.centre().clock().now();
    let until = since + Span::seconds(i64::from(body.for_s));
    let diversion = Diversion { reason: body.reason, authority: body.authority, since, until };
    change(&api, write, hospital, Some(diversion)).await
}

/// It takes patients again.
#[utoipa::path(delete, path = "/api/v1/hospitals/{id}/diversion", tag = "hospitals",
    params(("id" = String, Path), WriteHeaders), responses((status = 200, body = HospitalView), WriteProblems))]
async fn end_diversion(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<HospitalView>, Problem> {
    let hospital = id.parse("hospital", "医院")?;
    change(&api, write, hospital, None).await
}

async fn change(
    api: &Api,
    write: Write,
    hospital: HospitalId,
    diversion: Option<Diversion>,
) -> Result<Answer<HospitalView>, Problem> {
    let (hospital, scene) = write.make(api, Action::DivertHospital { hospital, diversion }, hospital).await?;
    scene.hospital(hospital).map(Answer::ok)
}

/// A week: a longer one is a change of the hospital's own entry.
const DIVERSION_S_MAX: u32 = 604_800;
