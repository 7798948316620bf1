//! The screens, as built by the console and carried in this binary: nothing is fetched from anywhere else.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::person::percent_decoded;
use super::problem::Problem;

/// The console as built by `./x build`. While it is being worked on, files are read from the folder itself.
#[derive(Embed)]
#[folder = "../console/dist"]
struct Pages;

/// A page or what belongs to one; a problem for everything else.
pub(crate) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path.starts_with("/api/") || path.starts_with("/tiles/") {
        return Problem::no_such_page().into_response();
    }
    let name = percent_decoded(path.as_bytes()).unwrap_or_default();
    let name = if name == "/" { "index.html" } else { name.trim_start_matches('/') };
    let Some(file) = Pages::get(name) else { return Problem::no_such_page().into_response() };
    if method != Method::GET && method != Method::HEAD {
        return Problem::wrong_method().into_response();
    }
    served(name, file, &headers)
}

fn served(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let digits = file
        .metadata
        .sha256_hash()
        .iter()
        .take(8)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let etag = format!("\"{digits}\"");
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == etag.as_str()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_owned().into_response()
    };
    // The names of built assets change with their contents; the pages that name them are looked at again each time.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        answer.insert(header::CONTENT_TYPE, kind);
    }
    answer.insert(header::ETAG, HeaderValue::from_str(&etag).expect("invariant: hexadecimal digits"));
    response
}
