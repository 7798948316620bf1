//! What is in a patient's file: an ECG, a photo.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dispatch_core::ids::{AssignmentId, FileId};
use dispatch_core::patient::FileCard;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::doc::ReadProblems;
use super::problem::Problem;
use crate::vehicles::files::find;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_file))
}

/// What is in a file of a patient. 503: it is on its way from the vehicle; the file's card is there before its contents.
#[utoipa::path(get, path = "/api/v1/assignments/{id}/files/{file}", tag = "assignments",
    params(("id" = String, Path), ("file" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), ReadProblems))]
async fn read_file(
    State(api): State<Api>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let unknown = || Problem::unknown("file", "文件", &file);
    let assignment: AssignmentId = id.parse().map_err(|_| unknown())?;
    let file_id: FileId = file.parse().map_err(|_| unknown())?;
    let found = find(api.scene().record(), assignment, file_id).map(|(card, under)| (card.clone(), under));
    let (card, under) = found.ok_or_else(unknown)?;
    match api.centre().files().read(&card, under).await {
        Ok(Some(contents)) => Ok(shown(&card, contents)),
        Ok(None) => Err(Problem::not_ready(
            "the file is on its way from the vehicle, or was erased",
            "文件正在从车辆上传，或已删除",
        )),
        Err(error) => {
            tracing::warn!("a patient's file cannot be read: {error}");
            Err(Problem::not_ready("the file cannot be read now", "暂时无法读取文件"))
        }
    }
}

/// Whatever a device has put into it is data here and never a page: nothing in it runs, and it opens in no frame.
fn shown(card: &FileCard, contents: Vec<u8>) -> Response {
    let mut response = contents.into_response();
    let headers = response.headers_mut();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(header::CONTENT_DISPOSITION, "attachment");
    set(header::CACHE_CONTROL, "private, no-store");
    if card.gzip {
        set(header::CONTENT_ENCODING, "gzip");
    }
    // Of the link's own list; anything else could not have been taken in.
    if let Ok(media_type) = HeaderValue::from_str(&card.media_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    response
}
