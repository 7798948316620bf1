//! The crew's page and what it is made of, built into the program: it opens with the centre away and with no disk.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../console/dist"]
struct Pages;

const FRONT: &str = "vehicle.html";

pub(super) async fn page(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { FRONT } else { path };
    // The other pages of the console are the centre's; here they would ask for an interface that is not there.
    let is_page =
        std::path::Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    let ours = !is_page || path == FRONT;
    let Some(file) = Pages::get(path).filter(|_| ours) else {
        let detail = format!("{} is not served here", uri.path());
        return Problem { status: StatusCode::NOT_FOUND, code: "not_found", detail }.into_response();
    };
    // Built assets carry a hash of their content in their name; the page itself must always be asked for.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::X_FRAME_OPTIONS, "DENY".to_owned()),
    ];
    (headers, file.data).into_response()
}
