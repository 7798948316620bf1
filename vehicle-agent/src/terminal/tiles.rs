//! What this vehicle is equipped with for the page: the packed map, and a program that shows the way.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tracing::warn;

use crate::config::Navigation;
use crate::map::PackedMap;

/// What does not change while the agent runs.
#[derive(Debug, Default)]
pub struct Equipment {
    /// The map that was packed ahead.
    pub map: Option<PackedMap>,
    /// The program that takes a place to drive to.
    pub navigation: Option<Navigation>,
}

type Shared = Arc<Equipment>;

/// `/api/equipment` and `/tiles/{z}/{x}/{y}.mvt`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(equipment: Equipment) -> Router<S> {
    Router::new()
        .route("/api/equipment", get(about))
        .route("/tiles/{z}/{x}/{row}", get(tile))
        .with_state(Arc::new(equipment))
}

async fn about(State(equipment): State<Shared>) -> Json<Value> {
    let map = equipment.map.as_ref().map(PackedMap::about);
    Json(json!({ "map": map, "navigation": equipment.navigation }))
}

async fn tile(State(equipment): State<Shared>, Path((z, x, row)): Path<(u8, u32, String)>) -> Response {
    let Some(y) = row.strip_suffix(".mvt").and_then(|row| row.parse().ok()) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let look = move || equipment.map.as_ref().map_or(Ok(None), |map| map.tile(z, x, y));
    match tokio::task::spawn_blocking(look).await {
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
