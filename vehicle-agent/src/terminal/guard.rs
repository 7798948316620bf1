//! Keeps foreign pages out: a request must call the terminal by its own name (against DNS rebinding), and come from
//! its own page where a browser says where it comes from (against cross-site requests).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// The names that are the terminal's own.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    hosts: Arc<[String]>,
}

impl Guard {
    pub(super) fn new(address: SocketAddr, further: &[String]) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            hosts.extend([format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
        }
        for name in further {
            hosts.push(format!("{name}:{port}"));
            hosts.push(name.clone());
        }
        Self { hosts: hosts.into() }
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        let own = |host: &str| self.hosts.iter().any(|one| one.eq_ignore_ascii_case(host));
        let origin = match text(ORIGIN) {
            None => true,
            Some(origin) => origin.strip_prefix("http://").is_some_and(own),
        };
        origin && text(HOST).is_some_and(own)
    }
}

/// Lets a request through, or answers 403.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if guard.allows(request.headers()) {
        return next.run(request).await;
    }
    Problem {
        status: StatusCode::FORBIDDEN,
        code: "foreign_page",
        detail: "this terminal is driven by its own page only".into(),
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_pages_are_kept_out() {
        let guard = Guard::new("127.0.0.1:8201".parse().unwrap(), &["a12.local".into()]);
        for (host, origin, allowed) in [
            (Some("127.0.0.1:8201"), None, true),
            (Some("localhost:8201"), Some("http://localhost:8201"), true),
            (Some("a12.local:8201"), None, true),
            (Some("127.0.0.1:8201"), Some("http://evil.example"), false),
            (Some("127.0.0.1:8201"), Some("null"), false),
            (Some("127.0.0.1:8201"), Some("http://127.0.0.1:8202"), false),
            (Some("evil.example:8201"), None, false),
            (Some("evil.example:8201"), Some("http://evil.example:8201"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            host.map(|host| headers.insert(HOST, host.parse().unwrap()));
            origin.map(|origin| headers.insert(ORIGIN, origin.parse().unwrap()));
            assert_eq!(guard.allows(&headers), allowed, "{host:?} {origin:?}");
        }
    }
}
