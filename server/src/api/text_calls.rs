//! Text calls, from the caller's own page: for people who cannot speak or hear. No name is needed; the secret given at the
//! start is the key to this one call and to nothing else.

use axum::extract::State;
use axum::http::HeaderMap;
use dispatch_core::Action;
use dispatch_core::ids::CallId;
use dispatch_core::incident::{Call, CallSource, CallState, Speaker};
use dispatch_core::private::Private;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::answer::{Answer, Named};
use super::body::{PlaceBody, TextBody};
use super::doc::{ReadProblems, SecretHeader, WriteProblems};
use super::problem::Problem;
use super::scene::Scene;
use super::source::MaybeSource;
use super::views::{CallStateWord, EtaView, LineView, PlaceView, StageWord};
use super::write::CallerWriteOf;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(start_text_call))
        .routes(routes!(read_text_call))
        .routes(routes!(write_to_centre))
        .routes(routes!(locate_caller))
}

/// A text call begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextCallBody {
    /// What happened, in the caller's words.
    text: String,
    /// A number to write back to, if the caller gives one.
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    place: PlaceBody,
}

/// The call and the key to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TextCallStarted {
    call: String,
    /// Keep it: it opens this call and nothing else.
    secret: String,
}

/// A text call as its caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TextCall)]
pub(crate) struct TextCallView {
    state: CallStateWord,
    lines: Vec<LineView>,
    place: PlaceView,
    /// How many calls wait before this one.
    ahead: usize,
    /// The help that is on its way.
    help: Option<HelpView>,
}

/// The help that is on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Help)]
pub(crate) struct HelpView {
    unit: String,
    stage: StageWord,
    /// Hardly later than in this many seconds; `null` while it is not known.
    eta_s: Option<f64>,
}

/// A text call begins: it enters the same queue as every other call.
#[utoipa::path(post, path = "/api/v1/text-calls", tag = "text calls", request_body = TextCallBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = TextCallStarted), (status = 429, description = "Too many from one source"), WriteProblems))]
async fn start_text_call(
    State(api): State<Api>,
    MaybeSource(source): MaybeSource,
    CallerWriteOf { write, body, .. }: CallerWriteOf<TextCallBody>,
) -> Result<Answer<TextCallStarted>, Problem> {
    api.text_call_limit().take(source, COST_OF_CALL, api.centre().floods()).await?;
    let call = CallId::new(Uuid::now_v7());
    let action = Action::ReceiveCall {
        call,
        source: CallSource::Text,
        phone: Private::new(body.phone.unwrap_or_default()),
        text_only: true,
        place: body.place.into_core()?,
        text: Some(body.text),
    };
    let (call, _) = write.make(&api, action, call).await?;
    Ok(Answer::created(TextCallStarted { call: call.to_string(), secret: api.text_call_key().secret(call) }))
}

/// How it stands.
#[utoipa::path(get, path = "/api/v1/text-calls/{call}", tag = "text calls", params(("call" = String, Path), SecretHeader),
    responses((status = 200, body = TextCallView), ReadProblems))]
async fn read_text_call(
    State(api): State<Api>,
    call: Named,
    headers: HeaderMap,
) -> Result<Answer<TextCallView>, Problem> {
    let call = opened(&api, &call, &headers)?;
    shown(&api.scene(), call)
}

/// The caller writes.
#[utoipa::path(post, path = "/api/v1/text-calls/{call}/lines", tag = "text calls",
    params(("call" = String, Path), SecretHeader, ("Idempotency-Key" = Option<String>, Header)), request_body = TextBody,
    responses((status = 200, body = TextCallView), (status = 429, description = "Too many from one source"), WriteProblems))]
async fn write_to_centre(
    State(api): State<Api>,
    call: Named,
    MaybeSource(source): MaybeSource,
    CallerWriteOf { write, body, headers }: CallerWriteOf<TextBody>,
) -> Result<Answer<TextCallView>, Problem> {
    let call = opened(&api, &call, &headers)?;
    api.text_call_limit().take(source, COST_OF_LINE, api.centre().floods()).await?;
    let action = Action::WriteLine { call, from: Speaker::Caller, text: body.text };
    let (call, scene) = write.make(&api, action, call).await?;
    shown(&scene, call)
}

/// The caller says where help is needed.
#[utoipa::path(post, path = "/api/v1/text-calls/{call}/location", tag = "text calls",
    params(("call" = String, Path), SecretHeader, ("Idempotency-Key" = Option<String>, Header)), request_body = PlaceBody,
    responses((status = 200, body = TextCallView), (status = 429, description = "Too many from one source"), WriteProblems))]
async fn locate_caller(
    State(api): State<Api>,
    call: Named,
    MaybeSource(source): MaybeSource,
    CallerWriteOf { write, body, headers }: CallerWriteOf<PlaceBody>,
) -> Result<Answer<TextCallView>, Problem> {
    let call = opened(&api, &call, &headers)?;
    api.text_call_limit().take(source, COST_OF_LINE, api.centre().floods()).await?;
    let place = body.into_core()?;
    let (call, scene) = write.make(&api, Action::LocateCall { call, place }, call).await?;
    shown(&scene, call)
}

/// The call that the secret opens. A wrong secret and a call that does not exist look the same from outside.
fn opened(api: &Api, call: &Named, headers: &HeaderMap) -> Result<CallId, Problem> {
    let secret = headers.get("jichi-secret").map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    let call = call.0.parse().ok().filter(|call| api.text_call_key().opens(*call, secret));
    call.ok_or_else(|| Problem::not_allowed("this is not the key to that text call", "密钥与该文字呼救不符"))
}

fn shown(scene: &Scene, call: CallId) -> Result<Answer<TextCallView>, Problem> {
    let call = scene.known_call(call)?;
    Ok(Answer::ok(TextCallView {
        state: call.state().into(),
        lines: call.lines.iter().map(LineView::from).collect(),
        place: PlaceView::from(&call.place),
        ahead: ahead(scene, call),
        help: help(scene, call),
    }))
}

fn ahead(scene: &Scene, call: &Call) -> usize {
    let ringing = |call: &Call| call.state() == CallState::Ringing;
    let before =
        |other: &&std::sync::Arc<Call>| ringing(other) && (other.rang_at, other.id) < (call.rang_at, call.id);
    if ringing(call) { scene.record().calls().values().filter(before).count() } else { 0 }
}

/// The unit that comes first of those on their way.
fn help(scene: &Scene, call: &Call) -> Option<HelpView> {
    let coming = scene.record().open_assignments_of(call.incident?);
    let furthest = coming.max_by_key(|assignment| (assignment.stage, std::cmp::Reverse(assignment.id)))?;
    let left = |eta: EtaView| {
        let passed = scene.snapshot.at.since(eta.at.0).as_secs_f64();
        (eta.latest_s - passed).max(0.0).round()
    };
    let eta_s = scene.eta(furthest).filter(|_| furthest.destination.is_none()).map(left);
    Some(HelpView { unit: furthest.unit.to_string(), stage: furthest.stage.into(), eta_s })
}

/// What a new call takes of a source's allowance.
const COST_OF_CALL: f64 = 4.0;
/// What a line takes of it.
const COST_OF_LINE: f64 = 1.0;
