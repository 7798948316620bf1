//! Calls: received, answered, located, joined to an incident, ended; the caller's number shown on record.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::ids::{CallId, IncidentId};
use dispatch_core::incident::Speaker;
use dispatch_core::private::Private;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::answer::{Answer, Asked, ListAsked, Named, Page};
use super::body::{IncidentBody, PlaceBody, TextBody};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{CallEndWord, CallSourceWord, CallView, IncidentView};
use super::write::{Write, WriteOf};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_calls, receive_call))
        .routes(routes!(read_call))
        .routes(routes!(answer_call))
        .routes(routes!(write_to_caller))
        .routes(routes!(locate_call))
        .routes(routes!(join_call))
        .routes(routes!(split_call))
        .routes(routes!(end_call))
        .routes(routes!(reveal_caller))
}

/// A call comes in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBody {
    source: CallSourceWord,
    /// The caller's number, if known; shown masked from then on.
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    text_only: bool,
    #[serde(default)]
    place: PlaceBody,
    /// The first line of a text call.
    #[serde(default)]
    text: Option<String>,
}

/// The same event called in again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinBody {
    #[schema(value_type = String)]
    incident: IncidentId,
}

/// How a call ended without an incident of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndBody {
    how: CallEndWord,
}

/// The caller's full number.
#[derive(Serialize, ToSchema)]
pub(crate) struct Revealed {
    phone: String,
}

/// Calls, oldest first.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", params(ListAsked),
    responses((status = 200, body = Page<CallView>), ReadProblems))]
async fn list_calls(
    State(api): State<Api>,
    Asked(asked): Asked<ListAsked>,
) -> Result<Answer<Page<CallView>>, Problem> {
    let scene = api.scene();
    let page = asked.page();
    let calls = scene.record().calls().range(page.range::<CallId>()?);
    let calls = calls.filter(|(_, call)| asked.takes(call.end.is_none()));
    page.of(calls.map(|(id, call)| (id.to_string(), CallView::from(call.as_ref())))).map(Answer::ok)
}

/// A call comes in.
#[utoipa::path(post, path = "/api/v1/calls", tag = "calls", params(WriteHeaders), request_body = CallBody,
    responses((status = 201, body = CallView), WriteProblems))]
async fn receive_call(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<CallBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = CallId::new(Uuid::now_v7());
    let action = Action::ReceiveCall {
        call,
        source: body.source.into(),
        phone: Private::new(body.phone.unwrap_or_default()),
        text_only: body.text_only,
        place: body.place.into_core()?,
        text: body.text,
    };
    let (made, scene) = write.make(&api, action, call).await?;
    scene.call(made).map(Answer::created)
}

/// One call.
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CallView), ReadProblems))]
async fn read_call(State(api): State<Api>, id: Named) -> Result<Answer<CallView>, Problem> {
    api.scene().call(id.parse("call", "呼救")?).map(Answer::ok)
}

/// A person takes the call.
#[utoipa::path(post, path = "/api/v1/calls/{id}/answer", tag = "calls", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = CallView), WriteProblems))]
async fn answer_call(State(api): State<Api>, id: Named, write: Write) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    change(&api, write, call, Action::AnswerCall { call }).await
}

/// Write to the caller of a text call.
#[utoipa::path(post, path = "/api/v1/calls/{id}/lines", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = TextBody, responses((status = 200, body = CallView), WriteProblems))]
async fn write_to_caller(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<TextBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    change(&api, write, call, Action::WriteLine { call, from: Speaker::Centre, text: body.text }).await
}

/// Say where the caller is.
#[utoipa::path(post, path = "/api/v1/calls/{id}/location", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = PlaceBody, responses((status = 200, body = CallView), WriteProblems))]
async fn locate_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<PlaceBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    let place = body.into_core()?;
    change(&api, write, call, Action::LocateCall { call, place }).await
}

/// The same event called in again: the call joins its incident.
#[utoipa::path(post, path = "/api/v1/calls/{id}/join", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = JoinBody, responses((status = 200, body = CallView), WriteProblems))]
async fn join_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<JoinBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    change(&api, write, call, Action::JoinCall { call, incident: body.incident }).await
}

/// The call is about another event than the incident it belongs to: it makes an incident of its own, whose clock began when it rang.
/// `call` of the body is not used.
#[utoipa::path(post, path = "/api/v1/calls/{id}/split", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = IncidentBody, responses((status = 201, body = IncidentView), WriteProblems))]
async fn split_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<IncidentBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let call = id.parse("call", "呼救")?;
    let incident = IncidentId::new(Uuid::now_v7());
    let action = Action::SplitCall { call, incident, sketch: body.into_core()?.into() };
    let (made, scene) = write.make(&api, action, incident).await?;
    let version = scene.known_incident(made)?.version;
    scene.incident(made).map(|view| Answer::created(view).at_version(version))
}

/// End a call that leads to no incident.
#[utoipa::path(post, path = "/api/v1/calls/{id}/end", tag = "calls", params(("id" = String, Path), WriteHeaders),
    request_body = EndBody, responses((status = 200, body = CallView), WriteProblems))]
async fn end_call(
    State(api): State<Api>,
    id: Named,
    WriteOf { write, body }: WriteOf<EndBody>,
) -> Result<Answer<CallView>, Problem> {
    let call = id.parse("call", "呼救")?;
    change(&api, write, call, Action::EndCall { call, how: body.how.into() }).await
}

/// Show the caller's full number; that it was shown, and to whom, is put on record first.
#[utoipa::path(post, path = "/api/v1/calls/{id}/reveal", tag = "calls", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = Revealed), WriteProblems))]
async fn reveal_caller(State(api): State<Api>, id: Named, write: Write) -> Result<Answer<Revealed>, Problem> {
    let call = id.parse("call", "呼救")?;
    let (call, scene) = write.make(&api, Action::RevealCaller { call }, call).await?;
    let phone = scene.known_call(call)?.phone.reveal().to_owned();
    Ok(Answer::ok(Revealed { phone }))
}

async fn change(api: &Api, write: Write, call: CallId, action: Action) -> Result<Answer<CallView>, Problem> {
    let (call, scene) = write.make(api, action, call).await?;
    scene.call(call).map(Answer::ok)
}
