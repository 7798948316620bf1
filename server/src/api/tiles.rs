//! Vector tiles of the city's map for browsers.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::Read;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::doc::ReadProblems;
use super::problem::Problem;
use crate::map::{TileError, TileId, ZOOM_MAX, ZOOM_MIN};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_tile))
}

/// A vector tile with the layers `water`, `green`, `built`, `districts`, `railways`, `roads`, `labels`; zoom 6 to 18.
#[utoipa::path(get, path = "/tiles/{z}/{x}/{y}", tag = "map",
    params(("z" = u8, Path), ("x" = u32, Path), ("y" = String, Path, description = "Row and `.mvt`", example = "6728.mvt")),
    responses((status = 200, description = "Mapbox Vector Tile 2.1", content_type = TILE_TYPE, body = [u8]),
        (status = 204, description = "Nothing is seen there"), ReadProblems))]
async fn read_tile(
    State(api): State<Api>,
    path: Result<Path<(u8, u32, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Ok(Path((z, x, row))) = path else { return Err(no_tile()) };
    let y = row.strip_suffix(".mvt").and_then(|row| row.parse().ok()).ok_or_else(no_tile)?;
    let id = TileId::new(z, x, y).ok_or_else(no_tile)?;
    let Some(maker) = api.tiles() else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let etag = format!("\"{}\"", maker.map_id());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == etag.as_str()) {
        return Ok(labelled(StatusCode::NOT_MODIFIED.into_response(), &etag));
    }
    let Some(tile) = maker.tile(id).await? else {
        return Ok(labelled(StatusCode::NO_CONTENT.into_response(), &etag));
    };
    let mut response = if takes_gzip(&headers) {
        let mut response = tile.to_vec().into_response();
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        plain(&tile)?.into_response()
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TILE_TYPE));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(labelled(response, &etag))
}

fn labelled(mut response: Response, etag: &str) -> Response {
    let etag = HeaderValue::from_str(etag).expect("invariant: a map's hash is hexadecimal digits");
    response.headers_mut().insert(header::ETAG, etag);
    // Looked at again each time the page is opened: the map behind the address may be another one then.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip") && parts.all(|part| part != "q=0")
    })
}

fn plain(tile: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = flate2::read::GzDecoder::new(tile).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| Problem::from(TileError::from(error)))
}

fn no_tile() -> Problem {
    Problem::unknown(
        "tile",
        "地图瓦片",
        &format!("there: zoom {ZOOM_MIN} to {ZOOM_MAX}, written /tiles/z/x/y.mvt"),
    )
}

impl From<TileError> for Problem {
    fn from(error: TileError) -> Self {
        tracing::error!(%error, "a map tile could not be made");
        Self::not_ready(
            "the tile could not be made: see the log of the centre",
            "无法生成地图瓦片，请查看系统日志",
        )
    }
}

const TILE_TYPE: &str = "application/vnd.mapbox-vector-tile";
