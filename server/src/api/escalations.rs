//! Escalations: what somebody must look at, and who has taken it on.

use axum::extract::State;
use dispatch_core::Action;
use dispatch_core::escalation::EscalationKey;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named, Page};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::EscalationView;
use super::write::Write;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_escalations)).routes(routes!(acknowledge_escalation))
}

/// Everything that stands, all at once: this list is short or something is very wrong.
#[utoipa::path(get, path = "/api/v1/escalations", tag = "escalations",
    responses((status = 200, body = Page<EscalationView>), ReadProblems))]
async fn list_escalations(State(api): State<Api>) -> Answer<Page<EscalationView>> {
    Answer::ok(Page { items: api.scene().escalations(), next: None })
}

/// Take it on: the sound stops, the cause stands until it is gone.
#[utoipa::path(post, path = "/api/v1/escalations/{name}/acknowledge", tag = "escalations",
    params(("name" = String, Path), WriteHeaders), responses((status = 200, body = EscalationView), WriteProblems))]
async fn acknowledge_escalation(
    State(api): State<Api>,
    name: Named,
    write: Write,
) -> Result<Answer<EscalationView>, Problem> {
    let key: EscalationKey = name.parse("escalation", "告警")?;
    let (key, scene) = write.make(&api, Action::AcknowledgeEscalation { escalation: key }, key).await?;
    let standing = scene.record().escalations().get(&key);
    let standing = standing.ok_or_else(|| Problem::unknown("escalation", "告警", &key.to_string()))?;
    Ok(Answer::ok(EscalationView::from(standing)))
}
