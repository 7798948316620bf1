//! What every route's description has in common: the headers of a write and the problems it can end with.

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses};

/// The headers of a write.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes headers that are read by name")]
pub(crate) struct WriteHeaders {
    /// Who acts, percent-encoded UTF-8.
    #[param(rename = "Jichi-Person", example = "%E7%8E%8B%E8%8A%B3")]
    person: String,
    /// At which seat of the centre; at a hospital's board leave it out and name the hospital.
    #[param(rename = "Jichi-Seat", example = "03")]
    seat: Option<String>,
    /// At which hospital's board.
    #[param(rename = "Jichi-Hospital", example = "H01")]
    hospital: Option<String>,
    /// 1 to 80 printable characters: a repeat of the same request does nothing and gets the same answer.
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
    /// The `ETag` that must still hold.
    #[param(rename = "If-Match", example = "\"7\"")]
    if_match: Option<String>,
}

/// The header of a caller's own page.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes headers that are read by name")]
pub(crate) struct SecretHeader {
    /// The secret given when the text call was made.
    #[param(rename = "Jichi-Secret")]
    secret: String,
}

/// How a read can end besides well.
pub(crate) struct ReadProblems;

/// How a write can end besides well.
pub(crate) struct WriteProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[
            ("400", "Malformed"),
            ("403", "Not from here, or not with this secret"),
            ("404", "There is no such thing"),
            ("503", "Not ready: try again after `Retry-After`"),
        ])
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[
            ("400", "Malformed, or nobody is named"),
            ("403", "Not from here, not with this secret, or not by this person"),
            ("404", "There is no such thing"),
            ("409", "The rules say no; `type` names the refusal"),
            ("412", "It has moved on from the version named in `If-Match`"),
            ("413", "More than 64 KiB"),
            ("415", "Not application/json"),
            ("422", "Well-formed but impossible"),
            ("503", "Not ready: repeat with the same key after `Retry-After`"),
        ])
    }
}

fn described(rows: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let problem = |what: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new().description(what).content("application/problem+json", content).build()
    };
    rows.iter().map(|(status, what)| ((*status).to_owned(), RefOr::T(problem(what)))).collect()
}
