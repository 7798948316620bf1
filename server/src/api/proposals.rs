//! The proposal of an incident: the newest, or one made now.

use axum::extract::State;
use dispatch_core::ids::IncidentId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::ProposalView;
use super::write::Write;
use crate::proposals::ProposalError;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_proposal, make_proposal))
}

/// The newest proposal; 404 while there is none.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/proposal", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = ProposalView), ReadProblems))]
async fn read_proposal(State(api): State<Api>, id: Named) -> Result<Answer<ProposalView>, Problem> {
    let incident: IncidentId = id.parse("incident", "事件")?;
    let scene = api.scene();
    let newest =
        scene.known_incident(incident)?.proposal.and_then(|id| scene.record().proposals().get(&id)).cloned();
    let proposal = newest.ok_or_else(|| Problem::unknown("proposal", "推荐", "for this incident yet"))?;
    api.aside(move || scene.proposal(&proposal)).await.map(Answer::ok)
}

/// A proposal made now and put on record.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/proposal", tag = "incidents",
    params(("id" = String, Path), WriteHeaders), responses((status = 200, body = ProposalView), WriteProblems))]
async fn make_proposal(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<ProposalView>, Problem> {
    let incident: IncidentId = id.parse("incident", "事件")?;
    let known = api.scene().known_incident(incident)?.version;
    if write.if_match.is_some_and(|version| version != known) {
        return Err(Problem::changed(known));
    }
    let proposal = api.centre().propose(incident).await?;
    let scene = api.scene();
    api.aside(move || scene.proposal(&proposal)).await.map(Answer::ok)
}

impl From<ProposalError> for Problem {
    fn from(error: ProposalError) -> Self {
        use dispatch_core::assignment::NoProposal;
        match error {
            ProposalError::NoProposal(NoProposal::UnknownIncident(id)) => {
                Self::unknown("incident", "事件", &id.to_string())
            }
            ProposalError::NoProposal(reason @ NoProposal::Ended(_)) => {
                Self::no_proposal(reason.to_string(), "该事件已结束")
            }
            ProposalError::NoProposal(reason @ NoProposal::NoPosition(_)) => {
                Self::no_proposal(reason.to_string(), "该事件尚无位置，请先定位")
            }
            ProposalError::Submit(error) => error.into(),
            ProposalError::Busy => {
                Self::not_ready(ProposalError::Busy.to_string(), "推荐请求过多，请一秒后重试")
            }
            ProposalError::Stopping => Self::not_ready(ProposalError::Stopping.to_string(), "系统正在停止"),
        }
    }
}
