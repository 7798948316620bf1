//! For those who run the system: alive, useful, and in numbers.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::leadership::StateWord;
use super::views::Time;
use crate::journal::{Disk, words};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(read_health))
        .routes(routes!(read_readiness))
        .routes(routes!(read_metrics))
}

/// Whether this centre is useful, and in which role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    role: RoleWord,
    /// How this node stands to the other one; `alone` where there is none.
    state: StateWord,
    /// What the journal's disk takes: while it is not `writable`, commands are refused and reads go on.
    disk: DiskWord,
    /// The newest durable event.
    seq: u64,
    /// Under whose word.
    #[schema(example = "1.1")]
    epoch: String,
    /// Domain time.
    at: Time,
}

/// What the journal's disk takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DiskWord {
    /// Everything.
    Writable,
    /// Nothing: it is full.
    Full,
    /// Nothing: it is read-only.
    ReadOnly,
}

impl From<Disk> for DiskWord {
    fn from(disk: Disk) -> Self {
        match disk {
            Disk::Writable => Self::Writable,
            Disk::Full => Self::Full,
            Disk::ReadOnly => Self::ReadOnly,
        }
    }
}

/// What this process is to its centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoleWord {
    /// It decides.
    Leader,
    /// It follows and would take over.
    Standby,
    /// It only shows.
    ReadOnly,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "Alive", content_type = "text/plain", body = String)))]
async fn read_health() -> &'static str {
    "alive\n"
}

/// The process is useful: it takes calls and sends units.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, body = Readiness), (status = 503, description = "Not now", body = Readiness)))]
async fn read_readiness(State(api): State<Api>) -> Response {
    let snapshot = api.centre().snapshot();
    let disk = api.centre().disk();
    let state = StateWord::of(api.centre().leadership().map(AsRef::as_ref));
    let ready = !api.is_stopping() && disk == Disk::Writable && api.centre().serves();
    let role = match (disk, state.leads()) {
        (_, false) => RoleWord::Standby,
        (Disk::Writable, true) => RoleWord::Leader,
        (Disk::Full | Disk::ReadOnly, true) => RoleWord::ReadOnly,
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let (seq, epoch, at) = (snapshot.seq, words(snapshot.epoch), snapshot.at.into());
    (status, axum::Json(Readiness { ready, role, state, disk: disk.into(), seq, epoch, at })).into_response()
}

/// Everything counted, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, description = "Prometheus", content_type = "text/plain", body = String)))]
async fn read_metrics(State(api): State<Api>) -> Response {
    let mut response = api.metrics().render().into_response();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
