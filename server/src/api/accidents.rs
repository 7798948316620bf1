//! Accidents above incidents: declared, counted, shared out over hospitals, closed.

use std::collections::BTreeMap;

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::accident::{AccidentSketch, SharingInputs, SharingWay, share_out};
use dispatch_core::ids::{AccidentId, IncidentId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::accident_body::AccidentChangeBody;
use super::answer::{Answer, Asked, ListAsked, Named, Page};
use super::body::ReasonBody;
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::scene::Scene;
use super::views::{AccidentView, ColourWord, GradeWord, seconds};
use super::write::WriteOf;
use crate::centre::Versioned;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_accidents, declare_accident))
        .routes(routes!(read_accident))
        .routes(routes!(change_accident))
        .routes(routes!(close_accident))
        .routes(routes!(suggest_sharing))
}

/// What happened, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccidentBody {
    /// What people call it.
    #[schema(example = "二桥连环车祸")]
    title: String,
    #[serde(default)]
    grade: Option<GradeWord>,
    #[serde(default)]
    notes: String,
    /// The incidents that are part of it: at least one.
    #[schema(value_type = Vec<String>)]
    scenes: Vec<IncidentId>,
}

/// Who could go where: a suggestion, accepted by keeping the beds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sharing {
    /// The most urgent first.
    items: Vec<SharedView>,
    /// Tags of those for whom no bed is left.
    without_bed: Vec<u16>,
}

/// One casualty and the hospital suggested.
#[derive(Serialize, ToSchema)]
#[schema(as = Shared)]
pub(crate) struct SharedView {
    casualty: u16,
    colour: ColourWord,
    hospital: String,
    travel_s: f64,
    zh: String,
    en: String,
}

/// Accidents, newest last.
#[utoipa::path(get, path = "/api/v1/accidents", tag = "accidents", params(ListAsked),
    responses((status = 200, body = Page<AccidentView>), ReadProblems))]
async fn list_accidents(
    State(api): State<Api>,
    Asked(asked): Asked<ListAsked>,
) -> Result<Answer<Page<AccidentView>>, Problem> {
    let scene = api.scene();
    let page = asked.page();
    let accidents = scene.record().accidents().range(page.range::<AccidentId>()?);
    let accidents = accidents.filter(|(_, it)| asked.takes(it.is_open()));
    page.of(accidents.map(|(id, it)| (id.to_string(), AccidentView::of(scene.record(), it)))).map(Answer::ok)
}

/// Lead several incidents, or one with many casualties, as one.
#[utoipa::path(post, path = "/api/v1/accidents", tag = "accidents", params(WriteHeaders), request_body = AccidentBody,
    responses((status = 201, body = AccidentView), WriteProblems))]
async fn declare_accident(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<AccidentBody>,
) -> Result<Answer<AccidentView>, Problem> {
    let accident = AccidentId::new(Uuid::now_v7());
    let sketch = AccidentSketch { title: body.title, grade: body.grade.map(Into::into), notes: body.notes };
    let action = Action::DeclareAccident { accident, sketch, scenes: body.scenes };
    let (made, scene) = write.make(&api, action, accident).await?;
    shown(&scene, made, Answer::created)
}

/// One accident with its table.
#[utoipa::path(get, path = "/api/v1/accidents/{id}", tag = "accidents", params(("id" = String, Path)),
    responses((status = 200, body = AccidentView), ReadProblems))]
async fn read_accident(State(api): State<Api>, id: Named) -> Result<Answer<AccidentView>, Problem> {
    shown(&api.scene(), id.parse("accident", "事故")?, Answer::ok)
}

/// One change of it: a count, a casualty, beds, who is in which ambulance. All that it names, or nothing.
#[utoipa::path(post, path = "/api/v1/accidents/{id}/changes", tag = "accidents",
    params(("id" = String, Path), WriteHeaders), request_body = AccidentChangeBody,
    responses((status = 200, body = AccidentView), WriteProblems))]
async fn change_accident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<AccidentChangeBody>,
) -> Result<Answer<AccidentView>, Problem> {
    let accident = id.parse("accident", "事故")?;
    let version = write.if_match;
    let action = Action::ChangeAccident { accident, version, request: body.into() };
    let (accident, scene) = write.make(&api, action, accident).await?;
    shown(&scene, accident, Answer::ok)
}

/// It is over: nobody waits and nobody is on the way.
#[utoipa::path(post, path = "/api/v1/accidents/{id}/close", tag = "accidents",
    params(("id" = String, Path), WriteHeaders), request_body = ReasonBody,
    responses((status = 200, body = AccidentView), WriteProblems))]
async fn close_accident(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<ReasonBody>,
) -> Result<Answer<AccidentView>, Problem> {
    let accident = id.parse("accident", "事故")?;
    let action = Action::CloseAccident { accident, reason: body.reason };
    let (accident, scene) = write.of(Versioned::Accident(accident)).make(&api, action, accident).await?;
    shown(&scene, accident, Answer::ok)
}

/// How those who wait without a bed could be shared out over the beds offered.
#[utoipa::path(get, path = "/api/v1/accidents/{id}/sharing", tag = "accidents", params(("id" = String, Path)),
    responses((status = 200, body = Sharing), ReadProblems))]
async fn suggest_sharing(State(api): State<Api>, id: Named) -> Result<Answer<Sharing>, Problem> {
    let scene = api.scene();
    let it = scene.known_accident(id.parse("accident", "事故")?)?;
    let ways: BTreeMap<IncidentId, Vec<SharingWay>> =
        it.scenes.iter().map(|incident| (*incident, ways(&scene, *incident))).collect();
    let sharing = share_out(&SharingInputs::of(scene.record(), it, scene.snapshot.at, ways));
    let items = sharing.shared.into_iter().map(|shared| SharedView {
        casualty: shared.allotment.casualty,
        colour: shared.colour.into(),
        hospital: shared.allotment.hospital.to_string(),
        travel_s: seconds(shared.travel_s),
        zh: shared.zh,
        en: shared.en,
    });
    Ok(Answer::ok(Sharing { items: items.collect(), without_bed: sharing.without_bed }))
}

/// The ways from a scene to every hospital; none while nobody knows where it is.
fn ways(scene: &Scene, incident: IncidentId) -> Vec<SharingWay> {
    let place = scene.record().incident(incident).and_then(|it| it.sketch.place.position);
    let times = place.map(|place| scene.hospital_times(place));
    let way = |time: &super::estimate::HospitalTime| SharingWay {
        hospital: time.hospital,
        travel_s: time.travel,
        basis: time.basis,
    };
    times.iter().flat_map(|times| times.iter().map(way)).collect()
}

fn shown(
    scene: &Scene,
    id: AccidentId,
    answer: fn(AccidentView) -> Answer<AccidentView>,
) -> Result<Answer<AccidentView>, Problem> {
    let it = scene.known_accident(id)?;
    Ok(answer(AccidentView::of(scene.record(), it)).at_version(it.version))
}
