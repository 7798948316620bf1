//! The city's figures, from the journal.

use axum::extract::State;
use dispatch_core::reports::{BadPeriod, Period, response_times};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Asked};
use super::doc::ReadProblems;
use super::problem::Problem;
use super::views::{HeadView, ReportView, Time};
use crate::journal::{JournalError, JournalReader, hex};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_response_times))
}

/// Of which period: by name, or from and to; the present year when nothing is said.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportAsked {
    /// `2026-H1`, `2026-H2` or `2026`.
    period: Option<String>,
    /// The first moment.
    from: Option<Time>,
    /// The first moment after it.
    to: Option<Time>,
}

/// Departure, response and other times with their definitions, counts, percentiles, exclusions, and the runs behind them.
#[utoipa::path(get, path = "/api/v1/reports/response-times", tag = "reports", params(ReportAsked),
    responses((status = 200, body = ReportView), ReadProblems))]
async fn read_response_times(
    State(api): State<Api>,
    Asked(asked): Asked<ReportAsked>,
) -> Result<Answer<ReportView>, Problem> {
    let snapshot = api.centre().snapshot();
    let offset = snapshot.record.rules().utc_offset_s;
    let period = match (asked.period, asked.from, asked.to) {
        (Some(name), None, None) => Period::parse(&name, offset),
        (None, Some(from), Some(to)) => Period::between(from.0, to.0),
        (None, None, None) => Period::parse(&(snapshot.at + offset).to_string()[..4], offset),
        _ => {
            return Err(Problem::malformed(
                "give either period, or from and to",
                "请填写 period，或同时填写 from 与 to",
            ));
        }
    };
    let period = period.map_err(|error: BadPeriod| {
        Problem::malformed(error.to_string(), "报告期须为 2026-H1、2026-H2 或 2026")
    })?;
    let reader = api.centre().journal().clone();
    let keeper = api.clone();
    let made = api.aside(move || {
        let (ledger, seq) = keeper.history().rows_of(&reader, snapshot.seq, &period)?;
        let head = HeadView { seq, hash: hash_of(&reader, seq)? };
        Ok::<_, JournalError>(ReportView::of(&response_times(&ledger, &period), head))
    });
    made.await?.map(Answer::ok).map_err(Problem::from)
}

fn hash_of(reader: &JournalReader, seq: u64) -> Result<String, JournalError> {
    let rows = reader.rows(seq.saturating_sub(1), 1)?;
    Ok(rows.first().map(|row| hex(&row.hash)).unwrap_or_default())
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        tracing::error!(%error, "the journal could not be read for a report");
        Self::not_ready(
            "the journal could not be read: see the log of the centre",
            "无法读取日志，请查看系统日志",
        )
    }
}
