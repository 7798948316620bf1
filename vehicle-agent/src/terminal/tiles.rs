//! The packed map for the page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tracing::warn;

use crate::map::PackedMap;

type Map = Option<Arc<PackedMap>>;

/// `/tiles/about` and `/tiles/{z}/{x}/{y}.mvt`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(map: Map) -> Router<S> {
    Router::new().route("/tiles/about", get(about)).route("/tiles/{z}/{x}/{row}", get(tile)).with_state(map)
}

async fn about(State(map): State<Map>) -> Response {
    match map {
        Some(map) => axum::Json(map.about()).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn tile(State(map): State<Map>, Path((z, x, row)): Path<(u8, u32, String)>) -> Response {
    let y = row.strip_suffix(".mvt").and_then(|row| row.parse().ok());
    let (Some(map), Some(y)) = (map, y) else { return StatusCode::NO_CONTENT.into_response() };
    match tokio::task::spawn_blocking(move || map.tile(z, x, y)).await {
        Ok(Ok(Some(bytes))) => {
            let headers = [
                (header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile"),
                (header::CONTENT_ENCODING, "gzip"),
                (header::CACHE_CONTROL, "max-age=300"),
            ];
            (headers, bytes).into_response()
        }
        Ok(Ok(None)) | Err(_) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(error)) => {
            warn!(%error, "a tile of the packed map cannot be read");
            StatusCode::NO_CONTENT.into_response()
        }
    }
}
