//! Who may talk to the interface at all: only pages and programs of this machine. A foreign web page that a browser here has
//! open must not be able to drive it (by its own requests or by renaming itself to our address), so the host asked for and
//! the page asking are looked at on every request, live connections among them.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// The host names by which the interface may be asked.
#[derive(Debug, Clone)]
pub(crate) struct HostGuard {
    listen: SocketAddr,
}

impl HostGuard {
    pub(crate) fn new(listen: SocketAddr) -> Self {
        Self { listen }
    }

    fn admits(&self, headers: &HeaderMap, uri_host: Option<&Authority>) -> Result<(), Problem> {
        let named = headers.get(header::HOST).map(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let host = match (named, uri_host) {
            (Some(host), _) => host,
            (None, uri_host) => uri_host.cloned(),
        };
        let host = host.filter(|host| self.is_ours(host)).ok_or_else(foreign_host)?;
        match headers.get(header::ORIGIN) {
            Some(origin) if !is_same(origin, &host) => Err(foreign_page()),
            _ if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
                && !is_navigation(headers) =>
            {
                Err(foreign_page())
            }
            _ => Ok(()),
        }
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || ip == self.listen.ip(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        }
    }
}

/// Somebody follows a link to a page of ours: nothing is done by that, and it is how pages are opened.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate")
}

fn is_same(origin: &HeaderValue, host: &Authority) -> bool {
    let authority =
        origin.to_str().ok().and_then(|text| text.split_once("://")).map(|(_, authority)| authority);
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
}

fn foreign_host() -> Problem {
    Problem::not_allowed(
        "this interface answers to a loopback address or localhost only",
        "本接口仅响应本机地址（127.0.0.1 或 localhost）",
    )
}

fn foreign_page() -> Problem {
    Problem::not_allowed(
        "a page of another origin may not use this interface",
        "其他来源的网页不得使用本接口",
    )
}

/// Refuses foreign hosts and pages, bounds the time of a request, and names what a browser may do with the answer.
pub(crate) async fn guard(State(guard): State<HostGuard>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut response = match guard.admits(request.headers(), request.uri().authority()) {
        Ok(()) => match tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await {
            Ok(response) => response,
            Err(_) => too_slow().into_response(),
        },
        Err(problem) => problem.into_response(),
    };
    let status = response.status().as_str().to_owned();
    metrics::counter!("jichi_api_requests_total", "status" => status).increment(1);
    metrics::histogram!("jichi_api_request_seconds").record(begun.elapsed().as_secs_f64());
    for (name, value) in SECURITY_HEADERS {
        // What is stricter by itself stays so.
        response
            .headers_mut()
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn too_slow() -> Problem {
    metrics::counter!("jichi_api_timeouts_total").increment(1);
    Problem::not_ready(
        "this took too long: repeat the request with the same Idempotency-Key",
        "处理超时，请用同一 Idempotency-Key 重发",
    )
}

/// Scripts and data come from here alone. Styles may stand in the page: charts and maps set them from their code; workers
/// come from blobs because the map library makes its own.
const SECURITY_HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
];
/// The longest a request may take; a command is durable in milliseconds, so this is a sick disk.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(host: &str, others: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        for (name, value) in others {
            headers.insert(*name, value.parse().unwrap());
        }
        HostGuard::new("127.0.0.1:8120".parse().unwrap()).admits(&headers, None).is_ok()
    }

    #[test]
    fn only_this_machine_is_admitted() {
        for host in ["127.0.0.1:8120", "localhost:8120", "[::1]:8120", "localhost"] {
            assert!(verdict(host, &[]), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:8120", "10.0.0.5:8120", "localhost.evil.example"]
        {
            assert!(!verdict(host, &[]), "{host}");
        }
    }

    #[test]
    fn only_our_own_pages_are_admitted() {
        let host = "127.0.0.1:8120";
        assert!(verdict(host, &[("origin", "http://127.0.0.1:8120")]));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8120"] {
            assert!(!verdict(host, &[("origin", origin)]), "{origin}");
        }
        assert!(!verdict(host, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]));
        assert!(verdict(host, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]));
    }
}
