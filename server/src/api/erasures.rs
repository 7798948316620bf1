//! Erasing personal data for good, on record and with a reason.

use axum::extract::State;
use dispatch_core::accident::AccidentNumber;
use dispatch_core::erasure::{Sought, Subject};
use dispatch_core::incident::IncidentNumber;
use dispatch_core::{Action, Command};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::doc::{WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::write::WriteOf;
use crate::centre::Submission;
use crate::journal::subjects_of;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(erase))
}

/// Whose data, and why. Either an incident or an accident, by its number, however long ago it was.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureBody {
    #[schema(example = "20261121-0042")]
    incident: Option<String>,
    #[schema(example = "20261121-M02")]
    accident: Option<String>,
    reason: String,
}

/// What was erased.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErasureView {
    /// The number of the event that records it.
    seq: u64,
    /// Of how many calls, incidents and accidents.
    subjects: usize,
}

/// Erase the names, telephone numbers, addresses and words of an ended incident, the calls about it among them, or of a closed
/// accident's casualties. Times, positions and figures stay. It cannot be undone.
#[utoipa::path(post, path = "/api/v1/erasures", tag = "operation", params(WriteHeaders), request_body = ErasureBody,
    responses((status = 200, body = ErasureView), WriteProblems))]
async fn erase(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<ErasureBody>,
) -> Result<Answer<ErasureView>, Problem> {
    let sought = body.sought()?;
    let reader = api.centre().journal().clone();
    let subjects = api.aside(move || subjects_of(&reader, sought)).await??;
    let count = subjects.len();
    let incidents: Vec<_> = subjects.iter().filter_map(Subject::incident).collect();
    if count == 0 {
        let number = body.incident.or(body.accident).unwrap_or_default();
        return Err(Problem::unknown("incident or accident", "事件或事故", &number));
    }
    let (by, keyed) = write.into_parts();
    let command = Command { by, action: Action::ErasePersonalData { subjects, reason: body.reason } };
    let submission = match keyed {
        Some((key, digest)) => Submission::keyed(command, key, digest, count.to_string()),
        None => Submission::new(command),
    };
    let accepted = api.centre().submit(submission).await?;
    let files = api.centre().files().clone();
    // Not waited for: without their keys they are nobody's any more.
    tokio::spawn(async move { files.erase(incidents).await });
    let subjects = if accepted.repeated { accepted.answer.parse().unwrap_or(count) } else { count };
    Ok(Answer::ok(ErasureView { seq: accepted.last_seq, subjects }))
}

impl ErasureBody {
    fn sought(&self) -> Result<Sought, Problem> {
        let incident = self.incident.as_deref().map(|number| number.parse::<IncidentNumber>().ok());
        let accident = self.accident.as_deref().map(|number| number.parse::<AccidentNumber>().ok());
        match (incident, accident) {
            (Some(Some(number)), None) => Ok(Sought::Incident(number)),
            (None, Some(Some(number))) => Ok(Sought::Accident(number)),
            _ => Err(Problem::malformed(
                "give either incident, like \"20261121-0042\", or accident, like \"20261121-M02\"",
                "请填写 incident（如 20261121-0042）或 accident（如 20261121-M02）之一",
            )),
        }
    }
}
