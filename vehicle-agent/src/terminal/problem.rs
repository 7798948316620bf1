//! Errors as the page reads them: problem details (RFC 9457) with a code.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::error;

use crate::duty::NotTaken;

/// An error on its way to the page.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

impl From<NotTaken> for Problem {
    fn from(not_taken: NotTaken) -> Self {
        let (status, code) = match &not_taken {
            NotTaken::UnknownAssignment(_) => (StatusCode::NOT_FOUND, "unknown_assignment"),
            NotTaken::UnknownMessage(_) => (StatusCode::NOT_FOUND, "unknown_message"),
            NotTaken::DoublePress => (StatusCode::CONFLICT, "double_press"),
            NotTaken::StagePassed(_) => (StatusCode::CONFLICT, "stage_passed"),
            NotTaken::NotNow => (StatusCode::CONFLICT, "not_now"),
            NotTaken::OrderEnded => (StatusCode::CONFLICT, "order_ended"),
            NotTaken::AlreadySignedOn(_) => (StatusCode::CONFLICT, "already_signed_on"),
            NotTaken::NotSignedOn(_) => (StatusCode::CONFLICT, "not_signed_on"),
            NotTaken::CrewFull => (StatusCode::CONFLICT, "crew_full"),
            NotTaken::BadRequest(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_request"),
            NotTaken::Spool(error) => {
                error!(%error, "a press could not be kept");
                (StatusCode::SERVICE_UNAVAILABLE, "spool")
            }
        };
        Self { status, code, detail: not_taken.to_string() }
    }
}
