//! Files of a patient: what the crew takes (a photo, an ECG from a device's memory), and what is shown of what was taken.

use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use link::file::FILE_BYTES_MAX;
use serde::Deserialize;

use super::api::{Answer, recorded};
use super::patients::{FileWord, first};
use super::problem::Problem;
use crate::duty::{NotTaken, SharedDuty, lock, packed};

/// `/api/patient/file` and `/api/patient/file/{id}`.
pub(super) fn routes() -> Router<SharedDuty> {
    Router::new()
        .route("/api/patient/file", post(take).layer(DefaultBodyLimit::max(FILE_BYTES_MAX as usize)))
        .route("/api/patient/file/{file}", get(read))
}

/// Whose file, and what it shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfFile {
    assignment: String,
    /// From 1; the first when nothing is said.
    #[serde(default = "first")]
    patient: u32,
    kind: FileWord,
    #[serde(default)]
    device: String,
}

/// The body is the file itself, its type the header's.
async fn take(
    State(duty): State<SharedDuty>,
    Query(of): Query<OfFile>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let new = packed(of.kind.into(), media_type, of.device, body.into())?;
    recorded(lock(&duty).keep_file(Instant::now(), &of.assignment, of.patient, new))
}

async fn read(State(duty): State<SharedDuty>, Path(file): Path<String>) -> Result<Response, Problem> {
    let found = lock(&duty).file(&file).map_err(NotTaken::from)?;
    let Some((card, content)) = found else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let mut response = content.into_response();
    let headers = response.headers_mut();
    // Data, never a page: nothing in it runs.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if card.gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(media_type) = HeaderValue::from_str(&card.media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    Ok(response)
}
